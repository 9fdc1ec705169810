/** wolfSSL: negative numbers, their names and texts. */
import { alert, code, type Meant, type Pattern, patternsOf, peer, tableOf } from '../pattern.js';

/** wolfSSL: number, name, text (error-ssl.h, error-crypt.h). */
const WOLFSSL: ReadonlyArray<readonly [number: number, name: string, texts: readonly string[], says: Meant]> = [
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

const TRANSPORT = new Set(['reset', 'refused', 'dns', 'timeout']);
const isTransport = (says: Meant) => says.kind === 'code' && TRANSPORT.has(says.code);
const weighted = (transport: boolean): Partial<Pattern> => (transport ? { weight: 'transport' } : {});

export const wolfssl: readonly Pattern[] = [
  // `wolfSSL_connect error -188`, `SSL_connect failed: err = -313, …`, `error state -322`. Bare numbers are wolfSSL's only beside its own name.
  ...[true, false].map((transport) =>
    tableOf(
      'wolfssl',
      [
        'error -',
        'error = -',
        'error: -',
        'error=-',
        'err = -',
        'err: -',
        'code -',
        'code: -',
        'returned -',
        'ret = -',
        'failed -',
        'failed: -',
        'failed (-',
        'state -',
      ],
      ['(?:wolf|cyassl|ssl_connect|ssl_accept|error = )[^\\n]{0,120}?(?:^|[^0-9A-Za-z])', '(?![0-9])'],
      WOLFSSL.filter(([, , , says]) => isTransport(says) === transport).map(([number, , , says]) => [number, says]),
      weighted(transport),
    ),
  ),
  ...WOLFSSL.filter(([, name]) => name.length >= 14).map(
    ([, name, , says]): Pattern => ({
      stack: 'wolfssl',
      phrases: [name],
      text: new RegExp(`\\b${name}\\b`),
      says,
      ...weighted(isTransport(says)),
    }),
  ),
  ...WOLFSSL.filter(([, , texts]) => texts.length > 0).map(
    ([, , texts, says]): Pattern => ({ stack: 'wolfssl', phrases: texts, says, ...weighted(isTransport(says)) }),
  ),
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
