import type { RevokedEntry } from '../../ca/crl.js';
import { createCrl } from '../../ca/crl.js';
import type { IssuedCertificate } from '../../ca/issue.js';
import { createOcspError, createOcspResponse } from '../../ca/ocsp.js';
import type { Bench } from '../bench.js';
import { credentialsOf, DAY, HOUR, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { startHttpServer } from '../servers/http-server.js';
import { closedPort } from '../servers/plain-servers.js';

const ISSUE_AGAIN = 'tlsmedic issue localhost ledger.payments.svc --server --out ./tls   # then reload the server';

/** A CRL of the issuing authority, fresh unless told otherwise. */
function crlOf(
  bench: Bench,
  revoked: RevokedEntry[],
  times: { thisUpdate?: number; nextUpdate?: number } = {},
): { pem: string; der: Uint8Array } {
  return createCrl({
    issuer: bench.authority.intermediate,
    thisUpdate: times.thisUpdate ?? bench.now - HOUR,
    nextUpdate: times.nextUpdate ?? bench.now + DAY,
    number: 3,
    revoked,
  });
}

/** An OCSP answer about a certificate, signed by its issuer. */
function ocspFor(
  bench: Bench,
  issued: IssuedCertificate,
  status: Parameters<typeof createOcspResponse>[0]['status'],
  age = HOUR,
): Uint8Array {
  const { intermediate } = bench.authority;
  return createOcspResponse({
    issuer: intermediate,
    responder: intermediate,
    serial: issued.serial,
    status,
    thisUpdate: bench.now - age,
    nextUpdate: bench.now - age + DAY,
  });
}

const serverCertificate = (bench: Bench, request: Parameters<Bench['issue']>[0] = {}): IssuedCertificate =>
  bench.issue({ profile: 'server', ...request });

export const revocationWorlds = [
  defineWorld({
    name: 'revoked',
    title: "the server's certificate is on the revocation list",
    expected: broken('revoked', 'server'),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const bad = serverCertificate(bench);
      const crl = crlOf(bench, [{ serial: bad.serial, at: bench.now - 2 * HOUR, reason: 'keyCompromise' }]);
      return runTlsWorld({
        settings: bench.settings({ credentials: credentialsOf(bad) }),
        flags: { ca: [await bench.rootFile()], crl: [await bench.file('ca.crl', crl.pem)] },
        fix: ISSUE_AGAIN,
        healed: { credentials: bench.server() },
      });
    },
  }),
  defineWorld({
    name: 'revoked-by-staple',
    title: 'the server itself staples an OCSP answer that says revoked',
    expected: broken('revoked', 'server'),
    stack: 'openssl',
    start: async (bench) => {
      const bad = serverCertificate(bench);
      const good = serverCertificate(bench);
      return runTlsWorld({
        settings: bench.settings({
          credentials: credentialsOf(bad),
          staple: ocspFor(bench, bad, { revokedAt: bench.now - 3 * HOUR, reason: 'keyCompromise' }),
        }),
        flags: { ca: [await bench.rootFile()] },
        fix: ISSUE_AGAIN,
        healed: { credentials: credentialsOf(good), staple: ocspFor(bench, good, 'good') },
      });
    },
  }),
  defineWorld({
    name: 'revoked-by-responder',
    title: 'the OCSP responder named in the certificate says revoked',
    expected: broken('revoked', 'server'),
    stack: 'node',
    start: async (bench) => {
      let answer: Uint8Array = createOcspError(3);
      const responder = await startHttpServer((_request, response) => {
        response.setHeader('Content-Type', 'application/ocsp-response');
        response.end(answer);
      });
      const bad = serverCertificate(bench, { ocsp: [`${responder.url}/ocsp`] });
      answer = ocspFor(bench, bad, { revokedAt: bench.now - 3 * HOUR });
      return runTlsWorld({
        settings: bench.settings({ credentials: credentialsOf(bad) }),
        flags: { ca: [await bench.rootFile()] },
        fix: ISSUE_AGAIN,
        healed: { credentials: bench.server() },
        others: [responder],
      });
    },
  }),
  defineWorld({
    name: 'revoked-intermediate',
    title: 'the root revoked the intermediate',
    expected: broken('revoked', 'server'),
    stack: 'node',
    start: async (bench) => {
      const { root, intermediate } = bench.authority;
      const list = createCrl({
        issuer: root,
        thisUpdate: bench.now - HOUR,
        nextUpdate: bench.now + DAY,
        number: 2,
        revoked: [{ serial: intermediate.serial, at: bench.now - 5 * HOUR, reason: 'cACompromise' }],
      });
      const fresh = bench.newAuthority();
      return runTlsWorld({
        settings: bench.settings(),
        flags: {
          ca: [await bench.file('ca.crt', root.pem + fresh.root.pem)],
          crl: [await bench.file('root.crl', list.pem + crlOf(bench, []).pem)],
        },
        fix: 'tlsmedic ca rotate   # and issue again under the new intermediate',
        healed: { credentials: bench.server({}, {}, fresh) },
        healedFlags: { crl: undefined },
      });
    },
  }),
  defineWorld({
    name: 'revocation-unavailable-stale-crl',
    title: 'the revocation list given ran out: nobody can tell',
    expected: broken('revocation-unavailable', 'local', { orParty: ['client'] }),
    stack: 'node',
    demo: true,
    start: async (bench) => {
      const stale = crlOf(bench, [], { thisUpdate: bench.now - 9 * DAY, nextUpdate: bench.now - 2 * DAY });
      return runTlsWorld({
        settings: bench.settings(),
        flags: { ca: [await bench.rootFile()], crl: [await bench.file('stale.crl', stale.pem)] },
        fix: 'curl -fO http://pki.internal/ca.crl   # a fresh list',
        healedFlags: { crl: [await bench.file('fresh.crl', crlOf(bench, []).pem)] },
      });
    },
  }),
  defineWorld({
    name: 'revocation-unavailable-must-staple',
    title: 'the certificate promises a stapled OCSP answer, the server sends none',
    expected: broken('revocation-unavailable', 'server'),
    stack: 'nginx',
    start: async (bench) => {
      const promising = serverCertificate(bench, { mustStaple: true });
      return runTlsWorld({
        settings: bench.settings({ credentials: credentialsOf(promising) }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'ssl_stapling on; ssl_stapling_verify on;   # then reload the server',
        healed: { staple: ocspFor(bench, promising, 'good') },
      });
    },
  }),
  defineWorld({
    name: 'revocation-unavailable-responder-down',
    title: 'the OCSP responder named in the certificate does not answer',
    expected: { outcome: 'healthy', warnings: ['revocation-unavailable'] },
    stack: 'node',
    start: async (bench) => {
      const asking = serverCertificate(bench, { ocsp: [`http://127.0.0.1:${await closedPort()}/ocsp`] });
      return runTlsWorld({
        settings: bench.settings({ credentials: credentialsOf(asking) }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'start the OCSP responder',
      });
    },
  }),
  defineWorld({
    name: 'healthy-crl',
    title: 'nothing stands in the way: a fresh list, and the certificate is not on it',
    expected: { outcome: 'healthy' },
    stack: 'node',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings(),
        flags: {
          ca: [await bench.rootFile()],
          crl: [await bench.file('ca.crl', crlOf(bench, [{ serial: '0badcafe', at: bench.now - DAY }]).pem)],
        },
        fix: 'nothing to mend',
      }),
  }),
  defineWorld({
    name: 'healthy-staple',
    title: 'nothing stands in the way: a stapled OCSP answer says good',
    expected: { outcome: 'healthy' },
    stack: 'openssl',
    start: async (bench) => {
      const good = serverCertificate(bench, { mustStaple: true });
      return runTlsWorld({
        settings: bench.settings({ credentials: credentialsOf(good), staple: ocspFor(bench, good, 'good') }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'nothing to mend',
      });
    },
  }),
];
