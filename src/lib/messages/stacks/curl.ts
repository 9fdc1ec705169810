/** curl and libcurl: its own sentences per TLS backend, and its exit codes when nothing better stands beside them. */
import { code, type Pattern, patternsOf, peer } from '../pattern.js';

/** curl(1) EXIT CODES, as `curl: (60)`, `cURL error 60`, `errno 60`, PycURL `(60, '…')`. */
const EXITS: ReadonlyArray<readonly [number, ...Parameters<typeof code>]> = [
  [5, 'dns'],
  [6, 'dns'],
  [7, 'refused', 'timeout'],
  [28, 'timeout'],
  [35, 'handshake-failure', 'reset', 'not-tls', 'plaintext-http', 'version-mismatch', 'cipher-mismatch', 'client-cert-required', 'client-cert-rejected', 'sni-rejected', 'revocation-unavailable'],
  [51, 'san-mismatch', 'unknown-authority'],
  [52, 'reset', 'handshake-failure', 'plaintext-http', 'client-cert-required'],
  [53, 'file-missing'],
  [54, 'file-missing'],
  [55, 'reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected'],
  [56, 'reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired'],
  [58, 'bad-pem', 'file-missing', 'bad-passphrase', 'client-key-mismatch', 'key-mismatch', 'malformed'],
  [59, 'cipher-mismatch'],
  [60, 'unknown-authority', 'missing-intermediate', 'untrusted-root', 'self-signed', 'stale-trust-bundle', 'expired', 'not-yet-valid', 'expired-or-not-yet-valid', 'san-mismatch', 'no-san', 'wrong-purpose', 'not-a-ca', 'path-length', 'name-constraint', 'bad-signature', 'weak-signature', 'weak-key', 'revoked', 'malformed', 'client-cert-expired'],
  [64, 'starttls-needed', 'plaintext-http'],
  [66, 'handshake-failure'],
  [77, 'file-missing', 'bad-pem', 'malformed'],
  [80, 'reset', 'handshake-failure'],
  [82, 'bad-pem', 'file-missing', 'revocation-unavailable'],
  [83, 'unknown-authority', 'untrusted-root'],
  [90, 'unknown-authority'],
  [91, 'revocation-unavailable', 'revoked'],
  [98, 'client-cert-required'],
];

const STARTUP = new Set([53, 54, 58, 59, 66, 77, 82]);

const exits: Pattern[] = EXITS.map(([exit, name, ...also]): Pattern => ({
  stack: 'curl',
  phrases: [`curl: (${exit})`, `curl error ${exit}`, `curl error: ${exit}`, `curl returned error: ${exit}`, `curl error (${exit})`, `curle_${exit}`, `libcurl error ${exit}`, `pycurl.error: (${exit}`],
  text: new RegExp(`(?:curl|cURL|CURL)[^\\n]{0,24}\\D${exit}(?!\\d)`),
  says: code(name, ...also),
  side: STARTUP.has(exit) ? 'startup' : 'client',
  weight: 'wrapper',
}));

export const curl: readonly Pattern[] = [
  ...exits,
  ...patternsOf('curl', [
    [['no alternative certificate subject name matches'], peer('name'), { side: 'client', text: /matches target (?:host name|ipv[46] address|hostname|[a-z0-9 ]{1,16}) '(?<wanted>[^']{1,253})'|no alternative certificate subject name matches/ }],
    [["does not match target host name", 'does not match target hostname', 'unable to obtain common name from peer certificate'], peer('name'), { side: 'client', text: /certificate subject name '?\(?(?<names>[^')]{1,253})'?\)? does not match target host ?name '(?<wanted>[^']{1,253})'|does not match target host|unable to obtain common name/ }],
    [['ssl certificate problem'], peer('verify-failed'), { side: 'client', weight: 'wrapper' }],
    [['ssl certificate verification failed', 'ssl certificate openssl verify result', 'ssl peer certificate or ssh remote key was not ok', 'peer certificate cannot be authenticated with given ca certificates'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
    [['public key does not match pinned public key', 'certificate issuer check failed', 'issuer check against peer certificate failed'], peer('unknown-issuer'), { side: 'client' }],
    [['error setting certificate verify locations', 'error setting certificate file', 'error setting certificate path', 'error adding trust anchors from', 'problem with the ssl ca cert', 'error reading ca cert file'], code('file-missing', 'bad-pem', 'malformed'), { side: 'startup', weight: 'told' }],
    [['error loading crl file', 'failed to load crl file', 'error reading crl file'], code('bad-pem', 'file-missing', 'revocation-unavailable'), { side: 'startup', weight: 'told' }],
    [['could not load pem client certificate', 'could not load asn1 client certificate', 'problem with the local ssl certificate', 'unable to set client certificate', 'could not load client certificate', 'unable to use client certificate', 'no key found or wrong pass phrase', 'no key found, wrong passphrase'], code('bad-pem', 'file-missing', 'bad-passphrase', 'client-key-mismatch', 'key-mismatch', 'malformed'), { side: 'startup', weight: 'vague' }],
    [['could not open pkcs12 file', 'error reading pkcs12 file'], code('file-missing', 'bad-pem'), { side: 'startup' }],
    [['could not parse pkcs12 file, check password'], code('bad-passphrase', 'bad-pem'), { side: 'startup' }],
    [['unable to set private key', 'unable to use private key from'], code('key-mismatch', 'client-key-mismatch', 'bad-passphrase', 'bad-pem', 'file-missing'), { side: 'startup', weight: 'vague' }],
    [['private key does not match the certificate public key'], code('key-mismatch', 'client-key-mismatch'), { side: 'startup' }],
    [['failed setting cipher list', 'failed setting tls 1.3 cipher suite', 'failed setting curves list', 'could not use specified ssl cipher'], code('cipher-mismatch'), { side: 'startup' }],
    [['connection timed out after', 'operation timed out after', 'ssl connection timeout', 'timeout was reached', 'resolving timed out'], code('timeout'), { weight: 'transport' }],
    [['failed to connect to', "couldn't connect to server", 'could not connect to server'], code('refused', 'timeout', 'dns'), { text: /[Ff]ailed to connect to \S{1,260}(?: port \d+)?(?: \([^)]{1,60}\))? ?(?:after \d+ ms)?: (?:[Cc]ould ?n[o']t connect|Connection refused)|[Cc]ould ?n(?:o|')t connect to server/, weight: 'transport' }],
    [['empty reply from server', 'recv failure', 'send failure', 'failure when receiving data from the peer', 'failed sending data to the peer', 'server returned nothing', 'ssl connect error', 'ssl_read: ', 'ssl_write: '], code('reset', 'handshake-failure', 'client-cert-required', 'client-cert-rejected'), { weight: 'transport', text: /Empty reply|Recv failure|Send failure|Failure when receiving|Failed sending|returned nothing|SSL connect error|SSL_(?:read|write): / }],
    [['received http/0.9 when not allowed'], code('plaintext-http', 'not-tls', 'starttls-needed'), { side: 'client' }],
    [['requested ssl level failed', 'starttls denied', 'starttls not available', 'starttls not supported'], code('starttls-needed', 'plaintext-http'), { side: 'client' }],
    [['schannel: failed to import cert file'], code('bad-passphrase', 'bad-pem', 'file-missing'), { side: 'startup' }],
    [['is not correctly formatted'], code('bad-pem', 'malformed'), { text: /CA file '[^']{1,300}' is not correctly formatted/, side: 'startup' }],
  ]),
];
