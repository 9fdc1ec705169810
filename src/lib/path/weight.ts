import type { CauseCode } from '../cause.js';
import type { PathProblem } from './verification.js';

/** The order of weight of what can be wrong with a path: first what no other repair would help against. */
const ORDER: readonly CauseCode[] = [
  'revoked',
  'malformed',
  'bad-signature',
  'expired',
  'not-yet-valid',
  'stale-trust-bundle',
  'self-signed',
  'missing-intermediate',
  'untrusted-root',
  'not-a-ca',
  'path-length',
  'name-constraint',
  'no-san',
  'san-mismatch',
  'wrong-purpose',
  'weak-signature',
  'weak-key',
  'revocation-unavailable',
];

const WEIGHT = new Map(ORDER.map((code, i) => [code, i]));

/** Position of a code in the order of weight; smaller is heavier. */
export function weightOf(code: CauseCode): number {
  return WEIGHT.get(code) ?? ORDER.length;
}

/** Heaviest first; of equals the one nearest to the end entity. */
export function byWeight(a: PathProblem, b: PathProblem): number {
  return weightOf(a.code) - weightOf(b.code) || a.index - b.index;
}
