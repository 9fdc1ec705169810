import type { Certificate } from '../x509/certificate.js';
import { checkBaseline } from './baseline.js';
import { Budget } from './budget.js';
import { checkIssuer, checkReadable, checkTime, checkUsage, type Finding, type RuleContext } from './certificate-rules.js';
import { checkDuties, holdsToDuties } from './duties.js';
import { constrainedNames, nameViolations } from './name-constraints.js';
import type { FoundPath } from './path-search.js';
import { checkPolicies } from './policies.js';
import { PROFILES } from './profiles.js';
import { checkStrength } from './strength-rules.js';
import type { PathProblem, PathQuestion, PathStep, PolicyInputs } from './verification.js';

/** Everything that RFC 5280 §6.1 asks of one path: all that is wrong with it, not only the first. */

type Role = PathStep['role'];

export interface PathRuleContext extends RuleContext {
  budget: Budget;
  maxDepth: number | undefined;
  policies: PolicyInputs | undefined;
  /** Findings of certificates already judged under this context, by certificate and role. */
  judged: Map<Certificate, Map<Role, Finding[]>>;
}

/** The rules that a question asks for, with what its profile says where the question is silent. */
export function ruleContext(question: Omit<PathQuestion, 'leaf' | 'intermediates' | 'anchors'>): PathRuleContext {
  const rules = PROFILES[question.profile ?? 'rfc5280'];
  return {
    at: question.at,
    rules,
    purpose: question.purpose ?? 'server',
    requiredKeyUsage: question.requiredKeyUsage ?? [],
    allowSha1: question.allowSha1 ?? rules.allowSha1,
    minRsaBits: question.minRsaBits ?? rules.minRsaBits,
    anchor: question.anchor ?? {},
    budget: new Budget(question.budget),
    maxDepth: question.maxDepth,
    policies: question.policies,
    duties: question.duties ?? 'enforce',
    judged: new Map(),
  };
}

export const ANY_POLICY_INPUTS: PolicyInputs = { initial: null, explicit: false, inhibitMapping: false, inhibitAny: false };

/** Rules that a certificate keeps or breaks alone, whatever path it is in. Judged once for each role. */
export function certificateFindings(certificate: Certificate, role: Role, context: PathRuleContext): readonly Finding[] {
  const known = context.judged.get(certificate) ?? new Map<Role, Finding[]>();
  context.judged.set(certificate, known);
  let findings = known.get(role);
  if (findings === undefined) {
    findings = judgeCertificate(certificate, role, context);
    known.set(role, findings);
  }
  return findings;
}

function judgeCertificate(certificate: Certificate, role: Role, context: RuleContext): Finding[] {
  const { rules, anchor } = context;
  const isAnchor = role === 'anchor';
  const bare = isAnchor && anchor.enforceConstraints === false;
  const found: Finding[] = [];
  if (!bare) found.push(...checkReadable(certificate, context));
  if (context.duties === 'enforce' && holdsToDuties(context, role)) found.push(...checkDuties(certificate, role));
  if (!(isAnchor && anchor.enforceExpiry === false)) found.push(...checkTime(certificate, context));
  found.push(...checkStrength(certificate, role, context));
  if (role !== 'end-entity') found.push(...checkIssuer(certificate, isAnchor, context));
  found.push(...checkUsage(certificate, role, context));
  if (rules.baseline && !bare) found.push(...checkBaseline(certificate, role, context.purpose));
  return found;
}

/** All problems of a path by the index of the certificate concerned; revocation and identity are judged elsewhere. */
export function pathProblems(path: FoundPath, context: PathRuleContext): PathProblem[] {
  const { nodes, edges, end } = path;
  const problems: PathProblem[] = [];
  const add = (index: number, findings: readonly Finding[]): void => {
    for (const finding of findings) problems.push({ ...finding, index });
  };
  const roleOf = (index: number): Role =>
    index === 0 ? 'end-entity' : end === 'anchor' && index === nodes.length - 1 ? 'anchor' : 'intermediate';
  for (const [index, { certificate }] of nodes.entries()) add(index, certificateFindings(certificate, roleOf(index), context));
  edges.forEach((result, index) => {
    if (!result.ok)
      add(index, [
        {
          code: 'bad-signature',
          rule: result.kind === 'bad' ? 'signature' : `signature-${result.kind}`,
          message: result.kind === 'bad' ? signatureText(nodes[index]?.certificate, nodes[index + 1]?.certificate) : result.why,
          facts: { algorithm: nodes[index]?.certificate.signatureAlgorithm.name ?? '' },
          reference: 'RFC 5280 §6.1.3',
        },
      ]);
  });
  const certificates = nodes.map(({ certificate }) => certificate);
  const bareAnchor = end === 'anchor' && nodes.length > 1 && context.anchor.enforceConstraints === false;
  /** Certificates whose constraints count: all but an anchor that is a name and a key only. */
  const counted = bareAnchor ? certificates.slice(0, -1) : certificates;
  lengthProblems(counted, certificates, end, context, add);
  constraintProblems(counted, context, add);
  if (context.rules.policies && end === 'anchor') policyProblems(counted, certificates, context, add);
  return problems;
}

function signatureText(child: Certificate | undefined, issuer: Certificate | undefined): string {
  const name = (certificate: Certificate | undefined): string => certificate?.subject.text || 'the certificate';
  return `the signature of ${name(child)} does not verify with the key of ${name(issuer)}`;
}

type Add = (index: number, findings: readonly Finding[]) => void;

/** §6.1.4 (l) and (m), and the caller's own limit. */
function lengthProblems(
  counted: readonly Certificate[],
  all: readonly Certificate[],
  end: FoundPath['end'],
  { maxDepth, rules }: PathRuleContext,
  add: Add,
): void {
  let below = 0;
  for (let index = 1; index < counted.length; index++) {
    const certificate = counted[index] as Certificate;
    const limit = certificate.basicConstraints?.pathLength;
    if (limit !== undefined && below > limit) {
      add(index, [
        {
          code: 'path-length',
          rule: 'path-length',
          message: `${certificate.subject.text} allows ${limit} intermediate CAs below it, the path has ${below}`,
          facts: { allowed: limit, found: below },
          reference: 'RFC 5280 §4.2.1.9',
        },
      ]);
    }
    if (!certificate.selfIssued || rules.constrainSelfIssued) below++;
  }
  if (maxDepth === undefined) return;
  const intermediates = all.slice(1, end === 'anchor' ? -1 : undefined).filter(({ selfIssued }) => !selfIssued).length;
  if (intermediates > maxDepth) {
    add(all.length - 1, [
      {
        code: 'path-length',
        rule: 'max-depth',
        message: `the path has ${intermediates} intermediate${intermediates === 1 ? '' : 's'}, at most ${maxDepth} ${maxDepth === 1 ? 'is' : 'are'} allowed here`,
        facts: { allowed: maxDepth, found: intermediates },
      },
    ]);
  }
}

/** §6.1.3 (b) and (c): names against the constraints of every certificate above. */
function constraintProblems(counted: readonly Certificate[], { rules, budget }: PathRuleContext, add: Add): void {
  for (let holder = 1; holder < counted.length; holder++) {
    const constraints = counted[holder]?.nameConstraints;
    if (constraints === undefined) continue;
    for (let index = holder - 1; index >= 0; index--) {
      const certificate = counted[index] as Certificate;
      if (index > 0 && certificate.selfIssued && !rules.constrainSelfIssued) continue;
      const dialect = rules.constraints;
      const names = constrainedNames(certificate, index === 0 ? dialect : { ...dialect, commonName: false });
      for (const { rule, why, name, constraint } of nameViolations(names, constraints, budget, dialect)) {
        const facts: Finding['facts'] = { name, by: counted[holder]?.subject.text ?? '' };
        if (constraint !== undefined) facts.constraint = constraint;
        add(index, [
          {
            code: 'name-constraint',
            rule,
            message: `${why} (name constraints of ${counted[holder]?.subject.text})`,
            facts,
            reference: 'RFC 5280 §4.2.1.10',
          },
        ]);
      }
    }
  }
}

function policyProblems(
  counted: readonly Certificate[],
  all: readonly Certificate[],
  { policies, anchor }: PathRuleContext,
  add: Add,
): void {
  // Without constraints, mappings or wishes nothing can require a policy.
  if (
    policies === undefined &&
    all.every(({ policyConstraints, policyMappings }) => policyConstraints === undefined && policyMappings === undefined)
  )
    return;
  // An anchor's policies and policy constraints count only where its constraints are asked for; the algorithm itself starts below it.
  const withAnchor = anchor.enforceConstraints === true && all.length > 1;
  const path = withAnchor || all.length === 1 ? counted : all.slice(0, -1);
  const { failure } = checkPolicies(path, policies ?? ANY_POLICY_INPUTS, withAnchor);
  if (failure !== undefined)
    add(failure.index, [{ code: 'malformed', rule: failure.rule, message: failure.why, facts: {}, reference: 'RFC 5280 §6.1.5' }]);
}
