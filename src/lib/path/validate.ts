import { weightOfCause } from '../cause-weight.js';
import type { Certificate } from '../x509/certificate.js';
import { equalBytes } from '../x509/der-values.js';
import { type IdentityMatch, matchIdentity } from '../x509/server-identity.js';
import { Budget } from './budget.js';
import { checkUsage, type Finding } from './certificate-rules.js';
import { checkDuties, holdsToDuties } from './duties.js';
import { missingIssuer, missingProblem } from './missing-issuer.js';
import { certificateFindings, type PathRuleContext, pathProblems, ruleContext } from './path-rules.js';
import { type Candidate, type FoundPath, fitsAuthority, IssuerPool, searchPaths } from './path-search.js';
import { checkRevocation, type RevocationContext, type RevocationFindings } from './revocation.js';
import type {
  CandidatePath,
  PathProblem,
  PathQuestion,
  PathStep,
  PathVerdict,
  RevocationMode,
  SourcedCertificate,
} from './verification.js';
import { byWeight } from './weight.js';

/**
 * Builds and validates every candidate path from the end entity (RFC 5280 §6, RFC 4158), within limits. Pure: no clock, no files, nothing
 * thrown on hostile certificates. With `effort: 'verdict'` it stops at the first valid path and at the first reason why there is none.
 */
export function validatePath(question: PathQuestion): PathVerdict {
  const session = new Session(question);
  return session.run();
}

class Session {
  readonly #question: PathQuestion;
  readonly #budget: Budget;
  readonly #context: PathRuleContext;
  readonly #pool: IssuerPool;
  readonly #leaf: Candidate;
  readonly #partialChain: boolean;
  readonly #revocation: RevocationContext;
  readonly #identity: IdentityMatch[];

  constructor(question: PathQuestion) {
    this.#question = question;
    this.#context = ruleContext(question);
    const { rules, budget } = this.#context;
    this.#budget = budget;
    this.#partialChain = question.partialChain ?? rules.partialChain;
    const endsPath = ({ certificate }: SourcedCertificate): boolean =>
      this.#partialChain || (certificate.selfIssued && (!rules.keyIdentifierBinds || fitsAuthority(certificate, certificate)));
    const anchors = question.anchors.map((entry) => ({ ...entry, anchor: endsPath(entry), trusted: true }));
    this.#leaf = { ...question.leaf, anchor: false, trusted: false };
    const intermediates = question.intermediates.map((entry) => ({ ...entry, anchor: false, trusted: false }));
    this.#pool = new IssuerPool(anchors, intermediates, {
      budget: this.#budget,
      at: question.at,
      namesByteForByte: rules.namesByteForByte,
      keyIdentifierBinds: rules.keyIdentifierBinds,
      greedy: rules.greedySearch,
    });
    const crls = question.crls ?? [];
    const ocsp = question.ocsp ?? [];
    const mode: RevocationMode = question.revocation ?? (crls.length + ocsp.length > 0 ? 'soft' : 'none');
    this.#revocation = { mode, crls, ocsp, crlMaxAgeDays: question.crlMaxAgeDays, pool: this.#pool, rules: this.#context };
    this.#identity = (question.references ?? []).map((reference) => matchIdentity(question.leaf.certificate, reference, rules.identity));
  }

  run(): PathVerdict {
    const valid = this.#firstValid();
    if (this.#question.effort === 'verdict' && valid !== undefined) return this.#verdict([valid]);
    const paths = this.#everyPath();
    if (valid !== undefined && !paths.some(({ ok }) => ok)) paths.unshift(valid);
    return this.#verdict(paths);
  }

  /** Searches over certificates that are right by themselves only, so that a valid path among many dead ends is found soon. */
  #firstValid(): CandidatePath | undefined {
    if (this.#identity.some(({ ok }) => !ok) || certificateFindings(this.#leaf.certificate, 'end-entity', this.#context).length > 0)
      return undefined;
    const trusted = this.#trustedLeaf();
    if (trusted !== undefined) return this.#judge(trusted);
    // Pruning would let a greedy search pass over the issuer that it would have taken.
    const usable = this.#context.rules.greedySearch ? {} : { usable: (candidate: Candidate) => this.#isUsable(candidate) };
    let valid: CandidatePath | undefined;
    searchPaths(
      this.#leaf,
      this.#pool,
      { budget: this.#budget, ...usable, broken: false, greedy: this.#context.rules.greedySearch },
      (found) => {
        if (found.end !== 'anchor') return found.end === 'limit' && this.#budget.exhausted.has('steps');
        if (this.#budget.exhausted.has('nameComparisons')) return true;
        const path = this.#judge(found);
        if (path.ok) valid = path;
        return path.ok;
      },
    );
    return valid;
  }

  #isUsable({ certificate, anchor }: Candidate): boolean {
    return certificateFindings(certificate, anchor ? 'anchor' : 'intermediate', this.#context).length === 0;
  }

  /** The end entity is in the trust store itself: a path of one. */
  #trustedLeaf(): FoundPath | undefined {
    const leaf = this.#leaf.certificate;
    const entry = this.#pool.anchors.find(({ certificate, anchor }) => anchor && equalBytes(certificate.der, leaf.der));
    return entry === undefined ? undefined : { nodes: [{ ...entry, anchor: true }], edges: [], end: 'anchor' };
  }

  #everyPath(): CandidatePath[] {
    const paths: CandidatePath[] = [];
    const trusted = this.#trustedLeaf();
    if (trusted !== undefined) paths.push(this.#judge(trusted));
    if (paths[0]?.ok === true) return paths;
    const budget = this.#explanationBudget();
    searchPaths(this.#leaf, this.#pool, { budget, broken: true, greedy: this.#context.rules.greedySearch }, (found) => {
      paths.push(this.#judge(found));
      return !this.#budget.take('paths') || this.#budget.exhausted.has('nameComparisons');
    });
    return paths;
  }

  /** Gathering explanations has its own steps: the search for a valid path may have used them up. */
  #explanationBudget(): Budget {
    return new Budget({ ...this.#budget.limits, steps: Math.min(this.#budget.limits.steps, 2000) });
  }

  #judge(found: FoundPath): CandidatePath {
    const { nodes, end } = found;
    const problems = pathProblems(found, this.#context);
    const path: CandidatePath = {
      steps: [],
      end,
      ok: false,
      problems,
      revocationUnknown: [],
      validFrom: Number.NaN,
      validUntil: Number.NaN,
    };
    for (const match of this.#identity) if (!match.ok) problems.push(identityProblem(match));
    const revocation = checkRevocation(found, this.#revocation);
    problems.push(...revocation.problems);
    path.revocationUnknown = revocation.unknown;
    if (end === 'no-issuer') this.#explainEnd(found, path);
    if (end === 'limit') {
      problems.push({
        code: 'path-length',
        rule: 'search-limit',
        index: nodes.length - 1,
        message: 'the search for an issuer was given up here: the path is too long or there are too many certificates',
        facts: { length: nodes.length },
      });
    }
    problems.sort(byWeight);
    path.ok = problems.length === 0;
    path.steps = nodes.map((node, index) => this.#step(node, index, found, problems, revocation));
    this.#validity(path);
    return path;
  }

  #explainEnd(found: FoundPath, path: CandidatePath): void {
    const { anchors, intermediates, elsewhere = [] } = this.#question;
    const signs = (issuer: Certificate, child: Certificate): boolean => this.#pool.signature(child, issuer).ok;
    const context = { anchors, intermediates, elsewhere, partialChain: this.#partialChain, signs };
    path.missing = missingIssuer(found, context);
    path.problems.push(missingProblem(found, path.missing, context));
  }

  #step(
    { certificate, source }: Candidate,
    index: number,
    { end, nodes }: FoundPath,
    problems: readonly PathProblem[],
    revocation: RevocationFindings,
  ): PathStep {
    const own = problems.filter((problem) => problem.index === index);
    const role = index === 0 ? 'end-entity' : end === 'anchor' && index === nodes.length - 1 ? 'anchor' : 'intermediate';
    const broken = (...codes: string[]): boolean => own.some(({ code }) => codes.includes(code));
    const checked: string[] = [];
    if (index === 0 && this.#identity.length > 0 && !broken('san-mismatch', 'no-san')) checked.push('name');
    if (
      !broken('expired', 'not-yet-valid') &&
      !Number.isNaN(certificate.notAfter) &&
      !(role === 'anchor' && this.#context.anchor.enforceExpiry === false)
    )
      checked.push('time');
    if (role !== 'anchor' && index < nodes.length - 1 && !broken('bad-signature', 'weak-signature')) checked.push('signature');
    if (index > 0 && role !== 'anchor' && !broken('not-a-ca')) checked.push('CA');
    if (index > 0 && certificate.basicConstraints?.pathLength !== undefined && !broken('path-length')) checked.push('path length');
    if (index === 0 && this.#context.purpose !== 'any' && !broken('wrong-purpose')) checked.push(`purpose ${this.#context.purpose}`);
    if (revocation.good.includes(index)) checked.push('not revoked');
    return { certificate, source, role, checked, problems: own };
  }

  /** The window in which every certificate that counts is valid. */
  #validity(path: CandidatePath): void {
    const counted = path.steps.filter(({ role }) => role !== 'anchor' || this.#context.anchor.enforceExpiry !== false);
    const from = Math.max(...counted.map(({ certificate }) => certificate.notBefore));
    const until = Math.min(...counted.map(({ certificate }) => certificate.notAfter));
    if (from <= until) Object.assign(path, { validFrom: from, validUntil: until });
  }

  #verdict(paths: CandidatePath[]): PathVerdict {
    paths.sort(betterPath);
    const best = paths[0] ?? this.#judge({ nodes: [this.#leaf], edges: [], end: 'limit' });
    const verdict: PathVerdict = {
      ok: best.ok,
      paths: paths.length === 0 ? [best] : paths,
      best,
      problems: best.problems,
      warnings: this.#warnings(best),
      identity: this.#identity,
      spent: this.#budget.spent,
      exhausted: [...this.#budget.exhausted],
    };
    const onlyDates = !best.ok && best.problems.every(({ code }) => code === 'expired' || code === 'not-yet-valid');
    if (onlyDates && !Number.isNaN(best.validFrom)) {
      const { at } = this.#question;
      verdict.validIfClockMovedSeconds = Math.ceil((at < best.validFrom ? best.validFrom - at : best.validUntil - at) / 1000);
    }
    return verdict;
  }

  /** What this profile lets pass and others may not. */
  #warnings(path: CandidatePath): PathProblem[] {
    const found: PathProblem[] = [];
    const leaf = path.steps[0]?.certificate;
    if (leaf !== undefined && !this.#context.rules.leafKeyUsage) {
      const usage: Finding[] = checkUsage(leaf, 'end-entity', { ...this.#context, rules: { ...this.#context.rules, leafKeyUsage: true } });
      for (const finding of usage) if (finding.rule === 'key-usage-tls') found.push({ ...finding, index: 0 });
    }
    // Lists or answers were given, and say nothing about the very certificate that was asked about.
    for (const { index, why } of path.revocationUnknown)
      if (index === 0)
        found.push({
          code: 'revocation-unavailable',
          rule: 'revocation-unavailable',
          index,
          message: `nobody can tell whether ${leaf?.subject.text ?? ''} was revoked: ${why}`,
          facts: { why },
          reference: 'RFC 5280 §6.3',
        });
    path.steps.forEach(({ certificate, role }, index) => {
      if (this.#context.duties === 'warn' && holdsToDuties(this.#context, role))
        for (const finding of checkDuties(certificate, role)) found.push({ ...finding, index });
      const dotted = [...(certificate.nameConstraints?.permitted ?? []), ...(certificate.nameConstraints?.excluded ?? [])].find(
        ({ base }) => base.kind === 'dns' && base.value.startsWith('.'),
      );
      if (dotted !== undefined) {
        found.push({
          code: 'name-constraint',
          rule: 'constraint-leading-dot',
          index,
          message: `name constraint "${dotted.base.value}" starts with a dot, which RFC 5280 does not define: it was read as "subdomains only"`,
          facts: { constraint: dotted.base.value },
          reference: 'RFC 5280 §4.2.1.10',
        });
      }
    });
    return found;
  }
}

function identityProblem({ code, why, reference, presented }: IdentityMatch): PathProblem {
  return {
    code: code ?? 'san-mismatch',
    rule: `identity-${reference.kind}`,
    index: 0,
    message: why ?? 'the name does not match',
    facts: { wanted: reference.value, presented: presented.slice(0, 20).join(', ') },
    reference: reference.kind === 'spiffe-id' || reference.kind === 'trust-domain' ? 'SPIFFE X.509-SVID §5' : 'RFC 9525 §6',
  };
}

/** Valid before invalid, ending at an anchor before dead ends, few and light problems before many and heavy ones, short before long. */
function betterPath(a: CandidatePath, b: CandidatePath): number {
  if (a.ok !== b.ok) return a.ok ? -1 : 1;
  const rank = (path: CandidatePath): number =>
    path.end === 'anchor' ? 0 : path.problems.some(({ code }) => code === 'stale-trust-bundle') ? 1 : path.end === 'no-issuer' ? 2 : 3;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a.problems.length !== b.problems.length) return a.problems.length - b.problems.length;
  const weight = ({ problems }: CandidatePath): number =>
    problems[0] === undefined ? Number.MAX_SAFE_INTEGER : weightOfCause(problems[0].code);
  // Of equally many, the lighter first problem; of dead ends, the one that came further.
  return weight(b) - weight(a) || (a.end === 'no-issuer' ? b.steps.length - a.steps.length : a.steps.length - b.steps.length);
}
