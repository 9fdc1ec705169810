import { messageOf } from '../errors.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Need, Outcome, Rule } from './rule.js';

/** What one rule said. */
export interface Judgement {
  rule: Rule;
  outcome: Outcome;
}

const MISSING: Record<Need, string> = {
  look: 'no handshake got far enough',
  server: 'the server showed no certificate',
  client: 'no client certificate was given',
  demand: 'the server did not ask for a client certificate',
};

/** Runs every rule over the same evidence. A rule that throws is recorded as crashed and does not take the others with it. */
export function judge(evidence: Evidence, rules: readonly Rule[]): Judgement[] {
  return rules.map((rule) => {
    const missing = rule.needs?.find((need) => evidence[need] === undefined);
    if (missing !== undefined) return { rule, outcome: { status: 'not-applicable', why: MISSING[missing] } };
    try {
      return { rule, outcome: rule.check(evidence) };
    } catch (error) {
      return { rule, outcome: { status: 'crashed', message: messageOf(error) } };
    }
  });
}
