import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, createServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { createOcspResponse } from '../../src/lib/ca/ocsp.js';
import { loadClientCredential } from '../../src/lib/observe/client-credential.js';
import { handshake } from '../../src/lib/observe/handshake.js';
import { parseTarget } from '../../src/lib/observe/target.js';
import { diagnose } from '../../src/lib/operations/diagnose.js';
import { probe } from '../../src/lib/operations/probe.js';
import { serve } from '../../src/lib/operations/serve.js';
import { authority, clientLeaf, listening, type Running, serverLeaf, tcpServer, tlsServer } from '../observe/node-server.js';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});
async function started(server: Promise<Running>): Promise<Running> {
  const value = await server;
  running.push(value);
  return value;
}
const ca = [authority.root.pem];
const own = { cert: serverLeaf.chainPem, key: serverLeaf.keyPem as string };

describe('facts', () => {
  it('verifies a stapled OCSP response, good and revoked and of somebody else', async () => {
    const now = Date.now();
    const response = (status: 'good' | { revokedAt: number }, key = authority.intermediate.key) =>
      createOcspResponse({
        issuer: authority.intermediate,
        responder: { key, spki: authority.intermediate.spki },
        serial: serverLeaf.serial,
        status,
        thisUpdate: now - 60_000,
        nextUpdate: now + 3_600_000,
      });
    for (const [staple, expected] of [
      [response('good'), { status: 'good', verified: true }],
      [response({ revokedAt: now - 120_000 }), { status: 'revoked', verified: true }],
      [response('good', createPrivateKey(clientLeaf.keyPem as string)), { status: 'good', verified: false }],
    ] as const) {
      const tls = createServer(own, (socket) => socket.resume());
      tls.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, Buffer.from(staple)));
      const server = await started(listening(tls));
      const { document, exitStatus } = await probe({ target: `localhost:${server.port}`, ca });
      expect(document.facts.ocspStaple).toMatchObject({ stapled: true, outcome: 'accepted', ...expected });
      expect(document.handshakes[0]?.ocspStaple).toBeUndefined();
      const codes = { causes: document.causes.map(({ code }) => code), warnings: document.warnings.map(({ code }) => code) };
      // What the server itself says against its certificate counts; what nobody can use is a warning.
      expect(codes).toEqual({
        causes: expected.status === 'revoked' ? ['revoked'] : [],
        warnings: expected.verified ? [] : ['revocation-unavailable'],
      });
      expect(exitStatus).toBe(expected.status === 'revoked' ? 16 : 0);
    }
  });

  it('verifies a staple with an issuer that was given when it was not sent', async () => {
    const now = Date.now();
    const staple = createOcspResponse({
      issuer: authority.intermediate,
      responder: { key: authority.intermediate.key, spki: authority.intermediate.spki },
      serial: serverLeaf.serial,
      status: { revokedAt: now - 120_000 },
      thisUpdate: now - 60_000,
      nextUpdate: now + 3_600_000,
    });
    const tls = createServer({ ...own, cert: serverLeaf.certPem }, (socket) => socket.resume());
    tls.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, Buffer.from(staple)));
    const server = await started(listening(tls));
    const { document } = await probe({ target: `localhost:${server.port}`, ca: [authority.root.pem, authority.intermediate.pem] });
    expect(document.facts.ocspStaple).toMatchObject({ status: 'revoked', verified: true });
    expect(document.causes.map(({ code }) => code)).toEqual(['revoked']);
  });

  it('warns of a server that hangs up when asked for a staple', async () => {
    const tls = createServer(own, (socket) => socket.resume());
    tls.on('OCSPRequest', (_certificate, _issuer, answer) => answer(new Error('no responder'), Buffer.alloc(0)));
    tls.on('tlsClientError', () => undefined);
    const server = await started(listening(tls));
    const { document } = await probe({ target: `localhost:${server.port}`, ca });
    expect(document.ok).toBe(true);
    expect(document.warnings).toMatchObject([{ code: 'revocation-unavailable', party: 'server' }]);
  });

  it('finds the one bad backend of four, whichever answers first', async () => {
    const now = Date.now();
    const names = { names: ['localhost'], profile: 'server' } as const;
    const old = issueCertificate(authority, { ...names, notBefore: now - 7_200_000, notAfter: now - 3_600_000 }, { unchecked: true });
    const good = createSecureContext(own);
    const bad = createSecureContext({ cert: old.chainPem, key: old.keyPem as string });
    for (const offset of [0, 3]) {
      let connections = offset;
      const server = await started(tlsServer({ SNICallback: (_, done) => done(null, connections++ % 4 === 3 ? bad : good) }));
      const { document, exitStatus } = await probe({ target: `localhost:${server.port}`, ca, repeat: 20, facts: false });
      expect(document.ok).toBe(false);
      expect(document.causes[0]).toMatchObject({ class: 'deployment', code: 'inconsistent-backends' });
      expect(document.causes[0]?.summary).toContain('15 of 20 handshakes are fine; 5 times: ');
      expect(document.facts.repeat?.answers).toMatchObject([
        { count: 15 },
        { count: 5, problem: expect.stringContaining('ran out') as string },
      ]);
      expect(exitStatus).toBe(20);
    }
  });

  it('only warns when the machines differ and each is in order', async () => {
    const other = issueCertificate(authority, { names: ['localhost'], profile: 'server' });
    const contexts = [createSecureContext(own), createSecureContext({ cert: other.chainPem, key: other.keyPem as string })];
    let connections = 0;
    const server = await started(tlsServer({ SNICallback: (_, done) => done(null, contexts[connections++ % 2]) }));
    const { document } = await probe({ target: `localhost:${server.port}`, ca, repeat: 6, facts: false });
    expect(document.ok).toBe(true);
    expect(document.warnings.map(({ code }) => code)).toEqual(['inconsistent-backends']);
  });

  it('sees what other server names get', async () => {
    const other = issueCertificate(authority, { names: ['other.test'], profile: 'server' });
    const server = await started(
      tlsServer({
        SNICallback: (name, done) => {
          if (name === 'localhost') done(null, createSecureContext(own));
          else done(null, createSecureContext({ cert: other.chainPem, key: other.keyPem as string }));
        },
      }),
    );
    const { document } = await probe({ target: `localhost:${server.port}`, ca });
    expect(document.facts.sni?.other).toMatchObject({ outcome: 'accepted', sameCertificate: false });
    expect(document.facts.sni?.without).toMatchObject({ sent: null, sameCertificate: true });
    expect(document.ok).toBe(true);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('tells resumption and client authentication apart on %s', async (version) => {
    const server = await started(tlsServer({ minVersion: version, maxVersion: version, requestCert: true, rejectUnauthorized: false, ca }));
    const { document } = await probe({ target: `localhost:${server.port}`, ca });
    expect(document.facts.resumption).toMatchObject({ kind: version === 'TLSv1.3' ? 'psk' : 'ticket', resumed: true, maxEarlyData: 0 });
    expect(document.facts.clientAuth.mode).toBe(version === 'TLSv1.3' ? 'optional' : 'requested');
    expect(document.facts.renegotiation?.secure).toBe(true);
    if (version === 'TLSv1.2') expect(document.facts.renegotiation?.clientInitiated).toBe('accepted');
  });

  it('sees a service that answers without TLS too, and HTTP statuses for what they are', async () => {
    const refusing = createHttps(own, (_, answer) => answer.writeHead(403).end('no'));
    const server = await started(listening(refusing as never));
    const { document } = await probe({ target: `https://localhost:${server.port}/secret`, ca });
    expect(document.handshakes[0]?.http?.status).toBe(403);
    expect(document.handshakes[0]?.sent.httpRequest).toBe('GET /secret');
    expect(document.ok).toBe(true);
    expect(document.facts.clientAuth).toMatchObject({ mode: 'not-requested', plaintextAccepted: false });
  });

  it('names all defects, and the class that fails', async () => {
    const server = await started(tlsServer());
    const { document, exitStatus } = await probe({ target: `localhost:${server.port}`, hostname: 'elsewhere.test', ca: [] });
    expect(document.causes.map(({ code }) => code).sort()).toEqual(expect.arrayContaining(['san-mismatch']));
    expect(document.causes.some(({ class: name }) => name === 'unknown-authority')).toBe(true);
    expect(exitStatus).toBeGreaterThanOrEqual(10);
  });
});

describe('reach', () => {
  it('connects elsewhere than to the name', async () => {
    const server = await started(tlsServer());
    const { document } = await probe({ target: 'ledger.internal:8443', connect: { host: '127.0.0.1', port: server.port }, facts: false });
    expect(document.handshakes[0]).toMatchObject({
      outcome: 'accepted',
      sent: { address: '127.0.0.1', port: server.port, servername: 'ledger.internal' },
    });
    expect(document.verification).toEqual({ notRun: 'no trust anchors were given' });
  });

  it('says that a name has no address', async () => {
    const { document, exitStatus } = await probe({ target: 'no-such-name.invalid:443', facts: false });
    expect(document.causes[0]?.code).toBe('dns');
    expect(exitStatus).toBe(19);
  });

  it.each([
    ['db:5432', { host: 'db', port: 5432 }],
    ['[::1]:443', { host: '::1', port: 443 }],
    ['::1', { host: '::1', port: 443 }],
    ['https://api.internal/health?x=1#y', { host: 'api.internal', port: 443, httpPath: '/health?x=1' }],
    ['https://[2001:db8::1]:8443', { host: '2001:db8::1', port: 8443, httpPath: '/' }],
    ['postgres://user:pw@db/x', { host: 'db', port: 5432, starttls: 'postgres' }],
    ['smtp://mx', { host: 'mx', port: 25, starttls: 'smtp' }],
    ['unix:/run/app.sock', { socketPath: '/run/app.sock' }],
  ])('reads %s', (text, expected) => {
    expect(parseTarget(text)).toMatchObject(expected);
  });

  it.each(['', 'a:b', 'host:0', 'host:70000', '[::1', 'https://'])('refuses %j', (text) => {
    expect(() => parseTarget(text)).toThrowError(expect.objectContaining({ code: 'bad-target' }) as Error);
  });
});

describe('what this side cannot accept', () => {
  it.each([
    ['key-mismatch', 'key-mismatch', /the server has the key of another one/],
    ['malformed', 'malformed', /^the server's certificate cannot be read \((wrong tag|header too long|[a-z0-9 ]+)\)$/],
  ])('%s is named, without the source lines of OpenSSL', async (fault, code, summary) => {
    for (const maxVersion of ['1.2', '1.3'] as const) {
      const serving = await serve({ port: 0, faults: [fault], reload: false, maxVersion, onEvent: () => undefined });
      try {
        const { document } = await probe({ target: `localhost:${serving.port}`, ca, facts: false });
        expect(document.causes[0]).toMatchObject({ code, party: 'server', summary: expect.stringMatching(summary) as string });
      } finally {
        await serving.close(100);
      }
    }
  });
});

describe('what comes before TLS', () => {
  /** An HTTP proxy that answers every CONNECT with one status line. */
  const proxySaying = async (line: string) => started(tcpServer((socket) => socket.once('data', () => socket.end(`${line}\r\n\r\n`))));
  const credentials = { username: 'ada', password: 'secret' };

  it.each([
    ['HTTP/1.1 407 Proxy Authentication Required', undefined, 'wants credentials', 'TLSMEDIC_PROXY_PASSWORD'],
    ['HTTP/1.1 407 Proxy Authentication Required', credentials, 'refuses the credentials', 'another name or password'],
    ['HTTP/1.0 401 Unauthorized', credentials, 'refuses the credentials', 'another name or password'],
    ['HTTP/1.1 403 Forbidden', undefined, 'refuses: "HTTP/1.1 403 Forbidden"', 'have the proxy allow'],
    ['HTTP/1.1 503 Service Unavailable', undefined, '503', 'not reachable from there'],
  ])('%s: what to do about it', async (line, given, summary, fix) => {
    const { port } = await proxySaying(line);
    const proxy = { kind: 'http' as const, host: '127.0.0.1', port, ...(given && { credentials: given }) };
    const { document } = await probe({ target: 'ledger:443', proxy, facts: false });
    const [cause] = document.causes;
    expect(cause?.summary).toContain(summary);
    expect(JSON.stringify(cause?.fixes)).toContain(fix);
    expect(JSON.stringify(document)).not.toContain('secret');
  });

  it('is told the same by diagnose', async () => {
    const { port } = await proxySaying('HTTP/1.1 407 Proxy Authentication Required');
    const { document } = await diagnose({
      target: 'ledger.test:443',
      proxy: `http://127.0.0.1:${port}`,
      trust: 'none',
      deadlineSeconds: 10,
    });
    expect(document.causes).toMatchObject([{ class: 'network', code: 'refused', party: 'local' }]);
    expect(document.causes[0]?.summary).toContain(`the way through the proxy http://127.0.0.1:${port} failed: the proxy wants credentials`);
    expect(JSON.stringify(document.causes[0]?.fixes)).toContain('TLSMEDIC_PROXY_PASSWORD');
  });

  it('says that a proxy speaks no TLS, without the source lines of OpenSSL', async () => {
    const { port } = await proxySaying('HTTP/1.1 400 Bad Request');
    const { document } = await probe({ target: 'ledger:443', proxy: { kind: 'https', host: '127.0.0.1', port }, facts: false });
    expect(document.causes[0]?.summary).toBe(
      `the way through the proxy https://127.0.0.1:${port} failed: the proxy speaks no TLS on this port`,
    );
    expect(document.causes[0]?.fixes[0]?.command).toBe(`--proxy http://127.0.0.1:${port}`);
  });

  it('says how to switch TLS on where STARTTLS is refused', async () => {
    const server = await started(tcpServer((socket) => socket.once('data', () => socket.write('N'))));
    const { document, exitStatus } = await probe({ target: `localhost:${server.port}`, starttls: 'postgres', facts: false });
    expect(document.causes[0]).toMatchObject({ class: 'not-tls', fixes: [{ command: expect.stringContaining('ssl = on') as string }] });
    expect(exitStatus).toBe(18);
  });

  it('suspects the PROXY header where it is not expected', async () => {
    const server = await started(tcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))));
    const { document } = await probe({ target: `localhost:${server.port}`, proxyProtocol: 'v2', facts: false });
    expect(document.causes[0]).toMatchObject({ confidence: 'possible', summary: expect.stringContaining('expects no PROXY') as string });
  });
});

describe('client certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tm-cred-'));
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const cert = file('client.pem', clientLeaf.chainPem);
  const key = file('client.key', clientLeaf.keyPem as string);
  const locked = file(
    'locked.key',
    createPrivateKey(clientLeaf.keyPem as string).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'sesame',
    }) as string,
  );

  it('come as PEM, encrypted PEM and PKCS#12, each with its chain', async () => {
    const server = await started(tlsServer({ requestCert: true, rejectUnauthorized: true, ca }));
    const p12 = join(folder, 'client.p12');
    execFileSync('openssl', ['pkcs12', '-export', '-in', cert, '-inkey', key, '-out', p12, '-passout', 'pass:sesame']);
    for (const files of [
      { cert, key },
      { cert, key: locked, passphrase: 'sesame' },
      { p12, passphrase: 'sesame' },
      { cert: file('both.pem', `${clientLeaf.chainPem}${clientLeaf.keyPem}`) },
    ]) {
      const client = loadClientCredential(files);
      const record = await handshake({
        why: 'test',
        experiment: 'look',
        address: '127.0.0.1',
        port: server.port,
        ...(client ? { client } : {}),
      });
      expect(record.outcome).toBe('accepted');
      expect(record.clientCertificatesSent).toBe(2);
    }
  });

  it.each([
    [{ cert, key: locked }, 'bad-passphrase'],
    [{ cert, key: locked, passphrase: 'wrong' }, 'bad-passphrase'],
    [{ key }, 'usage'],
    [{ cert, key: cert }, 'bad-key'],
    [{ p12: cert }, 'bad-pkcs12'],
  ])('are refused with a reason', (files, code) => {
    expect(() => loadClientCredential(files)).toThrowError(expect.objectContaining({ code }) as Error);
  });

  it('leave no folder behind', () => {
    rmSync(folder, { recursive: true });
  });
});

it('reaches an IPv6 address', async (context) => {
  const server = createServer(own, (socket) => socket.resume());
  const listens = await new Promise<boolean>((done) => server.once('error', () => done(false)).listen(0, '::1', () => done(true)));
  if (!listens) return context.skip('no IPv6 loopback here');
  const { port } = server.address() as { port: number };
  const { document } = await probe({ target: `[::1]:${port}`, ca, facts: false });
  server.close();
  expect(document.handshakes[0]).toMatchObject({ outcome: 'accepted', sent: { address: '::1' } });
  expect(document.handshakes[0]?.sent.servername).toBeUndefined();
});

it('is plain about a port that is no TLS', async () => {
  const server = await started(tcpServer((socket) => socket.write('220 mx ESMTP ready\r\n')));
  const { document } = await probe({ target: `localhost:${server.port}` });
  expect(document.causes[0]).toMatchObject({ class: 'not-tls', code: 'starttls-needed' });
});
