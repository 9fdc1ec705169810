/** `tlsmedic/inspection@1`: the shape of an inspection in JSON. Everything but the secret of a private key. */
import type { Cause } from '../cause.js';
import type { ExtensionFacts, NameFacts } from '../inspection/extension-facts.js';
import type { InspectedInput } from '../inspection/inventory.js';
import type { CertificateRole, LintSeverity } from '../lint/lint.js';
import type { EncodingProblem, PublicKeyInfo } from '../x509/certificate.js';
import type { KeyLock } from '../x509/container/contained.js';

/** A private-key-free account of where a thing was found. */
export interface WhereDocument {
  /** Label of the input. */
  input: string;
  /** Way inside the input: Secret, entry, number. */
  path: string[];
  /** 1-based line of its BEGIN line. */
  line?: number;
  alias?: string;
}

export interface NameDocument {
  text: string;
  attributes: { type: string; oid: string; value: string }[];
}

export interface PublicKeyDocument {
  type: PublicKeyInfo['type'];
  bits: number;
  curve?: string;
  /** Decimal. */
  exponent?: string;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  sha256: string;
}

export interface CertificateDocument {
  /** `certificate 1`: other parts of the document refer to it. */
  id: string;
  where: WhereDocument;
  /** The id of the same certificate found before. */
  duplicateOf?: string;
  role: CertificateRole;
  version: number;
  serial: string;
  subject: NameDocument;
  issuer: NameDocument;
  selfIssued: boolean;
  notBefore: string | null;
  notAfter: string | null;
  lifetimeSeconds: number | null;
  /** Negative when it is over. */
  remainingSeconds: number | null;
  /** 0 at notBefore, 1 at notAfter. */
  lifetimeUsed: number | null;
  names: NameFacts[];
  spiffeId?: string;
  ca: boolean;
  pathLength?: number;
  keyUsage: string[] | null;
  extendedKeyUsage: { oid: string; name: string }[] | null;
  subjectKeyIdentifier: string | null;
  authorityKeyIdentifier: string | null;
  publicKey: PublicKeyDocument;
  signatureAlgorithm: { oid: string; name: string; hash: string | null };
  fingerprints: { sha256: string; sha1: string };
  extensions: ExtensionFacts[];
  /** Defects of the encoding with the offset of the first wrong byte. */
  problems: EncodingProblem[];
  /** Bytes that are missing at its end; fingerprints mean nothing then. */
  missingBytes?: number;
  /** The id of its issuer, when it is here. */
  issuedBy?: string;
  pem: string;
}

export interface KeyDocument {
  id: string;
  where: WhereDocument;
  format: string;
  encrypted: boolean;
  encryption?: string;
  /** Absent when it could not be opened. */
  publicKey?: PublicKeyDocument;
  lock?: KeyLock;
  problem?: string;
}

export interface InspectionDocument {
  schema: 'tlsmedic/inspection@1';
  /** No cause was found. Warnings and lints do not count. */
  ok: boolean;
  at: string | null;
  verdict: { level: 'ok' | 'warn' | 'fail'; contents: string; statement: string };
  inputs: {
    label: string;
    kind: InspectedInput['kind'];
    formats: string[];
    /** What it is, when it is nothing of PKI. */
    instead?: { what: string; why?: string; next?: string };
    error?: { code: string; message: string; next: string[] };
    locked?: 'passphrase-needed' | 'wrong-passphrase';
    truncated?: string;
    remarks: { level: 'note' | 'refused'; path: string[]; line?: number; text: string; next?: string }[];
    /** Octal permission bits. */
    mode?: string;
    git?: { root: string; tracked: boolean | null };
  }[];
  passedOver: number;
  certificates: CertificateDocument[];
  keys: KeyDocument[];
  requests: {
    id: string;
    where: WhereDocument;
    version: number;
    subject: NameDocument;
    names: NameFacts[];
    publicKey: PublicKeyDocument;
    signatureAlgorithm: { oid: string; name: string; hash: string | null };
    /** Whether the request is signed with its own key; null when that cannot be checked here. */
    signatureValid: boolean | null;
    hasChallengePassword: boolean;
    extensions: ExtensionFacts[];
    problems: EncodingProblem[];
    pem: string;
  }[];
  publicKeys: { id: string; where: WhereDocument; publicKey: PublicKeyDocument; pem: string }[];
  revocationLists: {
    id: string;
    where: WhereDocument;
    issuer: NameDocument;
    number: string | null;
    thisUpdate: string | null;
    nextUpdate: string | null;
    entries: number;
    signatureAlgorithm: string;
    /** Certificates of this inspection that are on it. */
    revokes: string[];
    problems: EncodingProblem[];
  }[];
  ocspResponses: {
    id: string;
    where: WhereDocument;
    status: string;
    producedAt: string | null;
    responses: { serial: string; status: string; thisUpdate: string | null; nextUpdate: string | null }[];
    problems: EncodingProblem[];
  }[];
  damaged: { where: WhereDocument; what: string; problem: string }[];
  others: { where: WhereDocument; what: string }[];
  relations: {
    /** Things that share one key. */
    keys: { keys: string[]; certificates: string[]; requests: string[] }[];
    pairs: { key: string; certificates: string[]; verdict: 'fits' | 'mismatch'; because: string; fits: string[] }[];
    chains: { certificates: string[]; complete: boolean }[];
    orders: { where: string; has: string[]; shouldBe: string[]; strangers: string[]; leafFirst: boolean; inOrder: boolean }[];
    duplicates: string[][];
    strangers: string[];
    /** False when there were too many certificates to check every signature: links then rest on names and key identifiers. */
    signaturesChecked: boolean;
  };
  lints: {
    lint: string;
    severity: LintSeverity;
    title: string;
    message: string;
    certificates: string[];
    file?: string;
    why: string;
    fix: string;
    citation: string;
  }[];
  lintCounts: { finding: number; pass: number; notApplicable: number };
  causes: Cause[];
  warnings: Cause[];
}
