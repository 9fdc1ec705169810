import { configDefaults, defineConfig } from 'vitest/config';

/** The slow suites: real servers of other makers, thousands of certificates, whole command sessions. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.test.ts'],
    exclude: [...configDefaults.exclude],
    globalSetup: ['test/cli/build-once.ts'],
    // .ci/run adds up what the runners report.
    reporters:
      process.env.TLSMEDIC_TEST_REPORT === undefined
        ? ['default']
        : ['default', ['json', { outputFile: process.env.TLSMEDIC_TEST_REPORT }]],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    env: { NO_COLOR: '1', TZ: 'UTC', NODE_EXTRA_CA_CERTS: '', SSL_CERT_FILE: '', SSL_CERT_DIR: '' },
  },
});
