import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { verdictOf } from '../../src/lib/inspection/verdict.js';
import { fetchChain } from '../../src/lib/operations/fetch-chain.js';
import { inspect, inspectionExitStatus } from '../../src/lib/operations/inspect.js';
import { inspectDiff } from '../../src/lib/operations/inspect-diff.js';

const now = Date.now();
const authority = createAuthority({ now: now - 86_400_000 });
const served = issueCertificate(authority, { names: ['localhost'], now: now - 7_200_000 });
const renewed = issueCertificate(authority, { names: ['localhost'], now: now - 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-endpoint-'));
const port = (server: Server | TcpServer): number => (server.address() as AddressInfo).port;
// It demands a client certificate: looking at its own must work all the same.
const server = createServer({ cert: served.chainPem, key: served.keyPem, requestCert: true, rejectUnauthorized: true });
const plain = createTcpServer((socket) => socket.resume().end('220 not tls\r\n'));

beforeAll(async () => {
  writeFileSync(join(folder, 'same.pem'), served.chainPem);
  writeFileSync(join(folder, 'renewed.pem'), renewed.chainPem);
  server.on('tlsClientError', () => undefined);
  for (const each of [server, plain]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const each of [server, plain]) await new Promise((resolve) => each.close(resolve));
});

const options = { at: now, fetchChain: (target: string) => fetchChain(target, { timeoutSeconds: 5, servername: 'localhost' }) };

describe('an endpoint as input', () => {
  it('gives its chain as sent', async () => {
    const inspection = await inspect([`127.0.0.1:${port(server)}`], options);
    expect(inspection.inventory.certificates.map(({ where }) => where.text)).toEqual([
      `127.0.0.1:${port(server)} #1`,
      `127.0.0.1:${port(server)} #2`,
    ]);
    expect(verdictOf(inspection).statement).toContain('chain in order');
    expect(inspectionExitStatus(inspection)).toBe(0);
  });
  it('that is no TLS, or nobody: an unusable input', async () => {
    const closed = await new Promise<number>((resolve) => {
      const probe = createTcpServer().listen(0, '127.0.0.1', () => {
        const free = port(probe);
        probe.close(() => resolve(free));
      });
    });
    for (const target of [`127.0.0.1:${port(plain)}`, `127.0.0.1:${closed}`]) {
      const inspection = await inspect([target], options);
      expect(inspectionExitStatus(inspection)).toBe(2);
      expect(inspection.inventory.inputs[0]?.error?.message).toContain(target);
    }
  });
  it('against the file: the same, or still the old one', async () => {
    const target = `127.0.0.1:${port(server)}`;
    const same = await inspectDiff([target, join(folder, 'same.pem')], options);
    expect(same).toMatchObject({ difference: { same: true, reordered: false }, exitStatus: 0 });
    for (const pair of [
      [target, join(folder, 'renewed.pem')],
      [join(folder, 'renewed.pem'), target],
    ]) {
      const stale = await inspectDiff(pair, options);
      expect(stale.exitStatus).toBe(20);
      expect(stale.causes).toMatchObject([{ code: 'stale-served-certificate', summary: expect.stringContaining('1 h 59 min newer') }]);
      expect(stale.difference.changed[0]?.changes.map(({ field }) => field)).toContain('serial');
    }
  });
});
