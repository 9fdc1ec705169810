import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface ProgramResult {
  stdout: string;
  stderr: string;
  /** Exit status, or the signal's name. */
  status: number | string;
}

export interface ProgramOptions {
  cwd?: string;
  /** Added to a clean environment: nothing of the machine changes a verdict. */
  env?: Readonly<Record<string, string>>;
  input?: string | Uint8Array;
  timeoutMs?: number;
  /** Permission bits count, also where the tests run as root. See `MAY_HEED_PERMISSIONS`. */
  heedPermissions?: boolean;
}

const IS_ROOT = process.getuid?.() === 0;
/** Root without the right to pass over permission bits (capabilities(7)); util-linux has the program for it. */
const WITHOUT_OVERRIDE = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'];

/** Whether a program can be run for which the permission bits of files count. */
export const MAY_HEED_PERMISSIONS =
  process.platform !== 'win32' && (!IS_ROOT || spawnSync('setpriv', [...WITHOUT_OVERRIDE.slice(1), 'true']).status === 0);

/** A program's surroundings that are the same everywhere. */
export function surroundings(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.TLSMEDIC_TEST_HOME ?? tmpdir(),
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? `${tmpdir()}/tlsmedic-test-cache`,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...extra,
  };
}

/** Runs the built program to its end. Blocks: for a program that talks to a server of the same process use `startProgram`. */
export function runProgram(
  args: readonly string[],
  { cwd, env, input, timeoutMs = 20_000, heedPermissions }: ProgramOptions = {},
): ProgramResult {
  const [command = '', ...before] = heedPermissions === true && IS_ROOT ? [...WITHOUT_OVERRIDE, process.execPath] : [process.execPath];
  const done = spawnSync(command, [...before, PROGRAM, ...args], {
    cwd,
    env: surroundings(env),
    input: input ?? '',
    encoding: 'utf8',
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error !== undefined && done.status === null && done.signal === null) throw done.error;
  return { stdout: done.stdout, stderr: done.stderr, status: done.status ?? done.signal ?? 'none' };
}

/** Runs the built program beside this process; `kill` and `stdin` are there for tests that interrupt or feed it. */
export function startProgram(args: readonly string[], { cwd, env, input, timeoutMs = 30_000 }: ProgramOptions = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: surroundings(env),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  if (input !== undefined) child.stdin.end(input);
  const done = new Promise<ProgramResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ stdout, stderr, status: code ?? signal ?? 'none' }));
  });
  return { child, done, soFar: () => ({ stdout, stderr }) };
}
