import type { Cause, CauseCode, EvidenceItem, Party } from '../cause.js';
import { classOf } from '../cause.js';
import type { Certificate } from '../x509/certificate.js';
import { toHex } from '../x509/der-values.js';
import { PROFILES, RUNTIME_NAMES } from './profiles.js';
import { validatePath } from './validate.js';
import type {
  CandidatePath,
  CertificateSummary,
  PathDocument,
  PathProblem,
  PathQuestion,
  PathStep,
  PathVerdict,
  Profile,
  RuntimeVerdict,
  SourcedCertificate,
  Verification,
} from './verification.js';

/** The `verification@1` document of a verdict. */

const isoOrNull = (ms: number): string | null => (Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString());

/** What CA certificates look like in JSON: they come again and again. */
const FACTS = new WeakMap<Certificate, Omit<CertificateSummary, 'source'>>();

function factsOf(certificate: Certificate): Omit<CertificateSummary, 'source'> {
  let facts = FACTS.get(certificate);
  if (facts === undefined) {
    const { subjectKeyIdentifier } = certificate;
    facts = {
      subject: certificate.subject.text,
      issuer: certificate.issuer.text,
      serial: certificate.serial,
      fingerprint: certificate.fingerprint,
      notBefore: isoOrNull(certificate.notBefore),
      notAfter: isoOrNull(certificate.notAfter),
      keyIdentifier: subjectKeyIdentifier === undefined ? null : toHex(subjectKeyIdentifier),
      ca: certificate.basicConstraints?.ca === true,
    };
    if (facts.ca) FACTS.set(certificate, facts);
  }
  return facts;
}

export function summarise({ certificate, source }: SourcedCertificate): CertificateSummary {
  return { source, ...factsOf(certificate) };
}

function stepDocument({ certificate, source, role, checked, problems }: PathStep): PathStepDocument {
  const bare =
    problems.length === 0 ? [] : problems.map(({ index: _index, ...problem }) => ({ ...problem, message: clipped(problem.message) }));
  return { source, ...factsOf(certificate), role, ok: problems.length === 0, checked, problems: bare };
}

type PathStepDocument = PathDocument['steps'][number];

function pathDocument(path: CandidatePath): PathDocument {
  const document: PathDocument = {
    ok: path.ok,
    end: path.end,
    validFrom: isoOrNull(path.validFrom),
    validUntil: isoOrNull(path.validUntil),
    steps: path.steps.map(stepDocument),
  };
  if (path.missing !== undefined) {
    const { nameKey: _key, ...missing } = path.missing;
    document.missing = missing;
  }
  return document;
}

/** Who has to act on a defect: whoever deploys the chain, or whoever keeps the trust store. */
function partyOf(code: CauseCode, purpose: PathQuestion['purpose']): Party {
  if (code === 'stale-trust-bundle' || code === 'untrusted-root' || code === 'revocation-unavailable') return 'local';
  return purpose === 'client' ? 'client' : 'server';
}

/** Sure but for what a name suggests and nothing proves. */
const GUESSED = new Set(['issuer-unknown', 'issuer-called-root', 'empty-store']);

/** Names of certificates may be megabytes: a sentence is cut where nobody reads on. */
const MAX_SENTENCE = 2000;

function clipped(text: string): string {
  return text.length <= MAX_SENTENCE ? text : `${text.slice(0, MAX_SENTENCE)}… (${text.length} characters)`;
}

/** Rules that a path breaks as a whole. */
const OF_THE_PATH = new Set(['max-depth', 'search-limit']);

/** A problem of a certificate further up says whose it is: the end entity is what everything is about. */
function summaryOf({ code, rule, index, message }: PathProblem, step: PathStep | undefined): string {
  const subject = step?.certificate.subject.text ?? '';
  return index === 0 || subject === '' || classOf(code) === 'unknown-authority' || OF_THE_PATH.has(rule) || message.includes(subject)
    ? message
    : `${subject}: ${message}`;
}

/** A problem of a path in the contract's shape. Fixes are added where the catalogue is at hand. */
export function causeOf(problem: PathProblem, path: CandidatePath, purpose: PathQuestion['purpose']): Cause {
  const step = path.steps[problem.index];
  const source = step?.source ?? 'the path';
  const evidence: EvidenceItem[] = [{ fact: 'rule', value: problem.rule, source: problem.reference ?? 'tlsmedic' }];
  if (step !== undefined) evidence.push({ fact: 'certificate', value: step.certificate.subject.text, source });
  for (const [fact, value] of Object.entries(problem.facts)) evidence.push({ fact, value, source });
  const cause: Cause = {
    class: classOf(problem.code),
    code: problem.code,
    party: partyOf(problem.code, purpose),
    confidence: GUESSED.has(problem.rule) ? 'likely' : 'certain',
    summary: clipped(summaryOf(problem, step)),
    evidence,
    fixes: [],
    alternatives: [],
  };
  const other = GUESSED.has(problem.rule)
    ? problem.code === 'missing-intermediate'
      ? 'untrusted-root'
      : 'missing-intermediate'
    : undefined;
  if (other !== undefined)
    cause.alternatives.push({
      class: classOf(other),
      code: other,
      why: "the issuer's certificate is not at hand, so whether it is a root or an intermediate is not proven",
    });
  return cause;
}

/** One cause a code and certificate: the first of each, the heaviest first. */
export function causesOf(problems: readonly PathProblem[], path: CandidatePath, purpose: PathQuestion['purpose']): Cause[] {
  const seen = new Set<string>();
  const causes: Cause[] = [];
  for (const problem of problems) {
    const key = `${problem.code} ${problem.index}`;
    if (seen.has(key)) continue;
    seen.add(key);
    causes.push(causeOf(problem, path, purpose));
  }
  return causes;
}

/** Runtimes whose verdict on the same question differs from the one given. */
export function runtimeVerdicts(question: PathQuestion, verdict: PathVerdict): RuntimeVerdict[] {
  const own = question.profile ?? 'rfc5280';
  const differing: RuntimeVerdict[] = [];
  for (const profile of ['openssl', 'go'] as const satisfies readonly Profile[]) {
    if (profile === own) continue;
    // What the caller fixed for all profiles alike stays; what a profile decides is left to it.
    const other = validatePath({ ...question, profile, effort: 'verdict' });
    if (other.ok === verdict.ok) continue;
    const why = other.ok ? acceptance(verdict, other) : (other.problems[0]?.message ?? '');
    differing.push({ profile, runtime: RUNTIME_NAMES[profile], valid: other.ok, why });
  }
  return differing;
}

/** What a laxer runtime does instead, by rule; rules that are not here are ones it does not know. */
const LAXER: Record<string, string> = {
  encoding: 'it reads past the defect',
  'weak-digest': 'it allows that digest',
  'rsa-too-short': 'it allows shorter keys',
  'authority-key-identifier-missing': 'key identifiers are hints to it',
  'subject-key-identifier-missing': 'key identifiers are hints to it',
  'serial-not-positive': 'it takes any serial number',
};

function acceptance(verdict: PathVerdict, other: PathVerdict): string {
  const rules = [...new Set(verdict.problems.map(({ rule }) => rule))].slice(0, 3);
  const matched = other.identity.map((match) => match.matched).find((name) => name !== undefined);
  const name = matched?.startsWith('cn:')
    ? `it falls back to the common name, ${matched.slice(3)}, since there is no DNS name`
    : `it takes ${matched} for the name`;
  return [
    ...new Set(rules.map((rule) => (rule === 'identity-dns' ? name : LAXER[rule]) ?? `it does not ask for what fails here (${rule})`)),
  ].join('; ');
}

export interface DocumentContext {
  question: PathQuestion;
  trust: string;
  chain: readonly SourcedCertificate[];
  elsewhere: RuntimeVerdict[];
}

/** The whole document. Pure. */
export function verificationDocument(verdict: PathVerdict, { question, trust, chain, elsewhere }: DocumentContext): Verification {
  const purpose = question.purpose ?? 'server';
  const document: Verification = {
    schema: 'tlsmedic/verification@1',
    valid: verdict.ok,
    causes: causesOf(verdict.problems, verdict.best, purpose),
    warnings: causesOf(verdict.warnings, verdict.best, purpose),
    paths: verdict.paths.map(pathDocument),
    chain: chain.map(summarise),
    at: new Date(question.at).toISOString(),
    profile: question.profile ?? 'rfc5280',
    purpose,
    trust,
    elsewhere,
    notChecked: notChecked(verdict, question),
  };
  if (verdict.validIfClockMovedSeconds !== undefined) document.validIfClockMovedSeconds = verdict.validIfClockMovedSeconds;
  return document;
}

function notChecked(verdict: PathVerdict, question: PathQuestion): string[] {
  const list: string[] = [];
  if ((question.references ?? []).length === 0) list.push('the name: none was given to compare with');
  const data = (question.crls?.length ?? 0) + (question.ocsp?.length ?? 0);
  if (question.revocation === 'none' || (question.revocation === undefined && data === 0))
    list.push('revocation: no CRL and no OCSP response was given');
  for (const { index, why } of verdict.best.revocationUnknown)
    if (index > 0) list.push(`revocation of ${verdict.best.steps[index]?.certificate.subject.text ?? ''}: ${why}`);
  for (const limit of verdict.exhausted) list.push(`everything: the limit of ${limit} was reached`);
  if (!PROFILES[question.profile ?? 'rfc5280'].policies) list.push('certificate policies: this profile does not');
  return list;
}

/** Whether a certificate could be read at all. */
export function isReadable(certificate: Certificate): boolean {
  return certificate.tbs.length > 0 && certificate.publicKey.spki.length > 0;
}
