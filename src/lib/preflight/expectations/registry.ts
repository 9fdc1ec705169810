import type { EndpointFacts } from '../endpoint-facts.js';
import type { Check } from '../expectation.js';
import { completeChain } from './complete-chain.js';
import type { ExpectationRule } from './expectation-rule.js';
import { forbidCiphers } from './forbid-ciphers.js';
import { maxClockOffset } from './max-clock-offset.js';
import { minVersion } from './min-version.js';
import { mtls, refuses } from './mtls.js';
import { names } from './names.js';
import { remaining } from './remaining.js';
import { revocation } from './revocation.js';
import { sameOnAllAddresses } from './same-on-all-addresses.js';
import { servedCertificate } from './served-certificate.js';
import { spiffeId } from './spiffe-id.js';
import { trusted } from './trusted.js';

/** In the order in which results list them: the heaviest first, since the first failure gives the class. */
export const EXPECTATION_RULES: readonly ExpectationRule[] = [
  trusted,
  revocation,
  names,
  spiffeId,
  mtls,
  refuses,
  remaining,
  completeChain,
  servedCertificate,
  sameOnAllAddresses,
  minVersion,
  forbidCiphers,
  maxClockOffset,
];

/** Judges an endpoint by everything that the file asks of it. */
export function judgeEndpoint(facts: EndpointFacts): Check[] {
  return EXPECTATION_RULES.filter((rule) => rule.asked(facts.expect)).flatMap((rule) => rule.check(facts));
}
