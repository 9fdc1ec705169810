import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a program can be started at all; suites that need it say so when they are skipped. */
export function installed(program: string, args: readonly string[] = ['version']): boolean {
  const there = spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
  if (!there) process.stderr.write(`skipped: ${program} is not installed\n`);
  return there;
}

/** Runs openssl; standard output and error together, since `verify` uses both. */
export function openssl(args: readonly string[], options: { cwd?: string; input?: string } = {}): { ok: boolean; text: string } {
  const run = spawnSync('openssl', args, { encoding: 'utf8', cwd: options.cwd, input: options.input ?? '', timeout: 10_000 });
  return { ok: run.status === 0, text: `${run.stdout}${run.stderr}`.trim() };
}

/** Error numbers `openssl verify` printed, in order, without repetition. */
export function verifyErrors(text: string): number[] {
  return [...new Set([...text.matchAll(/^error (\d+) at/gm)].map((match) => Number(match[1])))];
}

/** A folder that goes away with the test; `write` puts a file into it and returns its path. */
export function scratchFolder(): { path: string; write(name: string, data: string | Uint8Array): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tlsmedic-test-'));
  return {
    path,
    write(name, data) {
      const file = join(path, name);
      writeFileSync(file, data);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
