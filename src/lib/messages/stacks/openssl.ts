/** OpenSSL's error strings: alerts received, reasons of the SSL, X509, PEM, PKCS12 and DECODER libraries, in the wording of 1.0 to 3.x. */
import { alert, code, type Pattern, patternsOf, peer } from '../pattern.js';

/** Reason strings `sslv3 alert …`, `tlsv1 alert …`: always what the other end sent. */
const ALERTS: ReadonlyArray<readonly [number, string, ...string[]]> = [
  [10, 'alert unexpected message'],
  [20, 'alert bad record mac'],
  [21, 'alert decryption failed'],
  [22, 'alert record overflow'],
  [30, 'alert decompression failure'],
  [40, 'alert handshake failure'],
  [41, 'alert no certificate'],
  [42, 'alert bad certificate'],
  [43, 'alert unsupported certificate'],
  [44, 'alert certificate revoked'],
  [45, 'alert certificate expired'],
  [46, 'alert certificate unknown'],
  [47, 'alert illegal parameter'],
  [48, 'alert unknown ca'],
  [49, 'alert access denied'],
  [50, 'alert decode error'],
  [51, 'alert decrypt error'],
  [60, 'alert export restriction'],
  [70, 'alert protocol version'],
  [71, 'alert insufficient security'],
  [80, 'alert internal error'],
  [86, 'alert inappropriate fallback'],
  [90, 'alert user cancelled', 'alert user canceled'],
  [100, 'alert no renegotiation'],
  [109, 'alert missing extension', 'tlsv13 missing extension'],
  [110, 'tlsv1 unsupported extension', 'alert unsupported extension'],
  [111, 'tlsv1 certificate unobtainable', 'alert certificate unobtainable'],
  [112, 'tlsv1 unrecognized name', 'alert unrecognized name'],
  [113, 'tlsv1 bad certificate status response', 'alert bad certificate status response'],
  [114, 'tlsv1 bad certificate hash value', 'alert bad certificate hash value'],
  [115, 'alert unknown psk identity'],
  [116, 'alert certificate required'],
  [120, 'alert no application protocol'],
  [121, 'alert ech required'],
];

const alerts: Pattern[] = ALERTS.flatMap(([number, ...texts]) =>
  texts.map((text): Pattern => ({ stack: 'openssl', phrases: [text], text: new RegExp(text.replaceAll(' ', '[ _]'), 'i'), says: alert(number) })),
);

export const openssl: readonly Pattern[] = [
  ...alerts,
  ...patternsOf('openssl', [
    // The verdict of the verifier, without its reason.
    [['certificate verify failed', 'certificate verification failed'], peer('verify-failed'), { weight: 'vague' }],
    [['certificate_verify_failed'], peer('verify-failed'), { weight: 'vague' }],
    [['hostname verification failed'], peer('name')],
    [['peer did not return a certificate', 'tls_process_client_certificate:peer did not', 'no certificates returned'], peer('no-certificate'), { side: 'server' }],
    // Nothing in common.
    [['unsupported protocol', 'version too low', 'unsupported ssl version', 'no protocols available', 'wrong ssl version', 'inappropriate fallback', 'bad protocol version number'], code('version-mismatch'), { text: /ssl|tls|unsupported[ _]protocol \(|_ssl\.c/i }],
    [['unknown protocol'], code('plaintext-http', 'not-tls', 'starttls-needed', 'version-mismatch'), { text: /(?:SSL|:)[^\n]{0,60}unknown protocol/i, weight: 'told' }],
    [['no shared cipher', 'no cipher match', 'no ciphers available', 'no_shared_cipher', 'unknown cipher returned', 'wrong cipher returned', 'library has no ciphers'], code('cipher-mismatch')],
    [['no shared signature algorithms', 'no suitable key share', 'no shared groups', 'no suitable groups', 'missing sigalgs extension', 'wrong signature type', 'no required digest', 'unsupported elliptic curve', 'wrong curve'], code('cipher-mismatch', 'handshake-failure'), { text: /ssl|tls/i }],
    [['legacy sigalg disallowed', 'no suitable signature algorithm'], code('version-mismatch', 'cipher-mismatch', 'weak-signature', 'handshake-failure')],
    [['dh key too small', 'unsafe legacy renegotiation disabled', 'bad ecpoint', 'missing tmp dh key', 'missing tmp ecdh key'], code('cipher-mismatch', 'version-mismatch', 'weak-key', 'handshake-failure')],
    [['no application protocol'], code('alpn-mismatch')],
    [['ca dn length mismatch', 'length mismatch', 'bad extension', 'excessive message size', 'parse tlsext', 'bad handshake state', 'unsolicited extension', 'ssl handshake failure'], code('handshake-failure', 'not-tls'), { text: /SSL routines/i, weight: 'vague' }],
    [['wrong certificate type', 'unknown certificate type', 'invalid certificate or alg', 'signature for non signing certificate', 'cert length mismatch', 'ecc cert not for signing'], code('malformed', 'wrong-purpose'), { text: /SSL routines/i }],
    [['rsa routines::invalid padding', 'rsa routines:int_rsa_verify', 'block type is not 01', 'data too large for modulus', 'padding check failed', 'rsa routines:rsa_verify'], peer('bad-signature'), { text: /rsa routines|RSA routines/i }],
    [['digest_and_key_type_not_supported', 'wrong_signature_type', 'unknown_message_digest_algorithm', 'unknown message digest algorithm', 'unknown signature algorithm'], peer('weak-signature'), { text: /certificate signature failure|ASN\.?1 encoding|message digest|signature algorithm/i }],
    [['bad signature', 'digest check failed'], code('bad-signature', 'handshake-failure', 'client-key-mismatch', 'key-mismatch'), { text: /SSL routines|_ssl\.c/i }],
    [['decryption failed or bad record mac', 'bad record mac'], code('handshake-failure', 'reset', 'unknown-authority'), { text: /SSL routines|_ssl\.c|DECRYPTION_FAILED/i, weight: 'vague' }],
    [['invalid certificate verification context', 'x509 lib'], code('handshake-failure', 'reset', 'malformed'), { text: /SSL routines/i, weight: 'wrapper' }],
    // The other end does not speak TLS.
    [['wrong version number'], code('not-tls', 'plaintext-http', 'starttls-needed', 'version-mismatch')],
    [['http request'], code('plaintext-http', 'not-tls'), { text: /(?:SSL|OPENSSL_internal)[^\n]{0,80}http[ _]request/i }],
    [['https proxy request'], code('plaintext-http', 'not-tls')],
    [['packet length too long', 'record layer failure', 'bad record type', 'unexpected record', 'record too small', 'bad packet length', 'not on record boundary', 'data length too long', 'encrypted length too long'], code('not-tls', 'plaintext-http', 'starttls-needed', 'handshake-failure', 'version-mismatch', 'unknown-authority'), { text: /SSL|TLS/i, weight: 'vague' }],
    [['unexpected message', 'length too short'], code('handshake-failure', 'not-tls', 'plaintext-http', 'starttls-needed'), { text: /SSL routines/i, weight: 'vague' }],
    // The connection broke.
    [['unexpected eof while reading', 'unexpected_eof_while_reading'], code('reset', 'handshake-failure'), { weight: 'transport' }],
    [['ssl error syscall', 'ssl_error_syscall'], code('reset', 'handshake-failure', 'timeout'), { weight: 'transport' }],
    [['error:00000000:lib(0)'], code('handshake-failure', 'reset', 'not-tls', 'unknown-authority'), { weight: 'vague' }],
    // Its own files.
    [['key values mismatch', 'x509_check_private_key', 'key type mismatch', 'private key mismatch'], code('key-mismatch', 'client-key-mismatch'), { side: 'startup' }],
    [['no start line', 'bad base64 decode', 'bad end line', 'base64 decode error', 'no certificate or crl found', 'no certificate found', 'no pem extensions', 'expecting private key blob', 'ossl store handle load result:unsupported', 'decoder routines::unsupported', 'unsupported public key type'], code('bad-pem', 'malformed', 'bad-passphrase'), { side: 'startup', text: /error:|PEM|X509|DECODER|STORE|x509 certificate routines|OSSL|SSL/ }],
    [['err_ossl_unsupported', 'no supported data to decode', 'unsupported:no supported data'], code('bad-pem', 'malformed', 'bad-passphrase'), { side: 'startup' }],
    [['asn1 encoding routines', 'asn.1 encoding routines'], code('bad-pem', 'malformed'), { side: 'startup', text: /asn\.?1 encoding routines[^\n]{0,60}(?:wrong tag|nested asn1|not enough data|header too long|too long|bad object header|illegal|type not)/i }],
    [['bad decrypt', 'bad_decrypt', 'bad password read', 'problems getting password', 'mac verify failure', 'mac_verify_failure', 'pkcs12 cipherfinal error', 'pkcs12 pbe crypt error', 'maybe wrong password', 'empty password', 'interrupted or cancelled'], code('bad-passphrase', 'bad-pem'), { side: 'startup', text: /error:|routines|PEM|PKCS12|PROV|EVP|password|ERR_OSSL|UI/i }],
    [['unregistered scheme'], code('file-missing'), { side: 'startup', weight: 'wrapper' }],
    [['fopen:no such file', 'file_open:no such file', 'bio_new_file:no such file', 'system library:fopen', 'system library::no such file', 'system library:file_open', 'ssl_ctx_use_certificate:system lib', 'ssl_ctx_use_certificate_chain_file:system lib', 'fopen:permission denied'], code('file-missing'), { side: 'startup', text: /no such file|permission denied|system lib|fopen/i }],
    [['no certificate assigned', 'no private key assigned', 'no certificate set'], code('key-mismatch', 'file-missing', 'bad-pem', 'client-key-mismatch'), { side: 'startup' }],
  ]),
];
