import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { surroundings } from './run-program.js';

const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** util-linux's `script` gives a program a terminal of its own; the one of BSD and macOS takes other arguments. */
export const HAS_PSEUDO_TERMINAL =
  process.platform === 'linux' &&
  spawnSync('script', ['-qec', 'test -t 0 && test -t 1 && test -t 2', '/dev/null'], { input: '' }).status === 0;

export interface Conversation {
  /** Everything that appeared, control sequences and all. */
  raw: string;
  /** Without control sequences. */
  screen: string;
  status: number | string;
}

export const KEYS = { enter: '\r', down: '\u001b[B', interrupt: '\u0003' } as const;

const CONTROL = /\u001b\[[0-9;?]*[A-Za-z]/g;

/**
 * Runs the built program in a terminal, as a person does: each answer is typed when its question has appeared after the answer before.
 * @param steps question (part of it) and the keys to type
 */
export function converse(
  args: readonly string[],
  steps: readonly (readonly [question: string, keys: string])[],
  { cwd, env }: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Conversation> {
  const quoted = [process.execPath, PROGRAM, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const child = spawn('script', ['-qefc', `stty cols 100 rows 40; exec ${quoted}`, '/dev/null'], {
    cwd,
    env: surroundings({ TERM: 'xterm-256color', SHELL: '/bin/sh', ...env }),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  const left = [...steps];
  let raw = '';
  let answered = 0;
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    const screen = raw.replace(CONTROL, '');
    const [next] = left;
    const at = next === undefined ? -1 : screen.indexOf(next[0], answered);
    if (next === undefined || at === -1) return;
    answered = at + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const screen = raw.replace(CONTROL, '').replaceAll('\r\n', '\n');
      if (left.length > 0) reject(new Error(`"${left[0]?.[0]}" was never asked:\n${screen}`));
      else resolve({ raw, screen, status: code ?? signal ?? 'none' });
    });
  });
}
