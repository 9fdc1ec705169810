import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createCrl } from '../../ca/crl.js';
import { createOcspError } from '../../ca/ocsp.js';
import { DAY, HOUR, runTlsWorld } from '../bench.js';
import { broken, defineWorld } from '../define-world.js';
import { mutualTls } from '../mutual-tls.js';
import { startHttpServer } from '../servers/http-server.js';
import { imapPreface } from '../servers/prefaces.js';
import { extensionOf } from '../servers/tls-server.js';
import type { World } from '../world.js';

/** Ways of real servers that misled the diagnosis once: each was met on the server that it is named after. */

const GIVE_CLIENT = 'tlsmedic diagnose ... --cert client.crt --key client.key';
const IMAP_GREETING = '* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN] ready.\r\n';
/** Content type of an alert record, extension and alerts (RFC 8446 §5.1, §4.2, §6.2). */
const ALERT_RECORD = 21;
const SUPPORTED_VERSIONS = 43;
const PROTOCOL_VERSION = 70;
const INTERNAL_ERROR = 80;
/** crypto/tls's own order of schemes in its CertificateRequest. */
const GO_SCHEMES =
  'rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256:ed25519:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512';

export const seenOnServersWorlds: readonly World[] = [
  defineWorld({
    name: 'client-cert-required-forbidden',
    title:
      'the server asks for a client certificate and answers HTTP 403 to those who send none (nginx, HAProxy: verify optional and a rule)',
    expected: broken('client-cert-required', 'client'),
    stack: 'forbidding',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'forbidding') }),
        flags: { ca: [await bench.rootFile()] },
        fix: GIVE_CLIENT,
        healedFlags: { cert, key },
      });
    },
  }),
  ...(['required', 'expired', 'unknown-ca'] as const).map((what) =>
    defineWorld({
      name: `client-cert-${what}-dovecot`,
      title: 'a mail server greets every client, and refuses one without a valid certificate only at login',
      expected: broken(`client-cert-${what}`, 'client'),
      stack: 'dovecot',
      start: async (bench) => {
        const good = await bench.client();
        const given =
          what === 'required'
            ? {}
            : what === 'expired'
              ? await bench.pairOf(
                  'given',
                  bench.issue(
                    { names: ['gw'], profile: 'client', notBefore: bench.now - 3 * DAY, notAfter: bench.now - DAY },
                    { unchecked: true },
                  ),
                )
              : await bench.pairOf('given', bench.issue({ names: ['gw'], profile: 'client' }, {}, bench.newAuthority({ name: 'Other' })));
        return runTlsWorld({
          settings: bench.settings({ clientAuth: mutualTls(bench, 'dovecot'), greeting: IMAP_GREETING, login: true }),
          flags: { ca: [await bench.rootFile()], ...given },
          fix: GIVE_CLIENT,
          healedFlags: { cert: good.cert, key: good.key },
        });
      },
    }),
  ),
  defineWorld({
    name: 'client-cert-required-dovecot-starttls',
    title: 'the same behind STARTTLS, where no greeting comes over TLS',
    expected: broken('client-cert-required', 'client'),
    stack: 'dovecot',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'dovecot'), preface: imapPreface, login: true }),
        flags: { ca: [await bench.rootFile()], starttls: 'imap' },
        fix: GIVE_CLIENT,
        healedFlags: { cert, key },
      });
    },
  }),
  defineWorld({
    name: 'healthy-mtls-enforced-dovecot',
    title: 'nothing stands in the way: mutual TLS, expected, and enforced at login',
    expected: { outcome: 'healthy' },
    stack: 'dovecot',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'dovecot'), greeting: IMAP_GREETING, login: true }),
        flags: { ca: [await bench.rootFile()], cert, key, expectMtls: true },
        fix: 'nothing to mend',
      });
    },
  }),
  defineWorld({
    name: 'healthy-hangs-up-on-http',
    title: 'nothing stands in the way: the server asks, goes on without, and hangs up on the HTTP request that it does not know (Redis)',
    expected: { outcome: 'healthy' },
    stack: 'openssl',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl', { mode: 'optional' }), hangUpOnRequest: true }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'nothing to mend',
      }),
  }),
  defineWorld({
    name: 'client-auth-optional-redis',
    title: 'mutual TLS is expected, and the server that hangs up on HTTP goes on without a certificate',
    expected: broken('client-auth-not-enforced', 'server'),
    stack: 'openssl',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl', { mode: 'optional' }), hangUpOnRequest: true }),
        flags: { ca: [await bench.rootFile()], cert, key, expectMtls: true },
        fix: 'tls-auth-clients yes',
        healed: { clientAuth: mutualTls(bench, 'openssl') },
      });
    },
  }),
  defineWorld({
    name: 'client-cert-required-vsftpd',
    title: 'the alert for the missing client certificate is followed by a line of plain text',
    expected: broken('client-cert-required', 'client'),
    versions: ['TLSv1.2'],
    stack: 'openssl',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({
          clientAuth: mutualTls(bench, 'openssl'),
          rewrite: () => (record) => {
            const bytes = Buffer.concat([record.header, record.body]);
            return record.header[0] === ALERT_RECORD && record.body[1] !== 0
              ? Buffer.concat([bytes, Buffer.from('500 OOPS: SSL: cannot accept SSL connection.\r\n')])
              : bytes;
          },
        }),
        flags: { ca: [await bench.rootFile()] },
        fix: GIVE_CLIENT,
        healedFlags: { cert, key },
      });
    },
  }),
  defineWorld({
    name: 'sni-rejected-go-one-version',
    title: 'a Go server of one version has no certificate for the name, and says protocol_version before it looks at it',
    expected: broken('sni-rejected', 'server'),
    stack: 'go',
    start: async (bench) =>
      runTlsWorld({
        settings: bench.settings({
          onClientHello: ({ message }) => {
            const offered = extensionOf(message, SUPPORTED_VERSIONS)?.toString('hex') ?? '0303';
            return {
              do: 'alert',
              description: offered.includes(bench.version === 'TLSv1.3' ? '0304' : '0303') ? INTERNAL_ERROR : PROTOCOL_VERSION,
            };
          },
        }),
        flags: { ca: [await bench.rootFile()], servername: 'ledger.payments.svc' },
        fix: 'give GetCertificate one for the name',
        healed: { onClientHello: () => undefined, credentials: bench.server({ names: ['ledger.payments.svc'] }) },
      }),
  }),
  defineWorld({
    name: 'client-cert-rejected-go-check',
    title: "a check of the Go program's own refuses a good certificate with the alert that elsewhere means a clock",
    expected: broken('client-cert-rejected', 'client'),
    stack: 'go-1.21',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({
          signatureAlgorithms: GO_SCHEMES,
          clientAuth: mutualTls(bench, 'go-1.21', { pinned: ['00'.repeat(32)] }),
        }),
        flags: { ca: [await bench.rootFile()], cert, key },
        fix: 'let VerifyPeerCertificate accept this client',
        healed: { clientAuth: mutualTls(bench, 'go-1.21') },
      });
    },
  }),
  defineWorld({
    name: 'client-cert-rejected-weak-key',
    title:
      'our client certificate holds an RSA key of 1024 bits, and an OpenSSL server says to it what it says to one that is not valid yet',
    expected: broken('client-cert-rejected', 'client'),
    stack: 'go-1.21',
    start: async (bench) => {
      const good = await bench.client();
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
      const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
      const weak = bench.issue({ names: ['gateway.payments.svc'], profile: 'client', spki });
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'go-1.21', { pinned: [good.issued.fingerprint] }) }),
        flags: {
          ca: [await bench.rootFile()],
          ...(await bench.pair('weak', weak.chainPem, String(privateKey.export({ type: 'pkcs8', format: 'pem' })))),
        },
        fix: 'tlsmedic issue gateway.payments.svc --client --out ./tls',
        healedFlags: { cert: good.cert, key: good.key },
      });
    },
  }),
  defineWorld({
    name: 'client-revoked-unsaid-nginx',
    title: 'our client certificate was revoked, nginx says only that something is wrong with it, and no list is at hand here',
    expected: broken('revoked', 'client'),
    stack: 'nginx',
    start: async (bench) => {
      const bad = await bench.client();
      const good = bench.issue({ names: ['gateway.payments.svc'], profile: 'client' });
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'nginx', { revoked: [bad.issued.serial] }) }),
        flags: { ca: [await bench.rootFile()], cert: bad.cert, key: bad.key },
        fix: 'tlsmedic issue NAME --client --out ./tls',
        healedFlags: await bench.pairOf('fresh', good),
      });
    },
  }),
  defineWorld({
    name: 'client-list-of-server-expired',
    title: 'the list by which the server checks its clients ran out, and it calls every certificate expired',
    expected: broken('revocation-unavailable', 'server'),
    stack: 'openssl',
    start: async (bench) => {
      const { cert, key } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl', { mode: 'optional', listExpired: true }) }),
        flags: { ca: [await bench.rootFile()], cert, key },
        fix: 'tlsmedic ca revoke --renew-list   # then let the server load it',
        healed: { clientAuth: mutualTls(bench, 'openssl', { mode: 'optional' }) },
      });
    },
  }),
  defineWorld({
    name: 'healthy-crl-of-client',
    title: "nothing stands in the way: the list given is that of the client certificate's authority, not of the server's",
    expected: { outcome: 'healthy' },
    stack: 'openssl',
    start: async (bench) => {
      const clients = bench.newAuthority({ name: 'Clients' });
      const { cert, key } = await bench.client({}, {}, clients);
      const crl = createCrl({
        issuer: clients.intermediate,
        thisUpdate: bench.now - HOUR,
        nextUpdate: bench.now + DAY,
        number: 3,
        revoked: [],
      });
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl', { anchors: [clients.root.pem] }) }),
        flags: { ca: [await bench.rootFile()], cert, key, crl: [await bench.file('clients.crl', crl.pem)] },
        fix: 'nothing to mend',
      });
    },
  }),
  defineWorld({
    name: 'healthy-responder-says-nothing',
    title: 'nothing stands in the way, though the OCSP responder named in the certificate answers "try later": nobody can tell',
    expected: { outcome: 'healthy', warnings: ['revocation-unavailable'] },
    stack: 'node',
    start: async (bench) => {
      const responder = await startHttpServer((_request, response) => response.end(createOcspError(3)));
      return runTlsWorld({
        settings: bench.settings({ credentials: bench.server({ ocsp: [`${responder.url}/ocsp`] }) }),
        flags: { ca: [await bench.rootFile()] },
        fix: 'let the responder answer again',
        others: [responder],
      });
    },
  }),
  defineWorld({
    name: 'bad-pem-cut-off',
    title: 'our certificate file ends in the middle of the certificate',
    expected: broken('bad-pem', 'local'),
    versions: ['TLSv1.3'],
    stack: 'openssl',
    start: async (bench) => {
      const { cert, key, issued } = await bench.client();
      return runTlsWorld({
        settings: bench.settings({ clientAuth: mutualTls(bench, 'openssl') }),
        flags: { ca: [await bench.rootFile()], cert: await bench.file('cut.crt', issued.certPem.slice(0, 400)), key },
        fix: 'copy the certificate again, whole',
        healedFlags: { cert },
      });
    },
  }),
];
