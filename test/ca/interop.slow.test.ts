import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IssueDocument } from '../../src/lib/ca/documents.js';
import { KEY_TYPES, type KeyType } from '../../src/lib/ca/key-pair.js';
import { initAuthority } from '../../src/lib/operations/ca-init.js';
import { issue } from '../../src/lib/operations/issue.js';
import { mutualHandshake } from './handshake.js';
import { installed, scratchFolder } from './openssl.js';

const scratch = scratchFolder();
afterAll(scratch.remove);
const PEERS = fileURLToPath(new URL('./peers/', import.meta.url));
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof VERSIONS)[number];
const SERVER = 'api.internal';
const CLIENT = 'alice@example.com';

type Files = IssueDocument['files'];
interface Material {
  server: { pem: Files; p12: Files };
  client: { pem: Files; p12: Files };
}

/** One authority and its two pairs for each key type, all made with that type. */
const material = new Map<KeyType, Material>();
beforeAll(() => {
  for (const keyType of KEY_TYPES) {
    const folder = join(scratch.path, keyType, 'ca');
    initAuthority({
      folder,
      name: 'Test',
      keyType,
      rootKey: { protection: 'none' },
      permit: ['internal', '@example.com'],
      now: Date.now(),
    });
    const make = (name: string, profile: 'server' | 'client', format: 'pem' | 'p12') =>
      issue({ folder, names: [name], profile, keyType, out: join(scratch.path, keyType, profile), format, force: false, now: Date.now() })
        .files;
    material.set(keyType, {
      server: { pem: make(SERVER, 'server', 'pem'), p12: make(SERVER, 'server', 'p12') },
      client: { pem: make(CLIENT, 'client', 'pem'), p12: make(CLIENT, 'client', 'p12') },
    });
  }
}, 300_000);

const read = (path: string | undefined) => fs.readFileSync(path as string, 'utf8');
const nodeMaterial = (files: Files) => ({ cert: read(files.certificate), key: read(files.key), ca: read(files.bundle) });

/** Another maker's TLS stack: the command lines of its two roles. */
interface Peer {
  server(files: Material['server'], version: Version): string[];
  client(files: Material['client'], version: Version, address: string): string[];
}

/** A foreign server that verifies, a Node client that verifies. Returns what the server says it knows of the client. */
async function againstServer(peer: Peer, { server, client }: Material, version: Version): Promise<string> {
  const [file, ...args] = peer.server(server, version) as [string, ...string[]];
  const child = spawn(file, args);
  try {
    const address = await firstLine(child, /127\.0\.0\.1:(\d+)/);
    const socket = tls.connect({
      ...nodeMaterial(client.pem),
      host: '127.0.0.1',
      port: Number(address),
      servername: SERVER,
      minVersion: version,
      maxVersion: version,
    });
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      // s_server waits for more; one line is enough.
      if (/hello .+/.test(text)) socket.end();
    });
    await once(socket, 'close');
    return text;
  } finally {
    child.kill();
  }
}

/** A Node server that verifies, a foreign client that verifies. Returns what the client printed. */
async function againstClient(peer: Peer, { server, client }: Material, version: Version): Promise<string> {
  const listener = tls.createServer(
    { ...nodeMaterial(server.pem), requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version },
    (socket) => {
      socket.on('error', () => undefined);
      socket.end(`hello ${socket.getPeerCertificate().subject.CN}`);
    },
  );
  listener.on('tlsClientError', () => undefined);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  try {
    const [file, ...args] = peer.client(client, version, `127.0.0.1:${(listener.address() as AddressInfo).port}`) as [string, ...string[]];
    const child = spawn(file, args);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.stdin.end();
    await once(child, 'close');
    return text;
  } finally {
    listener.close();
  }
}

async function firstLine(child: ChildProcessWithoutNullStreams, wanted: RegExp): Promise<string> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const found = wanted.exec(text);
    if (found !== null) return found[1] as string;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the server did not come up: ${text}`);
}

const pem = (files: Files) => [files.certificate, files.key, files.bundle] as string[];
const script = (start: string[]): Peer => ({
  server: ({ pem: files }, version) => [...start, 'server', ...pem(files), version],
  client: ({ pem: files }, version, address) => [...start, 'client', ...pem(files), version, address, SERVER],
});

const goProgram = join(scratch.path, 'peer-go');
const hasGo =
  installed('go') &&
  spawnSync('go', ['build', '-o', goProgram, join(PEERS, 'peer.go')], { env: { ...process.env, GOFLAGS: '-mod=mod', GO111MODULE: 'off' } })
    .status === 0;
const hasJava = installed('javac', ['-version']) && spawnSync('javac', ['-d', scratch.path, join(PEERS, 'Peer.java')]).status === 0;
const stores = (files: Files) => [files.keyStore, files.trustStore, files.passphrase] as string[];

const flag = (version: Version) => (version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3');
const opensslPeer: Peer = {
  // A shell that says the port: s_server prints "ACCEPT 127.0.0.1:PORT" itself.
  server: ({ pem: files }, version) => [
    'openssl',
    's_server',
    '-accept',
    '127.0.0.1:0',
    flag(version),
    '-cert',
    files.certificate as string,
    '-cert_chain',
    files.certificate as string,
    '-key',
    files.key as string,
    '-CAfile',
    files.bundle,
    '-Verify',
    '3',
    '-verify_return_error',
    '-x509_strict',
    '-www',
  ],
  client: ({ pem: files }, version, address) => [
    'openssl',
    's_client',
    '-connect',
    address,
    flag(version),
    '-cert',
    files.certificate as string,
    '-cert_chain',
    files.certificate as string,
    '-key',
    files.key as string,
    '-CAfile',
    files.bundle,
    '-verify_return_error',
    '-x509_strict',
    '-verify_hostname',
    SERVER,
    '-servername',
    SERVER,
    '-ign_eof',
  ],
};

const PEER_PROGRAMS: [string, boolean, Peer][] = [
  ['Go', hasGo, script([goProgram])],
  ['Python', installed('python3', ['--version']), script(['python3', join(PEERS, 'peer.py')])],
  [
    'Java',
    hasJava,
    {
      server: ({ p12 }, version) => ['java', '-cp', scratch.path, 'Peer', 'server', ...stores(p12), version],
      client: ({ p12 }, version, address) => ['java', '-cp', scratch.path, 'Peer', 'client', ...stores(p12), version, address, SERVER],
    },
  ],
];

for (const keyType of KEY_TYPES) {
  describe(keyType, () => {
    for (const version of VERSIONS) {
      it(`Node and Node over ${version}`, async () => {
        const { server, client } = material.get(keyType) as Material;
        const result = await mutualHandshake(nodeMaterial(server.pem), nodeMaterial(client.pem), SERVER, version);
        expect(result).toEqual({ protocol: version, client: CLIENT, authorized: true });
      });

      it.skipIf(!installed('openssl'))(`openssl s_client over ${version}`, async () => {
        const text = await againstClient(opensslPeer, material.get(keyType) as Material, version);
        expect(text).toContain(`hello ${CLIENT}`);
        expect(text).toContain('Verify return code: 0 (ok)');
      });

      it.skipIf(!installed('openssl'))(`openssl s_server over ${version}`, async () => {
        const { server, client } = material.get(keyType) as Material;
        const [file, ...args] = opensslPeer.server(server, version) as [string, ...string[]];
        const child = spawn(file, args);
        try {
          const port = await firstLine(child, /ACCEPT 127\.0\.0\.1:(\d+)/);
          const socket = tls.connect(
            {
              ...nodeMaterial(client.pem),
              host: '127.0.0.1',
              port: Number(port),
              servername: SERVER,
              minVersion: version,
              maxVersion: version,
            },
            () => socket.write('GET / HTTP/1.0\r\n\r\n'),
          );
          let page = '';
          socket.setEncoding('utf8').on('data', (part: string) => (page += part));
          await once(socket, 'close');
          expect(page).toMatch(/Verify return code: 0 \(ok\)/);
          expect(page).toContain(CLIENT);
        } finally {
          child.kill();
        }
      });

      for (const [name, there, peer] of PEER_PROGRAMS) {
        it.skipIf(!there)(`${name} server over ${version}`, async () => {
          expect(await againstServer(peer, material.get(keyType) as Material, version)).toBe(`hello ${CLIENT}`);
        });
        it.skipIf(!there)(`${name} client over ${version}`, async () => {
          expect(await againstClient(peer, material.get(keyType) as Material, version)).toContain(`hello ${CLIENT}`);
        });
      }
    }
  });
}
