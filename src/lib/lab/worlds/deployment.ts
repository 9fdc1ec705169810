import type { Bench } from '../bench.js';
import { DAY, HOUR, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import type { ServerCredentials } from '../servers/tls-server.js';
import type { RunningWorld } from '../world.js';

const RELOAD = 'kill -HUP $(pidof ledger)   # or: kubectl rollout restart deploy/ledger';

/** Three backends behind one port, taken in turn; the second one is `bad`. */
async function rotating(bench: Bench, bad: ServerCredentials): Promise<RunningWorld> {
  const good = bench.server();
  const backends = [good, bad, good];
  return runTlsWorld({
    settings: bench.settings({ credentialsFor: ({ connection }) => backends[connection % backends.length] }),
    flags: { ca: [await bench.rootFile()], repeat: 6 },
    fix: 'kubectl rollout restart deploy/ledger   # the second replica still has the old certificate',
    healed: { credentialsFor: () => good },
  });
}

export const deploymentWorlds = [
  defineWorld({
    name: 'stale-served-certificate',
    title: 'the file was renewed, the process still serves the old certificate',
    expected: broken('stale-served-certificate', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const old = bench.server({ notBefore: bench.now - 20 * HOUR, notAfter: bench.now + 4 * HOUR });
      const renewed = bench.server();
      return runTlsWorld({
        settings: bench.settings({ credentials: old }),
        flags: { ca: [await bench.rootFile()], expectCert: await bench.file('renewed.crt', renewed.chain) },
        fix: RELOAD,
        healed: { credentials: renewed },
      });
    },
  }),
  defineWorld({
    name: 'stale-served-certificate-expired',
    title: 'the file was renewed, the process serves the old certificate, which has run out by now',
    expected: broken('stale-served-certificate', 'server', { accept: ['expired'], also: ['stale-served-certificate', 'expired'] }),
    stack: 'node',
    start: async (bench) => {
      const old = bench.server({ notBefore: bench.now - 30 * HOUR, notAfter: bench.now - 6 * HOUR });
      const renewed = bench.server();
      return runTlsWorld({
        settings: bench.settings({ credentials: old }),
        flags: { ca: [await bench.rootFile()], expectCert: await bench.file('renewed.crt', renewed.chain) },
        fix: RELOAD,
        healed: { credentials: renewed },
      });
    },
  }),
  defineWorld({
    name: 'inconsistent-backends',
    title: 'one backend of three serves an expired certificate',
    expected: broken('inconsistent-backends', 'server', { accept: ['expired'], also: ['inconsistent-backends'] }),
    stack: 'node',
    demo: true,
    start: (bench) => rotating(bench, bench.server({ notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY })),
  }),
  defineWorld({
    name: 'inconsistent-backends-untrusted',
    title: 'one backend of three has a certificate of another authority',
    expected: broken('inconsistent-backends', 'server', { accept: ['untrusted-root'], also: ['inconsistent-backends'] }),
    stack: 'node',
    start: (bench) => rotating(bench, bench.server({}, {}, bench.newAuthority({ name: 'Old' }))),
  }),
  defineWorld({
    name: 'client-auth-not-enforced',
    title: 'mutual TLS is expected, the server does not even ask for a certificate',
    expected: broken('client-auth-not-enforced', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings(),
        flags: { ca: [await bench.rootFile()], cert, key, expectMtls: true },
        fix: 'ssl_verify_client on;   # then reload the server',
        healed: { clientAuth: mutualTls(bench, 'openssl') },
      });
    },
  }),
  ...(['openssl', 'nginx'] as const).map((stack) =>
    defineWorld({
      name: `client-auth-optional-${stack}`,
      title: 'mutual TLS is expected, the server asks but takes no for an answer',
      expected: broken('client-auth-not-enforced', 'server'),
      stack,
      start: async (bench) => {
        const { cert, key } = await bench.client();
        return runTlsWorld({
          settings: bench.settings({ clientAuth: mutualTls(bench, stack, { mode: 'optional' }) }),
          flags: { ca: [await bench.rootFile()], cert, key, expectMtls: true },
          fix: 'ssl_verify_client on;   # in place of optional',
          healed: { clientAuth: mutualTls(bench, stack) },
        });
      },
    }),
  ),
  defineWorld({
    name: 'client-auth-any-certificate',
    title: 'mutual TLS is expected, the server takes any certificate whatever',
    expected: broken('client-auth-not-enforced', 'server'),
    stack: 'go',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'go', { anyCertificate: true, named: [] }) }),
        flags: { ca: [await bench.rootFile()], cert, key, expectMtls: true },
        fix: 'ClientAuth: tls.RequireAndVerifyClientCert',
        healed: { clientAuth: mutualTls(bench, 'go') },
      });
    },
  }),
  defineWorld({
    name: 'healthy-mtls-enforced-slow',
    title: 'nothing stands in the way: mutual TLS, expected and enforced by a server that takes its time',
    expected: { outcome: 'healthy' },
    stack: 'jsse',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'jsse', { slowMs: 700 }) }),
        flags: { ca: [await bench.rootFile()], cert, key, expectMtls: true },
        fix: 'nothing to mend',
      });
    },
  }),
  ...(['openssl', 'nginx', 'go'] as const).map((stack) =>
    defineWorld({
      name: `healthy-mtls-enforced-${stack}`,
      title: 'nothing stands in the way: mutual TLS, expected and enforced',
      expected: { outcome: 'healthy' },
      stack,
      start: async (bench) => {
        const { cert, key } = await bench.client();
        return runTlsWorld({
          settings: bench.settings({ clientAuth: mutualTls(bench, stack) }),
          flags: { ca: [await bench.rootFile()], cert, key, expectMtls: true },
          fix: 'nothing to mend',
        });
      },
    }),
  ),
];
