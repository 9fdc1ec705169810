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
