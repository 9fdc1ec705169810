import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { handshake, runHandshake } from '../../src/lib/observe/handshake.js';
import type { HandshakeRequest } from '../../src/lib/observe/handshake-request.js';
import { authority, clientLeaf, credential, type Running, serverLeaf, strangerLeaf, tcpServer, tlsServer } from './node-server.js';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function started(server: Promise<Running>): Promise<Running> {
  const value = await server;
  running.push(value);
  return value;
}

function to(server: { port: number }, more: Partial<HandshakeRequest> = {}): HandshakeRequest {
  return { why: 'test', experiment: 'look', address: '127.0.0.1', port: server.port, servername: 'localhost', ...more };
}

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

describe.each(VERSIONS)('a handshake with a node server on %s', (version) => {
  const only = { minVersion: version, maxVersion: version } as const;

  it('is accepted, and the chain is as sent', async () => {
    const server = await started(tlsServer(only));
    const record = await handshake(to(server));
    expect(record.outcome).toBe('accepted');
    expect(record.secureConnect).toBe(true);
    expect(record.negotiated?.version).toBe(version);
    // Newer versions of node agree on X25519MLKEM768.
    expect(record.negotiated?.group).toMatch(/^x25519(mlkem768)?$/i);
    expect(record.negotiated?.signatureScheme).toBe('ecdsa_secp256r1_sha256');
    expect(record.chain.map((der) => new X509Certificate(der).fingerprint256)).toEqual([
      new X509Certificate(serverLeaf.der).fingerprint256,
      new X509Certificate(authority.intermediate.der).fingerprint256,
    ]);
    expect(record.transcript?.gaps).toEqual([]);
    expect(record.transcript?.messages.filter((m) => m.type === 'undecryptable' || m.type === 'malformed')).toEqual([]);
    expect(record.certificateRequest).toBeUndefined();
    expect(record.timings.totalMs).toBeLessThan(4000);
  });

  it('names what the server asks of the client', async () => {
    const server = await started(tlsServer({ ...only, requestCert: true, rejectUnauthorized: false, ca: [authority.root.pem] }));
    const record = await handshake(to(server));
    expect(record.outcome).toBe('accepted');
    expect(record.certificateRequest?.certificateAuthorities.map(({ text }) => text)).toEqual(['CN=Probe Root']);
    expect(record.certificateRequest?.signatureSchemes).toContain('ecdsa_secp256r1_sha256');
    expect(record.clientCertificatesSent).toBe(0);
  });

  it('sees that a required client certificate was missing', async () => {
    const server = await started(tlsServer({ ...only, requestCert: true, rejectUnauthorized: true, ca: [authority.root.pem] }));
    const record = await handshake(to(server));
    expect(record.outcome).toBe(version === 'TLSv1.3' ? 'rejected-late' : 'rejected');
    expect(record.alertReceived).toMatchObject(
      version === 'TLSv1.3' ? { number: 116, name: 'certificate_required', afterSecureConnect: true } : { number: 40 },
    );
    expect(record.secureConnect).toBe(version === 'TLSv1.3');
  });

  it('sees a close without an alert after a foreign client certificate', async () => {
    const server = await started(tlsServer({ ...only, requestCert: true, rejectUnauthorized: true, ca: [authority.root.pem] }));
    const record = await handshake(to(server, { client: credential(strangerLeaf) }));
    expect(record.outcome).toBe(version === 'TLSv1.3' ? 'closed-late' : 'closed');
    expect(record.alertReceived).toBeUndefined();
    expect(record.clientCertificatesSent).toBe(2);
  });

  it('is accepted with the right client certificate', async () => {
    const server = await started(tlsServer({ ...only, requestCert: true, rejectUnauthorized: true, ca: [authority.root.pem] }));
    const record = await handshake(to(server, { client: credential(clientLeaf) }));
    expect(record.outcome).toBe('accepted');
    expect(record.acceptance).toBe(version === 'TLSv1.3' ? 'ticket' : 'quiet');
    expect(record.sent.client).toBe('given');
  });

  it('takes application data as proof', async () => {
    const server = await started(tlsServer(only, (socket) => socket.write('220 ready\r\n')));
    const record = await handshake(to(server, { quietWindowMs: 2000 }));
    expect(record.outcome).toBe('accepted');
    expect(record.acceptance).toBe('application-data');
  });

  it('provokes an HTTP answer', async () => {
    const server = await started(
      tlsServer(only, (socket) =>
        socket.once('data', () =>
          socket.end(
            'HTTP/1.1 421 Misdirected Request\r\nServer: x\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nContent-Length: 5\r\n\r\nwrong',
          ),
        ),
      ),
    );
    const record = await handshake(to(server, { http: { path: '/', host: 'localhost' } }));
    expect(record.acceptance).toBe('http');
    expect(record.http).toMatchObject({
      status: 421,
      statusText: 'Misdirected Request',
      server: 'x',
      date: 'Sun, 22 Nov 2026 10:00:00 GMT',
      bodyStart: 'wrong',
    });
  });

  it('resumes a session', async () => {
    const server = await started(tlsServer(only));
    // A busy machine may send the ticket of TLS 1.3 after the quiet window.
    let session: Buffer | undefined;
    for (let tries = 0; tries < 5 && session === undefined; tries += 1)
      session = (await runHandshake(to(server, { keepSession: true }))).session;
    expect(session).toBeDefined();
    const second = await handshake(to(server, { session: session as Buffer }));
    expect(second.negotiated?.resumed).toBe(true);
    expect(second.chain).toEqual([]);
    expect(second.transcript?.gaps).toEqual([]);
  });

  it('lets node verify when asked', async () => {
    const server = await started(tlsServer(only));
    const good = await handshake(to(server, { verify: true, ca: [authority.root.pem] }));
    expect(good.outcome).toBe('accepted');
    const bad = await handshake(to(server, { verify: true, ca: [] }));
    expect(bad.outcome).toBe('broken-off-here');
    expect(bad.error?.code).toMatch(/^(UNABLE_TO_|SELF_SIGNED_)/);
    expect(bad.chain).toHaveLength(2);
    const misnamed = await handshake(to(server, { verify: true, ca: [authority.root.pem], hostname: 'elsewhere.test' }));
    expect(misnamed.error?.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('gets a stapled OCSP response only when asked', async () => {
    const { createServer } = await import('node:tls');
    const tls = createServer({ cert: serverLeaf.chainPem, key: serverLeaf.keyPem as string, ...only });
    tls.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, Buffer.from('not really OCSP')));
    tls.on('secureConnection', (socket) => socket.resume());
    const { listening } = await import('./node-server.js');
    const server = await started(listening(tls));
    expect((await handshake(to(server))).ocspStaple).toBeUndefined();
    const record = await handshake(to(server, { requestOcsp: true }));
    expect(Buffer.from(record.ocspStaple as Uint8Array).toString()).toBe('not really OCSP');
  });
});

describe('what is not a handshake', () => {
  it('is unreachable when refused', async () => {
    const server = await tcpServer(() => undefined);
    await server.close();
    const record = await handshake(to(server));
    expect(record.outcome).toBe('unreachable');
    expect(record.error?.code).toBe('ECONNREFUSED');
  });

  it('is not TLS when HTTP answers', async () => {
    const server = await started(tcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))));
    const record = await handshake(to(server));
    expect(record.outcome).toBe('not-tls');
    expect(Buffer.from(record.notTls as Uint8Array).toString()).toMatch(/^HTTP\/1.1 400/);
  });

  it('is silent when nothing comes, and ends in time', async () => {
    const server = await started(tcpServer(() => undefined));
    const record = await handshake(to(server, { timeoutMs: 800 }));
    expect(record.outcome).toBe('silent');
    expect(record.timings.totalMs).toBeLessThan(4000);
  });

  it('is closed when the server hangs up', async () => {
    const fin = await started(tcpServer((socket) => socket.once('data', () => socket.end())));
    expect((await handshake(to(fin))).outcome).toBe('closed');
    const rst = await started(tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const record = await handshake(to(rst));
    expect(record.outcome).toBe('closed');
    expect(record.error?.code).toBe('ECONNRESET');
  });

  it('is rejected when no version is common', async () => {
    const server = await started(tlsServer({ minVersion: 'TLSv1.3' }));
    const record = await handshake(to(server, { limits: { maxVersion: 'TLSv1.2' } }));
    expect(record.outcome).toBe('rejected');
    expect(record.alertReceived?.name).toBe('protocol_version');
  });

  it('is broken off here when the key does not fit', async () => {
    const server = await started(tlsServer());
    const record = await handshake(to(server, { client: { label: 'x', cert: clientLeaf.certPem, key: serverLeaf.keyPem as string } }));
    expect(record.outcome).toBe('broken-off-here');
    expect(record.error?.code).toBe('ERR_OSSL_X509_KEY_VALUES_MISMATCH');
  });
});
