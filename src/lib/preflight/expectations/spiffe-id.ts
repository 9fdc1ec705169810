import type { Certificate } from '../../x509/certificate.js';
import { spiffeIdOf } from '../../x509/server-identity.js';
import type { Expect } from '../config-schema.js';
import type { Check } from '../expectation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The certificate is an X.509-SVID of the wanted workload or trust domain. */
export const spiffeId: ExpectationRule = {
  expectation: 'spiffe-id',
  asked: (expect) => expect.spiffeId !== undefined || expect.trustDomain !== undefined,
  check: (facts) => {
    const [leaf] = facts.certificates;
    return leaf === undefined
      ? unchecked('spiffe-id', 'the server showed no certificate')
      : judgeSpiffeId(leaf, facts.expect, 'certificate 0 as sent', placeholdersOf(facts));
  },
};

/** Shared with certificate files. */
export function judgeSpiffeId(
  leaf: Certificate,
  expect: Pick<Expect, 'spiffeId' | 'trustDomain'>,
  source: string,
  values: Parameters<typeof failed>[2]['values'] = {},
): Check {
  const id = spiffeIdOf(leaf);
  const wanted = expect.spiffeId ?? `spiffe://${expect.trustDomain}/…`;
  if ('problem' in id)
    return failed('spiffe-id', 'san-mismatch', {
      summary: `${wanted} is wanted, but the certificate has no usable SPIFFE ID: ${id.problem}`,
      evidence: [{ fact: 'spiffeId', value: null, source }],
      values,
    });
  const domain = expect.trustDomain?.replace(/^spiffe:\/\//, '').toLowerCase();
  const fits = (expect.spiffeId === undefined || id.id === expect.spiffeId) && (domain === undefined || id.trustDomain === domain);
  if (fits) return passed('spiffe-id', `is ${id.id}`);
  return failed('spiffe-id', 'san-mismatch', {
    summary: `the certificate is ${id.id}, not ${wanted}`,
    evidence: [{ fact: 'spiffeId', value: id.id, source }],
    values,
  });
}
