import { durationInWords } from '../../time-text.js';
import type { EndpointFacts } from '../endpoint-facts.js';
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
      return passed('served-certificate', `serves the certificate of ${expected.label}`, chainDiffers(facts));
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

/** The certificate is the file's, the intermediates behind it are others: an old chain lives on after a renewal of the authority. */
function chainDiffers({ certificates, expected }: EndpointFacts): string | undefined {
  const file = expected?.chain ?? [];
  if (file.length === 0) return undefined;
  const sent = new Set(certificates.map(({ fingerprint }) => fingerprint));
  // A root in the file need not be sent.
  const missing = file.filter((one) => !sent.has(one.fingerprint) && !(one.selfIssued && one.basicConstraints?.ca === true));
  return missing.length === 0
    ? undefined
    : `the chain is not the file's: ${missing.map(({ subject }) => subject.text).join(', ')} of ${expected?.label ?? 'the file'} is not sent`;
}
