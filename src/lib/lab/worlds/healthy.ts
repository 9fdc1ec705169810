import { runTlsWorld } from '../bench.js';
import { defineWorld } from '../define-world.js';

export const healthyWorlds = [
  defineWorld({
    name: 'healthy',
    title: 'everything is in order',
    expected: { outcome: 'healthy' },
    stack: 'node',
    demo: true,
    start: async (bench) => runTlsWorld({ settings: bench.settings(), flags: { ca: [await bench.rootFile()] }, fix: 'nothing to mend' }),
  }),
];
