import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import type { Bench } from '../bench.js';
import { credentialsOf, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import { replaceCertificates } from '../wire/flight-rewriter.js';
import type { RunningWorld, WorldFlags } from '../world.js';

/** An mTLS server in good order, and files of ours that cannot be loaded. */
async function unusable(
  bench: Bench,
  flags: (good: { cert: string; key: string }) => Promise<WorldFlags>,
  fix: string,
): Promise<RunningWorld> {
  const good = await bench.client();
  return runTlsWorld({
    settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl') }),
    flags: { ca: [await bench.rootFile()], cert: good.cert, key: good.key, ...(await flags(good)) },
    fix,
    healedFlags: { cert: good.cert, key: good.key, passphraseFile: undefined },
  });
}

export const keyMaterialWorlds = [
  defineWorld({
    name: 'key-mismatch',
    title: 'the server proves itself with a key that does not belong to its certificate',
    expected: broken('key-mismatch', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const signing = bench.issue({ profile: 'server' });
      const shown = bench.issue({ profile: 'server' });
      return runTlsWorld({
        settings: bench.settings({
          credentials: credentialsOf(signing),
          rewrite: replaceCertificates([shown.der, bench.authority.intermediate.der]),
        }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'tlsmedic inspect server.crt server.key   # find the pair that belongs together',
        healed: { rewrite: () => undefined },
      });
    },
  }),
  defineWorld({
    name: 'bad-pem',
    title: 'our certificate file is no PEM: somebody saved the HTML of a download page',
    expected: broken('bad-pem', 'local'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    demo: true,
    start: (bench) =>
      unusable(
        bench,
        async () => ({ cert: await bench.file('download.crt', '<!doctype html>\n<title>Sign in</title>\n') }),
        '--cert gateway.crt   # the real file',
      ),
  }),
  defineWorld({
    name: 'bad-pem-key',
    title: 'our key file lost its last lines',
    expected: broken('bad-pem', 'local'),
    versions: ['TLSv1.2'],
    stack: 'openssl',
    start: (bench) =>
      unusable(
        bench,
        async () => {
          const whole = bench.issue({ profile: 'client' }).keyPem ?? '';
          return { key: await bench.file('cut.key', whole.slice(0, whole.length / 2)) };
        },
        '--key gateway.key   # the whole file',
      ),
  }),
  defineWorld({
    name: 'bad-passphrase',
    title: 'our key is encrypted and the passphrase is another one',
    expected: broken('bad-passphrase', 'local'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    demo: true,
    start: (bench) =>
      unusable(
        bench,
        async () => {
          const issued = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
          const key = createPrivateKey(issued.keyPem ?? '').export({
            type: 'pkcs8',
            format: 'pem',
            cipher: 'aes-256-cbc',
            passphrase: 'correct horse',
          });
          const pair = await bench.pair('encrypted', issued.chainPem, key.toString());
          return { ...pair, passphraseFile: await bench.file('passphrase', 'battery staple\n') };
        },
        '--passphrase-file passphrase   # the one the key was encrypted with',
      ),
  }),
  defineWorld({
    name: 'bad-passphrase-none',
    title: 'our key is encrypted and no passphrase is given',
    expected: broken('bad-passphrase', 'local'),
    versions: ['TLSv1.2'],
    stack: 'openssl',
    start: (bench) =>
      unusable(
        bench,
        async () => {
          const issued = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
          const key = createPrivateKey(issued.keyPem ?? '').export({
            type: 'pkcs8',
            format: 'pem',
            cipher: 'aes-256-cbc',
            passphrase: 'correct horse',
          });
          return bench.pair('encrypted', issued.chainPem, key.toString());
        },
        '--passphrase-file passphrase',
      ),
  }),
  defineWorld({
    name: 'file-missing',
    title: 'the certificate file we name is not there',
    expected: broken('file-missing', 'local'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    demo: true,
    start: (bench) =>
      unusable(bench, async ({ cert }) => ({ cert: join(cert, '..', 'gatewya.crt') }), '--cert gateway.crt   # spelled right'),
  }),
];
