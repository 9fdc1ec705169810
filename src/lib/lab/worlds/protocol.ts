import type { Bench } from '../bench.js';
import { runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import type { TlsServerSettings } from '../servers/tls-server.js';
import { extensionOf } from '../servers/tls-server.js';
import type { RunningWorld, WorldFlags } from '../world.js';

const HANDSHAKE_FAILURE = 40;
const PROTOCOL_VERSION = 70;
const INTERNAL_ERROR = 80;
const UNRECOGNIZED_NAME = 112;

interface Mismatch {
  server: Partial<TlsServerSettings>;
  flags: WorldFlags;
  fix: string;
  healed?: Partial<TlsServerSettings>;
  healedFlags?: WorldFlags;
}

async function mismatch(bench: Bench, plan: Mismatch): Promise<RunningWorld> {
  return runTlsWorld({
    settings: bench.settings(plan.server),
    flags: { ca: [await bench.rootFile()], ...plan.flags },
    fix: plan.fix,
    ...(plan.healed === undefined ? {} : { healed: plan.healed }),
    ...(plan.healedFlags === undefined ? {} : { healedFlags: plan.healedFlags }),
  });
}

/** Whether a ClientHello offers TLS 1.3. */
function offersTls13(message: Buffer): boolean {
  const versions = extensionOf(message, 43);
  return versions?.includes(Buffer.from([3, 4])) === true;
}

const ONLY_13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;
const ONLY_12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const ALLOW_12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;

export const protocolWorlds = [
  defineWorld({
    name: 'version-mismatch',
    title: 'the server speaks TLS 1.3 only, the client at most 1.2',
    expected: broken('version-mismatch', 'client'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    demo: true,
    start: (bench) =>
      mismatch(bench, {
        server: ONLY_13,
        flags: { maxVersion: '1.2' },
        fix: 'ssl_protocols TLSv1.2 TLSv1.3;   # or a client that speaks 1.3',
        healed: ALLOW_12,
      }),
  }),
  defineWorld({
    name: 'version-mismatch-gnutls',
    title: 'the same in the words of GnuTLS: handshake_failure',
    expected: broken('version-mismatch', 'client'),
    versions: ['TLSv1.3'],
    stack: 'gnutls',
    start: (bench) =>
      mismatch(bench, {
        server: {
          ...ONLY_13,
          onClientHello: ({ message }) => (offersTls13(message) ? undefined : { do: 'alert', description: HANDSHAKE_FAILURE }),
        },
        flags: { maxVersion: '1.2' },
        fix: 'ssl_protocols TLSv1.2 TLSv1.3;   # or a client that speaks 1.3',
        healed: { ...ALLOW_12, onClientHello: () => undefined },
      }),
  }),
  defineWorld({
    name: 'version-mismatch-server-old',
    title: 'the server speaks up to TLS 1.2, the client insists on 1.3',
    expected: broken('version-mismatch', 'server'),
    versions: ['TLSv1.2'],
    stack: 'openssl',
    start: (bench) =>
      mismatch(bench, {
        server: ONLY_12,
        flags: { minVersion: '1.3' },
        fix: 'ssl_protocols TLSv1.2 TLSv1.3;   # then reload the server',
        healed: ALLOW_12,
      }),
  }),
  defineWorld({
    name: 'version-mismatch-legacy',
    title: 'the server stayed at TLS 1.1',
    expected: broken('version-mismatch', 'server'),
    versions: ['TLSv1.2'],
    stack: 'openssl',
    start: (bench) =>
      mismatch(bench, {
        server: {
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'ALL:@SECLEVEL=0',
          onClientHello: ({ message }) =>
            offersTls13(message) || message.readUInt16BE(4) > 0x0302 ? { do: 'alert', description: PROTOCOL_VERSION } : undefined,
        },
        flags: {},
        fix: 'ssl_protocols TLSv1.2 TLSv1.3;   # then reload the server',
        healed: { ...ALLOW_12, ciphers: 'DEFAULT', onClientHello: () => undefined },
      }),
  }),
  defineWorld({
    name: 'cipher-mismatch',
    title: 'no cipher suite in common (TLS 1.2)',
    expected: broken('cipher-mismatch', 'client'),
    versions: ['TLSv1.2'],
    stack: 'openssl',
    demo: true,
    start: (bench) =>
      mismatch(bench, {
        server: { ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
        flags: { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384', maxVersion: '1.2' },
        fix: "ssl_ciphers 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305';   # then reload the server",
        healed: { ciphers: 'DEFAULT' },
      }),
  }),
  defineWorld({
    name: 'cipher-mismatch-authentication',
    title: 'the client offers only RSA suites, the server has an ECDSA certificate',
    expected: broken('cipher-mismatch', 'client'),
    versions: ['TLSv1.2'],
    stack: 'openssl',
    start: (bench) =>
      mismatch(bench, {
        server: {},
        flags: { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384', maxVersion: '1.2' },
        fix: 'drop --ciphers, or give the server an RSA certificate besides',
        healedFlags: { ciphers: undefined },
      }),
  }),
  defineWorld({
    name: 'cipher-mismatch-tls13',
    title: 'no cipher suite in common (TLS 1.3)',
    expected: broken('cipher-mismatch', 'client'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    start: (bench) =>
      mismatch(bench, {
        server: { ciphers: 'TLS_AES_256_GCM_SHA384' },
        flags: { ciphers: 'TLS_CHACHA20_POLY1305_SHA256', minVersion: '1.3' },
        fix: 'drop --ciphers: TLS 1.3 needs no choice of suites',
        healedFlags: { ciphers: undefined },
      }),
  }),
  defineWorld({
    name: 'group-mismatch',
    title: 'no key exchange group in common',
    expected: broken('cipher-mismatch', 'client'),
    stack: 'openssl',
    start: (bench) =>
      mismatch(bench, {
        server: { groups: 'P-521' },
        flags: { groups: 'X25519:P-256' },
        fix: 'ssl_ecdh_curve X25519:P-256;   # then reload the server',
        healed: { groups: 'X25519:P-256:P-521' },
      }),
  }),
  defineWorld({
    name: 'signature-mismatch',
    title: 'the client accepts RSA signatures only, the server has an ECDSA certificate',
    expected: broken('cipher-mismatch', 'client'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    start: (bench) =>
      mismatch(bench, {
        server: {},
        flags: { sigalgs: 'rsa_pss_rsae_sha256:rsa_pkcs1_sha256' },
        fix: 'drop --sigalgs, or give the server an RSA certificate',
        healedFlags: { sigalgs: undefined },
      }),
  }),
  defineWorld({
    name: 'alpn-mismatch',
    title: 'the client speaks http/1.1, the server h2 only',
    expected: broken('alpn-mismatch', 'client'),
    stack: 'openssl',
    demo: true,
    start: (bench) =>
      mismatch(bench, {
        server: { alpn: ['h2'] },
        flags: { alpn: 'http/1.1' },
        fix: '--alpn h2   # or let the server offer http/1.1 too',
        healed: { alpn: ['h2', 'http/1.1'] },
      }),
  }),
  defineWorld({
    name: 'sni-rejected',
    title: 'the server does not know the name in the SNI',
    expected: broken('sni-rejected', 'server'),
    stack: 'nginx',
    demo: true,
    start: (bench) => mismatch(bench, sniRejecting(UNRECOGNIZED_NAME)),
  }),
  defineWorld({
    name: 'sni-rejected-go',
    title: 'the same in the words of Go: internal_error',
    expected: broken('sni-rejected', 'server'),
    stack: 'go',
    start: (bench) => mismatch(bench, sniRejecting(INTERNAL_ERROR)),
  }),
  defineWorld({
    name: 'sni-required',
    title: 'called by address, without SNI, where the server wants a name',
    expected: broken('sni-rejected', 'client', { accept: ['san-mismatch'] }),
    stack: 'haproxy',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({
          onClientHello: ({ servername }) => (servername === undefined ? { do: 'alert', description: UNRECOGNIZED_NAME } : undefined),
        }),
        flags: { ca: [await bench.rootFile()] },
        host: '127.0.0.1',
        fix: '--servername ledger.payments.svc',
        healedFlags: { servername: 'ledger.payments.svc' },
      }),
  }),
];

/** Refuses the name the client asks for, until it is added to the server's sites. */
function sniRejecting(description: number): Mismatch {
  return {
    server: { onClientHello: ({ servername }) => (servername === 'ledger.payments.svc' ? undefined : { do: 'alert', description }) },
    flags: {},
    fix: 'server_name localhost ledger.payments.svc;   # then reload the server',
    healed: { onClientHello: () => undefined },
  };
}
