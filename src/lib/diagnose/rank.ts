import type { Cause, CauseCode } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import { causeOf } from './cause-of.js';
import type { Judgement } from './engine.js';
import type { RuleMeta } from './meta.js';
import type { Finding } from './rule.js';
import { commandsFor } from './target-commands.js';
import { callerValues } from './wording.js';

/**
 * Causes before consequences, the specific before the general: what stops a program before it connects, what hides everything behind it,
 * then the server's certificate as a verifier meets its defects, then the client's, then what fails nobody today.
 */
const ORDER: readonly CauseCode[] = [
  'file-missing',
  'bad-passphrase',
  'bad-pem',
  'client-key-mismatch',
  'key-mismatch',
  'dns',
  'inconsistent-backends',
  'refused',
  'timeout',
  'plaintext-http',
  'starttls-needed',
  'not-tls',
  'sni-rejected',
  'alpn-mismatch',
  'version-mismatch',
  'cipher-mismatch',
  'local-clock-skew',
  'stale-served-certificate',
  'revoked',
  'malformed',
  'bad-signature',
  'expired',
  'not-yet-valid',
  'stale-trust-bundle',
  'self-signed',
  'missing-intermediate',
  'untrusted-root',
  'not-a-ca',
  'path-length',
  'name-constraint',
  'wrong-purpose',
  'no-san',
  'san-mismatch',
  'weak-signature',
  'weak-key',
  'peer-clock-skew',
  'client-cert-expired',
  'client-cert-wrong-purpose',
  'client-cert-unknown-ca',
  'client-cert-required',
  'client-cert-rejected',
  'reset',
  'revocation-unavailable',
  'client-auth-not-enforced',
];

const WEIGHT = new Map(ORDER.map((code, index) => [code, index]));

/** Position in the order of weight, smaller is heavier. */
export function weightOfCause(code: CauseCode): number {
  return WEIGHT.get(code) ?? ORDER.length;
}

/** Turns judgements into causes and warnings: consequences dropped, the heaviest first. */
export function rank(evidence: Evidence, judgements: readonly Judgement[]): { causes: Cause[]; warnings: Cause[] } {
  const all = judgements.flatMap(({ rule, outcome }) =>
    outcome.status === 'finding' ? outcome.findings.map((finding) => ({ meta: rule.meta, finding })) : [],
  );
  const failing = all.filter(({ finding }) => finding.warning !== true);
  const superseded = new Set<CauseCode>(failing.flatMap(({ meta }) => meta.supersedes));
  const causes = failing
    .filter(({ meta }) => !superseded.has(meta.code))
    .sort((a, b) => weightOfCause(a.meta.code) - weightOfCause(b.meta.code));
  const warnings = all
    .filter(({ finding }) => finding.warning === true)
    .sort((a, b) => weightOfCause(a.meta.code) - weightOfCause(b.meta.code));
  return {
    causes: causes.map(({ meta, finding }) => causeFrom(evidence, meta, finding)),
    warnings: warnings.map(({ meta, finding }) => causeFrom(evidence, meta, finding)),
  };
}

function causeFrom(evidence: Evidence, meta: RuleMeta, finding: Finding): Cause {
  const cause = causeOf(meta.code, { ...finding, values: callerValues(evidence) });
  return { ...cause, fixes: commandsFor(evidence, cause.party, cause.fixes) };
}
