import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGolden } from './golden.js';
import { runProgram, startProgram } from './run-program.js';

const EXPIRED =
  'Get "https://ledger:8443/": x509: certificate has expired or is not yet valid: current time 2026-11-22T03:00:00Z is after 2026-11-21T23:51:00Z';
const REFUSED = '2026/11/22 03:12:50 http: TLS handshake error from 10.0.0.9:4711: remote error: tls: bad certificate';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-explain-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const explain = (...args: string[]) => runProgram(['explain', '--at', '2026-11-22T11:00:00Z', ...args]);

describe('tlsmedic explain', () => {
  it('a text: the verdict first, and the class as exit status', () => {
    expectGolden('explain/expired', 'tlsmedic explain TEXT', explain(EXPIRED));
    expectGolden('explain/refused-by-the-client', 'tlsmedic explain TEXT', explain(REFUSED));
    expectGolden('explain/nothing', 'tlsmedic explain TEXT', explain('all is well'));
  });

  it('words without quotes are one text', () => {
    expect(explain('x509:', 'certificate', 'signed', 'by', 'unknown', 'authority').status).toBe(12);
  });

  it('a file, the same compressed, and standard input say the same', () => {
    const log = `${`ordinary line\n`.repeat(5000)}2026-11-22T03:00:00Z ${EXPIRED}\n${'ordinary line\n'.repeat(5000)}`;
    const plain = join(folder, 'gateway.log');
    const packed = join(folder, 'gateway.log.gz');
    writeFileSync(plain, log);
    writeFileSync(packed, gzipSync(log));
    const runs = [
      explain(plain, '--json'),
      explain(packed, '--json'),
      runProgram(['explain', '-', '--json', '--at', '2026-11-22T11:00:00Z'], { input: log }),
    ];
    for (const { status, stdout } of runs) {
      expect(status).toBe(10);
      expect(JSON.parse(stdout)).toMatchObject({
        schema: 'tlsmedic/explanation@1',
        lines: 10_001,
        causes: [{ class: 'expiry', code: 'expired', side: 'client', line: 5001, count: 1, first: '2026-11-22T03:00:00.000Z' }],
      });
    }
  });

  it('a pipe or a redirected file needs no dash', () => {
    const log = join(folder, 'redirected.log');
    writeFileSync(log, `${EXPIRED}\n`);
    expect(runProgram(['explain', '--json'], { input: EXPIRED }).status).toBe(10);
    expect(spawnSync('sh', ['-c', `${process.execPath} bin/run.js explain < ${log}`]).status).toBe(10);
    expect(spawnSync('sh', ['-c', `${process.execPath} bin/run.js explain < /dev/null`]).stdout.toString()).toContain('stale-trust-bundle');
  });

  it('a log with no failure: an empty list and 0', () => {
    const { status, stdout } = runProgram(['explain', '-', '--json'], { input: 'JWT is expired or is not yet valid\n' });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, causes: [] });
  });

  it('a file that is not there is an error, not a text without failure', () => {
    for (const name of ['gateway.log', './missing', '/var/log/nothing/here.txt']) {
      const { status, stderr } = explain(name);
      expect(status).toBe(2);
      expect(stderr).toContain('no such file');
    }
    expect(explain(folder).status).toBe(2);
  });

  it('a code shows its page, a class its codes, nothing all of them', () => {
    expectGolden('explain/code', 'tlsmedic explain stale-trust-bundle', explain('stale-trust-bundle'));
    expect(explain('expiry').stdout).toContain('not-yet-valid');
    const all = JSON.parse(explain('--json').stdout) as { schema: string; causes: unknown[] };
    expect(all.schema).toBe('tlsmedic/catalogue@1');
    expect(all.causes.length).toBeGreaterThan(40);
  });

  it('--follow tells each cause as it comes, across a rotation, and ends with the whole on Ctrl-C', async () => {
    const log = join(folder, 'follow.log');
    writeFileSync(log, `${EXPIRED}\n`);
    const run = startProgram(['explain', log, '--follow', '--json']);
    const lines = () => run.soFar().stdout.split('\n').filter(Boolean).length;
    const until = async (n: number) => {
      for (let i = 0; i < 100 && lines() < n; i++) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(lines()).toBeGreaterThanOrEqual(n);
    };
    await until(1);
    appendFileSync(log, `${REFUSED}\n`);
    await until(2);
    renameSync(log, `${log}.1`);
    writeFileSync(log, '2026/11/22 03:13:00 tls: private key does not match public key\n');
    await until(3);
    run.child.kill('SIGINT');
    const { stdout, status } = await run.done;
    expect(status).toBe(130);
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { causes: { code: string }[] });
    expect(documents.slice(0, 3).map(({ causes }) => causes[0]?.code)).toEqual(['expired', 'unknown-authority', 'key-mismatch']);
    expect(
      documents
        .at(-1)
        ?.causes.map(({ code }) => code)
        .sort(),
    ).toEqual(['expired', 'key-mismatch', 'unknown-authority']);
  });
});
