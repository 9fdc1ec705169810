import type { Certificate } from '../../x509/certificate.js';
import { hostReference, matchIdentity, presentedText } from '../../x509/server-identity.js';
import type { Check } from '../expectation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The certificate covers every name by which the service is called (RFC 9525). */
export const names: ExpectationRule = {
  expectation: 'names',
  asked: (expect) => expect.names !== undefined,
  check: (facts) => {
    const [leaf] = facts.certificates;
    return leaf === undefined
      ? unchecked('names', 'the server showed no certificate')
      : judgeNames(leaf, facts.expect.names ?? [], 'certificate 0 as sent', placeholdersOf(facts));
  },
};

/** Shared with certificate files. */
export function judgeNames(
  leaf: Certificate,
  wanted: readonly string[],
  source: string,
  values: Parameters<typeof failed>[2]['values'] = {},
): Check {
  const missing = wanted.filter((name) => !matchIdentity(leaf, hostReference(name)).ok);
  if (missing.length === 0) return passed('names', `covers ${wanted.join(', ')}`);
  const has = (leaf.subjectAltName ?? []).map(presentedText);
  const code = leaf.subjectAltName === undefined ? 'no-san' : 'san-mismatch';
  return failed('names', code, {
    summary: `the certificate does not cover ${missing.join(', ')}; it is for ${has.length === 0 ? 'no name at all' : has.slice(0, 8).join(', ')}`,
    evidence: [
      { fact: 'missing', value: missing.join(', '), source: 'expect.names' },
      { fact: 'subjectAltName', value: has.join(', '), source },
    ],
    values,
  });
}
