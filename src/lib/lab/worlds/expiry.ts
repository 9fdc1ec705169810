import { DAY, HOUR, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';

const ISSUE_AGAIN = 'tlsmedic issue localhost ledger.payments.svc --server --out ./tls   # then reload the server';

export const expiryWorlds = [
  defineWorld({
    name: 'expired',
    title: 'the certificate ran out three hours ago',
    expected: broken('expired', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const old = bench.server({ notBefore: bench.now - 27 * HOUR, notAfter: bench.now - 3 * HOUR });
      return runTlsWorld({
        settings: bench.settings({ credentials: old }),
        flags: { ca: [await bench.rootFile()] },
        fix: ISSUE_AGAIN,
        healed: { credentials: bench.server() },
      });
    },
  }),
  defineWorld({
    name: 'expired-intermediate',
    title: 'the leaf is fresh, the intermediate ran out yesterday',
    expected: broken('expired', 'server'),
    stack: 'node',
    start: async (bench) => {
      const old = bench.newAuthority({ now: bench.now - 31 * DAY, lifetimes: { intermediateSeconds: (30 * DAY) / 1000 } });
      return runTlsWorld({
        settings: bench.settings({ credentials: bench.server({}, {}, old) }),
        flags: { ca: [await bench.file('ca.crt', old.root.pem + bench.authority.root.pem)] },
        fix: 'tlsmedic ca rotate',
        healed: { credentials: bench.server() },
      });
    },
  }),
  defineWorld({
    name: 'not-yet-valid',
    title: 'the certificate begins tomorrow',
    expected: broken('not-yet-valid', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const early = bench.server({ notBefore: bench.now + DAY, notAfter: bench.now + 3 * DAY });
      return runTlsWorld({
        settings: bench.settings({ credentials: early }),
        flags: { ca: [await bench.rootFile()] },
        fix: ISSUE_AGAIN,
        healed: { credentials: bench.server() },
      });
    },
  }),
];
