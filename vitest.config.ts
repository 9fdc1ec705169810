import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** `npm test`: everything that is quick. `npm run test:slow` (vitest.slow.config.ts) takes the `*.slow.test.ts` files. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/**/*.slow.test.ts'],
    globalSetup: ['test/cli/build-once.ts'],
    // .ci/run adds up what the runners report.
    reporters:
      process.env.TLSMEDIC_TEST_REPORT === undefined
        ? ['default']
        : ['default', ['json', { outputFile: process.env.TLSMEDIC_TEST_REPORT }]],
    // Left to itself vitest keeps one core free: on two that is one worker, for tests that mostly wait for handshakes.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Verdicts must not depend on the machine that runs the tests.
    env: { NO_COLOR: '1', TZ: 'UTC', NODE_EXTRA_CA_CERTS: '', SSL_CERT_FILE: '', SSL_CERT_DIR: '' },
  },
});
