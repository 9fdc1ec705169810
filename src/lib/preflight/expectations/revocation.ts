import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** No certificate of the path is revoked. `fail-open` lets an unknown status pass and says so; `fail-closed` wants a good one. */
export const revocation: ExpectationRule = {
  expectation: 'revocation',
  asked: (expect) => expect.revocation !== undefined && expect.revocation !== 'off',
  check: (facts) => {
    const { verdict, expect } = facts;
    if (verdict === undefined) return unchecked('revocation', 'the server showed no certificate');
    const problems = [...verdict.problems, ...verdict.warnings];
    const revoked = problems.find((problem) => problem.code === 'revoked');
    if (revoked !== undefined) return failed('revocation', 'revoked', { summary: revoked.message, values: placeholdersOf(facts) });
    const unknown = problems.find((problem) => problem.code === 'revocation-unavailable');
    if (unknown !== undefined && expect.revocation === 'fail-closed')
      return failed('revocation', 'revocation-unavailable', {
        summary: `${unknown.message} (the policy fails closed)`,
        values: placeholdersOf(facts),
      });
    if (unknown !== undefined) return passed('revocation', `status unknown, passed because the policy fails open: ${unknown.message}`);
    if (verdict.best.end !== 'anchor') return unchecked('revocation', 'there is no path whose certificates could be looked up');
    return passed('revocation', 'no certificate of the path is revoked');
  },
};
