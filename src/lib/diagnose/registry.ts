/**
 * Every rule, in the contract's order: an explicit list, so that what is checked can be read here.
 */
import type { CauseCode, VagueCode } from '../cause.js';
import type { RuleMeta } from './meta.js';
import { meta as clientCertExpired } from './rules/client-auth/client-cert-expired.js';
import { meta as clientCertRejected } from './rules/client-auth/client-cert-rejected.js';
import { meta as clientCertRequired } from './rules/client-auth/client-cert-required.js';
import { meta as clientCertUnknownCa } from './rules/client-auth/client-cert-unknown-ca.js';
import { meta as clientCertWrongPurpose } from './rules/client-auth/client-cert-wrong-purpose.js';
import { meta as clientKeyMismatch } from './rules/client-auth/client-key-mismatch.js';
import { meta as localClockSkew } from './rules/clock-skew/local-clock-skew.js';
import { meta as peerClockSkew } from './rules/clock-skew/peer-clock-skew.js';
import { meta as clientAuthNotEnforced } from './rules/deployment/client-auth-not-enforced.js';
import { meta as inconsistentBackends } from './rules/deployment/inconsistent-backends.js';
import { meta as staleServedCertificate } from './rules/deployment/stale-served-certificate.js';
import { meta as expired } from './rules/expiry/expired.js';
import { meta as notYetValid } from './rules/expiry/not-yet-valid.js';
import { meta as badSignature } from './rules/invalid-certificate/bad-signature.js';
import { meta as malformed } from './rules/invalid-certificate/malformed.js';
import { meta as nameConstraint } from './rules/invalid-certificate/name-constraint.js';
import { meta as notACa } from './rules/invalid-certificate/not-a-ca.js';
import { meta as pathLength } from './rules/invalid-certificate/path-length.js';
import { meta as weakKey } from './rules/invalid-certificate/weak-key.js';
import { meta as weakSignature } from './rules/invalid-certificate/weak-signature.js';
import { meta as wrongPurpose } from './rules/invalid-certificate/wrong-purpose.js';
import { meta as badPassphrase } from './rules/key-material/bad-passphrase.js';
import { meta as badPem } from './rules/key-material/bad-pem.js';
import { meta as fileMissing } from './rules/key-material/file-missing.js';
import { meta as keyMismatch } from './rules/key-material/key-mismatch.js';
import { meta as dns } from './rules/network/dns.js';
import { meta as refused } from './rules/network/refused.js';
import { meta as reset } from './rules/network/reset.js';
import { meta as timeout } from './rules/network/timeout.js';
import { meta as notTls } from './rules/not-tls/not-tls.js';
import { meta as plaintextHttp } from './rules/not-tls/plaintext-http.js';
import { meta as starttlsNeeded } from './rules/not-tls/starttls-needed.js';
import { meta as alpnMismatch } from './rules/protocol-mismatch/alpn-mismatch.js';
import { meta as cipherMismatch } from './rules/protocol-mismatch/cipher-mismatch.js';
import { meta as sniRejected } from './rules/protocol-mismatch/sni-rejected.js';
import { meta as versionMismatch } from './rules/protocol-mismatch/version-mismatch.js';
import { meta as revocationUnavailable } from './rules/revocation/revocation-unavailable.js';
import { meta as revoked } from './rules/revocation/revoked.js';
import { meta as noSan } from './rules/san-mismatch/no-san.js';
import { meta as sanMismatch } from './rules/san-mismatch/san-mismatch.js';
import { meta as missingIntermediate } from './rules/unknown-authority/missing-intermediate.js';
import { meta as selfSigned } from './rules/unknown-authority/self-signed.js';
import { meta as staleTrustBundle } from './rules/unknown-authority/stale-trust-bundle.js';
import { meta as untrustedRoot } from './rules/unknown-authority/untrusted-root.js';

export const METAS: readonly RuleMeta[] = [
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

const BY_CODE = new Map<string, RuleMeta>(METAS.map((meta) => [meta.code, meta]));

/** Title, mechanism, fixes and references of a code; undefined for the vague codes that a text alone gives. */
export function metaOf(code: CauseCode): RuleMeta;
export function metaOf(code: CauseCode | VagueCode): RuleMeta | undefined;
export function metaOf(code: CauseCode | VagueCode): RuleMeta | undefined {
  return BY_CODE.get(code);
}
