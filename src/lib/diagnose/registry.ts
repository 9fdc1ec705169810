/**
 * Every rule, in the contract's order: an explicit list, so that what is checked can be read here.
 */
import type { CauseCode, VagueCode } from '../cause.js';
import type { RuleMeta } from './meta.js';
import type { Rule } from './rule.js';
import { rule as clientCertExpired } from './rules/client-auth/client-cert-expired.js';
import { rule as clientCertRejected } from './rules/client-auth/client-cert-rejected.js';
import { rule as clientCertRequired } from './rules/client-auth/client-cert-required.js';
import { rule as clientCertUnknownCa } from './rules/client-auth/client-cert-unknown-ca.js';
import { rule as clientCertWrongPurpose } from './rules/client-auth/client-cert-wrong-purpose.js';
import { rule as clientKeyMismatch } from './rules/client-auth/client-key-mismatch.js';
import { rule as localClockSkew } from './rules/clock-skew/local-clock-skew.js';
import { rule as peerClockSkew } from './rules/clock-skew/peer-clock-skew.js';
import { rule as clientAuthNotEnforced } from './rules/deployment/client-auth-not-enforced.js';
import { rule as inconsistentBackends } from './rules/deployment/inconsistent-backends.js';
import { rule as staleServedCertificate } from './rules/deployment/stale-served-certificate.js';
import { rule as expired } from './rules/expiry/expired.js';
import { rule as notYetValid } from './rules/expiry/not-yet-valid.js';
import { rule as badSignature } from './rules/invalid-certificate/bad-signature.js';
import { rule as malformed } from './rules/invalid-certificate/malformed.js';
import { rule as nameConstraint } from './rules/invalid-certificate/name-constraint.js';
import { rule as notACa } from './rules/invalid-certificate/not-a-ca.js';
import { rule as pathLength } from './rules/invalid-certificate/path-length.js';
import { rule as weakKey } from './rules/invalid-certificate/weak-key.js';
import { rule as weakSignature } from './rules/invalid-certificate/weak-signature.js';
import { rule as wrongPurpose } from './rules/invalid-certificate/wrong-purpose.js';
import { rule as badPassphrase } from './rules/key-material/bad-passphrase.js';
import { rule as badPem } from './rules/key-material/bad-pem.js';
import { rule as fileMissing } from './rules/key-material/file-missing.js';
import { rule as keyMismatch } from './rules/key-material/key-mismatch.js';
import { rule as dns } from './rules/network/dns.js';
import { rule as refused } from './rules/network/refused.js';
import { rule as reset } from './rules/network/reset.js';
import { rule as timeout } from './rules/network/timeout.js';
import { rule as notTls } from './rules/not-tls/not-tls.js';
import { rule as plaintextHttp } from './rules/not-tls/plaintext-http.js';
import { rule as starttlsNeeded } from './rules/not-tls/starttls-needed.js';
import { rule as alpnMismatch } from './rules/protocol-mismatch/alpn-mismatch.js';
import { rule as cipherMismatch } from './rules/protocol-mismatch/cipher-mismatch.js';
import { rule as sniRejected } from './rules/protocol-mismatch/sni-rejected.js';
import { rule as versionMismatch } from './rules/protocol-mismatch/version-mismatch.js';
import { rule as revocationUnavailable } from './rules/revocation/revocation-unavailable.js';
import { rule as revoked } from './rules/revocation/revoked.js';
import { rule as noSan } from './rules/san-mismatch/no-san.js';
import { rule as sanMismatch } from './rules/san-mismatch/san-mismatch.js';
import { rule as missingIntermediate } from './rules/unknown-authority/missing-intermediate.js';
import { rule as selfSigned } from './rules/unknown-authority/self-signed.js';
import { rule as staleTrustBundle } from './rules/unknown-authority/stale-trust-bundle.js';
import { rule as untrustedRoot } from './rules/unknown-authority/untrusted-root.js';

export const RULES: readonly Rule[] = [
  expired,
  notYetValid,
  localClockSkew,
  peerClockSkew,
  selfSigned,
  missingIntermediate,
  untrustedRoot,
  staleTrustBundle,
  sanMismatch,
  noSan,
  versionMismatch,
  cipherMismatch,
  alpnMismatch,
  sniRejected,
  clientCertRequired,
  clientCertExpired,
  clientCertUnknownCa,
  clientCertWrongPurpose,
  clientCertRejected,
  clientKeyMismatch,
  revoked,
  revocationUnavailable,
  wrongPurpose,
  notACa,
  pathLength,
  nameConstraint,
  weakSignature,
  weakKey,
  badSignature,
  malformed,
  plaintextHttp,
  starttlsNeeded,
  notTls,
  dns,
  refused,
  timeout,
  reset,
  staleServedCertificate,
  inconsistentBackends,
  clientAuthNotEnforced,
  keyMismatch,
  badPem,
  badPassphrase,
  fileMissing,
];

/** The metadata alone, in the same order. */
export const METAS: readonly RuleMeta[] = RULES.map(({ meta }) => meta);

const BY_CODE = new Map<string, RuleMeta>(METAS.map((meta) => [meta.code, meta]));

/** Title, mechanism, fixes and references of a code; undefined for the vague codes that a text alone gives. */
export function metaOf(code: CauseCode): RuleMeta;
export function metaOf(code: CauseCode | VagueCode): RuleMeta | undefined;
export function metaOf(code: CauseCode | VagueCode): RuleMeta | undefined {
  return BY_CODE.get(code);
}
