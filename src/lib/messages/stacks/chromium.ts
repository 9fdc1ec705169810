/** Chromium, Chrome, Edge, Electron, puppeteer: net_error_list.h, names and numbers. */
import { alert, code, type Meant, type Pattern, peer, tableOf } from '../pattern.js';

const ERRORS: ReadonlyArray<readonly [name: string, number: number, says: Meant]> = [
  ['ERR_CERT_COMMON_NAME_INVALID', -200, peer('name')],
  ['ERR_CERT_DATE_INVALID', -201, peer('expired-or-not-yet-valid')],
  ['ERR_CERT_AUTHORITY_INVALID', -202, peer('unknown-issuer')],
  ['ERR_CERT_CONTAINS_ERRORS', -203, peer('malformed')],
  ['ERR_CERT_NO_REVOCATION_MECHANISM', -204, peer('revocation-unknown')],
  ['ERR_CERT_UNABLE_TO_CHECK_REVOCATION', -205, peer('revocation-unknown')],
  ['ERR_CERT_REVOKED', -206, peer('revoked')],
  ['ERR_CERT_INVALID', -207, peer('verify-failed')],
  ['ERR_CERT_WEAK_SIGNATURE_ALGORITHM', -208, peer('weak-signature')],
  ['ERR_CERT_NON_UNIQUE_NAME', -210, peer('name')],
  ['ERR_CERT_WEAK_KEY', -211, peer('weak-key')],
  ['ERR_CERT_NAME_CONSTRAINT_VIOLATION', -212, peer('name-constraint')],
  ['ERR_CERT_VALIDITY_TOO_LONG', -213, peer('malformed')],
  ['ERR_CERTIFICATE_TRANSPARENCY_REQUIRED', -214, peer('refused')],
  ['ERR_CERT_KNOWN_INTERCEPTION_BLOCKED', -217, peer('distrusted-root')],
  ['ERR_CERT_SELF_SIGNED_LOCAL_NETWORK', -219, peer('self-signed')],
  [
    'ERR_SSL_PROTOCOL_ERROR',
    -107,
    code('handshake-failure', 'not-tls', 'plaintext-http', 'version-mismatch', 'cipher-mismatch', 'sni-rejected', 'client-cert-required'),
  ],
  ['ERR_SSL_CLIENT_AUTH_CERT_NEEDED', -110, alert(116)],
  ['ERR_SSL_VERSION_OR_CIPHER_MISMATCH', -113, code('version-mismatch', 'cipher-mismatch', 'sni-rejected')],
  ['ERR_SSL_RENEGOTIATION_REQUESTED', -114, code('handshake-failure')],
  [
    'ERR_BAD_SSL_CLIENT_AUTH_CERT',
    -117,
    code('client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired', 'client-cert-wrong-purpose', 'client-cert-required'),
  ],
  ['ERR_SSL_NO_RENEGOTIATION', -123, code('handshake-failure')],
  ['ERR_SSL_DECOMPRESSION_FAILURE_ALERT', -125, code('handshake-failure')],
  ['ERR_SSL_BAD_RECORD_MAC_ALERT', -126, alert(20)],
  ['ERR_SSL_WEAK_SERVER_EPHEMERAL_DH_KEY', -129, code('cipher-mismatch', 'weak-key')],
  ['ERR_SSL_CLIENT_AUTH_PRIVATE_KEY_ACCESS_DENIED', -134, code('client-key-mismatch', 'file-missing')],
  ['ERR_SSL_CLIENT_AUTH_CERT_NO_PRIVATE_KEY', -135, code('client-key-mismatch', 'file-missing')],
  ['ERR_SSL_CLIENT_AUTH_SIGNATURE_FAILED', -141, code('client-key-mismatch')],
  ['ERR_SSL_BAD_PEER_PUBLIC_KEY', -149, peer('malformed')],
  ['ERR_SSL_PINNED_KEY_NOT_IN_CERT_CHAIN', -150, peer('unknown-issuer')],
  ['ERR_CLIENT_AUTH_CERT_TYPE_UNSUPPORTED', -151, code('client-cert-rejected')],
  ['ERR_SSL_DECRYPT_ERROR_ALERT', -153, alert(51)],
  ['ERR_SSL_SERVER_CERT_CHANGED', -156, code('handshake-failure')],
  ['ERR_SSL_UNRECOGNIZED_NAME_ALERT', -159, alert(112)],
  ['ERR_SSL_SERVER_CERT_BAD_FORMAT', -167, peer('malformed')],
  ['ERR_SSL_OBSOLETE_CIPHER', -172, code('cipher-mismatch')],
  ['ERR_SSL_OBSOLETE_VERSION', -178, code('version-mismatch')],
  ['ERR_SSL_KEY_USAGE_INCOMPATIBLE', -181, peer('purpose')],
  ['ERR_ALPN_NEGOTIATION_FAILED', -122, code('alpn-mismatch')],
  ['ERR_TUNNEL_CONNECTION_FAILED', -111, code('refused', 'reset')],
  ['ERR_CONNECTION_CLOSED', -100, code('reset', 'handshake-failure')],
  ['ERR_CONNECTION_RESET', -101, code('reset', 'handshake-failure')],
  ['ERR_CONNECTION_REFUSED', -102, code('refused')],
  ['ERR_NAME_NOT_RESOLVED', -105, code('dns')],
  ['ERR_CONNECTION_TIMED_OUT', -118, code('timeout')],
  ['ERR_ADDRESS_UNREACHABLE', -109, code('refused', 'timeout')],
  ['ERR_EMPTY_RESPONSE', -324, code('reset', 'handshake-failure', 'plaintext-http')],
];

const isTransport = (says: Meant) => says.kind === 'code' && ['reset', 'refused', 'dns', 'timeout'].includes(says.code);

const weightOf = (says: Meant) => (isTransport(says) ? { weight: 'transport' as const } : {});

export const chromium: readonly Pattern[] = [
  ...ERRORS.map(
    ([name, , says]): Pattern => ({
      stack: 'chromium',
      phrases: [name],
      text: new RegExp(`${name}(?![A-Z_])`),
      says,
      side: 'client',
      ...weightOf(says),
    }),
  ),
  ...[true, false].map((transport) =>
    tableOf(
      'chromium',
      ['net_error -', 'net_error: -'],
      ['net[_ ]error:? ', '(?![0-9])'],
      ERRORS.filter(([, , says]) => isTransport(says) === transport).map(([, number, says]) => [number, says]),
      {
        side: 'client',
        ...(transport ? { weight: 'transport' } : {}),
      },
    ),
  ),
];
