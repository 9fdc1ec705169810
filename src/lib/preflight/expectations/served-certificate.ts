import { durationInWords } from '../../time-text.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** What is served is what lies in the file: a process that loaded its certificate at start goes on serving the old one. */
export const servedCertificate: ExpectationRule = {
  expectation: 'served-certificate',
  asked: (expect) => expect.servedCertificate !== undefined,
  check: (facts) => {
    const [leaf] = facts.certificates;
    const { expected } = facts;
    if (leaf === undefined) return unchecked('served-certificate', 'the server showed no certificate');
    if (expected?.certificate === undefined)
      return unchecked(
        'served-certificate',
        `${expected?.label ?? 'the file'} cannot be used: ${expected?.problem ?? 'it holds no certificate'}`,
      );
    if (leaf.fingerprint === expected.certificate.fingerprint)
      return passed('served-certificate', `serves the certificate of ${expected.label}`);
    const age = (expected.certificate.notBefore - leaf.notBefore) / 1000;
    const relation = age > 0 ? `${durationInWords(age)} older than` : age < 0 ? `${durationInWords(age)} newer than` : 'another than';
    return failed('served-certificate', 'stale-served-certificate', {
      summary: `the server serves a certificate ${relation} the one in ${expected.label}`,
      evidence: [
        { fact: 'served', value: leaf.fingerprint, source: 'certificate 0 as sent' },
        { fact: 'expected', value: expected.certificate.fingerprint, source: expected.label },
      ],
      values: { ...placeholdersOf(facts), file: expected.label },
    });
  },
};
