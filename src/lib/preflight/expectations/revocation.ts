import type { PathVerdict } from '../../path/verification.js';
import type { Check } from '../expectation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** No certificate of the path is revoked. `fail-open` lets an unknown status pass and says so; `fail-closed` wants a good one. */
export const revocation: ExpectationRule = {
  expectation: 'revocation',
  asked: (expect) => expect.revocation !== undefined && expect.revocation !== 'off',
  check: (facts) =>
    facts.verdict === undefined
      ? unchecked('revocation', 'the server showed no certificate')
      : judgeRevocation(facts.verdict, facts.expect.revocation ?? 'fail-closed', placeholdersOf(facts)),
};

/** Shared with certificate files. */
export function judgeRevocation(verdict: PathVerdict, policy: string, values: Parameters<typeof failed>[2]['values'] = {}): Check {
  const problems = [...verdict.problems, ...verdict.warnings];
  const revoked = problems.find((problem) => problem.code === 'revoked');
  if (revoked !== undefined) return failed('revocation', 'revoked', { summary: revoked.message, values });
  const unknown = problems.find((problem) => problem.code === 'revocation-unavailable');
  if (unknown !== undefined && policy === 'fail-closed')
    return failed('revocation', 'revocation-unavailable', { summary: `${unknown.message} (the policy fails closed)`, values });
  if (verdict.best.end !== 'anchor') return unchecked('revocation', 'there is no path whose certificates could be looked up');
  if (unknown !== undefined)
    return passed('revocation', 'status unknown', `status unknown, passed because the policy fails open: ${unknown.message}`);
  return passed('revocation', 'no certificate of the path is revoked');
}
