import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCrl } from '../../src/lib/ca/crl.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { openAuthority, type StoredAuthority } from '../../src/lib/ca/store.js';
import { Bench, credentialsOf, DAY, HOUR } from '../../src/lib/lab/bench.js';
import { mutualTls } from '../../src/lib/lab/mutual-tls.js';
import { startTlsServer, type TlsServer, type TlsServerSettings } from '../../src/lib/lab/servers/tls-server.js';
import { initAuthority } from '../../src/lib/operations/ca-init.js';
import { runPreflight } from '../../src/lib/operations/preflight/run-preflight.js';
import type { PreflightConfig, TargetEntry } from '../../src/lib/preflight/config-schema.js';
import type { Expectation, PreflightReport } from '../../src/lib/preflight/expectation.js';

/** Each expectation once met and once broken, by real servers. */

let folder = '';
let bench: Bench;
let ca = '';
const servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-preflight-'));
  bench = new Bench({ directory: join(folder, 'bench'), now: Date.now() }, 'TLSv1.3');
  ca = await bench.rootFile();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(settings: Partial<TlsServerSettings> = {}): Promise<TlsServer> {
  const server = await startTlsServer(bench.settings(settings));
  servers.push(server);
  return server;
}

const at = ({ port }: { port: number }) => `localhost:${port}`;

async function check(target: TargetEntry, rest: Partial<PreflightConfig> = {}): Promise<PreflightReport> {
  return runPreflight({ config: { targets: [{ ca: [ca], ...target }], ...rest }, retries: 0 });
}

/** Status, class and code of one expectation, and the run's exit status. */
function outcome(report: PreflightReport, expectation: Expectation) {
  const checks = report.results.flatMap((result) => result.checks).filter((one) => one.expectation === expectation);
  const [first] = checks.filter(({ status }) => status === 'failed').concat(checks);
  return { status: first?.status, code: first?.cause?.code, exit: report.exitStatus };
}

const PASSED = { status: 'passed', code: undefined, exit: 0 };

describe('trusted', () => {
  it('a server with its chain under the given root', async () => {
    expect(outcome(await check({ endpoint: at(await serve()) }), 'trusted')).toEqual(PASSED);
  });
  it.each([
    ['expired', 10, () => bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY })],
    ['san-mismatch', 13, () => bench.server({ names: ['other.internal'] })],
    ['untrusted-root', 12, () => bench.server({}, {}, bench.newAuthority({ name: 'Foreign' }))],
  ] as const)('%s exits with its class', async (code, exit, credentials) => {
    expect(outcome(await check({ endpoint: at(await serve({ credentials: credentials() })) }), 'trusted')).toEqual({
      status: 'failed',
      code,
      exit,
    });
  });
});

describe('names and SPIFFE ID', () => {
  it('names that the certificate covers, and one that it does not', async () => {
    const endpoint = at(await serve());
    expect(outcome(await check({ endpoint, expect: { names: ['ledger.payments.svc'] } }), 'names')).toEqual(PASSED);
    expect(outcome(await check({ endpoint, expect: { names: ['ledger.payments.svc', 'billing.payments.svc'] } }), 'names')).toEqual({
      status: 'failed',
      code: 'san-mismatch',
      exit: 13,
    });
  });
  it('the SPIFFE ID, and another', async () => {
    const issued = bench.issue({
      profile: 'server',
      sans: [
        { kind: 'uri', value: 'spiffe://corp.example/ns/payments/sa/ledger' },
        { kind: 'dns', value: 'localhost' },
      ],
    });
    const endpoint = at(await serve({ credentials: credentialsOf(issued) }));
    const own = await check({ endpoint, expect: { spiffeId: 'spiffe://corp.example/ns/payments/sa/ledger' } });
    expect(outcome(own, 'spiffe-id')).toEqual(PASSED);
    const other = await check({ endpoint, expect: { spiffeId: 'spiffe://corp.example/ns/payments/sa/billing' } });
    expect(outcome(other, 'spiffe-id')).toEqual({ status: 'failed', code: 'san-mismatch', exit: 13 });
  });
});

describe('mutual TLS', () => {
  let stored: StoredAuthority;
  let authority = '';
  let root = '';
  beforeAll(() => {
    authority = join(folder, 'authority');
    initAuthority({ folder: authority, name: 'Preflight', keyType: 'p256', rootKey: { protection: 'none' }, now: Date.now() - 10 * DAY });
    stored = openAuthority(authority);
    root = join(folder, 'authority-root.crt');
    writeFileSync(root, stored.root.pem);
  });
  const serverOf = (clientAuth: TlsServerSettings['clientAuth']) => {
    const issued = issueCertificate(stored, { names: ['localhost'], profile: 'server', now: Date.now() });
    return serve({ credentials: credentialsOf(issued), ...(clientAuth === undefined ? {} : { clientAuth }) });
  };
  const entry = (server: TlsServer, mtls: 'required' | 'optional' | 'none'): TargetEntry => ({
    endpoint: `https://${at(server)}`,
    ca: [root],
    authority,
    expect: { mtls },
  });
  const strict = (anchors: readonly string[]) => ({ ...mutualTls(bench, 'openssl'), anchors });

  it('required: nobody without a right certificate is let in', async () => {
    const report = await check(entry(await serverOf(strict([stored.root.pem])), 'required'));
    expect(outcome(report, 'mtls')).toEqual(PASSED);
    const [mtls] = report.results[0]?.checks.filter(({ expectation }) => expectation === 'mtls') ?? [];
    for (const client of ['no certificate', 'untrusted', 'impostor', 'expired', 'servers only']) expect(mtls?.summary).toContain(client);
  });
  it('required: asking without enforcing, and not even asking', async () => {
    const broken = { status: 'failed', code: 'client-auth-not-enforced', exit: 20 };
    expect(outcome(await check(entry(await serverOf({ ...strict([stored.root.pem]), mode: 'optional' }), 'required')), 'mtls')).toEqual(
      broken,
    );
    expect(outcome(await check(entry(await serverOf({ ...strict([stored.root.pem]), anyCertificate: true }), 'required')), 'mtls')).toEqual(
      broken,
    );
    expect(outcome(await check(entry(await serverOf(undefined), 'required')), 'mtls')).toEqual(broken);
  });
  it('required: a server that looks at no date lets the expired twin in', async () => {
    const report = await check(entry(await serverOf({ ...strict([stored.root.pem]), clock: () => Date.now() - 2 * HOUR }), 'required'));
    expect(outcome(report, 'mtls').status).toBe('failed');
  });
  it('optional, and none', async () => {
    const optional = await serverOf({ ...strict([stored.root.pem]), mode: 'optional' });
    expect(outcome(await check(entry(optional, 'optional')), 'mtls')).toEqual(PASSED);
    expect(outcome(await check(entry(optional, 'none')), 'mtls').status).toBe('failed');
    const plain = await serverOf(undefined);
    expect(outcome(await check(entry(plain, 'none')), 'mtls')).toEqual(PASSED);
    expect(outcome(await check(entry(plain, 'optional')), 'mtls').status).toBe('failed');
  });
  it('refuses another identity, and does not', async () => {
    const fine = issueCertificate(stored, { names: ['gateway.internal'], profile: 'client', now: Date.now() });
    const { createHash, X509Certificate } = await import('node:crypto');
    const pin = createHash('sha256').update(new X509Certificate(fine.chainPem).raw).digest('hex');
    const picky = await serverOf({ ...strict([stored.root.pem]), pinned: [pin] });
    const target = (server: TlsServer): TargetEntry => ({
      endpoint: `https://${at(server)}`,
      ca: [root],
      authority,
      expect: { refuses: ['billing.internal'] },
    });
    const [refused] = (await check(target(picky))).results[0]?.checks.filter(({ expectation }) => expectation === 'refuses') ?? [];
    expect(refused?.status).toBe('passed');
    const lax = await serverOf(strict([stored.root.pem]));
    const [accepted] = (await check(target(lax))).results[0]?.checks.filter(({ expectation }) => expectation === 'refuses') ?? [];
    expect(accepted).toMatchObject({ status: 'failed', cause: { code: 'client-auth-not-enforced' } });
  });
});

describe('versions and suites', () => {
  it('older versions are refused, and are not', async () => {
    expect(
      outcome(await check({ endpoint: at(await serve({ minVersion: 'TLSv1.3' })), expect: { minVersion: '1.3' } }), 'min-version'),
    ).toEqual(PASSED);
    const lax = await check({ endpoint: at(await serve({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' })), expect: { minVersion: '1.3' } });
    expect(outcome(lax, 'min-version')).toMatchObject({ status: 'failed', exit: 14 });
  });
  it('forbidden suites are not taken, and are', async () => {
    const forbid = { forbidCiphers: ['TLS_ECDHE_*_AES_128_GCM_SHA256'] };
    const strong = await serve({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' });
    expect(outcome(await check({ endpoint: at(strong), expect: forbid }), 'forbid-ciphers')).toEqual(PASSED);
    // One that prefers a good suite and takes a bad one all the same.
    const both = await serve({
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256',
    });
    expect(outcome(await check({ endpoint: at(both), expect: forbid }), 'forbid-ciphers')).toMatchObject({ status: 'failed', exit: 14 });
    const weak = await serve({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    expect(outcome(await check({ endpoint: at(weak), expect: forbid }), 'forbid-ciphers')).toMatchObject({ status: 'failed', exit: 14 });
  });
});

describe('lifetime, deployment, chain', () => {
  it('enough is left, as a share and as a duration, and is not', async () => {
    const endpoint = at(await serve());
    expect(outcome(await check({ endpoint, expect: { remaining: '25%' } }), 'remaining')).toEqual(PASSED);
    expect(outcome(await check({ endpoint, expect: { remaining: '7d' } }), 'remaining')).toMatchObject({ status: 'failed', exit: 10 });
    const late = at(await serve({ credentials: bench.server({ notBefore: bench.now - 20 * HOUR, notAfter: bench.now + HOUR }) }));
    expect(outcome(await check({ endpoint: late, expect: { remaining: '25%' } }), 'remaining')).toMatchObject({
      status: 'failed',
      exit: 10,
    });
  });
  it('serves the certificate of the file, and an older one', async () => {
    const current = bench.server();
    const file = await bench.file('current.crt', current.chain);
    const fresh = await serve({ credentials: current });
    expect(outcome(await check({ endpoint: at(fresh), expect: { servedCertificate: file } }), 'served-certificate')).toEqual(PASSED);
    const { chain, key } = current;
    const leafOnly = `${chain.split('-----END CERTIFICATE-----')[0]}-----END CERTIFICATE-----\n`;
    const bare = await check({
      endpoint: at(await serve({ credentials: { chain: leafOnly, key } })),
      expect: { servedCertificate: file, trusted: false },
    });
    expect(bare.results[0]?.checks[0]).toMatchObject({ status: 'passed', caveat: expect.stringContaining('is not sent') });
    const stale = await serve();
    expect(outcome(await check({ endpoint: at(stale), expect: { servedCertificate: file } }), 'served-certificate')).toEqual({
      status: 'failed',
      code: 'stale-served-certificate',
      exit: 20,
    });
  });
  it('sends every intermediate, and leaves it out', async () => {
    expect(outcome(await check({ endpoint: at(await serve()), expect: { completeChain: true } }), 'complete-chain')).toEqual(PASSED);
    const { chain, key } = bench.server();
    const leafOnly = `${chain.split('-----END CERTIFICATE-----')[0]}-----END CERTIFICATE-----\n`;
    const bare = await check({ endpoint: at(await serve({ credentials: { chain: leafOnly, key } })), expect: { completeChain: true } });
    expect(outcome(bare, 'complete-chain')).toEqual({ status: 'failed', code: 'missing-intermediate', exit: 12 });
  });
});

describe('revocation', () => {
  const crlOf = (revoked: Parameters<typeof createCrl>[0]['revoked']) =>
    createCrl({ issuer: bench.authority.intermediate, thisUpdate: bench.now - HOUR, nextUpdate: bench.now + DAY, number: 3, revoked }).pem;
  it('good by the list, revoked by the list, unknown open and closed', async () => {
    const issued = bench.issue({ profile: 'server' });
    const rootCrl = createCrl({
      issuer: bench.authority.root as never,
      thisUpdate: bench.now - HOUR,
      nextUpdate: bench.now + DAY,
      number: 1,
      revoked: [],
    }).pem;
    const good = await bench.file('good.crl', crlOf([]) + rootCrl);
    const bad = await bench.file('bad.crl', crlOf([{ serial: issued.serial, at: bench.now - 2 * HOUR }]) + rootCrl);
    const endpoint = at(await serve({ credentials: credentialsOf(issued) }));
    const by = (crl: string[], revocation: 'fail-open' | 'fail-closed') =>
      check({ endpoint, ...(crl.length > 0 ? { crl } : {}), expect: { revocation } });
    expect(outcome(await by([good], 'fail-closed'), 'revocation')).toEqual(PASSED);
    expect(outcome(await by([bad], 'fail-open'), 'revocation')).toEqual({ status: 'failed', code: 'revoked', exit: 16 });
    // A list that is named is looked at, with or without a policy: this was once green.
    const named = await check({ endpoint, crl: [bad] });
    expect(outcome(named, 'revocation')).toEqual({ status: 'failed', code: 'revoked', exit: 16 });
    expect(outcome(await check({ endpoint, expect: { trusted: false } }), 'reachable')).toEqual(PASSED);
    const unknown = await by([], 'fail-open');
    expect(outcome(unknown, 'revocation')).toEqual(PASSED);
    // Fails open, and says so: this was once called not revoked.
    expect(unknown.results[0]?.checks.find(({ expectation }) => expectation === 'revocation')?.caveat).toContain('the policy fails open');
    const known = await by([good], 'fail-open');
    expect(known.results[0]?.checks.find(({ expectation }) => expectation === 'revocation')).toMatchObject({
      summary: 'no certificate of the path is revoked',
    });
    expect(outcome(await by([], 'fail-closed'), 'revocation')).toEqual({ status: 'failed', code: 'revocation-unavailable', exit: 16 });
  });
});

describe('addresses, clocks, identities', () => {
  it('the clock of the server', async () => {
    expect(
      outcome(await check({ endpoint: `https://${at(await serve())}`, expect: { maxClockOffset: '30s' } }), 'max-clock-offset'),
    ).toEqual(PASSED);
    const mute = await serve({ greeting: '' });
    expect(outcome(await check({ endpoint: `https://${at(mute)}`, expect: { maxClockOffset: '30s' } }), 'max-clock-offset')).toMatchObject({
      status: 'unchecked',
      exit: 1,
    });
    const fast = await serve({ clockOffsetSeconds: 900 });
    expect(outcome(await check({ endpoint: `https://${at(fast)}`, expect: { maxClockOffset: '30s' } }), 'max-clock-offset')).toEqual({
      status: 'failed',
      code: 'peer-clock-skew',
      exit: 11,
    });
  });
  it('the same certificate on every address of localhost', async () => {
    const one = await serve();
    const report = await check({ endpoint: at(one), expect: { sameOnAllAddresses: true } });
    const [same] = report.results[0]?.checks.filter(({ expectation }) => expectation === 'same-on-all-addresses') ?? [];
    expect(same?.status === 'passed' || /address/.test(same?.summary ?? '')).toBe(true);
  });
  it('no certificate shared between services', async () => {
    const shared = bench.server();
    const [one, two, own] = [await serve({ credentials: shared }), await serve({ credentials: shared }), await serve()];
    const run = (a: TlsServer, b: TlsServer) =>
      runPreflight({
        retries: 0,
        config: {
          targets: [
            { endpoint: at(a), ca: [ca] },
            { endpoint: at(b), ca: [ca] },
          ],
          policy: { sharedCertificates: 'forbid' },
        },
      });
    expect((await run(one, own)).exitStatus).toBe(0);
    const report = await run(one, two);
    expect(report.exitStatus).toBe(20);
    expect([...(report.shared[0]?.targets ?? [])].sort()).toEqual([at(one), at(two)].sort());
    // Replicas of one service, two names of one endpoint, and what the file admits.
    const forbid = (targets: TargetEntry[], rest: Partial<PreflightConfig> = {}) =>
      runPreflight({
        retries: 0,
        config: { targets: targets.map((target) => ({ ca: [ca], ...target })), policy: { sharedCertificates: 'forbid' }, ...rest },
      });
    const replicas = [one, two].map((server) => ({ endpoint: at(server), service: 'ledger' }));
    expect((await forbid(replicas)).exitStatus).toBe(0);
    expect((await forbid([{ endpoint: at(one) }, { name: 'again', endpoint: at(one) }])).exitStatus).toBe(0);
    const admit = (until: string) => [{ target: at(two), expectation: 'shared-certificates' as const, until, reason: 'migration' }];
    const pair = [{ endpoint: at(one) }, { endpoint: at(two) }];
    const admitted = await forbid(pair, { allow: admit('2999-01-01') });
    expect(admitted.exitStatus).toBe(0);
    expect(admitted.warnings.join()).toContain('migration');
    expect((await forbid(pair, { allow: admit('2020-01-01') })).exitStatus).toBe(20);
  });
});

describe('parts', () => {
  it('an empty part is no failure: the other parts have the targets', async () => {
    const config = { targets: [{ endpoint: 'localhost:1', ca: [ca] }] };
    const parts = await Promise.all([1, 2, 3].map((part) => runPreflight({ config, retries: 0, shard: { index: part, count: 3 } })));
    expect(parts.map(({ targets }) => targets).sort()).toEqual([0, 0, 1]);
    for (const part of parts) expect(part.exitStatus).toBe(part.targets === 0 ? 0 : 19);
  });
});

describe('never green when something could not be checked', () => {
  it('a closed port, a name that is none, a port that does not speak TLS', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const plain = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n', () => socket.destroySoon());
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    servers.push({ close: () => new Promise((resolve) => plain.close(() => resolve())) });
    expect((await check({ endpoint: `127.0.0.1:${port}` })).exitStatus).toBe(19);
    expect((await check({ endpoint: 'nowhere.invalid:443' })).exitStatus).toBe(19);
    expect((await check({ endpoint: `127.0.0.1:${(plain.address() as { port: number }).port}` })).exitStatus).toBe(18);
  });
  it('a bad target does not keep the others from being checked, and classes that differ make 1', async () => {
    const good = await serve();
    const late = await serve({ credentials: bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY }) });
    const report = await runPreflight({
      retries: 0,
      config: {
        targets: [
          { endpoint: at(good), ca: [ca] },
          { endpoint: at(late), ca: [ca] },
          { endpoint: 'nowhere.invalid:1', ca: [ca] },
          { endpoint: at(good), name: 'no bundle', ca: [join(folder, 'absent.crt')] },
        ],
      },
    });
    expect(report).toMatchObject({ targets: 4, passed: 1, failed: 2, unchecked: 1, exitStatus: 1, ok: false });
  });
  it('what could not be checked passes only when the file says so', async () => {
    const endpoint = at(await serve());
    const target: TargetEntry = { endpoint, ca: [join(folder, 'absent.crt')] };
    expect((await check(target)).exitStatus).toBe(1);
    expect((await check(target, { policy: { unchecked: 'allow' } })).exitStatus).toBe(0);
  });
  it('a known deviation passes until its day', async () => {
    const endpoint = at(await serve({ credentials: bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY }) }));
    const allow = (until: string) => [{ target: 'localhost:*', code: 'expired', until, reason: 'renewal is ordered' }];
    expect((await check({ endpoint }, { allow: allow('2999-01-01') })).exitStatus).toBe(0);
    const over = await check({ endpoint }, { allow: allow('2020-01-01') });
    expect(over.exitStatus).toBe(10);
    expect(over.warnings.join()).toContain('2020-01-01');
    const misspelt = await check({ endpoint }, { allow: [{ target: 'localhots:*', until: '2999-01-01', reason: 'renewal is ordered' }] });
    expect(misspelt.exitStatus).toBe(10);
    expect(misspelt.warnings.join()).toContain('fits no target');
  });
});

describe('files', () => {
  it('certificates that last, one that does not, a glob for nothing', async () => {
    const place = join(folder, 'certs');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'good.crt'), bench.server().chain);
    const files = (path: string) => check({ files: [path], expect: { remaining: '10%' } });
    expect((await files(join(place, '*.crt'))).exitStatus).toBe(0);
    writeFileSync(join(place, 'late.crt'), bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY }).chain);
    expect((await files(join(place, '*.crt'))).exitStatus).toBe(10);
    expect((await files(join(place, '*.absent'))).exitStatus).toBe(1);
    expect((await files(join(folder, 'no-such.crt'))).exitStatus).toBe(1);
  });
});
