import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createCrl } from '../../ca/crl.js';
import { writePkcs12 } from '../../ca/pkcs12-writer.js';
import type { Bench } from '../bench.js';
import { credentialsOf, DAY, HOUR, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import { selfSignedServer, weakIntermediate } from '../odd-certificates.js';
import { certificatesIn } from '../pem-list.js';
import { startFileServer } from '../servers/http-server.js';
import type { TlsServerSettings } from '../servers/tls-server.js';
import { plainRecord } from '../wire/records.js';
import type { World, WorldFlags } from '../world.js';

/** What is easily taken for something else: harmless oddities that alarm, and faults that hide behind another one. */

const NOTHING = 'nothing to mend';

interface Harmless {
  name: string;
  title: string;
  versions?: World['versions'];
  make(bench: Bench): Promise<{ settings?: Partial<TlsServerSettings>; flags?: WorldFlags }>;
}

const HARMLESS: readonly Harmless[] = [
  {
    name: 'no-purpose',
    title: 'a certificate that does not limit its use: no extended key usage',
    make: async (bench) => ({ settings: { credentials: bench.server({}, { without: ['2.5.29.37'] }) } }),
  },
  {
    name: 'name-in-capitals',
    title: 'names compare without regard to case',
    make: async (bench) => ({
      settings: { credentials: bench.server({ sans: [{ kind: 'dns', value: 'LEDGER.Payments.svc' }] }) },
      flags: { servername: 'ledger.payments.SVC' },
    }),
  },
  {
    name: 'pinned-self-signed',
    title: 'a self-signed certificate that the caller trusts by name',
    make: async (bench) => {
      const own = selfSignedServer(bench.now);
      return { settings: { credentials: own }, flags: { ca: [await bench.file('pinned.crt', own.chain)] } };
    },
  },
  {
    name: 'forever',
    title: 'a certificate without end: 31 December 9999',
    make: async (bench) => ({ settings: { credentials: bench.server({ notAfter: Date.UTC(9999, 11, 31, 23, 59, 59) }) } }),
  },
  {
    name: 'warning-alert',
    title: 'the server first warns of the unknown name (alert of level warning), then goes on',
    versions: ['TLSv1.2'],
    make: async () => ({
      settings: {
        rewrite: () => {
          let warned = false;
          return (record) => {
            const as = Buffer.concat([record.header, record.body]);
            if (warned) return as;
            warned = true;
            return Buffer.concat([plainRecord(21, Buffer.from([1, 112])), as]);
          };
        },
      },
    }),
  },
  { name: 'not-found', title: 'HTTP 404 is no matter of TLS', make: async () => ({ settings: { httpStatus: 404 } }) },
  {
    name: 'bad-request',
    title: 'HTTP 400 without a word about certificates is none either',
    make: async () => ({ settings: { httpStatus: 400 } }),
  },
  { name: 'bad-gateway', title: 'nor is HTTP 502', make: async () => ({ settings: { httpStatus: 502 } }) },
  {
    name: 'greeting',
    title: 'a protocol that greets over TLS (IMAPS)',
    make: async () => ({ settings: { greeting: '* OK IMAP4rev1 ready\r\n' } }),
  },
  { name: 'mute-application', title: 'an application that never says a word over TLS', make: async () => ({ settings: { greeting: '' } }) },
  {
    name: 'h2-only',
    title: 'a server for h2 alone, called with h2',
    make: async () => ({ settings: { alpn: ['h2'], greeting: '' }, flags: { alpn: 'h2' } }),
  },
  {
    name: 'messy-bundle',
    title: 'a trust file with a byte order mark, remarks and Windows line ends',
    make: async (bench) => ({
      flags: {
        ca: [
          await bench.file(
            'messy.crt',
            `\uFEFFcompany roots\r\n\r\nsubject=Lab Root\r\n${bench.authority.root.pem.replaceAll('\n', '\r\n')}\r\n-- end --`,
          ),
        ],
      },
    }),
  },
  {
    name: 'der-bundle',
    title: 'a trust file in DER',
    make: async (bench) => ({ flags: { ca: [await bench.file('ca.der', bench.authority.root.der)] } }),
  },
  {
    name: 'mtls-sec1-key',
    title: 'mutual TLS with a key in the older SEC 1 form',
    make: async (bench) => {
      const issued = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
      const key = createPrivateKey(issued.keyPem ?? '').export({ type: 'sec1', format: 'pem' });
      return { settings: { clientAuth: mutualTls(bench, 'openssl') }, flags: await bench.pair('sec1', issued.chainPem, key.toString()) };
    },
  },
  {
    name: 'mtls-p12',
    title: 'mutual TLS with certificate and key in PKCS#12',
    make: async (bench) => ({
      settings: { clientAuth: mutualTls(bench, 'openssl') },
      flags: await p12(bench, 'correct horse', 'correct horse'),
    }),
  },
  {
    name: 'mtls-authority-unnamed',
    title: 'mutual TLS by a server that names no authorities, and ours is accepted',
    make: async (bench) => {
      const { cert, key } = await bench.client();
      return { settings: { clientAuth: mutualTls(bench, 'go', { named: [] }) }, flags: { cert, key } };
    },
  },
  {
    name: 'mtls-issuer-named',
    title: 'mutual TLS by a server that names the intermediate, not the root',
    make: async (bench) => {
      const { cert, key } = await bench.client();
      return { settings: { clientAuth: mutualTls(bench, 'go', { named: [bench.authority.intermediate.pem] }) }, flags: { cert, key } };
    },
  },
];

/** A PKCS#12 file made with one passphrase and opened with another one or the same. */
async function p12(bench: Bench, made: string, given: string): Promise<WorldFlags> {
  const issued = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
  const chain = certificatesIn(issued.chainPem).map((pem) => new Uint8Array(new X509Certificate(pem).raw));
  const pkcs8 = createPrivateKey(issued.keyPem ?? '').export({ type: 'pkcs8', format: 'der' });
  const bytes = writePkcs12({ chain, pkcs8, friendlyName: 'gateway' }, made);
  return { p12: await bench.file('client.p12', bytes), passphraseFile: await bench.file('passphrase', `${given}\n`) };
}

export const cornerWorlds: readonly World[] = [
  ...HARMLESS.map((one) =>
    defineWorld({
      name: `healthy-${one.name}`,
      title: `nothing stands in the way: ${one.title}`,
      expected: { outcome: 'healthy' },
      stack: 'node',
      ...(one.versions === undefined ? {} : { versions: one.versions }),
      start: async (bench) => {
        const { settings = {}, flags = {} } = await one.make(bench);
        return runTlsWorld({ settings: bench.settings(settings), flags: { ca: [await bench.rootFile()], ...flags }, fix: NOTHING });
      },
    }),
  ),
  defineWorld({
    name: 'revoked-by-distribution-point',
    title: 'the list at the address in the certificate has it',
    expected: broken('revoked', 'server'),
    stack: 'node',
    start: async (bench) => {
      const files: Record<string, Uint8Array> = {};
      const store = await startFileServer(files);
      const bad = bench.issue({ profile: 'server', cdp: [`${store.url}/ca.crl`] });
      files['/ca.crl'] = createCrl({
        issuer: bench.authority.intermediate,
        thisUpdate: bench.now - HOUR,
        nextUpdate: bench.now + DAY,
        number: 4,
        revoked: [{ serial: bad.serial, at: bench.now - 2 * HOUR }],
      }).der;
      return runTlsWorld({
        settings: bench.settings({ credentials: credentialsOf(bad) }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'tlsmedic issue localhost --server --out ./tls   # then reload the server',
        healed: { credentials: bench.server() },
        others: [store],
      });
    },
  }),
  defineWorld({
    name: 'weak-key-intermediate',
    title: 'the intermediate has an RSA key of 1024 bits',
    expected: broken('weak-key', 'server'),
    stack: 'node',
    start: async (bench) => {
      const weak = weakIntermediate(bench.now);
      return runTlsWorld({
        settings: bench.settings({ credentials: bench.server({}, {}, weak) }),
        flags: { ca: [await bench.file('ca.crt', weak.root.pem + bench.authority.root.pem)] },
        fix: 'tlsmedic ca rotate',
        healed: { credentials: bench.server() },
      });
    },
  }),
  defineWorld({
    name: 'bad-passphrase-p12',
    title: 'the passphrase does not open our PKCS#12 file',
    expected: broken('bad-passphrase', 'local'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    start: async (bench) => {
      const good = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl') }),
        flags: { ca: [await bench.rootFile()], ...(await p12(bench, 'correct horse', 'battery staple')) },
        fix: '--passphrase-file passphrase   # the one the file was made with',
        healedFlags: { p12: undefined, passphraseFile: undefined, cert: good.cert, key: good.key } as WorldFlags,
      });
    },
  }),
  defineWorld({
    name: 'client-chain-wrong-order',
    title: 'in our certificate file the intermediate stands before the certificate',
    expected: broken('client-key-mismatch', 'client', { accept: ['key-mismatch'] }),
    stack: 'openssl',
    start: async (bench) => {
      const issued = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
      const [leaf = '', intermediate = ''] = certificatesIn(issued.chainPem);
      const wrong = await bench.pair('wrong-order', intermediate + leaf, issued.keyPem ?? '');
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl') }),
        flags: { ca: [await bench.rootFile()], ...wrong },
        fix: 'tlsmedic inspect wrong-order.crt --pem > chain.crt   # certificate first',
        healedFlags: { cert: await bench.file('chain.crt', issued.chainPem) },
      });
    },
  }),
  ...(['openssl', 'go', 'nginx'] as const).map((stack) =>
    defineWorld({
      name: `client-intermediate-expired-${stack}`,
      title: 'our client certificate is fresh, the intermediate we send with it ran out',
      expected: broken('client-cert-expired', 'client'),
      stack,
      start: async (bench) => {
        const old = bench.newAuthority({ now: bench.now - 31 * DAY, lifetimes: { intermediateSeconds: (30 * DAY) / 1000 } });
        const bad = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' }, {}, old);
        const good = await bench.client();
        return runTlsWorld({
          settings: bench.settings({ clientAuth: mutualTls(bench, stack, { anchors: [old.root.pem, bench.authority.root.pem] }) }),
          flags: { ca: [await bench.rootFile()], ...(await bench.pair('given', bad.chainPem, bad.keyPem ?? '')) },
          fix: 'tlsmedic issue gateway.payments.svc --client --out ./tls   # under the new intermediate',
          healedFlags: { cert: good.cert, key: good.key },
        });
      },
    }),
  ),
  defineWorld({
    name: 'several-name-and-client-cert',
    title: 'the certificate is for another name, and the server wants a client certificate',
    expected: broken('san-mismatch', 'server', { accept: ['client-cert-required'], also: ['san-mismatch', 'client-cert-required'] }),
    stack: 'openssl',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ credentials: bench.server({ names: ['other.lab.test'] }), clientAuth: mutualTls(bench, 'openssl') }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'tlsmedic issue localhost --server --out ./tls   # and give a client certificate',
        healed: { credentials: bench.server() },
        healedFlags: { cert, key },
      });
    },
  }),
];
