import { domainToASCII } from 'node:url';
import type { Certificate, GeneralSubtree, NameConstraints } from '../x509/certificate.js';
import type { GeneralName } from '../x509/general-name.js';
import { dnsLabels } from '../x509/server-identity.js';
import type { Budget } from './budget.js';
import { type ConstraintDialect, matcherOf, nameDefect, RFC5280_CONSTRAINTS, shown, subtreeDefect } from './name-subtrees.js';

/** Name constraints of every name form (RFC 5280 §4.2.1.10, §6.1.3 (b) and (c)). */

export interface NameViolation {
  rule: 'name-excluded' | 'name-not-permitted' | 'name-constraint-malformed' | 'name-constraint-unsupported' | 'name-malformed' | 'budget';
  why: string;
  /** The name concerned, `dns:example.com`. */
  name: string;
  constraint?: string;
}

/** id-on-SmtpUTF8Mailbox. */
const SMTP_UTF8_MAILBOX = '1.3.6.1.5.5.7.8.9';

/** The names of a certificate that constraints apply to: the subject, its alternative names, and the legacy places of a name. */
export function constrainedNames(certificate: Certificate, dialect: ConstraintDialect = RFC5280_CONSTRAINTS): GeneralName[] {
  const names: GeneralName[] = [...(certificate.subjectAltName ?? [])];
  const { subject } = certificate;
  const none = new Uint8Array(0);
  if (subject.rdns.length > 0) names.push({ kind: 'dirName', value: subject.text, name: subject, raw: subject.der });
  const mailToo =
    dialect.subjectMail === 'always' || (dialect.subjectMail === 'without rfc822Name' && !names.some(({ kind }) => kind === 'email'));
  // RFC 9598 §6: constraints on mailboxes bind internationalized ones as well, whose hosts compare as A-labels.
  for (const name of certificate.subjectAltName ?? [])
    if (name.kind === 'otherName' && name.oid === SMTP_UTF8_MAILBOX && dialect.subjectMail !== 'never')
      names.push({ kind: 'email', value: withAsciiHost(name.value), raw: none });
  if (mailToo) {
    // An emailAddress in the subject counts when there is no rfc822Name beside it.
    for (const rdn of subject.rdns)
      for (const { oid, value } of rdn) if (oid === '1.2.840.113549.1.9.1') names.push({ kind: 'email', value, raw: none });
  }
  const { commonName } = subject;
  if (
    dialect.commonName &&
    commonName !== undefined &&
    !names.some(({ kind }) => kind === 'dns') &&
    dnsLabels(commonName, 'lenient') !== undefined
  ) {
    names.push({ kind: 'dns', value: commonName, raw: none });
  }
  return names;
}

/** The mailbox with its host in A-labels; as it is when the host has none. */
function withAsciiHost(mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  const host = at < 0 ? '' : domainToASCII(mailbox.slice(at + 1));
  return host === '' ? mailbox : `${mailbox.slice(0, at + 1)}${host}`;
}

/** Everything in `names` that `constraints` forbid. Stops at the budget, which is a violation of its own. */
export function nameViolations(
  names: readonly GeneralName[],
  constraints: NameConstraints,
  budget: Budget,
  dialect: ConstraintDialect = RFC5280_CONSTRAINTS,
): NameViolation[] {
  const violations: NameViolation[] = [];
  if (constraints.permitted.length + constraints.excluded.length === 0) return violations;
  const judged = ({ kind }: GeneralName): boolean => dialect.forms === 'all' || dialect.forms.includes(kind);
  for (const subtree of [...constraints.permitted, ...constraints.excluded]) {
    const odd = judged(subtree.base) ? subtreeDefect(subtree, dialect) : undefined;
    if (odd !== undefined) violations.push({ rule: 'name-constraint-malformed', why: odd, name: '', constraint: shown(subtree.base) });
    if (violations.length > 8) return violations;
  }
  if (violations.length > 0) return violations;
  for (const name of names) {
    if (!judged(name)) continue;
    const odd = nameDefect(name, dialect);
    if (odd !== undefined) {
      violations.push({ rule: 'name-malformed', why: odd, name: shown(name) });
      continue;
    }
    const excluded = against(name, constraints.excluded, true, budget, dialect);
    const permitted =
      excluded.kind === 'outside' || excluded.kind === 'no-form' ? against(name, constraints.permitted, false, budget, dialect) : undefined;
    if (excluded.kind === 'budget' || permitted?.kind === 'budget') {
      violations.push({
        rule: 'budget',
        why: `more than ${budget.limits.nameComparisons} comparisons of names with constraints: refused`,
        name: shown(name),
      });
      return violations;
    }
    if (excluded.kind === 'problem') violations.push(excluded.violation);
    else if (excluded.kind === 'inside') {
      violations.push({
        rule: 'name-excluded',
        why: `${shown(name)} is excluded by ${shown(excluded.base)}`,
        name: shown(name),
        constraint: shown(excluded.base),
      });
    } else if (permitted?.kind === 'problem') violations.push(permitted.violation);
    else if (permitted?.kind === 'outside') {
      const allowed = constraints.permitted
        .filter(({ base }) => base.kind === name.kind)
        .slice(0, 5)
        .map(({ base }) => shown(base));
      violations.push({
        rule: 'name-not-permitted',
        why: `${shown(name)} is not permitted, only ${allowed.join(', ')} ${allowed.length === 1 ? 'is' : 'are'}`,
        name: shown(name),
        constraint: allowed.join(', '),
      });
    }
    if (violations.length > 16) return violations;
  }
  return violations;
}

type Outcome =
  | { kind: 'no-form' | 'outside' | 'budget' }
  | { kind: 'inside'; base: GeneralName }
  | { kind: 'problem'; violation: NameViolation };

const BY_KIND = new WeakMap<readonly GeneralSubtree[], Map<GeneralName['kind'], GeneralName[]>>();

/** The bases of one form, grouped once for each list. */
function basesOf(subtrees: readonly GeneralSubtree[], kind: GeneralName['kind']): readonly GeneralName[] {
  let groups = BY_KIND.get(subtrees);
  if (groups === undefined) {
    groups = new Map();
    for (const { base } of subtrees) {
      const group = groups.get(base.kind);
      if (group === undefined) groups.set(base.kind, [base]);
      else group.push(base);
    }
    BY_KIND.set(subtrees, groups);
  }
  return groups.get(kind) ?? [];
}

/** Holds a name against all subtrees of its form: inside one, outside all, or none of that form at all. */
function against(
  name: GeneralName,
  subtrees: readonly GeneralSubtree[],
  excluding: boolean,
  budget: Budget,
  dialect: ConstraintDialect,
): Outcome {
  let form = false;
  const bases = basesOf(subtrees, name.kind);
  if (bases.length === 0) return { kind: 'no-form' };
  if (!budget.take('nameComparisons', bases.length)) return { kind: 'budget' };
  const holds = matcherOf(name, excluding, dialect);
  for (const base of bases) {
    if (name.kind === 'otherName' && base.kind === 'otherName' && name.oid !== base.oid) continue;
    form = true;
    const match = holds(base);
    if (match === 'inside') return { kind: 'inside', base };
    if (match === 'outside') continue;
    const violation: NameViolation =
      match === 'unsupported'
        ? {
            rule: 'name-constraint-unsupported',
            why: `${shown(name)} cannot be held against a constraint on names of that form`,
            name: shown(name),
            constraint: shown(base),
          }
        : {
            rule: match.malformed === 'name' ? 'name-malformed' : 'name-constraint-malformed',
            why: match.why,
            name: shown(name),
            constraint: shown(base),
          };
    return { kind: 'problem', violation };
  }
  return { kind: form ? 'outside' : 'no-form' };
}
