import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ProgramResult } from './run-program.js';

const FOLDER = fileURLToPath(new URL('goldens', import.meta.url));
const UPDATE = process.env.TLSMEDIC_UPDATE_GOLDENS === '1';

/** Replaces what differs from run to run: pairs of pattern and stand-in. Keep it to what cannot be injected (ports, fresh keys). */
export type Normaliser = readonly (readonly [RegExp | string, string])[];

export const PORTS: Normaliser = [[/\b(127\.0\.0\.1|localhost|\[::1\]):\d{4,5}\b/g, '$1:PORT']];
export const FINGERPRINTS: Normaliser = [
  [/\b[0-9a-f]{64}\b/g, 'FINGERPRINT'],
  [/\b(?:[0-9A-Fa-f]{2}:){7,31}[0-9A-Fa-f]{2}\b/g, 'FINGERPRINT'],
];
export const TIMINGS: Normaliser = [[/\b\d+(?:\.\d+)? ms\b/g, 'N ms']];
export const ISO_TIMES: Normaliser = [[/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME']];

/**
 * Holds a run of the program to its golden: test/cli/goldens/NAME.golden.txt with the command line, exit status, standard output and standard error.
 * `npm run test:update` writes them; never in CI.
 */
export function expectGolden(name: string, commandLine: string, result: ProgramResult, normalisers: Normaliser = []): void {
  const normal = (text: string) =>
    normalisers.reduce(
      (acc, [pattern, by]) => (typeof pattern === 'string' ? acc.replaceAll(pattern, by) : acc.replace(pattern, by)),
      text,
    );
  const actual = `$ ${normal(commandLine)}\n--- exit ${result.status}\n--- stdout\n${normal(result.stdout)}--- stderr\n${normal(result.stderr)}`;
  const path = join(FOLDER, `${name}.golden.txt`);
  if (UPDATE) {
    if (process.env.CI) throw new Error('goldens are not written in CI');
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    writeFileSync(path, actual);
  }
  expect(existsSync(path), `no golden ${name}: run "npm run test:update" and read what it wrote`).toBe(true);
  expect(actual).toBe(readFileSync(path, 'utf8'));
}
