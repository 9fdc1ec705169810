/**
 * Products that word what their TLS library found themselves: Oracle, IBM MQ and WebSphere, OpenVPN, FreeRADIUS and wpa_supplicant, Postfix and sendmail, Nagios,
 * network appliances, Qt, Unity, Haskell's tls, Dart, Elasticsearch.
 */
import { alert, code, type Meant, type Pattern, patternsOf, peer, sent, tableOf } from '../pattern.js';

/** Oracle Net and its wallet (ORA-28xxx, ORA-29xxx). */
const ORACLE: ReadonlyArray<readonly [number: string, says: Meant]> = [
  ['28750', code('handshake-failure', 'bad-passphrase', 'file-missing')],
  ['28758', code('bad-passphrase', 'file-missing', 'bad-pem')],
  ['28759', code('file-missing', 'bad-passphrase', 'bad-pem')],
  ['28768', code('bad-pem', 'bad-passphrase')],
  ['28788', code('not-tls', 'plaintext-http', 'handshake-failure')],
  ['28791', peer('verify-failed')],
  ['28857', code('handshake-failure', 'reset')],
  ['28858', code('handshake-failure', 'version-mismatch', 'not-tls')],
  ['28859', code('handshake-failure', 'cipher-mismatch', 'version-mismatch')],
  ['28860', code('handshake-failure', 'version-mismatch', 'cipher-mismatch', 'client-cert-required')],
  ['28862', code('handshake-failure', 'cipher-mismatch', 'version-mismatch', 'unknown-authority')],
  ['28864', code('reset', 'handshake-failure')],
  ['28865', code('reset', 'handshake-failure', 'version-mismatch')],
  ['28868', peer('unknown-issuer')],
  ['29003', peer('name')],
  ['29019', code('version-mismatch')],
  ['29024', peer('verify-failed')],
  ['29106', code('bad-pem', 'bad-passphrase')],
  ['29113', code('file-missing', 'bad-pem')],
];

/** IBM MQ (AMQ9xxx, AMQ9xxxE) and its reason codes. */
const MQ: ReadonlyArray<readonly [number: string, says: Meant]> = [
  ['9616', code('cipher-mismatch', 'version-mismatch')],
  ['9631', code('cipher-mismatch', 'version-mismatch')],
  ['9633', peer('verify-failed')],
  ['9635', code('cipher-mismatch')],
  ['9636', peer('name')],
  ['9637', code('client-cert-required', 'file-missing')],
  ['9639', code('cipher-mismatch', 'plaintext-http')],
  ['9641', code('cipher-mismatch', 'version-mismatch')],
  ['9642', code('client-cert-required', 'file-missing')],
  ['9643', code('version-mismatch', 'cipher-mismatch')],
  ['9655', code('cipher-mismatch')],
  ['9657', code('file-missing', 'bad-passphrase', 'bad-pem')],
  ['9660', code('bad-passphrase', 'file-missing')],
  ['9665', code('reset', 'handshake-failure')],
  ['9671', code('client-cert-required', 'unknown-authority')],
  ['9675', peer('revoked')],
  ['9715', code('reset', 'handshake-failure')],
  ['9716', peer('revocation-unknown')],
  ['9771', code('handshake-failure', 'unknown-authority')],
];

/** What OpenSSL calls an alert in the traces that FreeRADIUS, hostapd and wpa_supplicant print. */
const TRACED: ReadonlyArray<readonly [string, number]> = [
  ['unexpected message', 10],
  ['bad record mac', 20],
  ['handshake failure', 40],
  ['bad certificate', 42],
  ['unsupported certificate', 43],
  ['certificate revoked', 44],
  ['certificate expired', 45],
  ['certificate unknown', 46],
  ['illegal parameter', 47],
  ['unknown ca', 48],
  ['access denied', 49],
  ['decode error', 50],
  ['decrypt error', 51],
  ['protocol version', 70],
  ['insufficient security', 71],
  ['internal error', 80],
];

export const products: readonly Pattern[] = [
  tableOf(
    'wrapper',
    ['ora-28', 'ora-29'].map((start) => `${start}`).flatMap((start) => ['7', '8', '0', '1'].map((digit) => `${start}${digit}`)),
    ['ORA-', '(?![0-9])'],
    ORACLE,
    { weight: 'told' },
  ),
  tableOf(
    'wrapper',
    ['amq9616', 'amq963', 'amq964', 'amq965', 'amq966', 'amq967', 'amq9715', 'amq9716', 'amq9771'],
    ['AMQ', '[EWIS]?(?![0-9])'],
    MQ,
    { weight: 'told' },
  ),
  tableOf(
    'openssl',
    ['alert read:fatal:', 'alert: read (', 'tls-alert read, '],
    ['(?:[Aa]lert read:fatal:|alert: read \\([^)\\n]{0,60}\\):fatal:)', ''],
    TRACED.map(([text, number]) => [text, alert(number)]),
    { side: 'server' },
  ),
  tableOf(
    'openssl',
    ['alert write:fatal:', 'alert: write ('],
    ['(?:[Aa]lert write:fatal:|alert: write \\([^)\\n]{0,60}\\):fatal:)', ''],
    TRACED.map(([text, number]) => [text, sent(number)]),
    { weight: 'told' },
  ),
  ...patternsOf('wrapper', [
    // IBM.
    [
      ['mqrc_ssl_initialization_error', 'mqrc_ssl_error', 'mqrc_jsse_error'],
      code('handshake-failure', 'unknown-authority', 'cipher-mismatch', 'bad-pem', 'file-missing', 'client-cert-rejected'),
      { side: 'client', weight: 'vague' },
    ],
    [['mqrc_key_repository_error'], code('file-missing', 'bad-passphrase', 'bad-pem'), { side: 'startup' }],
    [['mqrc_ssl_peer_name_mismatch', 'mqrc_ssl_peer_name_error'], peer('name'), { side: 'client' }],
    [['mqrc_ssl_certificate_revoked'], peer('revoked'), { side: 'client' }],
    [['cwpki0022e', 'cwpki0823e', 'signer might need to be added to local trust'], peer('unknown-issuer'), { side: 'client' }],
    [['cwpki0024e', 'cwpki0033e'], code('file-missing', 'bad-passphrase'), { side: 'startup' }],
    [['gsk_error_bad_cert', 'gsk_err_no_certificate', 'gsk_cert_validation_failure'], peer('verify-failed'), { weight: 'vague' }],
    // OpenVPN.
    [['verify x509name error'], peer('name'), { text: /VERIFY X509NAME ERROR: (?<names>[^\n,]{1,200}), must be (?<wanted>\S{1,253})/ }],
    [['verify eku error', 'verify ku error', 'verify nscerttype error'], peer('purpose')],
    [['verify error: depth='], peer('verify-failed'), { weight: 'vague' }],
    [['tls key negotiation failed to occur within'], code('timeout', 'refused'), { weight: 'transport' }],
    [
      ['cannot load certificate file', 'cannot load private key file', 'cannot load ca certificate file'],
      code('bad-pem', 'file-missing', 'key-mismatch'),
      { side: 'startup', weight: 'vague' },
    ],
    // Postfix, sendmail.
    [
      ['ssl_accept error from', 'ssl_connect error to'],
      code('handshake-failure', 'reset', 'unknown-authority', 'not-tls'),
      { weight: 'wrapper' },
    ],
    [
      ['ssl_accept error from', 'ssl_connect error to'],
      code('reset', 'handshake-failure'),
      {
        weight: 'transport',
        text: /SSL_(?:accept|connect) error (?:from|to) [^\n]{1,200}: (?:lost connection|Connection timed out|Connection reset)/,
      },
    ],
    [
      ['certificate peer name verification failed', 'certificate peername not verified'],
      peer('name'),
      { side: 'client', text: /certificate peer ?name (?:verification failed for (?<wanted>[A-Za-z0-9.-]{1,253})|not verified)/ },
    ],
    [
      ['untrusted issuer'],
      peer('unknown-issuer'),
      { side: 'client', text: /certificate verification failed[^\n]{0,200}untrusted issuer|untrusted issuer/ },
    ],
    [
      ['cannot start tls: handshake failure'],
      code('handshake-failure', 'version-mismatch', 'cipher-mismatch'),
      { side: 'client', weight: 'vague' },
    ],
    [['starttls=server, error', 'starttls=client, error'], code('handshake-failure', 'reset'), { weight: 'wrapper' }],
    // Monitoring, appliances, proxies.
    [
      ['could not complete ssl handshake'],
      code('handshake-failure', 'version-mismatch', 'cipher-mismatch', 'client-cert-required'),
      { weight: 'wrapper' },
    ],
    [
      ['ssl_hs_', '): unsupported version'],
      code('version-mismatch'),
      { text: /ssl_hs_\w{2,30}:\d{1,6}: unsupported version/, side: 'server' },
    ],
    [['no shared ciphers between ssl peers'], code('cipher-mismatch'), { side: 'server' }],
    [['peer cert verify error'], peer('verify-failed'), { weight: 'vague' }],
    [['no suitable trustpoints found to validate'], peer('unknown-issuer')],
    [['squid_x509_v_err_domain_mismatch'], peer('name'), { side: 'client' }],
    // Qt (QSslError's sentences).
    [['the certificate is self-signed, and untrusted'], peer('self-signed'), { side: 'client' }],
    [['host name did not match any of the valid hosts'], peer('name'), { side: 'client' }],
    [
      [
        'issuer certificate of a locally looked up certificate could not be found',
        'issuer certificate could not be found',
        'no certificates could be verified',
        'root certificate of the certificate chain is self-signed, and untrusted',
      ],
      peer('unknown-issuer'),
      { side: 'client' },
    ],
    [['the peer did not present any certificate'], peer('no-certificate')],
    [["certificate's public key could not be read", 'signature of the certificate is invalid'], peer('bad-signature'), { side: 'client' }],
    // Unity.
    [['unitytls_x509verify_flag_not_trusted', 'unitytls_x509verify_fatal_error'], peer('unknown-issuer'), { side: 'client' }],
    [['unitytls_x509verify_flag_expired'], peer('expired'), { side: 'client' }],
    [['unitytls_x509verify_flag_cn_mismatch'], peer('name'), { side: 'client' }],
    [['unitytls_x509verify_flag_revoked'], peer('revoked'), { side: 'client' }],
    // Haskell.
    [
      ['certificate rejected: ['],
      peer('name'),
      { text: /certificate rejected: \[[^\n]{0,200}NameMismatch (?:\\?"(?<wanted>[^"\\]{1,253}))?/ },
    ],
    [['certificate rejected: ['], peer('self-signed'), { text: /certificate rejected: \[[^\n]{0,200}SelfSigned/ }],
    [['certificate rejected: ['], peer('unknown-issuer'), { text: /certificate rejected: \[[^\n]{0,200}UnknownCA/ }],
    [['certificate rejected: ['], peer('expired'), { text: /certificate rejected: \[[^\n]{0,200}Expired/ }],
    [['certificate rejected: ['], peer('not-yet-valid'), { text: /certificate rejected: \[[^\n]{0,200}InFuture/ }],
    [['certificate has unknown ca'], peer('unknown-issuer')],
    [['handshakefailed ('], code('handshake-failure', 'reset', 'not-tls'), { weight: 'wrapper' }],
    // Swift NIO.
    [
      ['failedtovalidatehostname'],
      peer('name'),
      { side: 'client', text: /failedToValidateHostname(?:: Couldn't find (?<wanted>\S{1,253}) in certificate)?/ },
    ],
    [['unabletovalidatecertificate'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
    // Dart, Delphi, Poco, Elixir, Elasticsearch, pip.
    [['connection terminated during handshake'], code('reset', 'handshake-failure'), { weight: 'transport' }],
    [['eof was observed that violates the protocol'], code('reset', 'handshake-failure', 'version-mismatch'), { weight: 'transport' }],
    [['certificate validation error: unacceptable certificate'], peer('verify-failed'), { side: 'client', weight: 'vague' }],
    [['ssl not available'], code('plaintext-http', 'not-tls', 'starttls-needed'), { side: 'client', text: /Postgrex|ssl not available$/ }],
    [['ssl/tls request received but ssl/tls is not enabled'], code('plaintext-http', 'not-tls'), { side: 'server' }],
    [['problem confirming the ssl certificate'], peer('verify-failed'), { side: 'client', weight: 'wrapper' }],
  ]),
];
