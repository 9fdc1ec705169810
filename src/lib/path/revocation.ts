import type { Certificate } from '../x509/certificate.js';
import type { CertificateRevocationList } from '../x509/crl.js';
import type { OcspResponse } from '../x509/ocsp-response.js';
import { iso } from './certificate-rules.js';
import { type CrlContext, crlStatus, type RevocationStatus } from './crl-status.js';
import { holdsToDuties } from './duties.js';
import { ocspStatus } from './ocsp-status.js';
import { type PathRuleContext, pathProblems } from './path-rules.js';
import { type Candidate, type FoundPath, type IssuerPool, searchPaths } from './path-search.js';
import { checkSignature, sameKey } from './signature.js';
import type { PathProblem, RevocationMode } from './verification.js';

/** Revocation of the certificates of one path, by OCSP responses and CRLs whose issuers are themselves validated (RFC 5280 §6.3). */

export interface RevocationContext {
  mode: RevocationMode;
  crls: readonly CertificateRevocationList[];
  ocsp: readonly OcspResponse[];
  crlMaxAgeDays: number | undefined;
  pool: IssuerPool;
  rules: PathRuleContext;
}

export interface RevocationFindings {
  problems: PathProblem[];
  /** In mode `soft`: certificates whose status could not be told, and why. */
  unknown: { index: number; why: string }[];
  /** Indexes with a good status. */
  good: number[];
}

/** CRL issuers being validated: a list that its own issuer's status hangs on is not asked again. */
type InProgress = ReadonlySet<Certificate>;

export function checkRevocation(path: FoundPath, context: RevocationContext): RevocationFindings {
  const findings: RevocationFindings = { problems: [], unknown: [], good: [] };
  const { mode } = context;
  if (mode === 'none' || path.end !== 'anchor') return findings;
  const last = mode === 'hard-leaf' ? Math.min(1, path.nodes.length - 1) : path.nodes.length - 1;
  for (let index = 0; index < last; index++) {
    const status = statusOf(path, index, context, new Set());
    const subject = path.nodes[index]?.certificate.subject.text ?? '';
    if (status.status === 'good') findings.good.push(index);
    else if (status.status === 'revoked') {
      const when = iso(status.at);
      findings.problems.push({
        index,
        code: 'revoked',
        rule: 'revoked',
        message: `${subject} was revoked at ${when}, reason ${status.reason} (${status.by})`,
        facts: { revokedAt: when, reason: status.reason, by: status.by },
        reference: 'RFC 5280 §6.3',
      });
    } else if (mode === 'soft') findings.unknown.push({ index, why: status.why });
    else
      findings.problems.push({
        index,
        code: 'revocation-unavailable',
        rule: 'revocation-unavailable',
        message: `nobody can tell whether ${subject} was revoked: ${status.why}`,
        facts: { why: status.why },
        reference: 'RFC 5280 §6.3',
      });
  }
  return findings;
}

function statusOf(path: FoundPath, index: number, context: RevocationContext, inProgress: InProgress): RevocationStatus {
  const certificate = path.nodes[index]?.certificate as Certificate;
  const issuer = path.nodes[index + 1]?.certificate as Certificate;
  const { at } = context.rules;
  const answer =
    context.ocsp.length === 0 ? undefined : ocspStatus(certificate, issuer, context.ocsp, context.rules, context.crlMaxAgeDays);
  if (answer !== undefined && (answer.status === 'revoked' || context.crls.length === 0)) return answer;
  const lists: CrlContext = {
    crls: context.crls,
    at,
    maxAgeDays: context.crlMaxAgeDays,
    duties: context.rules.duties === 'enforce' && holdsToDuties(context.rules, 'intermediate'),
    authenticate: (crl) => authenticate(crl, path, index, context, inProgress),
  };
  const listed = crlStatus(certificate, lists);
  // Where the two speak against each other, whoever says revoked is heard.
  return listed.status === 'revoked' || answer?.status !== 'good' ? listed : answer;
}

/** §6.3.3 (f) to (h): the list is signed by a key that may sign lists, of a certificate that leads to the same anchor. */
function authenticate(
  crl: CertificateRevocationList,
  path: FoundPath,
  index: number,
  context: RevocationContext,
  inProgress: InProgress,
): { ok: boolean; why?: string } {
  const above = path.nodes.slice(index + 1);
  const candidates = [...above, ...context.pool.withSubject(crl.issuer.key)];
  let why = 'no certificate of its issuer is at hand';
  const tried = new Set<Certificate>();
  for (const candidate of candidates) {
    const { certificate } = candidate;
    if (tried.has(certificate) || certificate.subject.key !== crl.issuer.key) continue;
    tried.add(certificate);
    const signed = signatureOf(crl, certificate, context);
    if (signed !== undefined) {
      why = signed;
      continue;
    }
    if (certificate.keyUsage !== undefined && !certificate.keyUsage.includes('cRLSign')) {
      why = `${certificate.subject.text} may not sign CRLs: keyUsage lacks cRLSign`;
      continue;
    }
    if (above.includes(candidate) || inProgress.has(certificate)) return { ok: true };
    const issuerPath = issuerPathDefect(candidate, path, context, new Set([...inProgress, certificate]));
    if (issuerPath === undefined) return { ok: true };
    why = issuerPath;
  }
  return { ok: false, why };
}

const VERIFIED = new WeakMap<CertificateRevocationList, Map<Certificate, boolean>>();

/** Why the list's signature is not the certificate's, or undefined when it is. Remembered: a list is asked about by every certificate. */
function signatureOf(crl: CertificateRevocationList, certificate: Certificate, { rules, pool }: RevocationContext): string | undefined {
  const known = VERIFIED.get(crl) ?? new Map<Certificate, boolean>();
  VERIFIED.set(crl, known);
  let good = known.get(certificate);
  if (good === undefined) {
    if (!rules.budget.take('signatures')) return 'not checked: too many signatures';
    good = checkSignature(crl.tbs, crl.signature, crl.signatureAlgorithm, pool.keyOf(certificate)).ok;
    known.set(certificate, good);
  }
  if (!good) return 'its signature does not verify';
  const { hash } = crl.signatureAlgorithm;
  return hash === 'md5' || hash === 'md2' || (hash === 'sha1' && !rules.allowSha1) ? `signed with broken ${hash}` : undefined;
}

/** Why a CRL issuer that is not in the path itself cannot be relied on: it has to lead to the same anchor and not be revoked. */
function issuerPathDefect(issuer: Candidate, path: FoundPath, context: RevocationContext, inProgress: InProgress): string | undefined {
  const anchor = path.nodes.at(-1) as Candidate;
  const same = (candidate: Candidate): boolean =>
    candidate.certificate === anchor.certificate || sameKey(candidate.certificate.publicKey, anchor.certificate.publicKey);
  if (issuer.anchor) return same(issuer) ? undefined : `${issuer.certificate.subject.text} is another trust anchor`;
  const rules: PathRuleContext = {
    ...context.rules,
    purpose: 'any',
    requiredKeyUsage: [],
    maxDepth: undefined,
    policies: undefined,
    judged: new Map(),
  };
  let defect = `no path from ${issuer.certificate.subject.text} to the same anchor`;
  if (inProgress.size > 4) return defect;
  searchPaths({ ...issuer, anchor: false }, context.pool, { budget: rules.budget, broken: false, greedy: false }, (found) => {
    if (found.end !== 'anchor' || !same(found.nodes.at(-1) as Candidate)) return false;
    const problem = pathProblems(found, rules)[0];
    if (problem !== undefined) {
      defect = `its issuer's path: ${problem.message}`;
      return false;
    }
    const status = statusOf(found, 0, context, inProgress);
    if (status.status === 'revoked') {
      defect = `its issuer ${issuer.certificate.subject.text} was revoked itself`;
      return false;
    }
    defect = '';
    return true;
  });
  return defect === '' ? undefined : defect;
}
