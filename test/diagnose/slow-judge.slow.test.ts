import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { diagnose } from '../../src/lib/operations/diagnose.js';

/** A JVM that judges its first client certificates slowly was once called open: silence through the quiet window is no acceptance. */
const authority = createAuthority({});
const own = issueCertificate(authority, { names: ['localhost'], profile: 'server' });
const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-slow-judge-'));
const ca = join(folder, 'ca.crt');
let server: Server;
let letStrangersIn = false;

beforeAll(async () => {
  writeFileSync(ca, authority.root.pem);
  server = createServer(
    { cert: own.chainPem, key: own.keyPem ?? '', ca: authority.root.pem, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      socket.on('error', () => socket.destroy());
      if (socket.getPeerX509Certificate() === undefined) socket.destroy();
      else if (!letStrangersIn) setTimeout(() => socket.destroy(), 1900);
    },
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const look = () =>
  diagnose({
    target: `localhost:${(server.address() as AddressInfo).port}`,
    connect: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    ca: [ca],
    expectMtls: true,
    fetch: false,
  });

describe('a server that refuses strangers after two seconds', () => {
  it('is not called open', async () => {
    const { document } = await look();
    expect(document.handshakes.map(({ experiment }) => experiment)).toContain('client-untrusted-patient');
    expect(document.causes.map(({ code }) => code)).not.toContain('client-auth-not-enforced');
  });
  it('and one that stays silent is, as likely', async () => {
    letStrangersIn = true;
    const { document } = await look();
    const open = document.causes.find(({ code }) => code === 'client-auth-not-enforced');
    expect(open?.confidence).toBe('likely');
  });
});
