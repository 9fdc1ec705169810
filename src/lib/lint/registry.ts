/** Every lint, in the order of reports: an explicit list, so that what is checked can be read here. */
import type { Lint } from './lint.js';
import { addressAsDnsName } from './lints/address-as-dns-name.js';
import { algorithmMismatch } from './lints/algorithm-mismatch.js';
import { anyExtendedKeyUsage } from './lints/any-extended-key-usage.js';
import { basicConstraintsNotCritical } from './lints/basic-constraints-not-critical.js';
import { caWithoutBasicConstraints } from './lints/ca-without-basic-constraints.js';
import { caWithoutKeyUsage } from './lints/ca-without-key-usage.js';
import { caWithoutSubjectKeyIdentifier } from './lints/ca-without-subject-key-identifier.js';
import { commonNameNotInAltNames } from './lints/common-name-not-in-alt-names.js';
import { duplicateSerial } from './lints/duplicate-serial.js';
import { impossibleDnsName } from './lints/impossible-dns-name.js';
import { keyInGit } from './lints/key-in-git.js';
import { keyReadableByOthers } from './lints/key-readable-by-others.js';
import { leafIsCa } from './lints/leaf-is-ca.js';
import { leafMaySignCertificates } from './lints/leaf-may-sign-certificates.js';
import { longLifetime } from './lints/long-lifetime.js';
import { mustStapleWithoutResponder } from './lints/must-staple-without-responder.js';
import { noAuthorityKeyIdentifier } from './lints/no-authority-key-identifier.js';
import { noExtendedKeyUsage } from './lints/no-extended-key-usage.js';
import { noSubjectAltName } from './lints/no-subject-alt-name.js';
import { oldVersion } from './lints/old-version.js';
import { outlivesIssuer } from './lints/outlives-issuer.js';
import { pathLengthWithoutCa } from './lints/path-length-without-ca.js';
import { serialTrouble } from './lints/serial-trouble.js';
import { sharedKey } from './lints/shared-key.js';
import { spiffeExactlyOneUri } from './lints/spiffe-exactly-one-uri.js';
import { spiffeLeafUsage } from './lints/spiffe-leaf-usage.js';
import { validityReversed } from './lints/validity-reversed.js';
import { weakKey } from './lints/weak-key.js';
import { weakSignature } from './lints/weak-signature.js';

export const LINTS: readonly Lint[] = [
  noSubjectAltName,
  noExtendedKeyUsage,
  anyExtendedKeyUsage,
  caWithoutBasicConstraints,
  basicConstraintsNotCritical,
  caWithoutKeyUsage,
  caWithoutSubjectKeyIdentifier,
  noAuthorityKeyIdentifier,
  leafIsCa,
  leafMaySignCertificates,
  pathLengthWithoutCa,
  longLifetime,
  weakKey,
  weakSignature,
  algorithmMismatch,
  serialTrouble,
  validityReversed,
  addressAsDnsName,
  impossibleDnsName,
  commonNameNotInAltNames,
  spiffeExactlyOneUri,
  spiffeLeafUsage,
  mustStapleWithoutResponder,
  oldVersion,
  outlivesIssuer,
  keyReadableByOthers,
  keyInGit,
  sharedKey,
  duplicateSerial,
];

const BY_NAME = new Map(LINTS.map((lint) => [lint.meta.name, lint]));

/** A lint by its name. */
export function lintOf(name: string): Lint | undefined {
  return BY_NAME.get(name);
}
