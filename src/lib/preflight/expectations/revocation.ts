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
  // A path search that fails open names no problem: the steps tell whose status was found good.
  const open = verdict.best.steps.filter(({ role, checked }) => role !== 'anchor' && !checked.includes('not revoked'));
  if (open.length > 0) {
    const who = open.map(({ certificate }) => certificate.subject.text).join(', ');
    return passed('revocation', 'status unknown', `nobody can tell whether ${who} was revoked; passed because the policy fails open`);
  }
  return passed('revocation', 'no certificate of the path is revoked');
}
