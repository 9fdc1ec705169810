import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { errnoOf, messageOf } from '../errors.js';
import type { Attempt } from '../observe/attempt.js';

/** What another program printed. */
export interface ProgramRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Whether a program is on the PATH. Asked first, since execa is dear to load. */
export function hasProgram(file: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    if (folder === '') return false;
    try {
      accessSync(join(folder, file), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs another program without a shell. A missing one, a failure and a time-out are results. The only module that knows execa. */
export async function runProgram(file: string, args: readonly string[], timeoutMs: number): Promise<Attempt<ProgramRun>> {
  const started = performance.now();
  if (!hasProgram(file)) return { status: 'not-run', why: `${file} is not installed` };
  const { execa } = await import('execa');
  try {
    const run = await execa(file, args, { reject: false, timeout: timeoutMs, stdin: 'ignore', maxBuffer: 4 << 20, env: { LC_ALL: 'C' } });
    const ms = performance.now() - started;
    if (run.exitCode === undefined || run.timedOut || run.failed)
      return {
        status: 'failed',
        failure: {
          code: run.timedOut ? 'timeout' : (run.code ?? `exit-${run.exitCode ?? 'none'}`),
          message: run.shortMessage ?? run.stderr.slice(0, 200),
        },
        ms,
      };
    return { status: 'completed', value: { exitCode: run.exitCode, stdout: run.stdout, stderr: run.stderr }, ms };
  } catch (error) {
    return { status: 'failed', failure: { code: errnoOf(error) ?? 'error', message: messageOf(error) }, ms: performance.now() - started };
  }
}
