import { runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';

export const nameWorlds = [
  defineWorld({
    name: 'san-mismatch',
    title: 'the certificate is for other names',
    expected: broken('san-mismatch', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({ credentials: bench.server({ names: ['ledger.internal', '*.payments.internal'] }) }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'tlsmedic issue localhost ledger.internal --server --out ./tls   # then reload the server',
        healed: { credentials: bench.server() },
      }),
  }),
];
