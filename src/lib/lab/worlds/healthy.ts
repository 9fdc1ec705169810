import { createPrivateKey } from 'node:crypto';
import { signAuthority } from '../../ca/authority.js';
import { generateKeyPair, keyPairFrom } from '../../ca/key-pair.js';
import type { Bench } from '../bench.js';
import { credentialsOf, DAY, runTlsWorld } from '../bench.js';
import { defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import { deeper } from '../odd-certificates.js';
import { certificatesIn } from '../pem-list.js';
import type { TlsServerSettings } from '../servers/tls-server.js';
import type { RunningWorld, World, WorldFlags } from '../world.js';

interface Variant {
  name: string;
  title: string;
  stack?: string;
  versions?: World['versions'];
  host?: string;
  make(
    bench: Bench,
  ): Promise<{ settings?: Partial<TlsServerSettings>; flags?: WorldFlags }> | { settings?: Partial<TlsServerSettings>; flags?: WorldFlags };
}

/** Servers in good order that a careless check calls broken: none of them may raise a cause. */
const VARIANTS: readonly Variant[] = [
  { name: 'healthy', title: 'everything is in order', make: () => ({}) },
  {
    name: 'healthy-rsa',
    title: 'an RSA certificate',
    make: (bench) => ({ settings: { credentials: bench.server({ keyPair: generateKeyPair('rsa-2048') }) } }),
  },
  {
    name: 'healthy-p384',
    title: 'a P-384 certificate',
    make: (bench) => ({ settings: { credentials: bench.server({ keyType: 'p384' }) } }),
  },
  {
    name: 'healthy-ed25519',
    title: 'an Ed25519 certificate',
    make: (bench) => ({ settings: { credentials: bench.server({ keyType: 'ed25519' }) } }),
  },
  { name: 'healthy-ip', title: 'called by address, and the address is in the certificate', host: '127.0.0.1', make: () => ({}) },
  {
    name: 'healthy-wildcard',
    title: 'a wildcard that covers the name',
    make: (bench) => ({
      settings: { credentials: bench.server({ names: ['*.payments.svc'] }) },
      flags: { servername: 'ledger.payments.svc' },
    }),
  },
  {
    name: 'healthy-no-common-name',
    title: 'an empty subject, names only in the SAN',
    make: (bench) => ({ settings: { credentials: bench.server({ commonName: null }) } }),
  },
  {
    name: 'healthy-wrong-order',
    title: 'the chain is sent in the wrong order',
    make: (bench) => {
      const deep = threeLevels(bench);
      const [leaf = '', issuing = '', between = ''] = certificatesIn(deep.chain);
      return { settings: { credentials: { chain: leaf + between + issuing, key: deep.key } } };
    },
  },
  {
    name: 'healthy-root-sent',
    title: 'the root is sent along',
    make: (bench) => {
      const good = bench.server();
      return { settings: { credentials: { ...good, chain: good.chain + bench.authority.root.pem } } };
    },
  },
  {
    name: 'healthy-extra-certificates',
    title: 'certificates that nobody needs are sent along, the intermediate twice',
    make: (bench) => {
      const good = bench.server();
      const extra = bench.newAuthority({ name: 'Unrelated' });
      return { settings: { credentials: { ...good, chain: good.chain + bench.authority.intermediate.pem + extra.intermediate.pem } } };
    },
  },
  {
    name: 'healthy-expired-extra',
    title: 'an expired intermediate that no path needs is sent along',
    make: (bench) => {
      const good = bench.server();
      const stale = bench.newAuthority({
        name: 'Retired',
        now: bench.now - 800 * DAY,
        lifetimes: { intermediateSeconds: (100 * DAY) / 1000 },
      });
      return { settings: { credentials: { ...good, chain: good.chain + stale.intermediate.pem } } };
    },
  },
  {
    name: 'healthy-cross-signed',
    title: 'a new root, cross-signed by the old one that the caller has',
    make: async (bench) => {
      const old = bench.newAuthority({ name: 'Old' });
      const { root } = bench.authority;
      const cross = signAuthority(
        {
          commonName: root.commonName,
          keyType: 'p256',
          keyPair: keyPairFrom(root.key, root.spki),
          notBefore: bench.now - DAY,
          notAfter: bench.now + 365 * DAY,
          pathLength: 1,
        },
        { ...old.root, pathLength: undefined },
      );
      const good = bench.server();
      return {
        settings: { credentials: { ...good, chain: good.chain + cross.pem } },
        flags: { ca: [await bench.rootFile(old, 'old.crt')] },
      };
    },
  },
  {
    name: 'healthy-bundle',
    title: 'a trust bundle with expired and unrelated roots besides the right one',
    make: async (bench) => {
      const retired = bench.newAuthority({
        now: bench.now - 800 * DAY,
        lifetimes: { rootSeconds: (400 * DAY) / 1000, intermediateSeconds: (200 * DAY) / 1000 },
      });
      return {
        flags: {
          ca: [
            await bench.file(
              'bundle.crt',
              bench.newAuthority({ name: 'Unrelated' }).root.pem + retired.root.pem + bench.authority.root.pem,
            ),
          ],
        },
      };
    },
  },
  {
    name: 'healthy-intermediate-given',
    title: 'the server sends no intermediate, but the caller has it',
    make: async (bench) => {
      const good = bench.server();
      return {
        settings: { credentials: { ...good, chain: certificatesIn(good.chain)[0] ?? '' } },
        flags: { intermediates: [await bench.file('intermediate.crt', bench.authority.intermediate.pem)] },
      };
    },
  },
  {
    name: 'healthy-short-lived',
    title: 'a certificate of one hour, a quarter of it used',
    make: (bench) => ({
      settings: { credentials: bench.server({ notBefore: bench.now - 15 * 60_000, notAfter: bench.now + 45 * 60_000 }) },
    }),
  },
  {
    name: 'healthy-h2',
    title: 'h2 and http/1.1 on offer',
    make: () => ({ settings: { alpn: ['h2', 'http/1.1'] }, flags: { alpn: 'http/1.1' } }),
  },
  {
    name: 'healthy-both-versions',
    title: 'TLS 1.2 and 1.3 together',
    versions: ['TLSv1.3'],
    make: () => ({ settings: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } }),
  },
  {
    name: 'healthy-hello-retry',
    title: 'the server wants another group first (HelloRetryRequest)',
    versions: ['TLSv1.3'],
    make: () => ({ settings: { groups: 'P-384' } }),
  },
  {
    name: 'healthy-spiffe',
    title: 'a SPIFFE ID as expected',
    make: (bench) => ({
      settings: { credentials: bench.server({ sans: [{ kind: 'uri', value: 'spiffe://corp.example/ns/payments/sa/ledger' }] }) },
      flags: { spiffeId: 'spiffe://corp.example/ns/payments/sa/ledger' },
    }),
  },
  {
    name: 'healthy-expect-cert',
    title: 'the certificate served is the one on disk',
    make: async (bench) => {
      const issued = bench.issue({ profile: 'server' });
      return { settings: { credentials: credentialsOf(issued) }, flags: { expectCert: await bench.file('server.crt', issued.chainPem) } };
    },
  },
  {
    name: 'healthy-slow',
    title: 'the server takes a third of a second to answer',
    make: () => ({ settings: { onClientHello: () => ({ do: 'wait', ms: 300 }) } }),
  },
  ...(['openssl', 'go', 'nginx', 'gnutls', 'jsse'] as const).map(
    (stack): Variant => ({
      name: `healthy-mtls-${stack}`,
      title: 'mutual TLS, and our certificate is accepted',
      stack,
      make: async (bench) => {
        const { cert, key } = await bench.client();
        return { settings: { clientAuth: mutualTls(bench, stack) }, flags: { cert, key } };
      },
    }),
  ),
  {
    name: 'healthy-mtls-optional',
    title: 'a client certificate is welcome, ours is accepted',
    stack: 'openssl',
    make: async (bench) => {
      const { cert, key } = await bench.client();
      return { settings: { clientAuth: mutualTls(bench, 'openssl', { mode: 'optional' }) }, flags: { cert, key } };
    },
  },
  {
    name: 'healthy-mtls-peer-profile',
    title: 'mutual TLS with one certificate for both ends',
    stack: 'go',
    make: async (bench) => {
      const { cert, key } = await bench.client({ profile: 'peer' });
      return { settings: { credentials: bench.server({ profile: 'peer' }), clientAuth: mutualTls(bench, 'go') }, flags: { cert, key } };
    },
  },
  {
    name: 'healthy-mtls-encrypted-key',
    title: 'mutual TLS with an encrypted key and its passphrase',
    stack: 'openssl',
    make: async (bench) => {
      const issued = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
      const key = createPrivateKey(issued.keyPem ?? '').export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'correct horse',
      });
      const pair = await bench.pair('encrypted', issued.chainPem, key.toString());
      return {
        settings: { clientAuth: mutualTls(bench, 'openssl') },
        flags: { ...pair, passphraseFile: await bench.file('passphrase', 'correct horse\n') },
      };
    },
  },
];

/** A leaf below two intermediates. */
function threeLevels(bench: Bench): { chain: string; key: string } {
  const top = bench.newAuthority({ pathLength: 1 });
  bench.adopt(top);
  const { authority, between } = deeper(top, { pathLength: 0 });
  const leaf = bench.server({}, {}, authority);
  return { ...leaf, chain: leaf.chain + between.pem };
}

export const healthyWorlds: readonly World[] = VARIANTS.map((variant) =>
  defineWorld({
    name: variant.name,
    title: variant.name === 'healthy' ? variant.title : `nothing stands in the way: ${variant.title}`,
    expected: { outcome: 'healthy' },
    stack: variant.stack ?? 'node',
    ...(variant.versions === undefined ? {} : { versions: variant.versions }),
    ...(variant.name === 'healthy' ? { demo: true } : {}),
    start: (bench) => startVariant(bench, variant),
  }),
);

async function startVariant(bench: Bench, variant: Variant): Promise<RunningWorld> {
  const { settings = {}, flags = {} } = await variant.make(bench);
  return runTlsWorld({
    settings: bench.settings(settings),
    flags: { ca: [await bench.rootFile()], ...flags },
    fix: 'nothing to mend',
    ...(variant.host === undefined ? {} : { host: variant.host }),
  });
}
