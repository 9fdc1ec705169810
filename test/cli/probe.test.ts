import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { authority, clientLeaf, type Running, tcpServer, tlsServer } from '../observe/node-server.js';
import { expectConforms } from './conforms.js';
import { type ProgramResult, startProgram } from './run-program.js';

const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-probe-'));
const running: Running[] = [];
let plain: Running;
let mutual: Running;
let http: Running;
let silent: Running;
let expired: Running;

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.pem'), authority.root.pem);
  writeFileSync(join(folder, 'client.pem'), clientLeaf.chainPem);
  writeFileSync(join(folder, 'client.key'), clientLeaf.keyPem as string, { mode: 0o600 });
  const old = issueCertificate(
    authority,
    {
      names: ['elsewhere.test'],
      profile: 'server',
      commonName: 'evil\u001b[2Jname',
      notBefore: Date.now() - 7_200_000,
      notAfter: Date.now() - 3_600_000,
    },
    { unchecked: true },
  );
  plain = await tlsServer();
  mutual = await tlsServer({ requestCert: true, rejectUnauthorized: true, ca: [authority.root.pem] });
  http = await tcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  silent = await tcpServer(() => undefined);
  expired = await tlsServer({ cert: old.chainPem, key: old.keyPem as string });
  running.push(plain, mutual, http, silent, expired);
});
afterAll(async () => {
  await Promise.all(running.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

const probe = (...args: string[]): Promise<ProgramResult> => startProgram(['probe', ...args], { cwd: folder }).done;
const documents = (result: ProgramResult) =>
  result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('probe', () => {
  it('shows a handshake that is accepted, verdict first', async () => {
    const result = await probe(`localhost:${plain.port}`, '--ca', 'ca.pem');
    expect(result.status).toBe(0);
    expect(result.stderr).toBe('');
    const lines = result.stdout.split('\n');
    expect(lines[0]).toMatch(/^✓ accepted: TLS 1\.3 with localhost:\d+ in [\d.]+ ms; certificate valid for/);
    expect(result.stdout).toMatch(/←─.* ServerHello/);
    expect(result.stdout).toMatch(/resumption {2}TLS 1\.3 ticket resumed/);
    expect(result.stdout).toContain('0 ✓ CN=localhost');
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(result.stdout).not.toContain('\u001b');
  });

  it('tells a late refusal, and how to go on', async () => {
    const result = await probe(`localhost:${mutual.port}`, '--ca', 'ca.pem');
    expect(result.status).toBe(15);
    expect(result.stdout).toMatch(/^✗ the server sends alert 116 certificate_required, after the client thought/);
    expect(result.stdout).toContain('here the client says "connected"');
    expect(result.stdout).toContain('CA names: CN=Probe Root');
    // With the caller's own flags, so that it can be pasted as it stands.
    expect(result.stdout.trimEnd().split('\n').slice(-2).join('\n')).toContain(`tlsmedic diagnose localhost:${mutual.port} --ca ca.pem`);
  });

  it('goes on with a client certificate', async () => {
    const result = await probe(`localhost:${mutual.port}`, '--ca', 'ca.pem', '--cert', 'client.pem', '--key', 'client.key', '--json');
    expect(result.status).toBe(0);
    const [document] = [JSON.parse(result.stdout)];
    expectConforms(document);
    expect(document.ok).toBe(true);
    expect(document.facts.clientAuth).toMatchObject({ mode: 'required', certificateAuthorities: ['CN=Probe Root'] });
    expect(document.handshakes[0]).toMatchObject({ outcome: 'accepted', clientCertificatesSent: 2, sent: { client: 'given' } });
    expect(document.handshakes.map(({ experiment }: { experiment: string }) => experiment)).toContain('client-none');
    expect(result.stdout).not.toMatch(/PRIVATE|TRAFFIC_SECRET/);
  });

  it('names every defect of a certificate, not the first alone, and nothing of it acts on the terminal', async () => {
    const result = await probe(`localhost:${expired.port}`, '--ca', 'ca.pem');
    expect(result.status).toBe(10);
    expect(result.stdout).toMatch(/^✗ handshake accepted, but /);
    expect(result.stdout).toContain('expiry/expired');
    expect(result.stdout).toContain('san-mismatch/san-mismatch');
    expect(result.stdout).toContain('evil\\x1b[2Jname');
    expect(result.stdout).not.toContain('\u001b');
  });

  it('says what a port speaks that is no TLS', async () => {
    const result = await probe(`localhost:${http.port}`, '--ca', 'ca.pem');
    expect(result.status).toBe(18);
    expect(result.stdout).toMatch(/^✗ the port answers, but not with TLS: it speaks HTTP/);
  });

  it('writes secrets and captures that only their owner may read, and overwrites nothing unasked', async () => {
    const args = [`localhost:${plain.port}`, '--ca', 'ca.pem', '--quick', '--keylog', 'keys.log', '--pcap', 'look.pcapng'];
    const result = await probe(...args);
    expect(result.status).toBe(0);
    for (const name of ['keys.log', 'look.pcapng']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'keys.log'), 'latin1')).toMatch(/^SERVER_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]+$/m);
    expect(readFileSync(join(folder, 'look.pcapng')).readUInt32LE(0)).toBe(0x0a0d0d0a);
    const again = await probe(...args);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('keys.log');
  });

  it('takes many targets, one line or one document each', async () => {
    writeFileSync(
      join(folder, 'hosts.txt'),
      `# ours\nlocalhost:${plain.port}\n\nlocalhost:${mutual.port} # wants a certificate\nlocalhost:1\n`,
    );
    const result = await probe('--targets', 'hosts.txt', '--ca', 'ca.pem', '--json');
    expect(result.status).toBe(1);
    const all = documents(result);
    expect(all).toHaveLength(3);
    for (const document of all) expectConforms(document);
    expect(all.map(({ causes }) => causes[0]?.code ?? 'ok').sort()).toEqual(['client-cert-required', 'ok', 'refused']);
    const text = await startProgram(['probe', '--targets', '-', '--ca', 'ca.pem'], {
      cwd: folder,
      input: `localhost:${plain.port}\nlocalhost:${plain.port}\n`,
    }).done;
    expect(text.status).toBe(0);
    expect(text.stdout.match(/✓ localhost:\d+ +accepted, TLS 1\.3, certificate until/g)).toHaveLength(2);
  });

  it('loses only its own time to a dead target', async () => {
    const started = performance.now();
    const result = await probe(`localhost:${silent.port}`, `localhost:${plain.port}`, '--ca', 'ca.pem', '--timeout', '1', '--json');
    expect(documents(result).map(({ causes }) => causes[0]?.code ?? 'ok')).toEqual(['ok', 'timeout']);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('prints what is known when interrupted', async () => {
    const { child, done, soFar } = startProgram(
      ['probe', `localhost:${plain.port}`, `localhost:${silent.port}`, '--ca', 'ca.pem', '--timeout', '20'],
      { cwd: folder },
    );
    while (!soFar().stdout.includes('✓')) await new Promise((next) => setTimeout(next, 50));
    child.kill('SIGINT');
    const result = await done;
    expect(result.status).toBe(130);
    expect(result.stdout).toContain(`localhost:${plain.port}`);
  });

  it('says that it was interrupted, not that the server is at fault', async () => {
    const { child, done } = startProgram(['probe', `localhost:${silent.port}`, '--timeout', '20', '--json'], { cwd: folder });
    await new Promise((next) => setTimeout(next, 1200));
    child.kill('SIGINT');
    const result = await done;
    expect(result.status).toBe(130);
    const document = JSON.parse(result.stdout);
    expect(document.ok).toBe(false);
    expect(document.causes).toEqual([]);
    expect(document.notChecked).toContain('whatever would have come next: interrupted');
  });

  it('keeps to --deadline, with one target and with many', async () => {
    const started = performance.now();
    const one = await probe(`localhost:${silent.port}`, '--deadline', '1', '--timeout', '30', '--json');
    expect(one.status).toBe(19);
    expect(JSON.parse(one.stdout).causes[0].summary).toContain('when the deadline came');
    const targets = Array.from({ length: 4 }, () => `localhost:${silent.port}`);
    const many = await probe(...targets, '--concurrency', '1', '--deadline', '1', '--timeout', '30', '--json');
    expect(documents(many)).toHaveLength(1);
    expect(many.stderr.match(/not looked at: the deadline came/g)).toHaveLength(3);
    expect(many.status).toBe(1);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it.each([
    [[], 2, /no target/],
    [['nonsense:port:1'], 2, /is no target/],
    [['localhost:1', '--proxy', 'http://ada:secret@proxy:1'], 2, /process list/],
    [['localhost:1', '--ca', 'nowhere.pem'], 2, /nowhere\.pem/],
    [['localhost:1', '--key', 'client.key'], 2, /certificate/],
  ] as [string[], number, RegExp][])('refuses %j', async (args, status, message) => {
    const result = await probe(...args);
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toContain('secret@');
  });

  it('counts the answers of --repeat', async () => {
    const result = await probe(`localhost:${plain.port}`, '--ca', 'ca.pem', '--repeat', '5', '--quick');
    expect(result.stdout).toMatch(/5 of 5 +accepted, certificate [0-9a-f]{16}/);
  });
});
