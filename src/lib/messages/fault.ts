/** What a refusal means, by the end that printed it: a server that refuses a certificate refuses the client's. */
import type { Code, Fault, Side, Weight } from './pattern.js';

export interface Meaning {
  code: Code;
  /** What the words cannot rule out, most likely first. */
  also: readonly Code[];
  weight: Weight;
}

/** Everything that a bare "verification failed" may stand for, as a client would meet it. */
const ANY_REFUSAL: readonly Code[] = [
  'missing-intermediate',
  'untrusted-root',
  'self-signed',
  'stale-trust-bundle',
  'expired',
  'not-yet-valid',
  'expired-or-not-yet-valid',
  'san-mismatch',
  'no-san',
  'wrong-purpose',
  'not-a-ca',
  'path-length',
  'name-constraint',
  'bad-signature',
  'weak-signature',
  'weak-key',
  'revoked',
  'malformed',
  'local-clock-skew',
];

const ISSUER: readonly Code[] = ['missing-intermediate', 'untrusted-root', 'stale-trust-bundle', 'self-signed'];

const exact = (code: Code, ...also: Code[]): Meaning => ({ code, also, weight: 'exact' });
const told = (code: Code, ...also: Code[]): Meaning => ({ code, also, weight: 'told' });
const vague = (code: Code, ...also: Code[]): Meaning => ({ code, also, weight: 'vague' });

/** A client prints it: the server's certificate is at fault. */
const BY_CLIENT: Record<Fault, Meaning> = {
  expired: exact('expired', 'local-clock-skew'),
  'not-yet-valid': exact('not-yet-valid', 'local-clock-skew', 'peer-clock-skew', 'expired-or-not-yet-valid'),
  'expired-or-not-yet-valid': exact('expired-or-not-yet-valid', 'expired', 'local-clock-skew', 'not-yet-valid'),
  'issuer-expired': exact('expired', 'stale-trust-bundle', 'local-clock-skew'),
  'unknown-issuer': told('unknown-authority', ...ISSUER),
  'leaf-only': told('unknown-authority', 'missing-intermediate', 'self-signed', 'untrusted-root', 'stale-trust-bundle'),
  'self-signed': exact('self-signed', 'untrusted-root', 'unknown-authority'),
  'self-signed-in-chain': exact('untrusted-root', 'stale-trust-bundle', 'self-signed', 'unknown-authority'),
  'distrusted-root': exact('untrusted-root', 'unknown-authority', 'stale-trust-bundle', 'self-signed', 'missing-intermediate'),
  'same-name-other-key': exact(
    'stale-trust-bundle',
    'bad-signature',
    'untrusted-root',
    'unknown-authority',
    'missing-intermediate',
    'self-signed',
  ),
  name: exact('san-mismatch', 'no-san'),
  'no-san': exact('no-san', 'san-mismatch'),
  purpose: exact('wrong-purpose', 'not-a-ca'),
  'not-a-ca': exact('not-a-ca', 'self-signed', 'wrong-purpose'),
  'path-length': exact('path-length'),
  'name-constraint': exact('name-constraint'),
  'weak-signature': exact('weak-signature'),
  'weak-key': exact('weak-key'),
  // rustls says so too of a key that is too short for it.
  'bad-signature': exact('bad-signature', 'stale-trust-bundle', 'weak-key'),
  malformed: exact('malformed'),
  revoked: exact('revoked'),
  'revocation-unknown': exact('revocation-unavailable', 'revoked'),
  'no-certificate': exact('malformed', 'cipher-mismatch'),
  'unnamed-alert': vague(
    'handshake-failure',
    'cipher-mismatch',
    'client-cert-required',
    'client-cert-rejected',
    'client-cert-unknown-ca',
    'client-cert-expired',
    'client-cert-wrong-purpose',
    'version-mismatch',
    'sni-rejected',
    'alpn-mismatch',
  ),
  refused: vague('unknown-authority', ...ANY_REFUSAL),
  'verify-failed': vague('unknown-authority', ...ANY_REFUSAL),
};

/** A server prints it: the client's certificate is at fault (or there was none). */
const BY_SERVER: Record<Fault, Meaning> = {
  expired: exact('client-cert-expired', 'local-clock-skew', 'client-cert-rejected', 'expired'),
  'not-yet-valid': exact(
    'not-yet-valid',
    'local-clock-skew',
    'peer-clock-skew',
    'client-cert-rejected',
    'client-cert-expired',
    'expired-or-not-yet-valid',
  ),
  'expired-or-not-yet-valid': exact(
    'client-cert-expired',
    'local-clock-skew',
    'not-yet-valid',
    'client-cert-rejected',
    'expired',
    'expired-or-not-yet-valid',
  ),
  'issuer-expired': exact('client-cert-expired', 'stale-trust-bundle', 'expired', 'client-cert-rejected'),
  'unknown-issuer': told('client-cert-unknown-ca', 'client-cert-rejected', 'unknown-authority'),
  'leaf-only': told('client-cert-unknown-ca', 'missing-intermediate', 'client-cert-rejected', 'unknown-authority'),
  'self-signed': exact('client-cert-unknown-ca', 'self-signed', 'client-cert-rejected', 'unknown-authority'),
  'self-signed-in-chain': exact('client-cert-unknown-ca', 'untrusted-root', 'client-cert-rejected', 'unknown-authority'),
  'distrusted-root': exact('client-cert-unknown-ca', 'untrusted-root', 'client-cert-rejected'),
  'same-name-other-key': exact('client-cert-unknown-ca', 'stale-trust-bundle', 'bad-signature', 'client-cert-rejected'),
  name: exact('client-cert-rejected', 'san-mismatch', 'no-san'),
  'no-san': exact('client-cert-rejected', 'no-san', 'san-mismatch'),
  purpose: exact('client-cert-wrong-purpose', 'client-cert-rejected', 'wrong-purpose'),
  'not-a-ca': exact('not-a-ca', 'client-cert-rejected', 'client-cert-unknown-ca'),
  'path-length': exact('path-length', 'client-cert-rejected'),
  'name-constraint': exact('name-constraint', 'client-cert-rejected'),
  'weak-signature': exact('weak-signature', 'client-cert-rejected'),
  'weak-key': exact('weak-key', 'client-cert-rejected'),
  'bad-signature': exact('bad-signature', 'client-cert-rejected', 'client-cert-unknown-ca', 'stale-trust-bundle'),
  malformed: exact('malformed', 'client-cert-rejected'),
  revoked: exact('revoked', 'client-cert-rejected'),
  'revocation-unknown': exact('revocation-unavailable', 'client-cert-rejected', 'revoked'),
  'no-certificate': exact('client-cert-required', 'client-cert-unknown-ca', 'client-cert-rejected'),
  'unnamed-alert': vague(
    'unknown-authority',
    ...ANY_REFUSAL,
    'handshake-failure',
    'cipher-mismatch',
    'version-mismatch',
    'client-cert-rejected',
  ),
  refused: vague('client-cert-rejected', 'client-cert-unknown-ca', 'client-cert-expired', 'client-cert-wrong-purpose'),
  'verify-failed': vague(
    'client-cert-rejected',
    'client-cert-unknown-ca',
    'client-cert-expired',
    'client-cert-wrong-purpose',
    'unknown-authority',
    ...ANY_REFUSAL,
  ),
};

/** What a refusal of the peer's certificate means when this end prints it. */
export function meaningOfFault(fault: Fault, side: Side): Meaning {
  return (side === 'server' ? BY_SERVER : BY_CLIENT)[fault];
}
