import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { createCrl } from '../../src/lib/ca/crl.js';
import { type IssuedCertificate, type IssueRequest, issueCertificate } from '../../src/lib/ca/issue.js';
import type { CauseCode, Party } from '../../src/lib/cause.js';
import { broken } from '../../src/lib/lab/define-world.js';
import type { Expectation } from '../../src/lib/lab/world.js';
import { type DiagnoseOptions, diagnose } from '../../src/lib/operations/diagnose.js';
import { judgeDiagnosis } from '../../src/lib/operations/diagnose-world.js';
import { REAL_SERVERS } from '../lab/real-servers/all.js';
import { isAvailable, type RealServer, type RealServerKind } from '../lab/real-servers/real-server.js';

const DAY = 86_400_000;
const now = Date.now();
const directory = mkdtempSync(join(tmpdir(), 'tlsmedic-interop-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const authority = createAuthority({ name: 'Interop', now: now - 30 * DAY });
const stranger = createAuthority({ name: 'Stranger', now: now - 30 * DAY });
const HEALTHY: Expectation = { outcome: 'healthy' };

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function pair(
  name: string,
  request: IssueRequest,
  from = authority,
  alone = false,
): { cert: string; key: string; issued: IssuedCertificate } {
  const issued = issueCertificate(from, { now, notBefore: now - 3_600_000, lifetimeSeconds: 86_400, ...request }, { unchecked: true });
  return { cert: write(`${name}.crt`, alone ? issued.certPem : issued.chainPem), key: write(`${name}.key`, issued.keyPem ?? ''), issued };
}

const names = ['localhost', '127.0.0.1'];
const past = { notBefore: now - 3 * DAY, notAfter: now - DAY };
const servers = {
  good: pair('good', { names, profile: 'server' }),
  expired: pair('expired', { names, profile: 'server', ...past }),
  alone: pair('alone', { names, profile: 'server' }, authority, true),
  named: pair('named', { names: ['ledger.internal'], profile: 'server' }),
};
const clients = {
  good: pair('client', { names: ['gateway'], profile: 'client' }),
  expired: pair('client-expired', { names: ['gateway'], profile: 'client', ...past }),
  foreign: pair('client-foreign', { names: ['gateway'], profile: 'client' }, stranger),
  purpose: pair('client-purpose', { names: ['gateway'], profile: 'server' }),
  revoked: pair('client-revoked', { names: ['gateway'], profile: 'client' }),
  alone: pair('client-alone', { names: ['gateway'], profile: 'client' }, authority, true),
};
const ca = write('ca.crt', authority.root.pem);
const otherCa = write('other-ca.crt', stranger.root.pem);

const lists = write(
  'all.crl',
  // s_server reads the first list of a file alone.
  [authority.intermediate, authority.root]
    .map(
      (issuer) =>
        createCrl({
          issuer,
          thisUpdate: now - 3_600_000,
          nextUpdate: now + DAY,
          number: 1,
          revoked: issuer === authority.intermediate ? [{ serial: clients.revoked.issued.serial, at: now - 60_000 }] : [],
        }).pem,
    )
    .join(''),
);

interface Case {
  name: string;
  options: Partial<DiagnoseOptions>;
  expected: Expectation;
  /** Servers on which the case does not exist. */
  notOn?: readonly string[];
}

const withClient = (which: keyof typeof clients): Partial<DiagnoseOptions> => ({ cert: clients[which].cert, key: clients[which].key });
const refused = (code: CauseCode, party: Party = 'client', accept: readonly CauseCode[] = []): Expectation =>
  broken(code, party, { accept });

/** What one server with a good certificate is asked. */
const PLAIN: readonly Case[] = [
  { name: 'healthy', options: {}, expected: HEALTHY },
  { name: 'untrusted-root', options: { ca: [otherCa] }, expected: refused('untrusted-root') },
  {
    name: 'client-auth-not-enforced',
    options: { ...withClient('good'), expectMtls: true },
    expected: refused('client-auth-not-enforced', 'server'),
  },
];

/** What one server that demands client certificates is asked. */
const MUTUAL: readonly Case[] = [
  { name: 'mutual TLS, accepted and enforced', options: { ...withClient('good'), expectMtls: true }, expected: HEALTHY },
  { name: 'client-cert-required', options: {}, expected: refused('client-cert-required') },
  { name: 'client-cert-expired', options: withClient('expired'), expected: refused('client-cert-expired') },
  { name: 'client-cert-unknown-ca', options: withClient('foreign'), expected: refused('client-cert-unknown-ca') },
  {
    name: 'client certificate without its intermediate',
    options: withClient('alone'),
    expected: refused('client-cert-unknown-ca', 'client', ['missing-intermediate']),
  },
  // GnuTLS does not look at the purpose.
  {
    name: 'client-cert-wrong-purpose',
    options: withClient('purpose'),
    expected: refused('client-cert-wrong-purpose'),
    notOn: ['gnutls-serv'],
  },
];

const SINGLE: readonly [keyof typeof servers, Expectation][] = [
  ['expired', refused('expired', 'server')],
  ['alone', refused('missing-intermediate', 'server')],
  ['named', refused('san-mismatch', 'server')],
];

const matrix: string[] = [];
afterAll(() =>
  process.stdout.write(`${matrix.join('\n')}\n${matrix.filter((line) => line.startsWith('ok')).length} of ${matrix.length} right\n`),
);

async function check(kind: RealServerKind, version: string, server: RealServer, { name, options, expected }: Case): Promise<void> {
  const { document } = await diagnose({ target: `localhost:${server.port}`, ca: [ca], ...options });
  const verdict = judgeDiagnosis(expected, document);
  matrix.push(`${verdict.right ? 'ok   ' : 'WRONG'} ${kind.name.padEnd(18)} ${version} ${name.padEnd(46)} ${verdict.said}`);
  expect(
    verdict.faults,
    `${JSON.stringify(document.causes.map(({ code, summary }) => ({ code, summary })))}\n${server.log().slice(-800)}`,
  ).toEqual([]);
}

for (const kind of REAL_SERVERS) {
  // In CI a missing server fails; elsewhere it skips visibly.
  describe.skipIf(!isAvailable(kind) && !process.env.CI)(`${kind.name}`, () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const place = (name: string): string => join(directory, `${kind.name.replace(/\W+/g, '-')}-${version}-${name}`);

      describe(`${version}, good certificate`, () => {
        let server: RealServer;
        beforeAll(async () => {
          server = await kind.start({ directory: place('good'), chain: servers.good.cert, key: servers.good.key, version });
        });
        afterAll(() => server?.close());
        it.each(PLAIN)('$name', (one) => check(kind, version, server, one));
        if (version === 'TLSv1.2')
          it('cipher-mismatch', () =>
            check(kind, version, server, {
              name: 'cipher-mismatch',
              options: { limits: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } },
              expected: refused('cipher-mismatch'),
            }));
        it('version-mismatch', () => {
          const limits = version === 'TLSv1.3' ? ({ maxVersion: 'TLSv1.2' } as const) : ({ minVersion: 'TLSv1.3' } as const);
          const party = version === 'TLSv1.3' ? 'client' : 'server';
          return check(kind, version, server, {
            name: 'version-mismatch',
            options: { limits },
            expected: refused('version-mismatch', party),
          });
        });
      });

      describe(`${version}, mutual`, () => {
        let server: RealServer;
        beforeAll(async () => {
          server = await kind.start({ directory: place('mutual'), chain: servers.good.cert, key: servers.good.key, version, clientCa: ca });
        });
        afterAll(() => server?.close());
        it.each(MUTUAL.filter(({ notOn }) => notOn?.includes(kind.name) !== true))('$name', (one) => check(kind, version, server, one));
      });

      if (kind.revokes === true)
        it(`${version}, client certificate revoked`, async () => {
          const server = await kind.start({
            directory: place('crl'),
            chain: servers.good.cert,
            key: servers.good.key,
            version,
            clientCa: ca,
            crl: lists,
          });
          try {
            await check(kind, version, server, {
              name: 'client certificate revoked',
              options: { ...withClient('revoked'), crl: [lists] },
              expected: refused('revoked'),
            });
            await check(kind, version, server, {
              name: 'client certificate not revoked',
              options: { ...withClient('good'), crl: [lists] },
              expected: HEALTHY,
            });
          } finally {
            await server.close();
          }
        });

      it.each(SINGLE)(`${version}, server certificate %s`, async (which, expected) => {
        const server = await kind.start({ directory: place(which), chain: servers[which].cert, key: servers[which].key, version });
        try {
          await check(kind, version, server, { name: `server certificate ${which}`, options: {}, expected });
        } finally {
          await server.close();
        }
      });
    }
  });
}
