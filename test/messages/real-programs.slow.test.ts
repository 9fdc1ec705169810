import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classOf } from '../../src/lib/cause.js';
import { allWorlds } from '../../src/lib/lab/registry.js';
import type { World } from '../../src/lib/lab/world.js';
import { explainText, type Told } from '../../src/lib/messages/explain.js';

/**
 * Real programs against the lab's broken servers: what they print has to be taken for what is wrong there. No text of theirs is written down
 * here, so that a new version of a program is met as it is.
 */

interface Files {
  ca: string;
  cert: string;
  key: string;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-real-'));
  writeFileSync(
    join(folder, 'get.py'),
    `import ssl, sys, urllib.request
url, ca, cert, key = sys.argv[1:5]
context = ssl.create_default_context(cafile=ca or None)
if cert: context.load_cert_chain(cert, key)
print(urllib.request.urlopen(url, context=context, timeout=4).status)
`,
  );
  writeFileSync(
    join(folder, 'get.cjs'),
    `const fs = require('fs');
const [url, ca, cert, key] = process.argv.slice(2);
const options = { timeout: 4000 };
if (ca) options.ca = fs.readFileSync(ca);
if (cert) Object.assign(options, { cert: fs.readFileSync(cert), key: fs.readFileSync(key) });
require('https').get(url, options, (response) => response.resume()).on('timeout', function () { this.destroy(new Error('connect ETIMEDOUT')); }).on('error', (error) => { console.error(error); process.exitCode = 1; });
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAMS: Record<string, (host: string, port: string, files: Files) => string[]> = {
  openssl: (host, port, { ca, cert, key }) => [
    'openssl',
    's_client',
    '-connect',
    `${host}:${port}`,
    '-servername',
    host,
    '-verify_return_error',
    '-verify_hostname',
    host,
    ...(ca ? ['-CAfile', ca] : []),
    ...(cert ? ['-cert', cert, '-cert_chain', cert, '-key', key] : []),
  ],
  curl: (host, port, { ca, cert, key }) => [
    'curl',
    '-sS',
    '--max-time',
    '4',
    '-o',
    '/dev/null',
    ...(ca ? ['--cacert', ca] : []),
    ...(cert ? ['--cert', cert, '--key', key] : []),
    `https://${host}:${port}/`,
  ],
  wget: (host, port, { ca, cert, key }) => [
    'wget',
    '-nv',
    '-O',
    '/dev/null',
    '-T',
    '4',
    '-t',
    '1',
    ...(ca ? [`--ca-certificate=${ca}`] : []),
    ...(cert ? [`--certificate=${cert}`, `--private-key=${key}`] : []),
    `https://${host}:${port}/`,
  ],
  'gnutls-cli': (host, port, { ca, cert, key }) => [
    'gnutls-cli',
    '-p',
    port,
    host,
    ...(ca ? [`--x509cafile=${ca}`] : []),
    ...(cert ? [`--x509certfile=${cert}`, `--x509keyfile=${key}`] : []),
  ],
  python3: (host, port, { ca, cert, key }) => ['python3', join(folder, 'get.py'), `https://${host}:${port}/`, ca, cert, key],
  node: (host, port, { ca, cert, key }) => ['node', join(folder, 'get.cjs'), `https://${host}:${port}/`, ca, cert, key],
};
const installed = Object.keys(PROGRAMS).filter((name) => spawnSync('which', [name]).status === 0);

function run([command = '', ...args]: string[]): Promise<{ text: string; status: number | null }> {
  const env = { ...process.env };
  for (const name of ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'NODE_OPTIONS']) delete env[name];
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let text = '';
    const take = (data: Buffer) => {
      if (text.length < 20_000) text += data.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.stdin.on('error', () => undefined);
    // Clients that read their input stay until it ends; a late refusal (TLS 1.3) needs a moment to arrive.
    const end = setTimeout(() => child.stdin.end(), 400);
    const kill = setTimeout(() => child.kill('SIGKILL'), 8000);
    child.once('close', (status) => {
      clearTimeout(end);
      clearTimeout(kill);
      resolve({ text, status });
    });
  });
}

/** What cannot show in a client's words: a wrong clock here, revocation nobody checks, deployments, files; servers that refuse without a word. */
const UNSPOKEN = new Set(['clock-skew', 'deployment', 'revocation', 'key-material']);
/** Refusals above TLS: these programs speak HTTP, and a 403 or an IMAP server's greeting is no word about certificates. */
const MUTE = new Set(['mute', 'nginx', 'none', 'forbidding', 'dovecot']);
/** Here the program itself refuses to load the file, before the server can. */
const REFUSED_AT_HOME = new Set(['client-cert-rejected-weak-key']);

const speaking = allWorlds.filter(
  ({ name, expected, stack }) =>
    expected.outcome === 'broken' && !UNSPOKEN.has(expected.class) && !MUTE.has(stack) && !REFUSED_AT_HOME.has(name),
);
const healthy = allWorlds.filter(
  ({ expected, name }) => expected.outcome === 'healthy' && /^healthy-(?:plain|rsa|ecdsa|ed25519|mtls|many|chain|tls)/.test(name),
);

async function meet(world: World, look: (name: string, told: Told[], text: string, status: number | null) => void): Promise<void> {
  const version = world.versions.at(-1);
  if (version === undefined) return;
  const running = await world.start({ directory: join(folder, world.name), now: Date.now() }, version);
  try {
    const { flags, target } = running;
    const [, host, port] = /^([^:]+):(\d+)$/.exec(target) ?? [];
    if (
      host === undefined ||
      port === undefined ||
      flags.starttls !== undefined ||
      flags.connect !== undefined ||
      flags.p12 !== undefined ||
      flags.passphraseFile !== undefined
    )
      return;
    // What only our flags ask for (names, versions, suites) the programs do not know of.
    if (
      [
        'hostname',
        'spiffeId',
        'trustDomain',
        'servername',
        'minVersion',
        'maxVersion',
        'ciphers',
        'groups',
        'sigalgs',
        'alpn',
        'intermediates',
      ].some((flag) => flag in flags)
    )
      return;
    const files = { ca: flags.ca?.[0] ?? '', cert: flags.cert ?? '', key: flags.key ?? '' };
    await Promise.all(
      installed.map(async (name) => {
        const { text, status } = await run((PROGRAMS[name] as (typeof PROGRAMS)[string])(host, port, files));
        look(name, explainText(text, new Date()), text, status);
      }),
    );
  } finally {
    await running.close();
  }
}

describe(`what ${installed.join(', ')} print`, () => {
  it('in broken worlds is taken for what is wrong, or leaves it open', async () => {
    let met = 0;
    let classes = 0;
    const missed: string[] = [];
    for (const world of speaking) {
      const { expected } = world;
      if (expected.outcome !== 'broken') continue;
      const right = new Set<string>([expected.code, ...(expected.accept ?? []), ...(expected.also ?? [])]);
      await meet(world, (name, told, text, status) => {
        // A program that saw nothing wrong says nothing to be explained.
        if (status === 0 || text.trim() === '') return;
        met += 1;
        const [top] = told;
        if (top !== undefined && [top.code, ...top.also].some((code) => right.has(code))) {
          if ([...right].some((code) => classOf(code as never) === classOf(top.code))) classes += 1;
        } else missed.push(`${world.name} by ${name}: ${top?.code ?? 'nothing'}\n${text.slice(-400)}`);
      });
    }
    const share = 1 - missed.length / met;
    console.log(
      `${met} texts of ${installed.length} programs: ${(100 * share).toFixed(1)} % right or left open, class of the first ${((100 * classes) / met).toFixed(1)} %`,
    );
    expect(met).toBeGreaterThan(60);
    expect(share, missed.join('\n---\n')).toBeGreaterThan(0.96);
    expect(classes / met).toBeGreaterThan(0.9);
  });

  it('in healthy worlds is no failure', async () => {
    expect(healthy.length).toBeGreaterThan(3);
    const alarms: string[] = [];
    for (const world of healthy) {
      await meet(world, (name, told, text, status) => {
        if (status === 0 && told.length > 0)
          alarms.push(`${world.name} by ${name}: ${told[0]?.code}\n${told[0]?.sample}\n${text.slice(-200)}`);
      });
    }
    expect(alarms).toEqual([]);
  });
});
