import { type CauseClass, type CauseCode, type Confidence, classOf, type EvidenceItem, type Fix, type Party } from '../cause.js';
import { fillTemplate, type Placeholder } from '../diagnose/meta.js';
import { metaOf } from '../diagnose/registry.js';
import type { Check, Expectation } from './expectation.js';

/** The expectation holds. */
export function passed(expectation: Expectation, summary: string): Check {
  return { expectation, status: 'passed', summary };
}

/** It could not be looked at: never a pass. */
export function unchecked(expectation: Expectation, summary: string): Check {
  return { expectation, status: 'unchecked', summary };
}

interface FailureDetails {
  summary: string;
  evidence?: EvidenceItem[];
  confidence?: Confidence;
  party?: Party;
  /** Values for the commands of the metadata's fixes. */
  values?: Partial<Record<Placeholder, string | number | undefined>>;
  /** Shown before the metadata's fixes. */
  fixes?: Fix[];
}

/** The expectation does not hold, for a cause of the contract; wording and fixes come from the cause's own metadata. */
export function failed(expectation: Expectation, code: CauseCode, details: FailureDetails): Check {
  const meta = metaOf(code);
  const fixes = meta.fixes.map(({ title, command }) =>
    command === undefined ? { title } : { title, command: fillTemplate(command, details.values) },
  );
  return {
    expectation,
    status: 'failed',
    summary: details.summary,
    class: classOf(code),
    cause: {
      class: classOf(code),
      code,
      party: details.party ?? meta.party,
      confidence: details.confidence ?? 'certain',
      summary: details.summary,
      evidence: details.evidence ?? [],
      fixes: [...(details.fixes ?? []), ...fixes],
      alternatives: [],
    },
  };
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
