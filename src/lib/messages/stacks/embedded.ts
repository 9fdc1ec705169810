/** mbedTLS and wolfSSL: negative numbers, their names and texts; ESP-IDF, Zephyr and Arduino print them. */
import { alert, code, type Pattern, patternsOf, peer, type Says } from '../pattern.js';

/** mbedTLS: hexadecimal number (2.x and 3.x), name without MBEDTLS_ERR_, text. */
const MBEDTLS: ReadonlyArray<readonly [hex: string, name: string, texts: readonly string[], says: Says]> = [
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
const MBEDTLS_PARSER: ReadonlyArray<readonly [prefix: string, says: Says]> = [
  ['25', code('malformed', 'name-constraint')],
  ['22', code('malformed')],
  ['23', code('malformed')],
  ['24', code('malformed')],
  ['26', code('malformed', 'weak-signature', 'bad-signature')],
];

const isTransport = (says: Says) => says.kind === 'code' && ['reset', 'refused', 'dns', 'timeout'].includes(says.code);
const weightOf = (says: Says, hex: string) =>
  isTransport(says)
    ? { weight: 'transport' as const }
    : hex === '2700' || hex === '7780' || hex === '7A00'
      ? { weight: 'vague' as const }
      : {};

/** wolfSSL: number, name, text (error-ssl.h, error-crypt.h). */
const WOLFSSL: ReadonlyArray<readonly [number: number, name: string, texts: readonly string[], says: Says]> = [
  [-150, 'ASN_BEFORE_DATE_E', ['asn date error, current date before'], peer('not-yet-valid')],
  [-151, 'ASN_AFTER_DATE_E', ['asn date error, current date after'], peer('expired')],
  [-152, 'ASN_SIG_OID_E', ['asn signature error, mismatched oid'], peer('malformed')],
  [-155, 'ASN_SIG_CONFIRM_E', ['asn sig error, confirm failure', 'asn signature error, confirm failure'], peer('bad-signature')],
  [-162, 'BAD_PATH_ERROR', [], code('file-missing')],
  [-173, 'BAD_FUNC_ARG', [], code('handshake-failure')],
  [-188, 'ASN_NO_SIGNER_E', ['asn no signer error to confirm failure'], peer('unknown-issuer')],
  [-226, 'ASN_PATHLEN_SIZE_E', ['asn ca path length value too large'], peer('path-length')],
  [-237, 'ASN_PATHLEN_INV_E', ['asn ca path length larger than signer'], peer('path-length')],
  [-234, 'ASN_NAME_INVALID_E', [], peer('name-constraint')],
  [-409, 'ASN_SELF_SIGNED_E', ['asn self-signed certificate error'], peer('self-signed')],
  [-463, 'NO_VALID_DEVID', [], code('file-missing')],
  [-501, 'MATCH_SUITE_ERROR', ["can't match cipher suite"], code('cipher-mismatch', 'version-mismatch')],
  [-308, 'SOCKET_ERROR_E', ['error state on socket'], code('reset', 'handshake-failure')],
  [-313, 'FATAL_ERROR', ['received alert fatal error', 'revcd alert fatal error'], alert(40)],
  [-317, 'NO_PEER_KEY', [], code('client-key-mismatch')],
  [-318, 'NO_PRIVATE_KEY', [], code('file-missing', 'client-key-mismatch')],
  [-322, 'DOMAIN_NAME_MISMATCH', ['peer subject name mismatch'], peer('name')],
  [-326, 'VERSION_ERROR', ['record layer version error'], code('version-mismatch', 'not-tls', 'plaintext-http')],
  [-328, 'BUFFER_ERROR', ['malformed buffer input error'], code('handshake-failure', 'not-tls')],
  [-329, 'VERIFY_CERT_ERROR', ['verify problem on certificate'], peer('verify-failed')],
  [-330, 'VERIFY_SIGN_ERROR', ['verify problem based on signature'], peer('bad-signature')],
  [-341, 'UNKNOWN_RECORD_TYPE', ['unknown type in record hdr'], code('not-tls', 'plaintext-http', 'starttls-needed')],
  [-344, 'UNEXPECTED_MESSAGE', [], code('handshake-failure', 'not-tls')],
  [-345, 'SOCKET_PEER_CLOSED_E', ['peer closed underlying transport error'], code('reset', 'handshake-failure')],
  [-349, 'UNKNOWN_HANDSHAKE_TYPE', [], code('handshake-failure', 'not-tls')],
  [-360, 'OCSP_CERT_REVOKED', ['ocsp cert revoked'], peer('revoked')],
  [-361, 'CRL_CERT_REVOKED', ['crl cert revoked'], peer('revoked')],
  [-362, 'CRL_MISSING', ['crl missing, not loaded'], peer('revocation-unknown')],
  [-365, 'OCSP_LOOKUP_FAIL', ['ocsp responder lookup fail'], peer('revocation-unknown')],
  [-368, 'SECURE_RENEGOTIATION_E', [], code('handshake-failure')],
  [-378, 'EXTKEYUSE_AUTH_E', ['ext key use server/client auth not set'], peer('purpose')],
  [-386, 'NO_PEER_CERT', ['peer did not send the certificate', 'peer cert not provided'], peer('no-certificate')],
  [-397, 'UNKNOWN_ALPN_PROTOCOL_NAME_E', [], code('alpn-mismatch')],
  [-406, 'UNKNOWN_SNI_HOST_NAME_E', ['unrecognized host name'], code('sni-rejected')],
  [-409, 'DH_KEY_SIZE_E', [], code('cipher-mismatch', 'weak-key')],
];

export const embedded: readonly Pattern[] = [
  ...MBEDTLS.flatMap(([hex, name, texts, says]): Pattern[] => [
    {
      stack: 'mbedtls',
      phrases: [`-0x${hex}`, `0x${hex}`, `MBEDTLS_ERR_${name}`],
      text: new RegExp(`-0x0*${hex}\\b|MBEDTLS_ERR_${name}\\b|(?:mbedtls|tls|ssl)[^\\n]{0,80}0x${hex}\\b`, 'i'),
      says,
      ...weightOf(says, hex),
    },
    ...(texts.length === 0
      ? []
      : [{ stack: 'mbedtls' as const, phrases: texts, text: /(?:SSL|X509|PEM|PK|NET|mbedtls) ?-|mbedtls/i, says, ...weightOf(says, hex) }]),
  ]),
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
  ...WOLFSSL.flatMap(([number, name, texts, says]): Pattern[] => [
    {
      stack: 'wolfssl',
      phrases: [
        `error ${number}`,
        `error = ${number}`,
        `err = ${number}`,
        `error: ${number}`,
        `err: ${number}`,
        `error=${number}`,
        `(${number})`,
        `code ${number}`,
        `= ${number},`,
        `returned ${number}`,
      ].filter((phrase) => phrase.length >= 6),
      text: new RegExp(`(?:wolf|cya|SSL|ssl|TLS|tls|error =)[^\\n]{0,120}[^0-9A-Za-z]${number}(?![0-9])`),
      says,
      ...(isTransport(says) ? { weight: 'transport' as const } : {}),
    },
    {
      stack: 'wolfssl',
      phrases: [name, ...texts],
      ...(name.length < 14 && texts.length === 0
        ? { text: new RegExp(`wolf[^\\n]{0,200}${name}\\b`, 'i') }
        : {
            text: new RegExp(
              `\\b${name}\\b|${texts.length > 0 ? texts.map((t) => t.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('-', '[ -]')).join('|') : '$^'}`,
              'i',
            ),
          }),
      says,
      ...(isTransport(says) ? { weight: 'transport' as const } : {}),
    },
  ]),
  ...patternsOf('wolfssl', [
    [
      [
        'wolfssl_ctx_load_verify_locations failed',
        'wolfssl_ctx_use_certificate_file failed',
        'wolfssl_ctx_use_privatekey_file failed',
        'wolfssl_ctx_load_verify',
        'check ca file',
        "can't load ca file",
        "can't load client cert file",
        "can't load client private key file",
        "can't load server cert",
        "can't load server private key",
        'failed to load ca cert',
        "can't load ca",
      ],
      code('bad-pem', 'file-missing', 'malformed', 'key-mismatch', 'bad-passphrase'),
      { side: 'startup', weight: 'told' },
    ],
    [
      ['wolfssl_connect failed', 'wolfssl_accept failed', 'ssl_connect failed', 'ssl_accept failed', 'wolfssl connect failed'],
      code('handshake-failure', 'reset', 'unknown-authority'),
      { weight: 'wrapper' },
    ],
  ]),
];
