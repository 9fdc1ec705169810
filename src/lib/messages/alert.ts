/**
 * Alerts: what one end tells the other (RFC 8446 §6). The same alert means the client's certificate in a client's log
 * (the server sent it) and the server's certificate in a server's log (the client sent it).
 */
import { type Meaning, meaningOfFault } from './fault.js';
import type { Code, Side } from './pattern.js';

const told = (code: Code, ...also: Code[]): Meaning => ({ code, also, weight: 'told' });
const vague = (code: Code, ...also: Code[]): Meaning => ({ code, also, weight: 'vague' });

const CLIENT_REFUSED: readonly Code[] = [
  'client-cert-required',
  'client-cert-unknown-ca',
  'client-cert-expired',
  'client-cert-wrong-purpose',
];
const SERVER_REFUSED: readonly Code[] = [
  'missing-intermediate',
  'untrusted-root',
  'self-signed',
  'stale-trust-bundle',
  'san-mismatch',
  'no-san',
  'expired',
  'not-yet-valid',
  'expired-or-not-yet-valid',
  'wrong-purpose',
  'client-cert-rejected',
];
const NOTHING_IN_COMMON: readonly Code[] = [
  'cipher-mismatch',
  'client-cert-required',
  'version-mismatch',
  'sni-rejected',
  'client-cert-rejected',
];

/** The alert came from the server: it objects to this client. */
const TO_CLIENT: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [10, vague('handshake-failure', 'not-tls', 'plaintext-http', 'starttls-needed', 'version-mismatch')],
  [20, vague('handshake-failure', 'reset', 'unknown-authority')],
  [21, vague('handshake-failure', 'reset')],
  [22, vague('handshake-failure', 'not-tls')],
  [30, vague('handshake-failure')],
  [40, vague('handshake-failure', ...NOTHING_IN_COMMON, 'client-cert-unknown-ca')],
  [41, told('client-cert-required', 'client-cert-rejected')],
  [42, vague('client-cert-rejected', ...CLIENT_REFUSED, 'handshake-failure')],
  [43, told('client-cert-wrong-purpose', 'client-cert-rejected', 'weak-signature')],
  [44, told('revoked', 'client-cert-rejected')],
  [45, told('client-cert-expired', 'client-cert-rejected', 'peer-clock-skew', 'local-clock-skew', 'expired')],
  [
    46,
    vague(
      'client-cert-rejected',
      'client-cert-unknown-ca',
      'client-cert-expired',
      'client-cert-wrong-purpose',
      'client-cert-required',
      'handshake-failure',
    ),
  ],
  [47, vague('handshake-failure', 'version-mismatch', 'cipher-mismatch')],
  [48, told('client-cert-unknown-ca', 'client-cert-rejected', 'client-cert-expired', 'client-cert-wrong-purpose')],
  [49, told('client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired', 'client-cert-wrong-purpose')],
  [50, vague('handshake-failure', 'client-cert-required', 'not-tls', 'version-mismatch')],
  [51, told('client-key-mismatch', 'client-cert-rejected', 'handshake-failure', 'bad-signature')],
  [60, told('cipher-mismatch', 'handshake-failure')],
  [70, told('version-mismatch')],
  [71, told('cipher-mismatch', 'handshake-failure', 'weak-key')],
  [80, vague('handshake-failure', 'sni-rejected', 'reset')],
  [86, told('version-mismatch', 'handshake-failure')],
  [90, vague('handshake-failure', 'reset')],
  [100, vague('handshake-failure', 'version-mismatch')],
  [109, vague('handshake-failure', 'sni-rejected', 'version-mismatch', 'client-cert-required')],
  [110, vague('handshake-failure', 'version-mismatch')],
  [111, told('client-cert-rejected')],
  [112, told('sni-rejected')],
  [113, told('revocation-unavailable', 'client-cert-rejected')],
  [114, told('client-cert-rejected')],
  [115, vague('handshake-failure', 'client-cert-rejected')],
  [116, told('client-cert-required', 'client-cert-unknown-ca', 'client-cert-rejected')],
  [120, told('alpn-mismatch')],
  [121, vague('handshake-failure', 'sni-rejected')],
]);

/** The alert came from the client: it objects to this server. */
const TO_SERVER: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  ...TO_CLIENT,
  [40, vague('handshake-failure', 'cipher-mismatch', 'version-mismatch', 'wrong-purpose', 'client-cert-rejected', 'client-cert-required')],
  [41, vague('handshake-failure', 'unknown-authority')],
  [42, vague('unknown-authority', ...SERVER_REFUSED, 'handshake-failure')],
  [43, told('wrong-purpose', 'weak-signature', 'weak-key', 'client-cert-rejected')],
  [44, told('revoked')],
  [45, told('expired', 'peer-clock-skew', 'local-clock-skew', 'not-yet-valid', 'expired-or-not-yet-valid')],
  [46, vague('unknown-authority', ...SERVER_REFUSED, 'handshake-failure')],
  [48, told('unknown-authority', ...SERVER_REFUSED, 'handshake-failure')],
  [49, vague('unknown-authority', ...SERVER_REFUSED)],
  [51, told('key-mismatch', 'bad-signature', 'handshake-failure', 'malformed')],
  [80, vague('handshake-failure', 'unknown-authority', 'reset')],
  [113, told('revocation-unavailable', 'revoked')],
  [116, told('client-cert-required')],
]);

/** What a received alert means in the log of this end. Unknown numbers mean a handshake failure and no more. */
export function meaningOfReceivedAlert(number: number, side: Side): Meaning {
  return (side === 'server' ? TO_SERVER : TO_CLIENT).get(number) ?? vague('handshake-failure');
}

/** What an alert means that this end sent: its own objection, in one word. */
export function meaningOfSentAlert(number: number, side: Side): Meaning {
  switch (number) {
    case 42:
    case 46:
      return meaningOfFault('verify-failed', side);
    case 43:
      return meaningOfFault('purpose', side);
    case 44:
      return meaningOfFault('revoked', side);
    case 45:
      return meaningOfFault('expired', side);
    case 48:
      return meaningOfFault('unknown-issuer', side);
    case 51:
      return vague('bad-signature', 'key-mismatch', 'client-key-mismatch', 'handshake-failure');
    case 113:
      return meaningOfFault('revocation-unknown', side);
    case 116:
      return meaningOfFault('no-certificate', 'server');
    // A record of the peer could not be read: an OpenSSL client that refuses a certificate under TLS 1.3 answers in
    // the clear, and its alert then looks like a broken record.
    case 20:
      return side === 'server'
        ? vague(
            'handshake-failure',
            'unknown-authority',
            'missing-intermediate',
            'untrusted-root',
            'self-signed',
            'stale-trust-bundle',
            'malformed',
            'bad-signature',
          )
        : vague('handshake-failure', 'reset');
    case 10:
    case 22:
    case 50:
      return vague('handshake-failure', 'not-tls', 'plaintext-http', 'starttls-needed', 'version-mismatch');
    default:
      return meaningOfReceivedAlert(number, side);
  }
}
