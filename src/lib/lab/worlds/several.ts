import { DAY, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import { certificatesIn } from '../pem-list.js';

const REISSUE = 'tlsmedic issue localhost ledger.payments.svc --server --out ./tls   # then reload the server';

/** Several things wrong at once: every one must be found, whichever comes first. */
export const severalWorlds = [
  defineWorld({
    name: 'several-expired-and-name',
    title: 'expired, and for another name',
    expected: broken('expired', 'server', { accept: ['san-mismatch'], also: ['expired', 'san-mismatch'] }),
    stack: 'node',
    demo: true,
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({
          credentials: bench.server({ names: ['old.lab.test'], notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY }),
        }),
        flags: { ca: [await bench.rootFile()] },
        fix: REISSUE,
        healed: { credentials: bench.server() },
      }),
  }),
  defineWorld({
    name: 'several-expired-and-untrusted',
    title: 'expired, and from an unknown authority: OpenSSL tells only the first',
    expected: broken('untrusted-root', 'client', { accept: ['expired'], also: ['expired', 'untrusted-root'] }),
    stack: 'node',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({
          credentials: bench.server(
            { notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY },
            {},
            bench.newAuthority({ name: 'Other' }),
          ),
        }),
        flags: { ca: [await bench.rootFile()] },
        fix: REISSUE,
        healed: { credentials: bench.server() },
      }),
  }),
  defineWorld({
    name: 'several-intermediate-and-name',
    title: 'the intermediate is missing, and the name is another',
    expected: broken('missing-intermediate', 'server', { accept: ['san-mismatch'], also: ['missing-intermediate', 'san-mismatch'] }),
    stack: 'node',
    start: async (bench) => {
      const other = bench.server({ names: ['other.lab.test'] });
      return runTlsWorld({
        settings: bench.settings({ credentials: { ...other, chain: certificatesIn(other.chain)[0] ?? '' } }),
        flags: { ca: [await bench.rootFile()] },
        fix: REISSUE,
        healed: { credentials: bench.server() },
      });
    },
  }),
  defineWorld({
    name: 'several-expired-both-ends',
    title: "the server's certificate and ours both ran out",
    expected: broken('expired', 'server', { accept: ['client-cert-expired'], also: ['expired', 'client-cert-expired'] }),
    stack: 'openssl',
    start: async (bench) => {
      const times = { notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY };
      const bad = bench.issue({ names: ['gateway.payments.svc'], profile: 'client', ...times });
      const good = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ credentials: bench.server(times), clientAuth: mutualTls(bench, 'openssl') }),
        flags: { ca: [await bench.rootFile()], ...(await bench.pair('given', bad.chainPem, bad.keyPem ?? '')) },
        fix: REISSUE,
        healed: { credentials: bench.server() },
        healedFlags: { cert: good.cert, key: good.key },
      });
    },
  }),
];
