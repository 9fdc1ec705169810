import type { CauseCode, Confidence } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import type { ServerEvidence } from '../evidence/server.js';
import type { PathProblem } from '../path/verification.js';
import type { Finding, Outcome } from './rule.js';
import { found } from './rule.js';
import { callName, fact } from './wording.js';

/** A defect of the path in use, with whether every program minds it or only the stricter ones. */
export interface ServerProblem {
  problem: PathProblem;
  /** Node and OpenSSL at their defaults go on in spite of it. */
  stricterOnly: boolean;
}

/** Defects that programs which are stricter than node refuse, and that are worth failing for. The rest of the strict rules would only be noise. */
const WORTH_FAILING: ReadonlySet<string> = new Set([
  'weak-key',
  'weak-signature',
  'wrong-purpose',
  'not-a-ca',
  'name-constraint',
  'path-length',
]);

/** Path problems of one code, at any certificate of the best path. */
export function pathProblems(evidence: Evidence, code: CauseCode): ServerProblem[] {
  const { server } = evidence;
  if (server === undefined) return [];
  const refused = server.path.problems.filter((problem) => problem.code === code).map((problem) => ({ problem, stricterOnly: false }));
  const strict = WORTH_FAILING.has(code)
    ? server.stricter
        .filter((problem) => problem.code === code && minded(server, problem))
        .map((problem) => ({ problem, stricterOnly: true }))
    : [];
  return [...refused, ...strict];
}

/**
 * A root that is not trusted ends the path: what strict rules hold against it (a certificate of version 1 has no basicConstraints) would not
 * count once it were an anchor, and until then it is the smaller matter.
 */
function isUnknownRoot({ path: { best } }: ServerEvidence, { index }: PathProblem): boolean {
  const step = best.steps[index];
  return best.end !== 'anchor' && index > 0 && index === best.steps.length - 1 && step?.certificate.selfIssued === true;
}

/** Whether what only strict rules hold against a certificate is worth a word. */
export function minded(server: ServerEvidence, problem: PathProblem): boolean {
  return WORTH_FAILING.has(problem.code) && !isUnknownRoot(server, problem);
}

/** One finding for one defect. */
export function problemFinding(evidence: Evidence, { problem, stricterOnly }: ServerProblem, confidence: Confidence = 'certain'): Finding {
  const step = evidence.server?.path.best.steps[problem.index];
  const who = step === undefined ? undefined : callName(step.certificate);
  const anchor = step?.role === 'anchor';
  // Messages that name the certificate themselves need no name before them.
  const named = who === undefined || problem.message.includes(who);
  return {
    confidence,
    ...(anchor && { party: 'client' }),
    summary: named ? problem.message : `${who}: ${problem.message}`,
    evidence: [
      ...Object.entries(problem.facts).map(([name, value]) => fact(name, value, step?.source ?? 'path')),
      fact('rule', problem.reference === undefined ? problem.rule : `${problem.rule} (${problem.reference})`, step?.source ?? 'path'),
      ...(stricterOnly
        ? [
            fact(
              'refused by',
              'stricter programs (browsers, Go, Java or OpenSSL at security level 2); node goes on',
              'rules of those programs',
            ),
          ]
        : []),
    ],
  };
}

/** Findings for every defect of a code; the first one for each certificate. */
export function pathFindings(evidence: Evidence, code: CauseCode): Outcome {
  const seen = new Set<number>();
  const findings = pathProblems(evidence, code).filter(({ problem }) => !seen.has(problem.index) && seen.add(problem.index));
  return found(...findings.map((one) => problemFinding(evidence, one)));
}
