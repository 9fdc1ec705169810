import type { LeafProfile } from './profiles.js';

/** One root with its intermediate, as `--json` shows it. */
export interface GenerationSummary {
  number: number;
  /** As people call it: `ECDSA P-256`. */
  keyType: string;
  root: CertificateSummary & { key: { path: string; protection: 'passphrase' | 'none'; passphraseFile?: string; present: boolean } };
  intermediate: CertificateSummary & { key: { path: string }; pathLength: number };
  /** There is a bridge from the root before. */
  bridged: boolean;
}

export interface CertificateSummary {
  commonName: string;
  /** SHA-256, lower-case hex. */
  fingerprint: string;
  serial: string;
  notBefore: string;
  notAfter: string;
}

/** `tlsmedic/ca@1`: what `ca init`, `ca show` and `ca rotate` print. */
export interface CaDocument {
  schema: 'tlsmedic/ca@1';
  action: 'init' | 'show' | 'rotate';
  at: string;
  folder: string;
  name: string;
  files: { bundle: string; crl: string };
  /** Newest first; the first one issues. */
  generations: GenerationSummary[];
  constraints: { permitted: string[]; excluded: string[] };
  spiffeTrustDomain: string | null;
  issued: {
    total: number;
    valid: number;
    expired: number;
    revoked: number;
    faulty: number;
    /** Valid certificates that run out next, at most ten. */
    next: { serial: string; names: string[]; profile: string; notAfter: string }[];
  };
  warnings: string[];
}

/** `tlsmedic/issue@1`: one certificate that was issued, without its key. */
export interface IssueDocument {
  schema: 'tlsmedic/issue@1';
  at: string;
  /** Names in the certificate, `DNS:api.internal`, and what was typed for each. */
  names: { typed: string; name: string }[];
  commonName: string | null;
  profile: LeafProfile;
  keyType: string;
  serial: string;
  fingerprint: string;
  notBefore: string;
  notAfter: string;
  issuer: string;
  /** The authority's folder. */
  authority: string;
  fault: { name: string; summary: string; symptom: string } | null;
  /** What a request asked for and whether it was taken over. */
  request: { file: string; taken: string[]; left: string[] } | null;
  /** Absolute paths by what they are. */
  files: {
    certificate?: string;
    key?: string;
    bundle: string;
    crl?: string;
    keyStore?: string;
    trustStore?: string;
    passphrase?: string;
    secret?: string;
    json?: string;
  };
  config: { target: string; text: string } | null;
  warnings: string[];
}

/** `tlsmedic/issue-batch@1`: the outcome of `issue --batch`. */
export interface IssueBatchDocument {
  schema: 'tlsmedic/issue-batch@1';
  at: string;
  file: string;
  authority: string;
  directory: string;
  rows: number;
  issued: number;
  /** Rows whose certificate was there already, from an earlier run. */
  skipped: number;
  failed: { line: number; name: string; code: string; message: string; next: string[] }[];
  seconds: number;
}

/** `tlsmedic/ca-trust@1`: which stores know the root, or what was done to them. */
export interface CaTrustDocument {
  schema: 'tlsmedic/ca-trust@1';
  action: 'install' | 'uninstall' | 'check';
  dryRun: boolean;
  root: { commonName: string; fingerprint: string };
  stores: {
    id: string;
    title: string;
    status: 'trusted' | 'not-trusted' | 'installed' | 'removed' | 'unchanged' | 'would-run' | 'failed' | 'absent' | 'unknown';
    detail: string;
    /** Command lines that were or would be run. */
    commands: string[];
  }[];
}

/** `tlsmedic/ca-revoke@1`. */
export interface CaRevokeDocument {
  schema: 'tlsmedic/ca-revoke@1';
  at: string;
  revoked: { serial: string; names: string[]; reason: string; already: boolean }[];
  crl: { path: string; entries: number; nextUpdate: string };
}

/** `tlsmedic/ca-env@1`. */
export interface CaEnvDocument {
  schema: 'tlsmedic/ca-env@1';
  bundle: string;
  variables: { name: string; value: string; for: string }[];
}

/** `tlsmedic/csr@1`: a request for somebody else's authority, without its key. */
export interface RequestDocument {
  schema: 'tlsmedic/csr@1';
  /** As in the request, `DNS:api.internal`. */
  names: string[];
  commonName: string | null;
  keyType: string;
  folder: string;
  files: { key: string; request: string };
  /** The request itself. */
  pem: string;
}
