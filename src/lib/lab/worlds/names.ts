import type { IssueOverrides, IssueRequest } from '../../ca/issue.js';
import type { Bench } from '../bench.js';
import { runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import type { RunningWorld, WorldFlags } from '../world.js';

const REISSUE = 'tlsmedic issue localhost 127.0.0.1 ledger.payments.svc --server --out ./tls   # then reload the server';
const SAN = '2.5.29.17';

/** A server with those names in its certificate; mended, it has the ones that are asked for. */
async function named(
  bench: Bench,
  request: IssueRequest,
  more: { overrides?: IssueOverrides; flags?: WorldFlags; host?: string; mended?: IssueRequest } = {},
): Promise<RunningWorld> {
  return runTlsWorld({
    settings: bench.settings({ credentials: bench.server(request, more.overrides) }),
    flags: { ca: [await bench.rootFile()], ...more.flags },
    fix: REISSUE,
    healed: { credentials: bench.server(more.mended ?? {}) },
    ...(more.host === undefined ? {} : { host: more.host }),
  });
}

const SPIFFE = (id: string): IssueRequest => ({
  sans: [
    { kind: 'uri', value: id },
    { kind: 'dns', value: 'localhost' },
  ],
});

export const nameWorlds = [
  defineWorld({
    name: 'san-mismatch',
    title: 'the certificate is for other names',
    expected: broken('san-mismatch', 'server'),
    stack: 'node',
    demo: true,
    start: (bench) => named(bench, { names: ['ledger.internal', '*.payments.internal'] }),
  }),
  defineWorld({
    name: 'san-mismatch-wildcard-depth',
    title: 'a wildcard covers one label, the name has two',
    expected: broken('san-mismatch', 'server'),
    stack: 'node',
    start: (bench) =>
      named(
        bench,
        { names: ['*.payments.svc'] },
        { flags: { servername: 'a.ledger.payments.svc' }, mended: { names: ['*.ledger.payments.svc'] } },
      ),
  }),
  defineWorld({
    name: 'san-mismatch-short-name',
    title: 'a service is called by its short name, the certificate has the long one',
    expected: broken('san-mismatch', 'server'),
    stack: 'node',
    start: (bench) =>
      named(
        bench,
        { names: ['ledger.payments.svc.cluster.local'] },
        { flags: { servername: 'ledger' }, mended: { names: ['ledger', 'ledger.payments.svc.cluster.local'] } },
      ),
  }),
  defineWorld({
    name: 'san-mismatch-ip',
    title: 'called by IP address, and the certificate has only DNS names',
    expected: broken('san-mismatch', 'server'),
    stack: 'node',
    start: (bench) => named(bench, { names: ['ledger.payments.svc'] }, { host: '127.0.0.1' }),
  }),
  defineWorld({
    name: 'san-mismatch-default-certificate',
    title: 'several sites on one address: this name gets the certificate of the default site',
    expected: broken('san-mismatch', 'server'),
    stack: 'nginx',
    start: async (bench) => {
      const other = bench.server({ names: ['default.lab.test'] });
      const api = bench.server({ names: ['api.lab.test'] });
      return runTlsWorld({
        settings: bench.settings({
          credentials: other,
          credentialsFor: ({ servername }) => (servername === 'api.lab.test' ? api : undefined),
        }),
        flags: { ca: [await bench.rootFile()], servername: 'wwww.lab.test', hostname: 'api.lab.test' },
        fix: '--servername api.lab.test   # the name that the server knows',
        healedFlags: { servername: 'api.lab.test' },
      });
    },
  }),
  defineWorld({
    name: 'no-san',
    title: 'the name stands only in the common name, which nobody reads any more',
    expected: broken('no-san', 'server'),
    stack: 'node',
    demo: true,
    start: (bench) => named(bench, { commonName: 'localhost' }, { overrides: { without: [SAN] } }),
  }),
  defineWorld({
    name: 'spiffe-id-mismatch',
    title: 'another workload of the same trust domain answers',
    expected: broken('san-mismatch', 'server'),
    stack: 'node',
    start: (bench) =>
      named(bench, SPIFFE('spiffe://corp.example/ns/payments/sa/reports'), {
        flags: { spiffeId: 'spiffe://corp.example/ns/payments/sa/ledger' },
        mended: SPIFFE('spiffe://corp.example/ns/payments/sa/ledger'),
      }),
  }),
  defineWorld({
    name: 'trust-domain-mismatch',
    title: 'a workload of another trust domain answers',
    expected: broken('san-mismatch', 'server'),
    stack: 'node',
    start: (bench) =>
      named(bench, SPIFFE('spiffe://staging.example/ns/payments/sa/ledger'), {
        flags: { trustDomain: 'corp.example' },
        mended: SPIFFE('spiffe://corp.example/ns/payments/sa/ledger'),
      }),
  }),
];
