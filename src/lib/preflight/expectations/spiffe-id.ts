import { spiffeIdOf } from '../../x509/server-identity.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The certificate is an X.509-SVID of the wanted workload or trust domain. */
export const spiffeId: ExpectationRule = {
  expectation: 'spiffe-id',
  asked: (expect) => expect.spiffeId !== undefined || expect.trustDomain !== undefined,
  check: (facts) => {
    const [leaf] = facts.certificates;
    const { expect } = facts;
    if (leaf === undefined) return unchecked('spiffe-id', 'the server showed no certificate');
    const id = spiffeIdOf(leaf);
    const wanted = expect.spiffeId ?? `spiffe://${expect.trustDomain}/…`;
    const source = 'certificate 0 as sent';
    const values = placeholdersOf(facts);
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
  },
};
