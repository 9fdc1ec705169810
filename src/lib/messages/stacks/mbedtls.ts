/** mbedTLS: negative numbers, their names and texts; ESP-IDF, Zephyr and Arduino print them. */
import { alert, code, type Meant, type Pattern, patternsOf, peer, tableOf, type Weight } from '../pattern.js';

/** mbedTLS: hexadecimal number (2.x and 3.x), name without MBEDTLS_ERR_, text. */
const MBEDTLS: ReadonlyArray<readonly [hex: string, name: string, texts: readonly string[], says: Meant]> = [
  ['7780', 'SSL_FATAL_ALERT_MESSAGE', ['a fatal alert message was received from our peer'], alert(40)],
  [
    '7200',
    'SSL_INVALID_RECORD',
    ['an invalid ssl record was received'],
    code('not-tls', 'plaintext-http', 'starttls-needed', 'handshake-failure'),
  ],
  ['7280', 'SSL_CONN_EOF', ['the connection indicated an eof'], code('reset', 'handshake-failure')],
  ['7300', 'SSL_DECODE_ERROR', [], code('handshake-failure', 'not-tls')],
  [
    '7380',
    'SSL_NO_CIPHER_CHOSEN',
    ['the server has no ciphersuites in common', 'no ciphersuites in common with the client'],
    code('cipher-mismatch'),
  ],
  ['7480', 'SSL_NO_CLIENT_CERTIFICATE', ['no client certification received from the client'], peer('no-certificate')],
  ['7580', 'SSL_NO_APPLICATION_PROTOCOL', [], code('alpn-mismatch')],
  ['7600', 'SSL_PRIVATE_KEY_REQUIRED', ['the own private key or pre-shared key is not set'], code('file-missing', 'client-key-mismatch')],
  ['7680', 'SSL_CA_CHAIN_REQUIRED', ['no ca chain is set, but required'], code('file-missing', 'unknown-authority')],
  ['7700', 'SSL_UNEXPECTED_MESSAGE', ['an unexpected message was received from our peer'], code('handshake-failure', 'not-tls')],
  ['7800', 'SSL_UNRECOGNIZED_NAME', ['unrecognized_name'], code('sni-rejected')],
  ['7880', 'SSL_PEER_CLOSE_NOTIFY', ['the peer notified us that the connection is going to be closed'], code('reset', 'handshake-failure')],
  [
    '7900',
    'SSL_BAD_HS_CLIENT_HELLO',
    ['processing of the clienthello handshake message failed'],
    code('handshake-failure', 'version-mismatch'),
  ],
  [
    '7980',
    'SSL_BAD_HS_SERVER_HELLO',
    ['processing of the serverhello handshake message failed'],
    code('handshake-failure', 'version-mismatch', 'cipher-mismatch'),
  ],
  ['7A00', 'SSL_BAD_CERTIFICATE', ['processing of the certificate handshake message failed'], peer('malformed')],
  [
    '6E80',
    'SSL_BAD_PROTOCOL_VERSION',
    ['handshake protocol not within min/max boundaries', 'bad hs protocol version'],
    code('version-mismatch'),
  ],
  ['7080', 'SSL_FEATURE_UNAVAILABLE', [], code('handshake-failure', 'cipher-mismatch', 'version-mismatch')],
  ['7180', 'SSL_INVALID_MAC', [], code('handshake-failure', 'reset')],
  ['7500', 'SSL_UNSUPPORTED_EXTENSION', [], code('handshake-failure', 'alpn-mismatch')],
  ['6C80', 'SSL_UNKNOWN_IDENTITY', [], code('handshake-failure', 'client-cert-rejected')],
  ['6700', 'SSL_UNEXPECTED_RECORD', [], code('handshake-failure', 'not-tls')],
  ['5E80', 'SSL_BAD_CONFIG', [], code('handshake-failure', 'version-mismatch', 'file-missing')],
  ['5D80', 'SSL_CERTIFICATE_VERIFICATION_WITHOUT_HOSTNAME', [], code('san-mismatch', 'unknown-authority')],
  ['2080', 'X509_FEATURE_UNAVAILABLE', [], code('weak-signature', 'malformed', 'cipher-mismatch')],
  ['6E00', 'SSL_HANDSHAKE_FAILURE', ['handshake failed'], code('handshake-failure', 'cipher-mismatch', 'version-mismatch')],
  ['6D00', 'SSL_PK_TYPE_MISMATCH', [], code('key-mismatch', 'cipher-mismatch')],
  ['6C00', 'SSL_INTERNAL_ERROR', [], code('handshake-failure')],
  ['6800', 'SSL_TIMEOUT', ['the operation timed out'], code('timeout')],
  ['6600', 'SSL_ILLEGAL_PARAMETER', [], code('handshake-failure')],
  ['5F00', 'SSL_VERSION_MISMATCH', [], code('version-mismatch')],
  ['2700', 'X509_CERT_VERIFY_FAILED', ['certificate verification failed, e.g. crl, ca or signature'], peer('verify-failed')],
  ['2180', 'X509_INVALID_FORMAT', ['the crt/crl/csr format is invalid'], code('bad-pem', 'malformed')],
  ['2780', 'X509_CERT_UNKNOWN_FORMAT', ['format not recognized as der or pem'], code('bad-pem', 'malformed')],
  ['2880', 'X509_ALLOC_FAILED', [], code('handshake-failure')],
  ['2900', 'X509_FILE_IO_ERROR', ['read/write of file failed'], code('file-missing')],
  ['1080', 'PEM_NO_HEADER_FOOTER_PRESENT', ['no pem header or footer found'], code('bad-pem')],
  ['1180', 'PEM_INVALID_DATA', ['pem string is not as expected'], code('bad-pem')],
  ['1300', 'PEM_PASSWORD_REQUIRED', ['private key password can'], code('bad-passphrase')],
  ['1380', 'PEM_PASSWORD_MISMATCH', ['given private key password does not allow'], code('bad-passphrase')],
  ['3D00', 'PK_KEY_INVALID_FORMAT', ['invalid key tag or value'], code('bad-pem', 'malformed')],
  ['3C00', 'PK_PASSWORD_REQUIRED', [], code('bad-passphrase')],
  ['3B80', 'PK_PASSWORD_MISMATCH', [], code('bad-passphrase')],
  ['3E00', 'PK_FILE_IO_ERROR', [], code('file-missing')],
  ['0044', 'NET_CONNECT_FAILED', ['the connection to the given server / port failed'], code('refused', 'timeout')],
  ['0050', 'NET_CONN_RESET', ['connection was reset by peer'], code('reset', 'handshake-failure')],
  ['0052', 'NET_UNKNOWN_HOST', ['failed to get an ip address for the given hostname'], code('dns')],
];

/** The X.509 parser's numbers carry a low part from the ASN.1 layer (-0x2562 is -0x2500 and -0x0062). */
const MBEDTLS_PARSER: ReadonlyArray<readonly [prefix: string, says: Meant]> = [
  ['25', code('malformed', 'name-constraint')],
  ['22', code('malformed')],
  ['23', code('malformed')],
  ['24', code('malformed')],
  ['26', code('malformed', 'weak-signature', 'bad-signature')],
];

const TRANSPORT = new Set(['reset', 'refused', 'dns', 'timeout']);
/** Numbers that hold for many reasons; the flags below them tell. */
const VAGUE = new Set(['2700', '7780', '7A00']);
const weightOf = ([hex, , , says]: (typeof MBEDTLS)[number]): Weight | undefined =>
  says.kind === 'code' && TRANSPORT.has(says.code) ? 'transport' : VAGUE.has(hex) ? 'vague' : undefined;
/** What a program says of its own files, before any handshake. */
const isOwnFile = ([, , , says]: (typeof MBEDTLS)[number]) =>
  says.kind === 'code' && ['bad-pem', 'bad-passphrase', 'file-missing'].includes(says.code);
const GROUPS = [
  [undefined, false],
  [undefined, true],
  ['vague', false],
  ['transport', false],
] as const;

export const mbedtls: readonly Pattern[] = [
  ...GROUPS.flatMap(([weight, ownFile]): Pattern[] => {
    const rows = MBEDTLS.filter((row) => weightOf(row) === weight && isOwnFile(row) === ownFile);
    const more = { ...(weight === undefined ? {} : { weight }), ...(ownFile ? { side: 'startup' as const } : {}) };
    return [
      tableOf(
        'mbedtls',
        MBEDTLS.map(([hex]) => `-0x${hex}`).concat('-0x44)', '-0x50)', '-0x52)', '-0x0044', '-0x0050', '-0x0052'),
        ['-0x(?:00)?', '(?![0-9A-Fa-f])'],
        rows.map(([hex, , , says]) => [hex.replace(/^0+/, ''), says]),
        more,
      ),
      tableOf(
        'mbedtls',
        ['mbedtls_err_'],
        ['MBEDTLS_ERR_', '(?![A-Z_])'],
        rows.map(([, name, , says]) => [name, says]),
        more,
      ),
    ];
  }),
  ...MBEDTLS.filter(([, , texts]) => texts.length > 0).map((row): Pattern => {
    const [, , texts, says] = row;
    const weight = weightOf(row);
    return {
      stack: 'mbedtls',
      phrases: texts,
      text: /(?:SSL|X509|PEM|PK|NET|mbedtls) ?-|mbedtls/i,
      says,
      ...(weight === undefined ? {} : { weight }),
    };
  }),
  ...MBEDTLS_PARSER.map(
    ([prefix, says]): Pattern => ({
      stack: 'mbedtls',
      phrases: [` -0x${prefix}`, `=-0x${prefix}`, `(-0x${prefix}`, `:-0x${prefix}`],
      text: new RegExp(`-0x${prefix}[0-9A-Fa-f]{2}\\b`),
      says,
      weight: 'told',
    }),
  ),
  ...patternsOf('mbedtls', [
    [['mbedtls_x509_badcert_expired', 'certificate validity has expired'], peer('expired')],
    [['mbedtls_x509_badcert_future', 'certificate validity starts in the future'], peer('not-yet-valid')],
    [['mbedtls_x509_badcert_revoked', 'certificate has been revoked (is on a crl)'], peer('revoked')],
    [['mbedtls_x509_badcert_cn_mismatch', 'common name (cn) does not match with the expected'], peer('name')],
    // Set besides other flags too (a bad digest is "not trusted" as well), so weaker than they are.
    [['mbedtls_x509_badcert_not_trusted', 'not correctly signed by the trusted ca'], peer('unknown-issuer'), { weight: 'told' }],
    [
      [
        'mbedtls_x509_badcrl',
        'crl is not correctly signed by the trusted',
        'the crl is expired',
        'the crl is from the future',
        'crl is signed with an unacceptable',
      ],
      peer('revocation-unknown'),
    ],
    [['mbedtls_x509_badcert_missing', 'certificate was missing'], peer('no-certificate')],
    [
      [
        'mbedtls_x509_badcert_key_usage',
        'usage does not match the keyusage extension',
        'mbedtls_x509_badcert_ext_key_usage',
        'usage does not match the extendedkeyusage',
        'mbedtls_x509_badcert_ns_cert_type',
        'usage does not match the nscerttype',
      ],
      peer('purpose'),
    ],
    [['mbedtls_x509_badcert_bad_md', 'signed with an unacceptable hash'], peer('weak-signature')],
    [['mbedtls_x509_badcert_bad_pk', 'signed with an unacceptable pk alg'], peer('weak-key')],
    [['mbedtls_x509_badcert_bad_key', 'signed with an unacceptable key'], peer('weak-key')],
    [['mbedtls_x509_badcert_other', 'failed to verify peer certificate'], peer('verify-failed'), { weight: 'vague' }],
    [
      ['mbedtls_ssl_handshake returned', 'mbedtls ssl handshake returned', 'mbedtls_ssl_handshake failed'],
      code('handshake-failure', 'reset', 'unknown-authority'),
      { weight: 'wrapper' },
    ],
    [
      [
        'esp_err_esp_tls_connection_timeout',
        'esp_err_mbedtls_ssl_handshake_failed',
        'failed to open new connection',
        'esp_err_esp_tls_failed_connect_to_host',
        'esp_err_esp_tls_cannot_resolve_hostname',
      ],
      code('handshake-failure', 'timeout', 'refused', 'dns', 'unknown-authority'),
      { weight: 'wrapper' },
    ],
    [
      ['no server verification option set', 'failed to verify peer certificate!'],
      peer('verify-failed'),
      { side: 'client', weight: 'vague' },
    ],
  ]),
];
