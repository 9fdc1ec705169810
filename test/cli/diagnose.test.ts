import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { startTlsServer, type TlsServer } from '../../src/lib/lab/servers/tls-server.js';
import { expectGolden } from './golden.js';
import { runProgram, startProgram } from './run-program.js';

const OBSERVATIONS = fileURLToPath(new URL('observations', import.meta.url));

/** Observations that were saved once: the same report for ever, whatever the machine and the day. */
describe('diagnose --from', () => {
  it.each([
    'expired',
    'client-cert-unknown-ca-go',
    'missing-intermediate',
    'healthy-mtls-openssl',
    'plaintext-http',
    'several-expired-and-untrusted',
  ])('%s', async (name) => {
    const file = join(OBSERVATIONS, `${name}.json`);
    expectGolden(`diagnose/${name}`, `tlsmedic diagnose --from ${name}.json`, runProgram(['diagnose', '--from', file]));
  });
  it('verbose: evidence and every handshake', async () => {
    const file = join(OBSERVATIONS, 'client-cert-unknown-ca-go.json');
    expectGolden(
      'diagnose/verbose',
      'tlsmedic diagnose --from client-cert-unknown-ca-go.json --verbose',
      runProgram(['diagnose', '--from', file, '--verbose']),
    );
  });
});

/** The program beside the server of this process. */
const diagnose = (args: readonly string[]) => startProgram(['diagnose', ...args]).done;

describe('diagnose', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-test-'));
  const ca = join(folder, 'ca.crt');
  let server: TlsServer;
  beforeAll(async () => {
    const now = Date.now();
    const authority = createAuthority({ name: 'Test', now: now - 86_400_000 });
    const issued = issueCertificate(authority, { names: ['localhost'], profile: 'server', now });
    writeFileSync(ca, authority.root.pem);
    server = await startTlsServer({
      credentials: { chain: issued.chainPem, key: issued.keyPem ?? '' },
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('-q says it by the exit status alone', async () => {
    const good = await diagnose([`localhost:${server.port}`, '--ca', ca, '-q']);
    expect(good).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const wrong = await diagnose([`localhost:${server.port}`, '--ca', ca, '--hostname', 'other.test', '-q']);
    expect(wrong).toMatchObject({ status: 13, stdout: '', stderr: '' });
  });
  it('--json is one document and nothing else, and --html, --save-observation write what can be used again', async () => {
    const html = join(folder, 'report.html');
    const saved = join(folder, 'seen.json');
    const run = await diagnose([`localhost:${server.port}`, '--ca', ca, '--json', '--html', html, '--save-observation', saved]);
    expect(run.status).toBe(0);
    expect(run.stderr).toBe('');
    const document = JSON.parse(run.stdout) as { schema: string; ok: boolean };
    expect(document).toMatchObject({ schema: 'tlsmedic/diagnosis@1', ok: true });
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/);
    expect(readFileSync(saved, 'utf8')).not.toMatch(/PRIVATE KEY/);
    expect(statSync(saved).size).toBeLessThan(1_000_000);
    const again = await diagnose(['--from', saved, '--json']);
    expect(again.stdout).toBe(run.stdout);
    const overwriting = await diagnose([`localhost:${server.port}`, '--ca', ca, '--html', html]);
    expect(overwriting.status).toBe(2);
    expect(overwriting.stderr).toContain('--force');
  });
  it('--watch goes on until it is healthy', async () => {
    const { settings } = server;
    const broken = issueCertificate(createAuthority({ name: 'Else' }), { names: ['localhost'], profile: 'server' });
    server.settings = { ...settings, credentials: { chain: broken.chainPem, key: broken.keyPem ?? '' } };
    const run = diagnose([`localhost:${server.port}`, '--ca', ca, '--watch', '--interval', '1']);
    setTimeout(() => {
      server.settings = settings;
    }, 2500);
    const { status, stdout } = await run;
    expect(status).toBe(0);
    expect(stdout).toMatch(/✗ untrusted-root[\s\S]*✓ healthy/);
  });
  it('usage errors are status 2 and say what to type', async () => {
    for (const args of [
      [],
      ['localhost:1', '--ca', join(folder, 'nothing.crt')],
      ['--from', ca],
      ['localhost:1', '--key', ca],
      ['localhost:1', '--time-source', 'ftp://x'],
    ]) {
      const { status, stdout } = await diagnose(args);
      expect({ args, status, stdout }).toMatchObject({ status: 2, stdout: '' });
    }
  });
});
