import { TlsmedicError } from '../errors.js';
import { fetchBytes } from '../io/fetch-bytes.js';
import { readInput } from '../io/files.js';
import { loadTrustStore, otherStores, readCertificateFile, type TrustStore } from '../io/trust-store.js';
import { validatePath } from '../path/validate.js';
import type { CandidatePath, PathQuestion, PathVerdict, SourcedCertificate, Verification } from '../path/verification.js';
import { runtimeVerdicts, verificationDocument } from '../path/verification-document.js';
import { readContainer } from '../x509/container/read-container.js';
import { type CertificateRevocationList, parseCrl } from '../x509/crl.js';
import { type OcspResponse, parseOcspResponse } from '../x509/ocsp-response.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { addFixes } from './verify-chain.js';

/** Files to verify, and the rest of the question as flags give it. */
export interface VerifyFilesInput {
  files: readonly string[];
  ca?: readonly string[];
  trust?: 'system' | 'mozilla' | 'none' | undefined;
  /** The environment: SSL_CERT_FILE moves the system's store. */
  env: Readonly<Record<string, string | undefined>>;
  intermediates?: readonly string[];
  crls?: readonly string[];
  ocsp?: readonly string[];
  /** What is asked of every chain: names, purpose, profile, limits. */
  question: Pick<
    PathQuestion,
    'at' | 'references' | 'purpose' | 'profile' | 'maxDepth' | 'partialChain' | 'revocation' | 'policies' | 'duties'
  >;
  /** Ask the addresses in certificates for issuers that are missing. */
  fetchMissing?: boolean;
}

/** A chain taken from a file: the end entity and what came along. */
export interface GivenChain {
  file: string;
  leaf: SourcedCertificate;
  rest: SourcedCertificate[];
  /** What is wrong with the order or the company, for people. */
  notes: string[];
}

export interface VerifiedFile {
  document: Verification;
  verdict: PathVerdict;
  /** The chain as given, notes on its order included. */
  chain: GivenChain;
  /** Addresses that were asked, and what came of it. */
  fetched: string[];
}

/** Certificates in a file as sourced certificates: `file` alone, or `file #2` where there are several. */
export function sourced(label: string, certificates: readonly Uint8Array[]): SourcedCertificate[] {
  return certificates.map((der, i) => ({
    certificate: parseCertificate(der),
    source: certificates.length === 1 ? label : `${label} #${i + 1}`,
  }));
}

/** All anchors of a store. */
export function anchorsOf(store: TrustStore): SourcedCertificate[] {
  return store.files.flatMap(({ label, certificates }) => sourced(label, certificates));
}

/**
 * Reads the files into chains. A file with an end entity is a chain of its own; files of CA certificates alone help all of them along.
 * @throws TlsmedicError unreadable, or without a certificate
 */
export async function readChains(files: readonly string[]): Promise<{ chains: GivenChain[]; shared: SourcedCertificate[] }> {
  const read: { file: string; certificates: SourcedCertificate[] }[] = [];
  for (const file of files) {
    const label = file === '-' ? 'standard input' : file;
    read.push({ file: label, certificates: sourced(label, await readCertificateFile(file)) });
  }
  const isCa = ({ certificate }: SourcedCertificate): boolean => certificate.basicConstraints?.ca === true;
  const targets = read.filter(({ certificates }) => !certificates.every(isCa));
  const chosen = targets.length === 0 ? read : targets;
  const shared = read.filter((entry) => !chosen.includes(entry)).flatMap(({ certificates }) => certificates);
  return { chains: chosen.map(({ file, certificates }) => chainOf(file, certificates)), shared };
}

function chainOf(file: string, certificates: readonly SourcedCertificate[]): GivenChain {
  const at = Math.max(
    0,
    certificates.findIndex(({ certificate }) => certificate.basicConstraints?.ca !== true),
  );
  const leaf = certificates[at] as SourcedCertificate;
  const rest = certificates.filter((_, i) => i !== at);
  return { file, leaf, rest, notes: orderNotes(leaf, at, rest) };
}

/** RFC 8446 §4.4.2 wants the end entity first; RFC 5246 wants each to be followed by its issuer. */
function orderNotes(leaf: SourcedCertificate, at: number, rest: readonly SourcedCertificate[]): string[] {
  const notes: string[] = [];
  if (at > 0)
    notes.push(
      `the end entity is certificate ${at + 1} of the file: a server that sends it so breaks RFC 8446 §4.4.2, the end entity comes first`,
    );
  const seen = new Set([leaf.certificate.fingerprint]);
  for (const { certificate, source } of rest) {
    if (seen.has(certificate.fingerprint)) notes.push(`${source} is a duplicate`);
    seen.add(certificate.fingerprint);
  }
  return notes;
}

/** What is in the file and not on the path. */
function companyNotes(verdict: PathVerdict, { rest }: GivenChain): string[] {
  const onPath = new Map(verdict.best.steps.map(({ certificate, role }) => [certificate.fingerprint, role]));
  const ends = rest.filter(({ certificate }) => certificate.basicConstraints?.ca !== true && !onPath.has(certificate.fingerprint));
  if (ends.length > 0)
    return [`${ends.length} more end entity certificate${ends.length === 1 ? '' : 's'} in the same file: only the first was verified`];
  if (!verdict.ok) return [];
  return rest.flatMap(({ certificate, source }) => {
    const role = onPath.get(certificate.fingerprint);
    if (role === 'anchor') return [`${source} is the trust anchor itself: clients have their own, it need not be sent`];
    return role === undefined ? [`${source} (${certificate.subject.text}) is not on the path: it need not be sent`] : [];
  });
}

/** Verifies every chain in the files. @throws TlsmedicError for files and stores that cannot be used */
export async function verifyFiles(input: VerifyFilesInput): Promise<VerifiedFile[]> {
  const store = await loadTrustStore({ ca: input.ca ?? [], trust: input.trust, env: input.env });
  const { chains, shared } = await readChains(input.files);
  const given = await readCertificateFiles(input.intermediates ?? []);
  const base = {
    ...input.question,
    anchors: anchorsOf(store),
    // What a system or browser store holds was vetted by those who keep it: its dates and constraints count, the duties of CAs do not.
    ...(store.kind === 'file' ? {} : { anchor: { enforceConstraints: true } }),
    crls: await readCrls(input.crls ?? []),
    ocsp: await readOcsp(input.ocsp ?? []),
  };
  const results: VerifiedFile[] = [];
  for (const chain of chains) {
    const question: PathQuestion = { ...base, leaf: chain.leaf, intermediates: [...chain.rest, ...shared, ...given] };
    results.push(await verifyOne(question, chain, store, input));
  }
  return results;
}

async function verifyOne(
  asked: PathQuestion,
  chain: GivenChain,
  store: TrustStore,
  { fetchMissing, env }: VerifyFilesInput,
): Promise<VerifiedFile> {
  let question = asked;
  let verdict = validatePath(question);
  const fetched: string[] = [];
  if (!verdict.ok && fetchMissing === true) {
    const found = await fetchIssuers(verdict, fetched);
    if (found.length > 0) {
      question = { ...question, intermediates: [...question.intermediates, ...found] };
      verdict = validatePath(question);
    }
  }
  // Where a missing issuer is after all: only asked when one is missing, since stores are large.
  if (verdict.paths.some(({ missing }) => missing !== undefined) && !verdict.ok) {
    const elsewhere = (await otherStores(store.kind, env)).flatMap(anchorsOf);
    question = { ...question, elsewhere: [...(question.elsewhere ?? []), ...elsewhere] };
    verdict = validatePath(question);
  }
  const document = verificationDocument(verdict, {
    question,
    trust: store.name,
    chain: [chain.leaf, ...chain.rest],
    elsewhere: runtimeVerdicts(question, verdict),
  });
  document.input = chain.file;
  chain.notes.push(...companyNotes(verdict, chain));
  // A trust domain is no name that a certificate could be issued for.
  const name = asked.references?.find(({ kind }) => kind !== 'trust-domain')?.value;
  addFixes(document, {
    file: chain.file,
    cert: chain.file,
    ...(store.kind === 'file' ? { ca: store.files[0]?.label } : {}),
    ...(name === undefined ? {} : { name }),
  });
  return { document, verdict, chain, fetched };
}

const MAX_FETCHES = 6;

/** Issuers from the caIssuers addresses of dead ends, and of what comes back. */
async function fetchIssuers(verdict: PathVerdict, log: string[]): Promise<SourcedCertificate[]> {
  const found: SourcedCertificate[] = [];
  const queue = verdict.paths.flatMap(({ missing }: CandidatePath) => missing?.aia ?? []);
  const asked = new Set<string>();
  while (queue.length > 0 && asked.size < MAX_FETCHES) {
    const address = queue.shift() as string;
    if (asked.has(address)) continue;
    asked.add(address);
    try {
      const reading = await readContainer(await fetchBytes(address), { passphrases: [] });
      const certificates = reading.items.flatMap((item) => (item.kind === 'certificate' ? [item.der] : []));
      log.push(
        `${address}: ${certificates.length === 0 ? 'no certificate' : `${certificates.length} certificate${certificates.length === 1 ? '' : 's'}`}`,
      );
      for (const entry of sourced(address, certificates)) {
        found.push(entry);
        if (!entry.certificate.selfIssued) queue.push(...(entry.certificate.authorityInfoAccess?.caIssuers ?? []));
      }
    } catch (error) {
      if (!(error instanceof TlsmedicError)) throw error;
      log.push(`${address}: ${error.why ?? error.message}`);
    }
  }
  return found;
}

/** Certificates of several files, in order. @throws TlsmedicError unreadable, or without a certificate */
export async function readCertificateFiles(files: readonly string[]): Promise<SourcedCertificate[]> {
  const all: SourcedCertificate[] = [];
  for (const file of files) {
    all.push(...sourced(file, await readCertificateFile(file)));
  }
  return all;
}

/** @throws TlsmedicError `no-crl` */
async function readCrls(files: readonly string[]): Promise<CertificateRevocationList[]> {
  const lists: CertificateRevocationList[] = [];
  for (const file of files) {
    const reading = await readContainer(await readInput(file), { passphrases: [] });
    const found = reading.items.flatMap((item) => (item.kind === 'crl' ? [parseCrl(item.der)] : []));
    if (found.length === 0) throw wrongKind('no-crl', file, 'revocation list', reading.instead?.what);
    lists.push(...found);
  }
  return lists;
}

/** @throws TlsmedicError `no-ocsp-response` */
async function readOcsp(files: readonly string[]): Promise<OcspResponse[]> {
  const responses: OcspResponse[] = [];
  for (const file of files) {
    const reading = await readContainer(await readInput(file), { passphrases: [] });
    const found = reading.items.flatMap((item) => (item.kind === 'ocsp-response' ? [parseOcspResponse(item.der)] : []));
    if (found.length === 0) throw wrongKind('no-ocsp-response', file, 'OCSP response', reading.instead?.what);
    responses.push(...found);
  }
  return responses;
}

function wrongKind(code: string, file: string, wanted: string, what: string | undefined): TlsmedicError {
  return new TlsmedicError(code, `${file} holds no ${wanted}`, {
    kind: 'input',
    ...(what === undefined ? {} : { why: `it is ${what}` }),
    next: [`tlsmedic inspect ${file}`],
  });
}
