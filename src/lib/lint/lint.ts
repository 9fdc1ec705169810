/**
 * Lints for private PKI: what will make trouble later, or with another program, though nothing has failed yet. One lint a file, with its
 * citation. They are not the rules of the Web PKI: no logs, no policy identifiers, no 47 days.
 */
import type { Certificate } from '../x509/certificate.js';

/** `error`: some usual program refuses it today. `warning`: risky, or refused by strict programs. `info`: worth knowing. */
export type LintSeverity = 'error' | 'warning' | 'info';

export interface LintMeta {
  /** Stable kebab-case name. */
  name: string;
  severity: LintSeverity;
  /** One lower-case clause. */
  title: string;
  /** The mechanism: who refuses it and why, or what happens later. */
  why: string;
  /** What to do; a command where one helps. */
  fix: string;
  citation: { rfc: number; section: string } | { url: string; title: string };
}

/** What a certificate is used as, as far as it and its company tell. */
export type CertificateRole = 'root' | 'intermediate' | 'leaf';

export interface CertificateSubject {
  kind: 'certificate';
  certificate: Certificate;
  role: CertificateRole;
  /** It issued another certificate that was looked at together with it. */
  issuedOthers: boolean;
  /** Its issuer, when that was looked at too. */
  issuer?: Certificate;
}

/** A file with a private key in it. */
export interface KeyFileSubject {
  kind: 'key-file';
  /** Permission bits, undefined where the system has none. */
  mode?: number;
  /** Whether every key in it is encrypted. */
  encrypted: boolean;
  /** The git work tree it lies in, and whether git keeps it: undefined when the index could not tell. */
  git?: { root: string; tracked?: boolean };
}

/** All certificates that were looked at together; duplicates taken out. */
export interface SetSubject {
  kind: 'set';
  members: readonly CertificateSubject[];
}

export type LintSubject = CertificateSubject | KeyFileSubject | SetSubject;

/** What a check found; `about` are the certificates that a finding on a set is about. */
export interface LintFinding {
  /** One clause with the numbers in it. Strings from certificates are not escaped here. */
  message: string;
  about?: readonly Certificate[];
}

interface LintOf<K extends LintSubject['kind']> {
  meta: LintMeta;
  subject: K;
  /** Asked first: when false, the result is `not-applicable` and never `pass`. */
  applies: (subject: Extract<LintSubject, { kind: K }>) => boolean;
  check: (subject: Extract<LintSubject, { kind: K }>) => LintFinding | readonly LintFinding[] | undefined;
}

export type Lint = { [K in LintSubject['kind']]: LintOf<K> }[LintSubject['kind']];

export type LintResult =
  | { lint: string; outcome: 'finding'; severity: LintSeverity; finding: LintFinding }
  | { lint: string; outcome: 'pass' | 'not-applicable' };

/** Makes a lint on a certificate. */
export function certificateLint(lint: Omit<LintOf<'certificate'>, 'subject'>): Lint {
  return { ...lint, subject: 'certificate' };
}

/** Makes a lint on a file with a private key. */
export function keyFileLint(lint: Omit<LintOf<'key-file'>, 'subject'>): Lint {
  return { ...lint, subject: 'key-file' };
}

/** Makes a lint on all certificates together. */
export function setLint(lint: Omit<LintOf<'set'>, 'subject'>): Lint {
  return { ...lint, subject: 'set' };
}
