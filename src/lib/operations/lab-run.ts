import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis } from '../diagnose/diagnosis.js';
import type { LabVersion, World } from '../lab/world.js';
import type { Observation } from '../observe/observation.js';
import { diagnose } from './diagnose.js';
import { judgeDiagnosis, optionsForWorld, type WorldVerdict } from './diagnose-world.js';

/** What came of one world on one TLS version. */
export interface LabResult {
  world: World;
  version: LabVersion;
  verdict: WorldVerdict;
  document: Diagnosis;
  observation: Observation;
  milliseconds: number;
}

/** Starts a world, diagnoses it in this process as a caller would, and holds the diagnosis against what the world is. */
export async function runWorld(world: World, version: LabVersion): Promise<LabResult> {
  const directory = await mkdtemp(join(tmpdir(), 'tlsmedic-lab-'));
  const running = await world.start({ directory, now: Date.now() }, version);
  try {
    const started = performance.now();
    const { document, observation } = await diagnose(optionsForWorld(running));
    return {
      world,
      version,
      verdict: judgeDiagnosis(world.expected, document),
      document,
      observation,
      milliseconds: performance.now() - started,
    };
  } finally {
    await running.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Rows of what is, columns of what was said. */
export interface ConfusionMatrix {
  wanted: string[];
  said: string[];
  /** Runs, by `wanted` and `said`. */
  counts: Map<string, Map<string, number>>;
}

/** Counts results by class: what the world is against what was said first. */
export function confusionOf(results: readonly LabResult[]): ConfusionMatrix {
  const classOfText = (text: string) => text.split('/')[0] ?? text;
  const counts = new Map<string, Map<string, number>>();
  const said = new Set<string>();
  for (const { verdict } of results) {
    const row = counts.get(classOfText(verdict.wanted)) ?? new Map<string, number>();
    const column = classOfText(verdict.said);
    row.set(column, (row.get(column) ?? 0) + 1);
    counts.set(classOfText(verdict.wanted), row);
    said.add(column);
  }
  const wanted = [...counts.keys()];
  return { wanted, said: [...wanted.filter((name) => said.has(name)), ...[...said].filter((name) => !counts.has(name))], counts };
}
