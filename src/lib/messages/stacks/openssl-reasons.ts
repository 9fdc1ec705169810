/**
 * Reasons of the SSL library in OpenSSL (sslerr.txt, 1.0 to 3.x), LibreSSL and BoringSSL (ssl.errordata) beyond the common ones in openssl.ts, however they
 * are printed: `SSL routines::no ciphers specified`, `[SSL: NO_CIPHERS_SPECIFIED]`, `OPENSSL_internal:NO_CIPHERS_SPECIFIED`, `ERR_SSL_NO_CIPHERS_SPECIFIED`.
 * A reason that no table has still says that the handshake failed in that library.
 */
import { code, type Meant, type Pattern, peer, tableOf } from '../pattern.js';

const VERSION = code('version-mismatch', 'cipher-mismatch');
const CIPHER = code('cipher-mismatch', 'version-mismatch', 'handshake-failure');
const OWN_CERTIFICATE = code('key-mismatch', 'file-missing', 'cipher-mismatch', 'bad-pem');
const NOT_TLS = code('not-tls', 'plaintext-http', 'starttls-needed', 'version-mismatch');

const REASONS: ReadonlyArray<readonly [says: Meant, ...reasons: string[]]> = [
  [
    VERSION,
    'version too high',
    'unknown ssl version',
    'no supported versions enabled',
    'no method specified',
    'tls13 downgrade',
    'downgrade detected',
    'at least tls 1.0 needed in fips mode',
    'at least (d)tls 1.2 needed in suite b mode',
    'second serverhello version mismatch',
    'wrong version on early data',
    'ssl ctx has no default ssl version',
    'no verify callback version',
  ],
  [
    CIPHER,
    'required cipher missing',
    'bad cipher',
    'unsupported cipher',
    'no ciphers specified',
    'no ciphers passed',
    'error in received cipher list',
    'no common signature algorithms',
    'no shared group',
    'no groups specified',
    'missing supported groups extension',
    'missing key share',
    'bad key share',
    'unknown cipher type',
    'cipher or hash unavailable',
    'invalid signature algorithm',
    'signature algorithms error',
    'ecdh required for suiteb mode',
    'illegal suite b digest',
    'bad ecc cert',
    'tls invalid ecpointformat list',
    'bad dh value',
    'bad dh p length',
    'bad dh g length',
    'dh p too long',
    'dh public value length is wrong',
    'unknown key exchange type',
    'unable to find ecdh parameters',
    'unable to find dh parameters',
    'modulus too large',
    'unsupported compression algorithm',
    'no compression specified',
    'required compression algorithm missing',
  ],
  [
    OWN_CERTIFICATE,
    'missing rsa certificate',
    'missing rsa signing cert',
    'missing rsa encrypting cert',
    'missing dsa signing cert',
    'missing ecdsa signing cert',
    'missing signing cert',
    'private key operation failed',
    'unknown pkey type',
    'no client cert method',
  ],
  [peer('purpose'), 'key usage bit incorrect'],
  [
    peer('malformed'),
    'cannot parse leaf cert',
    'unsupported certificate',
    'ca dn too long',
    'uncompressed cert too large',
    'cert decompression failed',
    'unknown cert compression alg',
    'decode error',
    'unable to find public key parameters',
  ],
  [peer('no-certificate'), 'tls peer did not respond with certificate list', 'peer error no certificate'],
  [peer('refused'), 'no valid scts', 'sct verification failed', 'invalid sct list', 'no matching issuer'],
  [peer('revocation-unknown'), 'invalid status response', 'ocsp callback failure', 'ocsp cb error'],
  [
    code('sni-rejected', 'handshake-failure'),
    'ssl3 ext invalid servername',
    'ssl3 ext invalid servername type',
    'clienthello tlsext',
    'serverhello tlsext',
    'handshake failure on client hello',
    'connection rejected',
  ],
  [
    code('alpn-mismatch', 'handshake-failure'),
    'invalid alpn protocol',
    'negotiated both npn and alpn',
    'alpn mismatch on early data',
    'negotiated alps without alpn',
    'got next proto without extension',
  ],
  [
    NOT_TLS,
    'unknown protocol',
    'invalid outer record type',
    'record too large',
    'wrong ssl version',
    'unsupported ssl version',
    'app data in handshake',
    'clienthello parse failed',
  ],
];

/** Where a reason stands: after the library and the function's name, in Python's brackets, in Node's code. */
const PLACES: readonly string[] = ['ssl routines:', '[ssl: ', 'err_ssl_', "'ssl routines', '"];
const BEFORE = String.raw`(?:SSL[ _]routines:(?:[A-Za-z0-9_ ]{0,60}:)?|\[SSL: |ERR_SSL_|'SSL routines', '[A-Za-z0-9_]{0,60}', ')`;

export const opensslReasons: readonly Pattern[] = [
  tableOf(
    'openssl',
    PLACES,
    [BEFORE, '(?![a-z_ ]{0,2}[a-z])'],
    REASONS.flatMap(([says, ...reasons]) => reasons.map((reason) => [reason, says] as const)),
    { weight: 'told' },
  ),
  {
    stack: 'openssl',
    phrases: PLACES,
    text: /'SSL routines', '|SSL[ _]routines:|\[SSL: [A-Z]|ERR_SSL_(?!SSLV3_ALERT_CLOSE)[A-Z]/,
    says: code(
      'handshake-failure',
      'cipher-mismatch',
      'version-mismatch',
      'not-tls',
      'unknown-authority',
      'client-cert-rejected',
      'key-mismatch',
      'reset',
    ),
    weight: 'wrapper',
  },
  {
    stack: 'openssl',
    phrases: ['read timeout expired'],
    text: /SSL[ _]routines/i,
    says: code('timeout'),
    weight: 'transport',
  },
  {
    stack: 'openssl',
    phrases: ['protocol is shutdown', 'application data on shutdown', 'shutdown while in init'],
    text: /SSL[ _]routines|\[SSL: /i,
    says: code('reset', 'handshake-failure', 'client-cert-rejected', 'client-cert-required'),
    weight: 'transport',
  },
  // pyOpenSSL's list of errors, of a file that is not there.
  {
    stack: 'openssl',
    phrases: ["'ssl routines', '", "'bio routines', '"],
    text: /\('system library', [^\n]{0,200}\('(?:BIO|SSL) routines', '\w{0,60}', '(?:system lib|no such file)'/,
    says: code('file-missing', 'bad-pem'),
    side: 'startup',
    weight: 'told',
  },
  // The libraries that read files. What they could not read is the program's own.
  {
    stack: 'openssl',
    phrases: [
      'x509 certificate routines',
      'x.509 certificate routines',
      'pem routines',
      'pkcs12 routines',
      'decoder routines',
      '[x509: ',
      '[pem: ',
    ],
    text: /(?:x\.?509 certificate|PEM|PKCS12|DECODER) routines:(?![^\n]{0,80}cert already in hash table)|\[(?:X509|PEM): (?!CERT_ALREADY)/i,
    says: code('bad-pem', 'malformed', 'file-missing', 'bad-passphrase', 'key-mismatch'),
    side: 'startup',
    weight: 'wrapper',
  },
];
