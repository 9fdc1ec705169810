import type { Cause } from '../cause.js';
import { authorityDateFixes } from '../diagnose/authority-date-fixes.js';
import { fittingFixes } from '../diagnose/cause-of.js';
import { fillTemplates } from '../diagnose/meta.js';
import { metaOf } from '../diagnose/registry.js';
import { TlsmedicError } from '../errors.js';
import { MAX_CERTIFICATES } from '../path/budget.js';
import { validatePath } from '../path/validate.js';
import type {
  AnchorRules,
  PathBudget,
  PathQuestion,
  PolicyInputs,
  Profile,
  Purpose,
  RevocationMode,
  SourcedCertificate,
  Verification,
} from '../path/verification.js';
import { isReadable, runtimeVerdicts, verificationDocument } from '../path/verification-document.js';
import type { Certificate } from '../x509/certificate.js';
import { type CertificateRevocationList, parseCrl } from '../x509/crl.js';
import { type OcspResponse, parseOcspResponse } from '../x509/ocsp-response.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem, crlsFromPem, readPem } from '../x509/pem.js';
import { hostReference, type ReferenceIdentifier } from '../x509/server-identity.js';

/** A PEM text (any number of certificates in it) or one certificate's DER. */
export type CertificateInput = string | Uint8Array;

export interface VerifyChainInput {
  /** The end entity; what follows it in a PEM text counts as intermediates. */
  leaf: CertificateInput;
  intermediates?: readonly CertificateInput[];
  /** Trust anchors. None at all is allowed and verifies nothing. */
  roots?: readonly CertificateInput[];
  /** PEM or DER. */
  crls?: readonly CertificateInput[];
  /** DER, or PEM with the label OCSP RESPONSE. */
  ocspResponses?: readonly CertificateInput[];
  /** Now, when absent. */
  at?: Date | string | number;
  /** A DNS name; an address here is matched as one. */
  hostname?: string;
  ip?: string;
  email?: string;
  uri?: string;
  spiffeId?: string;
  trustDomain?: string;
  /** Further names that each have to match; kinds DNS, IP, RFC822 (or EMAIL) and URI. */
  peerNames?: readonly { kind: string; value: string }[];
  purpose?: Purpose;
  profile?: Profile;
  /** Intermediates allowed, self-issued ones not counted. */
  maxDepth?: number;
  policies?: Partial<PolicyInputs>;
  /** `soft` when CRLs or OCSP responses are given, else `none`. */
  revocation?: RevocationMode;
  crlMaxAgeDays?: number;
  requiredKeyUsage?: readonly string[];
  allowSha1?: boolean;
  minRsaBits?: number;
  /** What RFC 5280 §4 asks of CAs (key identifiers, serial numbers, criticality): refused, or warned of. Default: enforce. */
  duties?: 'enforce' | 'warn';
  anchor?: AnchorRules;
  partialChain?: boolean;
  /** `verdict` stops at the first valid path; `explain` (default) gathers every candidate and what other runtimes would say. */
  effort?: 'verdict' | 'explain';
  budget?: Partial<PathBudget>;
}

const REFERENCE_KINDS: Record<string, ReferenceIdentifier['kind']> = { DNS: 'dns', IP: 'ip', RFC822: 'email', EMAIL: 'email', URI: 'uri' };

/**
 * Verifies a chain: every candidate path, all that is wrong with each, and the causes in order of weight.
 * Never throws on certificates, however hostile; throws a `usage` TlsmedicError only for an input that holds no end entity at all,
 * an unreadable time or an unknown kind of name.
 */
export async function verifyChain(input: VerifyChainInput): Promise<Verification> {
  const question = questionOf(input);
  const verdict = validatePath(question);
  const elsewhere = input.effort === 'verdict' ? [] : runtimeVerdicts(question, verdict);
  const chain = [question.leaf, ...question.intermediates];
  const document = verificationDocument(verdict, { question, trust: `${question.anchors.length} given roots`, chain, elsewhere });
  addFixes(document);
  return document;
}

/** Puts the catalogue's fixes to the causes, with the caller's own files and names in the commands. */
export function addFixes(document: Verification, values: Parameters<typeof fillTemplates>[1] = {}): void {
  for (const cause of document.causes) {
    const meta = metaOf(cause.code);
    cause.fixes = authorityFixes(cause, document) ?? (meta === undefined ? [] : fillTemplates(fittingFixes(meta), values));
  }
}

/** Dates of an authority's certificate have fixes of their own. Undefined for everything else. */
function authorityFixes({ code, evidence }: Cause, { paths }: Verification): Cause['fixes'] | undefined {
  if (code !== 'expired' && code !== 'not-yet-valid') return undefined;
  const where = evidence.find(({ fact }) => fact === 'certificate')?.source;
  const step = paths[0]?.steps.find(({ source, role }) => source === where && role !== 'end-entity');
  return step && authorityDateFixes(code, step);
}

/** Revocation lists and OCSP responses looked at. */
const MAX_LISTS = 1024;

/** The question that an input asks, with everything parsed. */
export function questionOf(input: VerifyChainInput): PathQuestion {
  const [leaf, ...following] = readCertificates(input.leaf, 'end entity');
  if (leaf === undefined) {
    throw new TlsmedicError('no-certificate', 'there is no end entity certificate to verify', {
      kind: 'usage',
      why: 'leaf holds no PEM block CERTIFICATE and no DER',
      next: ['tlsmedic inspect FILE says what the file is instead'],
    });
  }
  const question: PathQuestion = {
    leaf,
    intermediates: [...following, ...readAll(input.intermediates, 'intermediate')],
    anchors: readAll(input.roots, 'root'),
    at: timeOf(input.at),
    crls: (input.crls ?? []).slice(0, MAX_LISTS).flatMap(readCrls),
    ocsp: (input.ocspResponses ?? []).slice(0, MAX_LISTS).flatMap(readOcsp),
    references: referencesOf(input),
    policies:
      input.policies === undefined
        ? undefined
        : { initial: null, explicit: false, inhibitMapping: false, inhibitAny: false, ...input.policies },
  };
  const {
    purpose,
    profile,
    maxDepth,
    revocation,
    crlMaxAgeDays,
    requiredKeyUsage,
    allowSha1,
    minRsaBits,
    duties,
    anchor,
    partialChain,
    effort,
    budget,
  } = input;
  const given = {
    purpose,
    profile,
    maxDepth,
    revocation,
    crlMaxAgeDays,
    requiredKeyUsage,
    allowSha1,
    minRsaBits,
    duties,
    anchor,
    partialChain,
    effort,
    budget,
  };
  return Object.assign(question, given);
}

function readAll(inputs: readonly CertificateInput[] | undefined, role: string): SourcedCertificate[] {
  return (inputs ?? []).slice(0, MAX_CERTIFICATES).flatMap((entry, i) => readCertificates(entry, `${role} ${i + 1}`));
}

// Callers verify many chains against the same roots: texts that were parsed lately are not parsed again.
const PARSED = new Map<string, readonly Certificate[]>();
const MAX_PARSED = 128;
/** Longer texts are not kept. */
const MAX_PARSED_LENGTH = 512 * 1024;

function readCertificates(input: CertificateInput, source: string): SourcedCertificate[] {
  if (typeof input !== 'string') return [{ certificate: parseCertificate(input), source }];
  let certificates = PARSED.get(input);
  if (certificates === undefined) {
    certificates = certificatesFromPem(input, MAX_CERTIFICATES).map((der) => parseCertificate(der));
    if (PARSED.size >= MAX_PARSED) PARSED.delete(PARSED.keys().next().value as string);
  } else PARSED.delete(input);
  // At the end again: the first in line to go is the one that was not used for longest.
  if (input.length <= MAX_PARSED_LENGTH) PARSED.set(input, certificates);
  const [only] = certificates;
  if (only !== undefined && certificates.length === 1) return [{ certificate: only, source }];
  return certificates.map((certificate, i) => ({ certificate, source: `${source} #${i + 1}` }));
}

function readCrls(input: CertificateInput): CertificateRevocationList[] {
  return (typeof input === 'string' ? crlsFromPem(input) : [input]).map(parseCrl);
}

function readOcsp(input: CertificateInput): OcspResponse[] {
  const ders =
    typeof input === 'string'
      ? readPem(input)
          .filter(({ label }) => label === 'OCSP RESPONSE')
          .map(({ der }) => der)
      : [input];
  return ders.map(parseOcspResponse);
}

function timeOf(at: VerifyChainInput['at']): number {
  const ms = at === undefined ? Date.now() : at instanceof Date ? at.getTime() : typeof at === 'number' ? at : Date.parse(at);
  if (Number.isNaN(ms))
    throw new TlsmedicError('bad-time', `"${String(at)}" is no time`, {
      kind: 'usage',
      next: ['write it as ISO 8601: 2026-11-22T03:04:05Z'],
    });
  return ms;
}

/** Names that callers may mean, of every kind. */
export type ReferenceInput = { [K in 'hostname' | 'ip' | 'email' | 'uri' | 'spiffeId' | 'trustDomain']?: string | undefined } & Pick<
  VerifyChainInput,
  'peerNames'
>;

/** The reference identifiers that an input names. @throws TlsmedicError for an unknown kind of name */
export function referencesOf(input: ReferenceInput): ReferenceIdentifier[] {
  const references: ReferenceIdentifier[] = [];
  if (input.hostname !== undefined) references.push(hostReference(input.hostname));
  if (input.ip !== undefined) references.push({ kind: 'ip', value: input.ip });
  if (input.email !== undefined) references.push({ kind: 'email', value: input.email });
  if (input.uri !== undefined) references.push({ kind: 'uri', value: input.uri });
  if (input.spiffeId !== undefined) references.push({ kind: 'spiffe-id', value: input.spiffeId });
  if (input.trustDomain !== undefined) references.push({ kind: 'trust-domain', value: input.trustDomain });
  for (const { kind, value } of input.peerNames ?? []) {
    const known = REFERENCE_KINDS[kind.toUpperCase()];
    if (known === undefined)
      throw new TlsmedicError('bad-name-kind', `"${kind}" is no kind of name`, {
        kind: 'usage',
        next: [`one of ${Object.keys(REFERENCE_KINDS).join(', ')}`],
      });
    references.push({ kind: known, value } as ReferenceIdentifier);
  }
  return references;
}

/** Whether an input holds a certificate that can be read. */
export function holdsCertificate(input: CertificateInput): boolean {
  return readCertificates(input, '').some(({ certificate }) => isReadable(certificate));
}
