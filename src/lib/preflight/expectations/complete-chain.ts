import type { EndpointFacts } from '../endpoint-facts.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The server sends every intermediate between its certificate and the anchor: no client has to know one. */
export const completeChain: ExpectationRule = {
  expectation: 'complete-chain',
  asked: (expect) => expect.completeChain === true,
  check: (facts) => {
    if (facts.certificates.length === 0 || facts.verdict === undefined)
      return unchecked('complete-chain', 'the server showed no certificate');
    const missing = missingOf(facts);
    if (missing === undefined) return passed('complete-chain', `${facts.certificates.length} sent, nothing missing`);
    return failed('complete-chain', 'missing-intermediate', {
      summary: `the server does not send ${missing}`,
      evidence: [{ fact: 'certificatesSent', value: facts.certificates.length, source: `handshake ${facts.main.id}` }],
      values: placeholdersOf(facts),
    });
  },
};

/** The first issuer of the best path that is neither sent nor an anchor. */
function missingOf({ verdict, certificates }: EndpointFacts): string | undefined {
  const sent = new Set(certificates.map((certificate) => certificate.fingerprint));
  for (const step of verdict?.best.steps ?? []) {
    if (step.role === 'intermediate' && !sent.has(step.certificate.fingerprint)) return step.certificate.subject.text;
  }
  const { best } = verdict ?? {};
  return best?.end === 'no-issuer' && best.missing !== undefined ? best.missing.name : undefined;
}
