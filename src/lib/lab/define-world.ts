import type { CauseCode, Party } from '../cause.js';
import { classOf } from '../cause.js';
import { Bench } from './bench.js';
import type { Expectation, LabVersion, RunningWorld, World } from './world.js';

export const BOTH_VERSIONS: readonly LabVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** A world as its file writes it down. */
export interface WorldDefinition {
  name: string;
  title: string;
  expected: Expectation;
  /** Both unless given. */
  versions?: readonly LabVersion[];
  stack: string;
  demo?: boolean;
  start(bench: Bench): Promise<RunningWorld>;
}

/** A world from its definition: the bench is made anew for each start. */
export function defineWorld(definition: WorldDefinition): World {
  const { start, versions, ...rest } = definition;
  return { ...rest, versions: versions ?? BOTH_VERSIONS, start: (lab, version) => start(new Bench(lab, version)) };
}

/** An expectation by code; the class follows from it. */
export function broken(
  code: CauseCode,
  party: Party,
  more: Omit<Extract<Expectation, { outcome: 'broken' }>, 'outcome' | 'class' | 'code' | 'party'> = {},
): Expectation {
  return { outcome: 'broken', class: classOf(code), code, party, ...more };
}
