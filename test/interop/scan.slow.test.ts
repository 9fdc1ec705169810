import { spawn } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { scan } from '../../src/lib/observe/scan/scan.js';
import { freePort, has, listening, makeFiles, PEERS, programPath, removeFiles, startPeer } from './peers.js';

/** Things that this machine's OpenSSL does not speak, found all the same. */
const files = makeFiles();
afterAll(() => removeFiles(files));
const target = (port: number) => ({ why: 'test', experiment: 'scan', address: '127.0.0.1', port, servername: 'localhost' });
const suite = (program: string) => (has(program) || process.env.CI ? describe : describe.skip);

suite('gnutls-serv')('gnutls-serv with old suites switched on (skipped without gnutls-serv)', () => {
  it('is caught with RC4, 3DES and TLS 1.0', async () => {
    const port = await freePort();
    const child = spawn(programPath('gnutls-serv') ?? 'gnutls-serv', [
      '--port',
      String(port),
      '--x509certfile',
      files.chain,
      '--x509keyfile',
      files.key,
      '--http',
      '--quiet',
      '--disable-client-cert',
      '--priority',
      'NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+SHA1',
    ]);
    try {
      await listening(port, child, () => '');
      const fact = await scan(target(port), { rate: 300 });
      expect(fact.versions.filter(({ accepted }) => accepted).map(({ version }) => version)).toEqual(['TLS 1.2', 'TLS 1.1', 'TLS 1.0']);
      const names = fact.suites.find(({ version }) => version === 'TLS 1.0')?.accepted.map(({ name }) => name);
      expect(names).toContain('TLS_ECDHE_ECDSA_WITH_RC4_128_SHA');
      expect(names).toContain('TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA');
      expect(fact.suites.flatMap(({ accepted }) => accepted).find(({ name }) => name.includes('RC4'))?.weak).toContain('RFC 7465');
    } finally {
      child.kill('SIGKILL');
    }
  });
});

suite('go')('a Go server (skipped without go)', () => {
  it('shows its groups, the post-quantum one included where it has it', async () => {
    const peer = PEERS.find(({ name }) => name.startsWith('Go'));
    const server = await startPeer(peer as (typeof PEERS)[number], files, 'TLSv1.3', false);
    try {
      const fact = await scan(target(server.port), { rate: 300 });
      const groups = fact.groups.find(({ version }) => version === 'TLS 1.3')?.accepted ?? [];
      expect(groups).toContain('x25519');
      expect(groups).toContain('secp256r1');
      expect(fact.suites[0]?.accepted.map(({ name }) => name).sort()).toEqual([
        'TLS_AES_128_GCM_SHA256',
        'TLS_AES_256_GCM_SHA384',
        'TLS_CHACHA20_POLY1305_SHA256',
      ]);
    } finally {
      server.stop();
    }
  });
});
