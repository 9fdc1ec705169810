import type { CauseCode } from './cause.js';

/**
 * Causes before consequences, the specific before the general: what stops a program before it connects, what hides everything behind it,
 * then the server's certificate as a verifier meets its defects, then the client's, then what fails nobody today.
 */
const ORDER: readonly CauseCode[] = [
  'file-missing',
  'bad-passphrase',
  'bad-pem',
  'client-key-mismatch',
  'key-mismatch',
  'dns',
  'inconsistent-backends',
  'refused',
  'timeout',
  'plaintext-http',
  'starttls-needed',
  'not-tls',
  'sni-rejected',
  'alpn-mismatch',
  'version-mismatch',
  'cipher-mismatch',
  'local-clock-skew',
  'stale-served-certificate',
  'revoked',
  'malformed',
  'bad-signature',
  'expired',
  'not-yet-valid',
  'stale-trust-bundle',
  'self-signed',
  'missing-intermediate',
  'untrusted-root',
  'not-a-ca',
  'path-length',
  'name-constraint',
  'wrong-purpose',
  'no-san',
  'san-mismatch',
  'weak-signature',
  'weak-key',
  'peer-clock-skew',
  'client-cert-expired',
  'client-cert-wrong-purpose',
  'client-cert-unknown-ca',
  'client-cert-required',
  'client-cert-rejected',
  'reset',
  'revocation-unavailable',
  'client-auth-not-enforced',
];

const WEIGHT = new Map(ORDER.map((code, index) => [code, index]));

/** Position in the order of weight, smaller is heavier. */
export function weightOfCause(code: CauseCode): number {
  return WEIGHT.get(code) ?? ORDER.length;
}
