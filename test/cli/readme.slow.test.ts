import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../source-files.js';
import { runProgram } from './run-program.js';

/** The session at the top of README.md, typed as it stands there (with a free port in place of 8443). */
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const session = /```console\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
const steps = session
  .split(/^\$ /m)
  .slice(1)
  .map((step) => {
    const [line = '', ...output] = step.split('\n');
    return {
      line,
      verdict: output.find((text) => /^[✓✗]/.test(text)),
      status: output[0],
      // What the reader would paste next.
      commands: output.filter((text) => /^\s+tlsmedic /.test(text)).map((text) => text.trim()),
    };
  });

let folder: string;
let server: ChildProcess | undefined;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-readme-'));
  port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as { port: number };
      probe.close(() => resolve(free));
    });
  });
});
afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function listening(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('serving')) resolve();
    });
    child.once('close', () => reject(new Error(`the server ended: ${text}`)));
  });
}

describe('the session in README.md', () => {
  it('has its steps', () => expect(steps.filter(({ line }) => line.startsWith('tlsmedic')).length).toBeGreaterThanOrEqual(7));

  it('goes as it says', async () => {
    const env = { XDG_DATA_HOME: join(folder, 'data'), XDG_CONFIG_HOME: join(folder, 'config') };
    let last: number | string = 0;
    for (const { line, verdict, status, commands } of steps) {
      if (line === 'echo $?') {
        expect(String(last)).toBe(status);
        continue;
      }
      const background = line.endsWith(' &');
      const args = line.replace(/ &$/, '').replaceAll('8443', String(port)).split(' ').slice(1);
      if (background) {
        server = spawn(process.execPath, [join(ROOT, 'bin/run.js'), ...args], {
          cwd: folder,
          env: { ...process.env, ...env },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        await listening(server);
        continue;
      }
      let result = runProgram(args, { cwd: folder, env, timeoutMs: 60_000 });
      // The server notices its new files by itself, a moment after they were written; a person takes longer to type the next line.
      for (let tries = 0; verdict?.startsWith('✓') && result.status !== 0 && tries < 10; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        result = runProgram(args, { cwd: folder, env, timeoutMs: 60_000 });
      }
      last = result.status;
      if (verdict === undefined) {
        expect(result.status, `${line}\n${result.stderr}`).toBe(0);
        continue;
      }
      expect(result.stdout.split('\n')[0], line).toBe(verdict.replaceAll('8443', String(port)));
      for (const command of commands) expect(result.stdout, line).toContain(command);
      expect(result.status === 0, line).toBe(verdict.startsWith('✓'));
    }
  }, 120_000);
});
