import type { Authority } from '../../ca/authority.js';
import { signAuthority } from '../../ca/authority.js';
import { DAY, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { selfSignedServer, withoutKeyIdentifiers } from '../odd-certificates.js';
import { certificatesIn } from '../pem-list.js';
import { startFileServer } from '../servers/http-server.js';

const OTHER_ROOT = '--ca ca.crt   # the root that issued it, from whoever runs the server';
const WHOLE_CHAIN = 'cat server.crt intermediate.crt > chain.crt   # serve chain.crt, then reload';

/** Issues directly under the root, without an intermediate. */
function rootAlone(authority: Authority): Authority {
  return { ...authority, intermediate: authority.root };
}

export const unknownAuthorityWorlds = [
  defineWorld({
    name: 'untrusted-root',
    title: 'the chain leads to a root that the caller does not have',
    expected: broken('untrusted-root', 'client'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const other = bench.newAuthority({ name: 'Other' });
      return runTlsWorld({
        settings: bench.settings(),
        flags: { ca: [await bench.rootFile(other, 'other-ca.crt')] },
        fix: OTHER_ROOT,
        healedFlags: { ca: [await bench.rootFile()] },
      });
    },
  }),
  defineWorld({
    name: 'untrusted-root-sent',
    title: 'the server sends its private root along; nobody here trusts it',
    expected: broken('untrusted-root', 'client'),
    stack: 'node',
    start: async (bench) => {
      const good = bench.server();
      return runTlsWorld({
        settings: bench.settings({ credentials: { ...good, chain: good.chain + bench.authority.root.pem } }),
        flags: { ca: [await bench.rootFile(bench.newAuthority({ name: 'Other' }), 'other-ca.crt')] },
        fix: OTHER_ROOT,
        healedFlags: { ca: [await bench.rootFile()] },
      });
    },
  }),
  defineWorld({
    name: 'untrusted-root-direct',
    title: 'a certificate straight under an unknown root, sent alone as it should be',
    expected: broken('untrusted-root', 'client', { accept: ['missing-intermediate'] }),
    stack: 'node',
    start: async (bench) => {
      const direct = rootAlone(bench.authority);
      const leaf = bench.server({}, {}, direct);
      return runTlsWorld({
        settings: bench.settings({ credentials: { ...leaf, chain: certificatesIn(leaf.chain)[0] ?? '' } }),
        flags: { ca: [await bench.rootFile(bench.newAuthority({ name: 'Other' }), 'other-ca.crt')] },
        fix: OTHER_ROOT,
        healedFlags: { ca: [await bench.rootFile()] },
      });
    },
  }),
  defineWorld({
    name: 'self-signed',
    title: 'the certificate signs itself; no authority stands behind it',
    expected: broken('self-signed', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({ credentials: selfSignedServer(bench.now) }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'tlsmedic issue localhost ledger.payments.svc --server --out ./tls   # in place of the self-signed one',
        healed: { credentials: bench.server() },
      }),
  }),
  defineWorld({
    name: 'missing-intermediate',
    title: 'the server sends its certificate without the intermediate',
    expected: broken('missing-intermediate', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const good = bench.server();
      return runTlsWorld({
        settings: bench.settings({ credentials: { ...good, chain: certificatesIn(good.chain)[0] ?? '' } }),
        flags: { ca: [await bench.rootFile()] },
        fix: WHOLE_CHAIN,
        healed: { credentials: good },
      });
    },
  }),
  defineWorld({
    name: 'missing-intermediate-aia',
    title: 'the intermediate is not sent, but the certificate says where it can be fetched',
    expected: broken('missing-intermediate', 'server'),
    stack: 'node',
    start: async (bench) => {
      const store = await startFileServer({ '/intermediate.cer': bench.authority.intermediate.der });
      const good = bench.server({ aia: [`${store.url}/intermediate.cer`] });
      return runTlsWorld({
        settings: bench.settings({ credentials: { ...good, chain: certificatesIn(good.chain)[0] ?? '' } }),
        flags: { ca: [await bench.rootFile()] },
        fix: WHOLE_CHAIN,
        healed: { credentials: good },
        others: [store],
      });
    },
  }),
  defineWorld({
    name: 'wrong-intermediate',
    title: 'the intermediate that is sent has the right name and another key',
    expected: broken('missing-intermediate', 'server'),
    stack: 'node',
    start: async (bench) => {
      const good = bench.server();
      const twin = signAuthority(
        {
          commonName: bench.authority.intermediate.commonName,
          keyType: 'p256',
          notBefore: bench.now - DAY,
          notAfter: bench.now + 30 * DAY,
          pathLength: 0,
        },
        bench.authority.root,
      );
      return runTlsWorld({
        settings: bench.settings({ credentials: { ...good, chain: (certificatesIn(good.chain)[0] ?? '') + twin.pem } }),
        flags: { ca: [await bench.rootFile()] },
        fix: WHOLE_CHAIN,
        healed: { credentials: good },
      });
    },
  }),
  defineWorld({
    name: 'stale-trust-bundle',
    title: 'the root was renewed with a new key; the caller has the old one of the same name',
    expected: broken('stale-trust-bundle', 'client'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const old = bench.newAuthority({ now: bench.now - 400 * DAY });
      return runTlsWorld({
        settings: bench.settings(),
        flags: { ca: [await bench.rootFile(old, 'bundle.crt')] },
        fix: 'cat old-root.crt new-root.crt > bundle.crt   # trust both until the old one is gone',
        healedFlags: { ca: [await bench.file('bundle-new.crt', old.root.pem + bench.authority.root.pem)] },
      });
    },
  }),
  defineWorld({
    name: 'stale-trust-bundle-no-key-identifiers',
    title: 'the same without key identifiers: for OpenSSL it is a broken signature',
    expected: broken('stale-trust-bundle', 'client'),
    stack: 'node',
    start: async (bench) => {
      const plain = withoutKeyIdentifiers({ now: bench.now - 30 * DAY, name: 'Lab' });
      const old = withoutKeyIdentifiers({ now: bench.now - 400 * DAY, name: 'Lab' });
      const leaf = bench.server({}, { without: ['2.5.29.14', '2.5.29.35'] }, plain);
      return runTlsWorld({
        settings: bench.settings({ credentials: leaf }),
        flags: { ca: [await bench.rootFile(old, 'bundle.crt')] },
        fix: 'cat old-root.crt new-root.crt > bundle.crt   # trust both until the old one is gone',
        healedFlags: { ca: [await bench.rootFile(plain, 'bundle-new.crt')] },
      });
    },
  }),
];
