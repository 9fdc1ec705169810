import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expiredTwin, otherIdentityTwin, serverOnlyTwin } from '../../src/lib/ca/client-twins.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { openAuthority, type StoredAuthority } from '../../src/lib/ca/store.js';
import { Bench, credentialsOf, DAY } from '../../src/lib/lab/bench.js';
import { mutualTls } from '../../src/lib/lab/mutual-tls.js';
import { startTlsServer, type TlsServer, type TlsServerSettings } from '../../src/lib/lab/servers/tls-server.js';
import { initAuthority } from '../../src/lib/operations/ca-init.js';
import { configFromTargets } from '../../src/lib/operations/preflight/config-from-targets.js';
import { runPreflight } from '../../src/lib/operations/preflight/run-preflight.js';
import type { TargetEntry } from '../../src/lib/preflight/config-schema.js';
import type { Check, PreflightReport } from '../../src/lib/preflight/expectation.js';

/** What `mtls` and `refuses` say of real servers that enforce mutual TLS well, badly, in part, or above TLS. */

let folder = '';
let bench: Bench;
let stored: StoredAuthority;
let root = '';
let client = { cert: '', key: '' };
const open: { close(): Promise<void> }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-preflight-mtls-'));
  bench = new Bench({ directory: join(folder, 'bench'), now: Date.now() }, 'TLSv1.3');
  initAuthority({
    folder: join(folder, 'ca'),
    name: 'Preflight',
    keyType: 'p256',
    rootKey: { protection: 'none' },
    now: Date.now() - 10 * DAY,
  });
  stored = openAuthority(join(folder, 'ca'));
  root = write('root.crt', stored.root.pem);
  const issued = issueCertificate(stored, { names: ['gateway.internal'], profile: 'client', now: Date.now() });
  client = { cert: write('client.crt', issued.chainPem), key: write('client.key', issued.keyPem ?? '') };
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const strict = (): TlsServerSettings['clientAuth'] => ({ ...mutualTls(bench, 'openssl'), anchors: [stored.root.pem] });
const lax = (): TlsServerSettings['clientAuth'] => ({ ...mutualTls(bench, 'openssl'), anchors: [stored.root.pem], mode: 'optional' });

async function serve(clientAuth: TlsServerSettings['clientAuth'], more: Partial<TlsServerSettings> = {}): Promise<TlsServer> {
  const issued = issueCertificate(stored, { names: ['localhost'], profile: 'server', now: Date.now() });
  const settings = bench.settings({ credentials: credentialsOf(issued), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ...more });
  const server = await startTlsServer({ ...settings, ...(clientAuth === undefined ? {} : { clientAuth }) });
  open.push(server);
  return server;
}

/** supported_versions as this machine's TLS 1.3 clients send it: 1.3, then 1.2. */
const OFFERS_13 = Buffer.from('002b0005040304', 'hex');

/** One address before two servers: clients that offer TLS 1.3 reach one, the others the other. */
async function byVersion(newer: TlsServer, older: TlsServer): Promise<{ port: number }> {
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (hello: Buffer) => {
      const back = connect((hello.includes(OFFERS_13) ? newer : older).port, '127.0.0.1', () => {
        back.write(hello);
        socket.pipe(back).pipe(socket);
      });
      back.on('error', () => socket.destroy());
      socket.on('close', () => back.destroy());
    });
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        front.close(() => resolve());
      }),
  });
  return front.address() as { port: number };
}

const https = ({ port }: { port: number }) => `https://localhost:${port}`;

async function check(target: TargetEntry): Promise<{ report: PreflightReport; checks: Check[] }> {
  const report = await runPreflight({ config: { targets: [{ ca: [root], connect: connectOf(target), ...target }] }, retries: 0 });
  const checks = (report.results[0]?.checks ?? []).filter(({ expectation }) => expectation === 'mtls' || expectation === 'refuses');
  return { report, checks };
}

const connectOf = ({ endpoint = '' }: TargetEntry) => endpoint.replace(/^https:\/\//, '').replace('localhost', '127.0.0.1');

describe('mtls: required', () => {
  it('is tried in TLS 1.3 and in 1.2: enforced in one of them is not enforced', async () => {
    const [good, bad] = [await serve(strict()), await serve(lax())];
    const target = (port: { port: number }): TargetEntry => ({
      endpoint: https(port),
      authority: join(folder, 'ca'),
      expect: { mtls: 'required' },
    });
    const both = await check(target(await byVersion(good, good)));
    expect(both.report.exitStatus).toBe(0);
    expect(both.checks[0]?.summary).toContain('in TLS 1.3 and in 1.2');
    const older = await check(target(await byVersion(good, bad)));
    expect(older.report.exitStatus).toBe(20);
    expect(older.checks[0]).toMatchObject({ status: 'failed', cause: { code: 'client-auth-not-enforced' } });
    expect(older.checks[0]?.summary).toContain('no certificate in TLS 1.2');
    const newer = await check(target(await byVersion(bad, good)));
    expect(newer.report.exitStatus).toBe(20);
    expect(newer.checks[0]?.summary).not.toContain('TLS 1.2');
  });

  it('a server of TLS 1.3 alone is not held to 1.2', async () => {
    const server = await serve(strict(), { minVersion: 'TLSv1.3' });
    const { report, checks } = await check({ endpoint: https(server), authority: join(folder, 'ca'), expect: { mtls: 'required' } });
    expect(report.exitStatus).toBe(0);
    expect(checks[0]?.summary).not.toContain('1.2');
  });

  it('clients that nobody here can make are not checked, and cost the green until the file says otherwise', async () => {
    const server = await serve(strict());
    const full = await check({ endpoint: https(server), expect: { mtls: 'required' } });
    expect(full.report.exitStatus).toBe(1);
    expect(full.checks.map(({ status }) => status)).toEqual(['unchecked']);
    expect(full.checks[0]?.summary).toMatch(
      /not tried: an expired certificate, a certificate for servers only.*mtlsClients: \[none, untrusted, impostor\]/,
    );
    const less = await check({ endpoint: https(server), expect: { mtls: 'required', mtlsClients: ['none', 'untrusted', 'impostor'] } });
    expect(less.report.exitStatus).toBe(0);
    expect(less.checks[0]?.caveat).toContain('an expired certificate or a certificate for servers only were not tried');
    const flag = await runPreflight({
      config: await configFromTargets({ target: [https(server)], ca: [root], connect: `127.0.0.1:${server.port}`, expectMtls: true }),
    });
    expect(flag.exitStatus).toBe(0);
    expect(flag.results[0]?.checks.find(({ expectation }) => expectation === 'mtls')?.caveat).toContain('not tried');
  });

  it('certificates of the caller stand for the expired and the server-only client, with the key beside them', async () => {
    const now = Date.now();
    const [old, other] = [expiredTwin(stored, { now }), serverOnlyTwin(stored, { now })];
    const refuses = [write('old.crt', old.certPem), write('server-only.crt', other.certPem)];
    write('old.key', old.keyPem);
    write('server-only.key', other.keyPem);
    const { report, checks } = await check({ endpoint: https(await serve(strict())), expect: { mtls: 'required', refuses } });
    expect(report.exitStatus).toBe(0);
    expect(checks.map(({ expectation, status }) => `${expectation} ${status}`)).toEqual(['mtls passed', 'refuses passed']);
    // By an authority that the server does not know they would prove nothing.
    const foreign = write('foreign.pem', Object.values(expiredTwin(bench.authority, { now })).join('\n'));
    const proves = await check({
      endpoint: https(await serve(strict())),
      expect: { mtls: 'required', refuses: [foreign, refuses[1] ?? ''] },
    });
    expect(proves.report.exitStatus).toBe(1);
    expect(proves.checks.find(({ status }) => status === 'unchecked')?.summary).toContain('whom the server does not name');
  });

  it('HTTP 403 counts as a refusal where the given client gets an answer, and not without one', async () => {
    const pin = async () => {
      const { createHash, X509Certificate } = await import('node:crypto');
      const { readFileSync } = await import('node:fs');
      return createHash('sha256')
        .update(new X509Certificate(readFileSync(client.cert)).raw)
        .digest('hex');
    };
    const server = await serve({ ...mutualTls(bench, 'forbidding'), anchors: [stored.root.pem], mode: 'optional', pinned: [await pin()] });
    const target = (more: Partial<TargetEntry>): TargetEntry => ({
      endpoint: https(server),
      authority: join(folder, 'ca'),
      expect: { refuses: [write('other.pem', Object.values(otherIdentityTwin(stored, { now: Date.now() })).join('\n'))] },
      ...more,
    });
    const compared = await check(target({ client }));
    expect(compared.checks[0]).toMatchObject({ status: 'passed' });
    expect(compared.checks[0]?.summary).toContain('HTTP 403');
    // Also where the address names no path, so that the main handshake asked for nothing.
    expect((await check(target({ client, endpoint: `localhost:${server.port}` }))).checks[0]).toMatchObject({ status: 'passed' });
    const alone = await check(target({}));
    expect(alone.report.exitStatus).toBe(1);
    expect(alone.checks[0]?.summary).toContain('name the client certificate that is let in');
    const everybody = await check({ ...target({ client }), endpoint: https(await serve(undefined, { httpStatus: 403 })) });
    expect(everybody.report.exitStatus).toBe(1);
    expect(everybody.checks[0]?.summary).toContain('the given client gets HTTP 403 too');
  });

  it('an authority that the server does not know proves nothing by being refused', async () => {
    const other = join(folder, 'other-ca');
    initAuthority({ folder: other, name: 'Preflight', keyType: 'p256', rootKey: { protection: 'none' }, now: Date.now() - 10 * DAY });
    const server = await serve(strict());
    const wrong = await check({ endpoint: https(server), authority: other, expect: { mtls: 'required' } });
    expect(wrong.report.exitStatus).toBe(1);
    expect(wrong.checks[0]).toMatchObject({
      status: 'unchecked',
      summary: expect.stringContaining('refuses a good certificate of the authority'),
    });
    // The given client stands for the authority: no further handshake is needed to see that the server knows it.
    const before = server.connections;
    const right = await check({ endpoint: https(server), client, authority: join(folder, 'ca'), expect: { mtls: 'required' } });
    expect(right.report.exitStatus).toBe(0);
    expect(server.connections - before).toBe(1 + 2 * 5);
  });

  it('a misspelt file under refuses is no name to issue for', async () => {
    const target = { endpoint: https(await serve(strict())), authority: join(folder, 'ca') };
    const absent = await check({ ...target, expect: { refuses: ['tls/absent.pem'] } });
    expect(absent.report.exitStatus).toBe(1);
    expect(absent.report.results[0]?.checks[0]?.summary).toContain('cannot read');
    expect((await check({ ...target, expect: { refuses: ['billing.internal'] } })).report.exitStatus).toBe(20);
  });

  it('a server that refuses the given client is not fine because it refuses everybody', async () => {
    const server = await serve({ ...mutualTls(bench, 'openssl'), anchors: [bench.authority.root.pem] });
    const { report } = await check({ endpoint: https(server), client, authority: join(folder, 'ca'), expect: { mtls: 'required' } });
    expect(report.results[0]?.checks.filter(({ status }) => status === 'failed').map(({ cause }) => cause?.class)).toEqual(['client-auth']);
  });
});
