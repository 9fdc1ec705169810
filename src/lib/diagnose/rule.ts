import type { Alternative, Confidence, EvidenceItem, Fix, Party } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import type { RuleMeta } from './meta.js';

/** What a rule found. What it leaves out is taken from the rule's metadata. */
export interface Finding {
  /** Default: the metadata's. */
  party?: Party;
  confidence: Confidence;
  /** One sentence with the numbers in it; no full stop. */
  summary: string;
  evidence: EvidenceItem[];
  /** Shown before the metadata's fixes, already filled in. */
  fixes?: Fix[];
  /** Leaves the metadata's fixes out: they mend something else than what is wrong here. */
  ownFixesOnly?: boolean;
  /** Titles of the metadata's fixes that do not fit this case. */
  withoutFixes?: readonly string[];
  alternatives?: Alternative[];
  /** True when it would not fail a handshake today. */
  warning?: boolean;
}

/** "Not checked" is never shown as "ok": a rule that could not decide says what it missed. */
export type Outcome =
  | { status: 'finding'; findings: readonly Finding[] }
  | { status: 'pass' }
  | { status: 'not-applicable'; why: string }
  | { status: 'inconclusive'; missing: string }
  | { status: 'crashed'; message: string };

export const PASS: Outcome = { status: 'pass' };

/** The question does not arise here. */
export function notApplicable(why: string): Outcome {
  return { status: 'not-applicable', why };
}

/** The question arises and cannot be answered; `missing` says what would answer it. */
export function inconclusive(missing: string): Outcome {
  return { status: 'inconclusive', missing };
}

/** One finding, or several of the same code. An empty list is a pass. */
export function found(...findings: readonly Finding[]): Outcome {
  return findings.length === 0 ? PASS : { status: 'finding', findings };
}

/** Parts of the evidence that a rule may demand; without one of them it is not applicable. */
export type Need = 'look' | 'server' | 'client' | 'demand';

/** A rule: metadata beside its check. The check is pure, and deterministic. */
export interface Rule {
  meta: RuleMeta;
  needs?: readonly Need[];
  check(evidence: Evidence): Outcome;
}

/** Identity with a type: keeps rule files short and checked. */
export function defineRule(rule: Rule): Rule {
  return rule;
}
