import { runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { certificatesIn } from '../pem-list.js';

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
        fix: 'tlsmedic diagnose ... --ca ca.crt   # the root that issued it',
        healedFlags: { ca: [await bench.rootFile()] },
      });
    },
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
        fix: 'cat server.crt intermediate.crt > chain.crt   # serve chain.crt',
        healed: { credentials: good },
      });
    },
  }),
];
