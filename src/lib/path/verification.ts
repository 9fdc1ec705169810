import type { Cause, CauseCode } from '../cause.js';
import type { Certificate } from '../x509/certificate.js';
import type { CertificateRevocationList } from '../x509/crl.js';
import type { OcspResponse } from '../x509/ocsp-response.js';
import type { IdentityMatch, ReferenceIdentifier } from '../x509/server-identity.js';

/** What path validation is asked and what it answers: for other modules of the engine (`PathVerdict`) and as JSON (`Verification`). */

/** Whose rules: the strict standard (with what TLS asks), the CA/Browser Forum's, OpenSSL 3 as node uses it, Go's crypto/x509. */
export type Profile = 'rfc5280' | 'webpki' | 'openssl' | 'go';
export type Purpose = 'server' | 'client' | 'any';
/**
 * `none` looks at no revocation data; `soft` fails on a revoked certificate and only notes what cannot be told; `hard` wants a good status
 * for every certificate below the anchor, `hard-leaf` for the end entity.
 */
export type RevocationMode = 'none' | 'soft' | 'hard' | 'hard-leaf';

/** A certificate and where it came from: "certificate 1 as sent", "bundle.pem #3", "system store". */
export interface SourcedCertificate {
  certificate: Certificate;
  source: string;
}

/** Policy inputs of RFC 5280 §6.1.1 (c) to (g). `initial` null is any-policy. */
export interface PolicyInputs {
  initial: readonly string[] | null;
  explicit: boolean;
  inhibitMapping: boolean;
  inhibitAny: boolean;
}

/**
 * How far a trust anchor's own certificate counts. Absent or null: its dates and constraints count as those of any CA certificate.
 * true: they count where they are present; false: an anchor is a name and a key, nothing else.
 */
export interface AnchorRules {
  enforceExpiry?: boolean | null;
  enforceConstraints?: boolean | null;
}

/** Limits that hostile input runs into. */
export interface PathBudget {
  signatures: number;
  /** Certificates tried during the search. */
  steps: number;
  /** Complete or dead-end paths kept for the explanation. */
  paths: number;
  nameComparisons: number;
}

export interface PathQuestion {
  leaf: SourcedCertificate;
  intermediates: readonly SourcedCertificate[];
  anchors: readonly SourcedCertificate[];
  /** Neither trusted nor offered by the peer: other stores of this machine, fetched issuers. Used to say where a missing issuer is. */
  elsewhere?: readonly SourcedCertificate[];
  /** Milliseconds since 1970 UTC. */
  at: number;
  profile?: Profile;
  purpose?: Purpose;
  /** Each has to match. */
  references?: readonly ReferenceIdentifier[];
  /** Intermediates allowed, self-issued ones not counted. */
  maxDepth?: number;
  policies?: PolicyInputs | undefined;
  revocation?: RevocationMode;
  crls?: readonly CertificateRevocationList[];
  ocsp?: readonly OcspResponse[];
  crlMaxAgeDays?: number;
  requiredKeyUsage?: readonly string[];
  allowSha1?: boolean;
  minRsaBits?: number;
  /** What RFC 5280 §4 asks of CAs and no path hangs on (key identifiers, serial numbers, criticality): refused, the default, or warned of. */
  duties?: 'enforce' | 'warn';
  anchor?: AnchorRules;
  /** Any certificate of `anchors` ends a path, self-signed or not. Default: true but for profile openssl. */
  partialChain?: boolean;
  /** `verdict` stops at the first valid path; `explain` (default) gathers every candidate path. */
  effort?: 'verdict' | 'explain';
  budget?: Partial<PathBudget>;
}

/** One rule broken by one certificate of a path. */
export interface PathProblem {
  code: CauseCode;
  /** Which rule, stable kebab-case, finer than the code: `basic-constraints-missing`. */
  rule: string;
  /** Position in the path, 0 the end entity. */
  index: number;
  /** One sentence with the numbers; strings of certificates inside: escape it. */
  message: string;
  /** Measured facts: times as ISO 8601, OIDs, names. */
  facts: Record<string, string | number | boolean>;
  /** `RFC 5280 §4.2.1.9`. */
  reference?: string;
}

export interface PathStep {
  certificate: Certificate;
  source: string;
  role: 'end-entity' | 'intermediate' | 'anchor';
  /** Rules that held here and are worth a tick: `time`, `signature`, `ca`, `path-length`, `name`, `purpose`, `revocation`. */
  checked: string[];
  problems: PathProblem[];
}

/** The certificate that would continue a path, as far as the child tells. */
export interface MissingIssuer {
  /** RFC 4514 text. */
  name: string;
  nameKey: string;
  /** Hex of the child's authorityKeyIdentifier, when it has one. */
  keyIdentifier?: string;
  serial?: string;
  /** caIssuers addresses. */
  aia: string[];
  /** Certificates of that name which do sign the child but are neither trusted nor sent. */
  found: { source: string; fingerprint: string; selfSigned: boolean }[];
  /** Certificates of that name with another key. */
  sameName: { source: string; fingerprint: string; keyIdentifier?: string; trusted: boolean; notAfter: string }[];
}

export interface CandidatePath {
  /** From the end entity up. */
  steps: PathStep[];
  /** `anchor`: it ends at a trust anchor. `no-issuer`: nothing at hand signed the last one. `limit`: search limits reached. */
  end: 'anchor' | 'no-issuer' | 'limit';
  ok: boolean;
  /** All of the steps' problems in order of weight, those of the path as a whole (index of the step concerned) included. */
  problems: PathProblem[];
  missing?: MissingIssuer;
  /** Certificates whose revocation status could not be told where that does not fail the path, and why. */
  revocationUnknown: { index: number; why: string }[];
  /** Overlap of the validity windows that count, milliseconds; NaN when empty or unknown. */
  validFrom: number;
  validUntil: number;
}

/** Everything that is known about a chain, all defects and not only the first. */
export interface PathVerdict {
  ok: boolean;
  /** Best first. */
  paths: CandidatePath[];
  best: CandidatePath;
  /** Of the best path, heaviest first; empty when ok. */
  problems: PathProblem[];
  /** Does not fail validation under this profile, but elsewhere or soon. */
  warnings: PathProblem[];
  identity: IdentityMatch[];
  /** Seconds to add to `at` (negative: back) that would make the best path valid, when only its dates stand against it. */
  validIfClockMovedSeconds?: number;
  spent: PathBudget;
  /** Which limits were reached. */
  exhausted: (keyof PathBudget)[];
}

/** A certificate in JSON. */
export interface CertificateSummary {
  source: string;
  subject: string;
  issuer: string;
  serial: string;
  fingerprint: string;
  notBefore: string | null;
  notAfter: string | null;
  keyIdentifier: string | null;
  ca: boolean;
}

export interface PathStepDocument extends CertificateSummary {
  role: PathStep['role'];
  ok: boolean;
  checked: string[];
  problems: Omit<PathProblem, 'index'>[];
}

export interface PathDocument {
  ok: boolean;
  end: CandidatePath['end'];
  validFrom: string | null;
  validUntil: string | null;
  missing?: Omit<MissingIssuer, 'nameKey'>;
  steps: PathStepDocument[];
}

/** How a runtime would judge, where it differs. */
export interface RuntimeVerdict {
  profile: Profile;
  /** "Go", "OpenSSL / Node". */
  runtime: string;
  valid: boolean;
  why: string;
}

/** `tlsmedic/verification@1`. */
export interface Verification {
  schema: 'tlsmedic/verification@1';
  /** The file that was verified, where there is one. */
  input?: string;
  valid: boolean;
  causes: Cause[];
  warnings: Cause[];
  /** Candidate paths, best first. */
  paths: PathDocument[];
  /** The certificates given as the chain, in the order given. */
  chain: CertificateSummary[];
  at: string;
  profile: Profile;
  purpose: Purpose;
  /** Name of the trust store in force. */
  trust: string;
  validIfClockMovedSeconds?: number;
  /** Runtimes whose verdict differs from this one. */
  elsewhere: RuntimeVerdict[];
  /** What was not checked, and why. */
  notChecked: string[];
}
