import type { CauseClass, CauseCode } from '../cause.js';
import { causeOf, type Occurrence } from '../diagnose/cause-of.js';
import type { Check, Expectation } from './expectation.js';

/**
 * The expectation holds.
 * @param caveat what the pass does not cover, to be shown beside it
 */
export function passed(expectation: Expectation, summary: string, caveat?: string): Check {
  return { expectation, status: 'passed', summary, ...(caveat === undefined ? {} : { caveat }) };
}

/** It could not be looked at: never a pass. */
export function unchecked(expectation: Expectation, summary: string): Check {
  return { expectation, status: 'unchecked', summary };
}

/** The expectation does not hold, for a cause of the contract; wording and fixes come from the cause's own metadata. */
export function failed(expectation: Expectation, code: CauseCode, occurrence: Occurrence): Check {
  const cause = causeOf(code, occurrence);
  return { expectation, status: 'failed', summary: cause.summary, class: cause.class, cause };
}

/** Checks of one target in the order of weight: failures first, then what could not be checked, each in the order in which they were made. */
export function statusOf(checks: readonly Check[]): 'passed' | 'failed' | 'unchecked' {
  if (checks.some((check) => check.status === 'failed')) return 'failed';
  return checks.some((check) => check.status === 'unchecked') ? 'unchecked' : 'passed';
}

/** The class that decides the exit status of a target: that of its first failure. */
export function classOfTarget(checks: readonly Check[]): CauseClass | undefined {
  const first = checks.find((check) => check.status === 'failed');
  return first?.cause?.class ?? first?.class;
}
