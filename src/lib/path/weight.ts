import { weightOfCause } from '../cause-weight.js';
import type { PathProblem } from './verification.js';

/** Heaviest first; of equals the one nearest to the end entity. */
export function byWeight(a: PathProblem, b: PathProblem): number {
  return weightOfCause(a.code) - weightOfCause(b.code) || a.index - b.index;
}
