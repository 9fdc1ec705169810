import { afterEach, expect, it } from 'vitest';
import { scan } from '../../src/lib/observe/scan/scan.js';
import { clientHelloRecord } from '../../src/lib/tls/client-hello.js';
import { readClientHello } from '../../src/lib/tls/handshake-messages.js';
import { type Running, tcpServer, tlsServer } from './node-server.js';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});
async function started(server: Promise<Running>): Promise<Running> {
  const value = await server;
  running.push(value);
  return value;
}
const target = (server: Running) => ({ why: 'test', experiment: 'scan', address: '127.0.0.1', port: server.port, servername: 'localhost' });
const FAST = { rate: 1000, timeoutMs: 2000 };

it('finds exactly what a server was told to take, in its order', async () => {
  const suites = ['TLS_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
  const server = await started(
    tlsServer({ ciphers: suites.join(':'), honorCipherOrder: true, ecdhCurve: 'P-384:P-256', minVersion: 'TLSv1.2' }),
  );
  const fact = await scan(target(server), FAST);
  expect(fact.versions.filter(({ accepted }) => accepted).map(({ version }) => version)).toEqual(['TLS 1.3', 'TLS 1.2']);
  expect(fact.versions.find(({ version }) => version === 'TLS 1.1')?.instead).toBe('alert 70 protocol_version');
  expect(fact.suites.map(({ version, accepted }) => [version, accepted.map(({ openssl }) => openssl)])).toEqual([
    ['TLS 1.3', [suites[0]]],
    ['TLS 1.2', suites.slice(1)],
  ]);
  expect(fact.suites[1]?.preference).toBe('server');
  expect(fact.groups.find(({ version }) => version === 'TLS 1.3')?.accepted.sort()).toEqual(['secp256r1', 'secp384r1']);
  expect(fact.signatureSchemes.find(({ version }) => version === 'TLS 1.3')?.accepted).toEqual(['ecdsa_secp256r1_sha256']);
});

it('sees that the client decides', async () => {
  const server = await started(
    tlsServer({ ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256', honorCipherOrder: false, maxVersion: 'TLSv1.2' }),
  );
  const fact = await scan(target(server), FAST);
  expect(fact.suites).toHaveLength(1);
  expect(fact.suites[0]?.preference).toBe('client');
  expect(fact.suites[0]?.accepted).toHaveLength(2);
});

it('tells the groups of TLS 1.2 by elimination, the curve of the certificate staying in the offer', async () => {
  for (const [ecdhCurve, expected] of [
    ['X25519:P-384', ['secp384r1', 'x25519']],
    ['P-384', ['secp384r1']],
    ['P-256:X448', ['secp256r1', 'x448']],
  ] as const) {
    const server = await started(tlsServer({ ecdhCurve, honorCipherOrder: false, maxVersion: 'TLSv1.2' }));
    for (const certificateCurve of ['P-256', undefined]) {
      const fact = await scan(target(server), { ...FAST, ...(certificateCurve && { certificateCurve }) });
      expect(fact.groups[0]?.accepted.slice().sort()).toEqual(expected);
      expect(fact.notes).toEqual([]);
    }
  }
});

it('says what a server with an order of its own hides', async () => {
  const server = await started(tlsServer({ ecdhCurve: 'P-256:X448', honorCipherOrder: true, maxVersion: 'TLSv1.2' }));
  const fact = await scan(target(server), { ...FAST, certificateCurve: 'P-256' });
  expect(fact.groups[0]?.accepted).toEqual(['secp256r1']);
  expect(fact.notes).toEqual(['TLS 1.2: groups that the server likes less than secp256r1, the curve of its certificate, cannot be seen']);
});

it('recognises SSL 2.0', async () => {
  // SERVER-HELLO: record length 11, type 4, no session, X.509, version 2, no certificate, one cipher kind less, connection id of none.
  const hello = Buffer.from('800b0400010002000000000000', 'hex');
  const seen: Buffer[] = [];
  const server = await started(
    tcpServer((socket) =>
      socket.once('data', (chunk: Buffer) => {
        const two = ((chunk[0] as number) & 0x80) !== 0;
        if (two) seen.push(chunk);
        socket.end(two ? hello : Buffer.alloc(0));
      }),
    ),
  );
  const fact = await scan(target(server), FAST);
  expect(fact.versions.filter(({ accepted }) => accepted).map(({ version }) => version)).toEqual(['SSL 2.0']);
  expect(fact.versions.at(-1)?.weak).toContain('DROWN');
  // CLIENT-HELLO of version 2 with seven cipher kinds and a challenge of sixteen bytes; the length is that of what follows.
  expect(seen[0]?.subarray(2, 11).toString('hex')).toBe('010002001500000010');
  expect(seen[0]?.length).toBe(2 + 9 + 21 + 16);
  expect((((seen[0]?.[0] ?? 0) & 0x7f) << 8) | (seen[0]?.[1] ?? 0)).toBe(9 + 21 + 16);
});

it('marks old versions and weak suites', async () => {
  const server = await started(
    tlsServer({ ciphers: 'ECDHE-ECDSA-NULL-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0', minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }),
  );
  const fact = await scan(target(server), FAST);
  expect(fact.versions.filter(({ accepted }) => accepted).map(({ version, weak }) => [version, weak])).toEqual([
    ['TLS 1.1', 'retired (RFC 8996)'],
    ['TLS 1.0', 'retired (RFC 8996)'],
  ]);
  expect(fact.suites[0]?.accepted.find(({ openssl }) => openssl.includes('NULL'))?.weak).toBe('no encryption');
});

it('ends with a silent server, and says so', async () => {
  const server = await started(tcpServer(() => undefined));
  const fact = await scan(target(server), { rate: 1000, timeoutMs: 50 });
  expect(fact.versions.every(({ accepted }) => !accepted)).toBe(true);
  expect(fact.notes).toContain('some ClientHellos got no answer; they count as refused');
});

it('keeps to its limit and its rate', async () => {
  const server = await started(tlsServer());
  const before = performance.now();
  const fact = await scan(target(server), { rate: 20, most: 10, timeoutMs: 2000 });
  expect(fact.hellos).toBe(10);
  expect(performance.now() - before).toBeGreaterThan(430);
  expect(fact.notes.some((note) => note.startsWith('stopped after 10'))).toBe(true);
});

it('writes hellos that say what was meant', () => {
  const record = clientHelloRecord({
    version: 0x0304,
    cipherSuites: [0x1301],
    groups: [29, 23],
    signatureSchemes: [0x0403],
    servername: 'a.test',
    keyShare: true,
    random: Buffer.alloc(64, 1),
  });
  expect(record.readUInt16BE(3)).toBe(record.length - 5);
  expect(readClientHello(record.subarray(9)).hello).toMatchObject({
    versions: [0x0304],
    cipherSuites: [0x1301],
    groups: [29, 23],
    keyShares: [29],
    signatureSchemes: [0x0403],
    servername: 'a.test',
    sessionIdLength: 32,
  });
});
