import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scan } from '../../src/lib/observe/scan/scan.js';
import { freePort, has, listening, makeFiles, PEERS, programPath, removeFiles, startPeer } from './peers.js';

/** Things that this machine's OpenSSL does not speak, found all the same. */
const files = makeFiles();
afterAll(() => removeFiles(files));
const target = (port: number) => ({ why: 'test', experiment: 'scan', address: '127.0.0.1', port, servername: 'localhost' });
const FAST = { rate: 300 };
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
  it('shows exactly its groups and schemes, those with ML-KEM included where it has them', async () => {
    const peer = PEERS.find(({ name }) => name.startsWith('Go')) as (typeof PEERS)[number];
    const go = Number(/go1\.(\d+)/.exec(execFileSync('go', ['env', 'GOVERSION']).toString())?.[1] ?? 0);
    const hybrids = go >= 26 ? ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'] : go >= 24 ? ['X25519MLKEM768'] : [];
    const server = await startPeer(peer, files, 'TLSv1.3', false);
    try {
      const fact = await scan(target(server.port), FAST);
      expect(fact.groups).toEqual([{ version: 'TLS 1.3', accepted: [...hybrids, 'x25519', 'secp256r1', 'secp384r1', 'secp521r1'] }]);
      expect(fact.signatureSchemes).toEqual([{ version: 'TLS 1.3', accepted: ['ecdsa_secp256r1_sha256'] }]);
      expect(fact.suites[0]?.accepted.map(({ name }) => name).sort()).toEqual([
        'TLS_AES_128_GCM_SHA256',
        'TLS_AES_256_GCM_SHA384',
        'TLS_CHACHA20_POLY1305_SHA256',
      ]);
      // Its own order, but for a client without AES in hardware.
      expect(fact.suites[0]?.preference).toBe('server');
    } finally {
      server.stop();
    }
  });

  it('is believed only for signatures that it made', async () => {
    const peer = PEERS.find(({ name }) => name.startsWith('Go')) as (typeof PEERS)[number];
    const server = await startPeer(peer, files, 'TLSv1.2', false);
    try {
      const fact = await scan(target(server.port), { ...FAST, certificateCurve: 'P-256' });
      const schemes = fact.signatureSchemes.find(({ version }) => version === 'TLS 1.2')?.accepted ?? [];
      // It says its ServerHello before it finds out that it cannot sign.
      expect(schemes).toContain('ecdsa_secp256r1_sha256');
      expect(schemes.filter((name) => !name.startsWith('ecdsa_'))).toEqual([]);
      expect(
        fact.groups
          .find(({ version }) => version === 'TLS 1.2')
          ?.accepted.slice()
          .sort(),
      ).toEqual(['secp256r1', 'secp384r1', 'secp521r1', 'x25519']);
    } finally {
      server.stop();
    }
  });
});

/** nginx with settings of which nothing is left to its defaults; what the scan says has to be what they say. */
const NARROW = [
  {
    what: 'the server decides',
    directives: 'ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; ssl_ecdh_curve X25519:secp384r1;',
    ciphers: ['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
    preference: 'server',
    versions: ['TLS 1.2'],
    groups: { 'TLS 1.2': ['secp384r1', 'x25519'] },
  },
  {
    what: 'the client decides',
    directives: 'ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers off; ssl_ecdh_curve prime256v1:secp521r1;',
    ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    preference: 'client',
    versions: ['TLS 1.3', 'TLS 1.2'],
    groups: { 'TLS 1.3': ['secp256r1', 'secp521r1'], 'TLS 1.2': ['secp256r1', 'secp521r1'] },
  },
  {
    what: 'old versions',
    directives: 'ssl_protocols TLSv1 TLSv1.1; ssl_prefer_server_ciphers on;',
    ciphers: ['ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA'],
    preference: 'server',
    versions: ['TLS 1.1', 'TLS 1.0'],
    groups: {},
  },
] as const;

suite('nginx')('nginx of narrow settings (skipped without nginx)', () => {
  it.each(NARROW)('$what: the scan says what the configuration says, and so does sslscan', async (narrow) => {
    const { port, stop } = await narrowNginx(narrow.directives, narrow.ciphers);
    try {
      const fact = await scan(target(port), { ...FAST, certificateCurve: 'P-256' });
      expect(fact.versions.filter(({ accepted }) => accepted).map(({ version }) => version)).toEqual(narrow.versions);
      for (const { version, accepted, preference } of fact.suites) {
        if (version === 'TLS 1.3') continue;
        const names = accepted.map(({ openssl }) => openssl);
        expect(preference).toBe(narrow.preference);
        if (preference === 'server') expect(names).toEqual(narrow.ciphers);
        else expect(names.slice().sort()).toEqual(narrow.ciphers.slice().sort());
      }
      expect(Object.fromEntries(fact.groups.map(({ version, accepted }) => [version, accepted.slice().sort()]))).toEqual(narrow.groups);
      if (!has('sslscan')) return;
      const second = sslscanSuites(port);
      const ours = fact.suites.flatMap(({ version, accepted }) => accepted.map(({ openssl }) => `${version} ${openssl}`));
      expect(ours.sort()).toEqual(second.sort());
    } finally {
      stop();
    }
  });
});

/** Suites that sslscan finds, as `TLS 1.2 ECDHE-…`. */
function sslscanSuites(port: number): string[] {
  const text = execFileSync('sslscan', ['--no-colour', '--no-heartbleed', '--no-groups', `127.0.0.1:${port}`]).toString();
  return [...text.matchAll(/^(?:Preferred|Accepted) +TLSv(1\.\d) +\d+ bits +(\S+)/gm)].map(([, version, name]) => `TLS ${version} ${name}`);
}

async function narrowNginx(directives: string, ciphers: readonly string[]): Promise<{ port: number; stop: () => void }> {
  const port = await freePort();
  const folder = join(files.directory, `nginx-${port}`);
  mkdirSync(folder);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  // Security level 0: else OpenSSL 3 has no signature for TLS 1.0 and 1.1.
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events { worker_connections 64; }
http { access_log off; ${temporary}
  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${files.chain}; ssl_certificate_key ${files.key};
    ${directives} ssl_ciphers ${ciphers.join(':')}:@SECLEVEL=0; } }
`,
  );
  const child = spawn(programPath('nginx') ?? 'nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', 'stderr']);
  await listening(port, child, () => '');
  return { port, stop: () => child.kill('SIGKILL') };
}
