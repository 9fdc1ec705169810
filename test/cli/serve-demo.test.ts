import { type ConnectionOptions, connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import type { ServeEvent } from '../../src/lib/lab/serve/events.js';
import { expectConforms } from './conforms.js';
import { runProgram, startProgram } from './run-program.js';

type Running = ReturnType<typeof startProgram>;

/** Waits for something the program printed. */
async function printed(program: Running, pattern: RegExp): Promise<RegExpExecArray> {
  for (let i = 0; i < 400; i++) {
    const { stdout, stderr } = program.soFar();
    const found = pattern.exec(stdout + stderr);
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not printed within 10 s: ${pattern}\n${JSON.stringify(program.soFar())}`);
}

function call(port: number, options: ConnectionOptions): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ...options }, () => {
      socket.write('GET /x%1b[31m HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', () => undefined);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

const hostile = issueCertificate(createAuthority({ name: 'Foreign' }), {
  names: ['x'],
  commonName: 'evil\u001b[2J\u202edrow\nnext',
  profile: 'client',
});

describe('tlsmedic serve', () => {
  it('tells one document a line, each as its schema says, and ends with 0 at TERM', async () => {
    const program = startProgram([
      'serve',
      '--json',
      '--port',
      '0',
      '--client-auth',
      'required',
      '--allow',
      'cn:client.test',
      '--ca-dir',
      '/nonexistent',
    ]);
    const port = Number((await printed(program, /"port":(\d+)/))[1]);
    await call(port, {});
    await call(port, { cert: hostile.chainPem, key: hostile.keyPem ?? '' });
    const files = await printed(program, /cd (\S+)/);
    const { readFileSync, existsSync } = await import('node:fs');
    const folder = (files[1] ?? '').replace(/\u001b\[[0-9;]*m/g, '');
    await call(port, {
      cert: readFileSync(`${folder}/client.crt`),
      key: readFileSync(`${folder}/client.key`),
      ca: readFileSync(`${folder}/ca.crt`),
    });
    await printed(program, /"event":"request"/);
    program.child.kill('SIGTERM');
    const { stdout, status } = await program.done;
    expect(status).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ServeEvent);
    for (const event of events) expectConforms(event);
    expect(events.map((event) => (event.event === 'connection' ? event.outcome : event.event))).toEqual([
      'listening',
      'refused',
      'refused',
      'accepted',
      'request',
      'closing',
    ]);
    expect(events.flatMap((event) => (event.event === 'connection' ? event.causes.map(({ code }) => code) : []))).toEqual([
      'client-cert-required',
      'client-cert-unknown-ca',
    ]);
    expect(existsSync(folder)).toBe(false);
    expect(stdout).not.toContain('PRIVATE KEY');
  });

  it('escapes what a client says before it reaches a terminal', async () => {
    const program = startProgram(['serve', '--port', '0', '--client-auth', 'required', '--ca-dir', '/nonexistent'], {
      env: { NO_COLOR: '1' },
    });
    const port = Number((await printed(program, /https:\/\/127\.0\.0\.1:(\d+)/))[1]);
    await call(port, { cert: hostile.chainPem, key: hostile.keyPem ?? '', servername: 'a-name' });
    await printed(program, /REFUSED/);
    program.child.kill('SIGINT');
    const { stdout, status } = await program.done;
    expect(status).toBe(0);
    expect(stdout).toContain('evil\\x1b[2J\\u{202e}drow\\nnext');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
    expect(stdout).toMatch(/✗ #1 127\.0\.0\.1:\d+ REFUSED {2}client-auth\/client-cert-unknown-ca/);
  });

  it.each([
    [['--fault', 'nonsense'], 'is no fault'],
    [['--cert', 'only.crt'], 'belong together'],
    [['--ciphers', 'NOTHING-AT-ALL'], 'OpenSSL does not take'],
  ])('%j is a usage error', (args, text) => {
    const { status, stderr, stdout } = runProgram(['serve', '--port', '0', '--ca-dir', '/nonexistent', ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(text);
    expect(stdout).toBe('');
  });
});

describe('tlsmedic demo', () => {
  it('lists its worlds', () => {
    const { stdout, status } = runProgram(['demo', '--list', '--json']);
    expect(status).toBe(0);
    expectConforms(JSON.parse(stdout));
    expect(runProgram(['demo', '--list']).stdout).toContain('missing-intermediate');
  });

  it('keeps one world open until it is told to stop', async () => {
    const program = startProgram(['demo', '--world', 'expired', '--json']);
    const port = Number((await printed(program, /"endpoint":"127\.0\.0\.1:(\d+)"/))[1]);
    await call(port, {});
    program.child.kill('SIGINT');
    const { stdout, status } = await program.done;
    expect(status).toBe(0);
    expectConforms(JSON.parse(stdout));
  });

  it('does not know a world that is none', () => {
    expect(runProgram(['demo', '--world', 'expierd'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--list') });
  });
});
