import type { PathVerdict } from '../../path/verification.js';
import { wasSeen } from '../endpoint-facts.js';
import type { Check } from '../expectation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** A path to a trust anchor that holds for the name, the purpose and the time: every defect is its own failure. */
export const trusted: ExpectationRule = {
  expectation: 'trusted',
  asked: (expect) => expect.trusted !== false,
  check: (facts) => {
    if (!wasSeen(facts) || facts.verdict === undefined)
      return unchecked('trusted', 'the server showed no certificate, so nothing could be verified');
    return judgeTrusted(facts.verdict, facts.store, placeholdersOf(facts));
  },
};

/** Shared with certificate files. */
export function judgeTrusted(verdict: PathVerdict, store: string, values: Parameters<typeof failed>[2]['values'] = {}): Check | Check[] {
  if (verdict.exhausted.length > 0 && !verdict.ok)
    return unchecked('trusted', `the chain is built so that no verdict can be reached within limits (${verdict.exhausted.join(', ')})`);
  if (verdict.ok) return passed('trusted', `verifies with ${store}`);
  const seen = new Set<string>();
  // Revocation has its own expectation and its own policy.
  const own = verdict.problems.filter((problem) => problem.code !== 'revoked' && problem.code !== 'revocation-unavailable');
  if (own.length === 0) return passed('trusted', `verifies with ${store}, revocation apart`);
  return own
    .filter((problem) => !seen.has(problem.code) && seen.add(problem.code))
    .map((problem) =>
      failed('trusted', problem.code, {
        summary: problem.message,
        evidence: Object.entries(problem.facts).map(([fact, value]) => ({
          fact,
          value,
          source: verdict.best.steps[problem.index]?.source ?? `certificate ${problem.index}`,
        })),
        values,
      }),
    );
}
