import { describe, expect, it } from 'vitest';
import { isCauseCode } from '../../src/lib/cause.js';
import { explainText } from '../../src/lib/messages/explain.js';
import type { Code, Side } from '../../src/lib/messages/pattern.js';
import { PATTERNS } from '../../src/lib/messages/stacks.js';

const NOW = new Date('2026-11-22T11:00:00Z');

/** What a stack prints, by its own tables of errors, and what it has to be taken for. */
const CASES: ReadonlyArray<readonly [text: string, code: Code, side?: Side]> = [
  // OpenSSL, over the versions.
  ['140735:error:14090086:SSL routines:SSL3_GET_SERVER_CERTIFICATE:certificate verify failed:s3_clnt.c:1264:', 'unknown-authority'],
  ['error:14077410:SSL routines:SSL23_GET_SERVER_HELLO:sslv3 alert handshake failure', 'handshake-failure'],
  ['error:1408F10B:SSL routines:ssl3_get_record:wrong version number', 'not-tls'],
  ['error:0A000086:SSL routines::certificate verify failed', 'unknown-authority'],
  ['SSL_accept error: error:0A0000C7:SSL routines::peer did not return a certificate', 'client-cert-required', 'server'],
  ['depth=0 CN = web\nverify error:num=62:hostname mismatch', 'san-mismatch'],
  ['verify error:num=19:self signed certificate in certificate chain', 'untrusted-root'],
  ['verify error:num=19:self-signed certificate in certificate chain', 'untrusted-root'],
  ['verify error:num=25:path length constraint exceeded', 'path-length'],
  ['verify error:num=47:permitted subtree violation', 'name-constraint'],
  ['verify error:num=3:unable to get certificate CRL', 'revocation-unavailable'],
  ['verify error:num=12:CRL has expired', 'revocation-unavailable'],
  ['error:0B080074:x509 certificate routines:X509_check_private_key:key values mismatch', 'key-mismatch', 'startup'],
  ['error:0906D06C:PEM routines:PEM_read_bio:no start line', 'bad-pem', 'startup'],
  ['error:06065064:digital envelope routines:EVP_DecryptFinal_ex:bad decrypt', 'bad-passphrase', 'startup'],
  ['Mac verify error: invalid password?  error:23076071:PKCS12 routines:PKCS12_parse:mac verify failure', 'bad-passphrase', 'startup'],
  ['error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported', 'version-mismatch'],
  ['error:0A000152:SSL routines::unsafe legacy renegotiation disabled', 'cipher-mismatch'],
  ['error:141A318A:SSL routines:tls_process_ske_dhe:dh key too small', 'cipher-mismatch'],
  ['error:0A000126:SSL routines::unexpected eof while reading', 'reset'],
  // BoringSSL and Envoy.
  ['TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end', 'unknown-authority'],
  [
    'upstream connect error or disconnect/reset before headers. reset reason: connection failure, transport failure reason: TLS error: 268435612:SSL routines:OPENSSL_internal:HTTP_REQUEST',
    'plaintext-http',
  ],
  ['SSL_ERROR_SSL: error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE', 'handshake-failure'],
  ['TLS error: Secret is not supplied by SDS', 'file-missing', 'startup'],
  ['verify cert failed: verify SAN list', 'san-mismatch'],
  // Go.
  [
    'Get "https://a.test": tls: failed to verify certificate: x509: certificate is valid for 3 names, but none matched a.test',
    'san-mismatch',
    'client',
  ],
  ['x509: certificate is not valid for any names, but wanted to match a.test', 'no-san'],
  ['x509: certificate specifies an incompatible key usage', 'wrong-purpose'],
  ['x509: too many intermediates for path length constraint', 'path-length'],
  [
    'x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "x" is not permitted by any constraint',
    'name-constraint',
  ],
  [
    'x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm MD5-RSA" while trying to verify candidate authority certificate "Old Root")',
    'weak-signature',
  ],
  ['remote error: tls: no application protocol', 'alpn-mismatch', 'client'],
  ['http: TLS handshake error from 10.0.0.9:1234: tls: no cipher suite supported by both client and server', 'cipher-mismatch', 'server'],
  ["http: TLS handshake error from 10.0.0.9:1234: tls: client didn't provide a certificate", 'client-cert-required', 'server'],
  [
    'http: TLS handshake error from 10.0.0.9:1234: tls: invalid signature by the client certificate: crypto/rsa: verification error',
    'client-key-mismatch',
    'server',
  ],
  ['tls: server selected unsupported protocol version 301', 'version-mismatch'],
  ['http: server gave HTTP response to HTTPS client', 'plaintext-http'],
  ['tls: failed to find any PEM data in certificate input', 'bad-pem', 'startup'],
  // Java.
  ['javax.net.ssl.SSLHandshakeException: Received fatal alert: unknown_ca', 'client-cert-unknown-ca', 'client'],
  ['java.security.cert.CertificateExpiredException: NotAfter: Sat Nov 21 23:51:00 UTC 2026', 'expired'],
  ['java.security.cert.CertificateNotYetValidException: NotBefore: Mon Nov 23 00:00:00 UTC 2026', 'not-yet-valid'],
  ['java.security.cert.CertificateException: No subject alternative DNS name matching a.test found.', 'san-mismatch'],
  ['java.security.cert.CertificateException: No subject alternative names present', 'no-san'],
  ['sun.security.validator.ValidatorException: Extended key usage does not permit use for TLS server authentication', 'wrong-purpose'],
  [
    'java.security.cert.CertPathValidatorException: Algorithm constraints check failed on signature algorithm: MD5withRSA',
    'weak-signature',
  ],
  [
    'java.security.cert.CertPathValidatorException: Algorithm constraints check failed on keysize limits: RSA 512 bit key used with certificate: CN=x',
    'weak-key',
  ],
  ['java.security.cert.CertificateRevokedException: Certificate has been revoked, reason: KEY_COMPROMISE', 'revoked'],
  [
    'javax.net.ssl.SSLHandshakeException: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)',
    'version-mismatch',
  ],
  ['javax.net.ssl.SSLException: Unsupported or unrecognized SSL message', 'not-tls'],
  ['java.io.IOException: keystore password was incorrect', 'bad-passphrase', 'startup'],
  ['java.io.IOException: Invalid keystore format', 'bad-pem', 'startup'],
  ['java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty', 'file-missing', 'startup'],
  ['io.netty.handler.ssl.NotSslRecordException: not an SSL/TLS record: 485454502f312e31', 'not-tls'],
  ['org.bouncycastle.tls.TlsFatalAlertReceived: bad_certificate(42)', 'client-cert-rejected'],
  ['org.bouncycastle.tls.TlsFatalAlert: certificate_expired(45)', 'expired'],
  // Node and Python.
  [
    "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: a.test. is not in the cert's altnames: DNS:b.test",
    'san-mismatch',
  ],
  ["code: 'DEPTH_ZERO_SELF_SIGNED_CERT'", 'self-signed'],
  ["code: 'SELF_SIGNED_CERT_IN_CHAIN'", 'untrusted-root'],
  ["code: 'CERT_HAS_EXPIRED'", 'expired'],
  ['getaddrinfo ENOTFOUND db.internal', 'dns'],
  ['connect ECONNREFUSED 10.0.0.7:443', 'refused'],
  [
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'a.test'. (_ssl.c:1006)",
    'san-mismatch',
  ],
  ['[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)', 'client-cert-required'],
  // rustls.
  ['invalid peer certificate: NotValidForName', 'san-mismatch'],
  ['invalid peer certificate: certificate not valid for name "a.test"; certificate is only valid for "b.test"', 'san-mismatch'],
  ['InvalidCertificate(UnknownIssuer)', 'unknown-authority'],
  ['received fatal alert: HandshakeFailure', 'handshake-failure'],
  ['received fatal alert: the peer found the certificate was not issued by a trusted CA', 'client-cert-unknown-ca'],
  ['received corrupt message of type InvalidContentType', 'not-tls'],
  // GnuTLS.
  ['The certificate chain uses insecure algorithm.', 'weak-signature'],
  ['*** Received alert [116]: Certificate is required', 'client-cert-required'],
  ['gnutls_handshake() failed: Error in protocol version', 'version-mismatch'],
  ['An unexpected TLS packet was received.', 'not-tls'],
  // NSS and browsers.
  ['Error code: SSL_ERROR_NO_CYPHER_OVERLAP', 'cipher-mismatch'],
  ['Error code: MOZILLA_PKIX_ERROR_INADEQUATE_KEY_SIZE', 'weak-key'],
  ['ERROR -8101: Certificate type not approved for application.', 'wrong-purpose'],
  ['PR_Write error -12271', 'client-cert-rejected'],
  ['net::ERR_CERT_AUTHORITY_INVALID', 'unknown-authority'],
  ['net::ERR_CERT_DATE_INVALID', 'expired-or-not-yet-valid'],
  ['handshake failed; returned -1, SSL error code 1, net_error -113', 'version-mismatch'],
  ['net::ERR_BAD_SSL_CLIENT_AUTH_CERT', 'client-cert-rejected'],
  // Windows, Apple.
  [
    'schannel: next InitializeSecurityContext failed: SEC_E_UNTRUSTED_ROOT (0x80090325) - The certificate chain was issued by an authority that is not trusted.',
    'untrusted-root',
  ],
  ['schannel: SNI or certificate check failed: SEC_E_WRONG_PRINCIPAL (0x80090322)', 'san-mismatch'],
  [
    'System.ComponentModel.Win32Exception (0x80090331): The client and server cannot communicate, because they do not possess a common algorithm',
    'cipher-mismatch',
  ],
  ['The remote certificate is invalid because of errors in the certificate chain: PartialChain', 'unknown-authority'],
  ['The remote certificate is invalid because of errors in the certificate chain: NotTimeValid', 'expired-or-not-yet-valid'],
  ['CFNetwork SSLHandshake failed (-9843)', 'san-mismatch'],
  ['Error Domain=NSURLErrorDomain Code=-1201 "The certificate for this server has expired."', 'expired-or-not-yet-valid'],
  ['errSSLPeerUnknownCA', 'client-cert-unknown-ca'],
  // Embedded.
  ['mbedtls_ssl_handshake returned -0x2700\n  ! The certificate validity has expired', 'expired'],
  ['mbedtls_ssl_handshake returned -0x7200', 'not-tls'],
  ['wolfSSL_connect error -188, ASN no signer error to confirm failure', 'unknown-authority'],
  ['wolfSSL_connect failed: err = -322, peer subject name mismatch', 'san-mismatch'],
  // Erlang.
  ['TLS client: In state wait_cert at ssl_handshake.erl:2113 generated CLIENT ALERT: Fatal - Unknown CA', 'unknown-authority', 'client'],
  ['TLS server: In state wait_finished received CLIENT ALERT: Fatal - Bad Certificate', 'unknown-authority', 'server'],
  [
    'TLS client: In state wait_finished at ssl_gen_statem.erl received SERVER ALERT: Fatal - Certificate Expired',
    'client-cert-expired',
    'client',
  ],
  ['{bad_cert,hostname_check_failed}', 'san-mismatch'],
  // curl, databases, proxies.
  ["curl: (60) SSL: certificate subject name 'b.test' does not match target hostname 'a.test'", 'san-mismatch', 'client'],
  ["curl: (58) unable to set private key file: '/etc/ssl/k.key' type PEM", 'key-mismatch', 'startup'],
  ['FATAL:  connection requires a valid client certificate', 'client-cert-required', 'server'],
  [
    'SSL error: certificate verify failed\nFATAL:  no pg_hba.conf entry for host "10.0.0.9", user "app", database "app", no encryption',
    'unknown-authority',
  ],
  ['psql: error: server does not support SSL, but SSL was required', 'plaintext-http'],
  ['root certificate file "/root/.postgresql/root.crt" does not exist', 'file-missing', 'startup'],
  ['ERROR 2026 (HY000): SSL connection error: error:0A000086:SSL routines::certificate verify failed', 'unknown-authority', 'client'],
  [
    'Error receiving request from client: SSLHandshakeFailed: no SSL certificate provided by peer; connection rejected',
    'client-cert-required',
    'server',
  ],
  ['Invalid receive (size = 369296128 larger than 104857600)', 'not-tls'],
  [
    '2026/11/22 03:00:00 [info] 7#7: *9 client sent no required SSL certificate while reading client request headers, client: 10.0.0.9, server: a.test',
    'client-cert-required',
    'server',
  ],
  [
    '2026/11/22 03:00:00 [error] 7#7: *9 upstream SSL certificate does not match "b.test" while SSL handshaking to upstream, client: 10.0.0.9',
    'san-mismatch',
    'client',
  ],
  [
    '2026/11/22 03:00:00 [error] 7#7: *9 upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream, client: 10.0.0.9',
    'expired',
    'client',
  ],
  [
    "unable to load SSL private key from PEM file '/etc/haproxy/site.pem'. inconsistencies between private key and certificate loaded",
    'key-mismatch',
    'startup',
  ],
  ['AH02039: Certificate Verification: Error (10): certificate has expired [client 10.0.0.9:4711]', 'client-cert-expired', 'server'],
  [
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'unknown-authority',
    'client',
  ],
  [
    'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: x509: certificate has expired or is not yet valid: current time 2026-11-22T03:00:00Z is before 2026-11-23T00:00:00Z"',
    'not-yet-valid',
  ],
];

describe('what the stacks print', () => {
  it.each(CASES.map(([text, code, side]) => ({ text, code, side })))('$text', ({ text, code, side }) => {
    const [first] = explainText(text, NOW);
    expect(first?.code).toBe(code);
    if (side !== undefined) expect(first?.side).toBe(side);
  });
});

describe('the same alert means the other certificate on the other end', () => {
  it.each([
    ['remote error: tls: unknown certificate authority', 'Get "https://a.test": ', 'client-cert-unknown-ca'],
    ['remote error: tls: unknown certificate authority', 'http: TLS handshake error from 10.0.0.9:1: ', 'unknown-authority'],
    ['remote error: tls: expired certificate', 'Get "https://a.test": ', 'client-cert-expired'],
    ['remote error: tls: expired certificate', 'http: TLS handshake error from 10.0.0.9:1: ', 'expired'],
  ])('%s after %s', (words, before, code) => {
    expect(explainText(before + words, NOW)[0]?.code).toBe(code);
  });
});

/** Words of certificates, expiry and handshakes that are about something else, or about nothing wrong. */
const NO_FAILURE = [
  '',
  'hello world',
  'JWT is expired or is not yet valid',
  'gpg: Signature made Sun 22 Nov 2026; gpg: Note: This key has expired!',
  'ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey]',
  'kex_exchange_identification: Connection reset by peer',
  'krb5_get_init_creds: Clock skew too great',
  'SAML response is not yet valid or has expired, check NotOnOrAfter',
  'certificate renewed, next renewal in 60 days',
  'cert-manager: certificate will expire in 29 days',
  'WebSocket handshake failed: HTTP 403',
  'your password has expired',
  'session expired, please log in again',
  '{"level":"info","msg":"TLS handshake completed","version":"1.3"}',
  '* SSL certificate verify ok.',
  '    Verify return code: 0 (ok)',
  '10.0.0.1 - - [22/Nov/2026:03:00:00 +0000] "GET /docs/certificate-has-expired.html HTTP/1.1" 200 512 "-" "curl/8"',
  'ERROR: duplicate key value violates unique constraint "orders_pkey"',
  'npm ERR! code EINTEGRITY sha512 checksum mismatch',
  'API key does not match any known tenant',
  'FATAL:  password authentication failed for user "app"',
];

describe('what is no TLS failure', () => {
  it.each(NO_FAILURE)('%s', (text) => {
    expect(explainText(text, NOW).map(({ code, sample }) => `${code}: ${sample}`)).toEqual([]);
  });
});

describe('every pattern', () => {
  it('says something the contract knows, on each side', () => {
    const codes = new Set<string>();
    for (const phrase of PATTERNS.flatMap(({ phrases }) => phrases)) {
      for (const lead of ['', 'SSL_accept: ']) {
        for (const { code, also } of explainText(`${lead}${phrase}`, NOW)) for (const name of [code, ...also]) codes.add(name);
      }
    }
    expect([...codes].filter((name) => !isCauseCode(name))).toEqual([]);
    expect(codes.size).toBeGreaterThan(35);
  });

  it('keeps its state to itself: no expression is global or sticky', () => {
    expect(PATTERNS.filter(({ text }) => text !== undefined && /[gy]/.test(text.flags))).toEqual([]);
  });
});
