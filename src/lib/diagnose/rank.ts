import type { Cause, CauseCode } from '../cause.js';
import { weightOfCause } from '../cause-weight.js';
import type { Evidence } from '../evidence/evidence.js';
import { causeOf } from './cause-of.js';
import type { Judgement } from './engine.js';
import type { RuleMeta } from './meta.js';
import type { Finding } from './rule.js';
import { commandsFor } from './target-commands.js';
import { callerValues } from './wording.js';

/** Turns judgements into causes and warnings: consequences dropped, the heaviest first. */
export function rank(evidence: Evidence, judgements: readonly Judgement[]): { causes: Cause[]; warnings: Cause[] } {
  const all = judgements.flatMap(({ rule, outcome }) =>
    outcome.status === 'finding' ? outcome.findings.map((finding) => ({ meta: rule.meta, finding })) : [],
  );
  const failing = all.filter(({ finding }) => finding.warning !== true);
  const superseded = new Set<CauseCode>(failing.flatMap(({ meta }) => meta.supersedes));
  const causes = failing
    .filter(({ meta }) => !superseded.has(meta.code))
    .sort((a, b) => weightOfCause(a.meta.code) - weightOfCause(b.meta.code));
  const warnings = all
    .filter(({ finding }) => finding.warning === true)
    .sort((a, b) => weightOfCause(a.meta.code) - weightOfCause(b.meta.code));
  return {
    causes: causes.map(({ meta, finding }) => causeFrom(evidence, meta, finding)),
    warnings: warnings.map(({ meta, finding }) => causeFrom(evidence, meta, finding)),
  };
}

function causeFrom(evidence: Evidence, meta: RuleMeta, finding: Finding): Cause {
  const cause = causeOf(meta.code, { ...finding, values: callerValues(evidence), surroundings: evidence.surroundings });
  return { ...cause, fixes: commandsFor(evidence, cause.party, cause.fixes) };
}
