/** Runs lints over subjects: applicability first, then the check. */
import type { Lint, LintFinding, LintResult, LintSubject } from './lint.js';

function findingsOf(found: LintFinding | readonly LintFinding[] | undefined): readonly LintFinding[] {
  if (found === undefined) return [];
  return Array.isArray(found) ? (found as readonly LintFinding[]) : [found as LintFinding];
}

/** Results of every lint of the subject's kind. */
export function runLints(lints: readonly Lint[], subject: LintSubject): LintResult[] {
  const results: LintResult[] = [];
  for (const lint of lints) {
    if (lint.subject !== subject.kind) continue;
    const { name, severity } = lint.meta;
    // The kinds are equal here, which the type of a union of lints cannot say.
    const { applies, check } = lint as {
      applies: (s: LintSubject) => boolean;
      check: (s: LintSubject) => LintFinding | readonly LintFinding[] | undefined;
    };
    if (!applies(subject)) {
      results.push({ lint: name, outcome: 'not-applicable' });
      continue;
    }
    const findings = findingsOf(check(subject));
    if (findings.length === 0) results.push({ lint: name, outcome: 'pass' });
    for (const finding of findings) results.push({ lint: name, outcome: 'finding', severity, finding });
  }
  return results;
}
