import { domainToASCII } from 'node:url';
import type { Certificate, GeneralSubtree, NameConstraints } from '../x509/certificate.js';
import type { GeneralName } from '../x509/general-name.js';
import { isPrefixMask, parseIp } from '../x509/ip-address.js';
import { nameWithin } from '../x509/read-name.js';
import { dnsLabels } from '../x509/server-identity.js';
import type { Budget } from './budget.js';

/** Name constraints of every name form (RFC 5280 §4.2.1.10, §6.1.3 (b) and (c)). */

/** Where runtimes in use read constraints differently from RFC 5280. */
export interface ConstraintDialect {
  /** The common name is held against DNS constraints when there is no dNSName. */
  commonName: boolean;
  /** When an emailAddress of the subject is held against constraints on mailboxes. */
  subjectMail: 'without rfc822Name' | 'always' | 'never';
  /** A wildcard is excluded when a name that it covers is. */
  wildcardCovers: boolean;
  /** A host in a constraint on mailboxes or URIs stands for its subdomains too. */
  hostsAreSubtrees: boolean;
  /** Names and constraints that are none of their form: refused, or compared as they stand. */
  malformed: 'refused' | 'compared';
  /** Forms that are judged; constraints on others are passed over, minimum and maximum with them. */
  forms: 'all' | readonly GeneralName['kind'][];
}

export const RFC5280_CONSTRAINTS: ConstraintDialect = {
  commonName: false,
  subjectMail: 'without rfc822Name',
  wildcardCovers: true,
  hostsAreSubtrees: false,
  malformed: 'refused',
  forms: 'all',
};

export interface NameViolation {
  rule: 'name-excluded' | 'name-not-permitted' | 'name-constraint-malformed' | 'name-constraint-unsupported' | 'name-malformed' | 'budget';
  why: string;
  /** The name concerned, `dns:example.com`. */
  name: string;
  constraint?: string;
}

/** Result of holding one name against one subtree. */
type Match = 'inside' | 'outside' | { malformed: 'name' | 'constraint'; why: string } | 'unsupported';

const shown = (name: GeneralName): string => `${name.kind}:${name.value}`;

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

/** Why a name cannot be held against constraints: it is none of its form. Refused wherever there are constraints at all. */
function nameDefect(name: GeneralName, { malformed }: ConstraintDialect): string | undefined {
  if (malformed === 'compared')
    return name.kind === 'email' && !name.value.includes('@')
      ? `"${name.value}" is no mailbox, so constraints cannot be held against it`
      : undefined;
  if (name.kind === 'dns') {
    const bare = name.value.startsWith('*.') ? name.value.slice(2) : name.value;
    return dnsLabels(bare, 'lenient') === undefined
      ? `"${name.value}" is no DNS name, so constraints cannot be held against it`
      : undefined;
  }
  return name.kind === 'email' && mailbox(name.value) === undefined
    ? `"${name.value}" is no mailbox, so constraints cannot be held against it`
    : undefined;
}

/** Why a subtree cannot be used, whatever names there are. */
function subtreeDefect({ base, minimum, maximum }: GeneralSubtree, dialect: ConstraintDialect): string | undefined {
  if (dialect.forms === 'all' && (minimum !== 0 || maximum !== undefined))
    return `constraint ${shown(base)} has a minimum or maximum (RFC 5280 §4.2.1.10 forbids it)`;
  if (dialect.malformed === 'compared') return base.kind === 'ip' && base.value === '' ? 'constraint ip: of a wrong length' : undefined;
  if (base.kind === 'ip' && (base.value === '' || !isPrefixMask(base.raw.subarray(base.raw.length / 2))))
    return `constraint ip:${base.value || 'of a wrong length'} is no address and mask`;
  if (base.kind === 'dns' && base.value !== '' && constraintLabels(base.value) === undefined)
    return `constraint "${base.value}" is no DNS name`;
  if (base.kind === 'uri' && base.value !== '' && constraintLabels(base.value) === undefined)
    return `constraint "${base.value}" is no host or domain`;
  return undefined;
}

/** Labels of a DNS constraint. A leading dot, common though not in RFC 5280, asks for at least one label more. */
function constraintLabels(value: string): string[] | undefined {
  const bare = value.startsWith('.') ? value.slice(1) : value;
  return dnsLabels(bare, 'lenient');
}

/** What one name is to any constraint of its form; the name is taken apart once. */
function matcherOf(name: GeneralName, excluding: boolean, dialect: ConstraintDialect): (base: GeneralName) => Match {
  if (dialect.malformed === 'compared' && (name.kind === 'email' || name.kind === 'uri'))
    return (base) => hostWithinAsItStands(name, base.value);
  switch (name.kind) {
    case 'dns': {
      const dns = name.value.toLowerCase();
      return (base) => (dnsWithin(dns, base.value.toLowerCase(), excluding && dialect.wildcardCovers) ? 'inside' : 'outside');
    }
    case 'email':
      return (base) => emailWithin(name.value, base.value, dialect);
    case 'uri':
      return (base) => uriWithin(name.value, base.value, dialect);
    case 'ip':
      return (base) => ipWithin(name.raw, base.raw);
    case 'dirName':
      return (base) => (base.kind === 'dirName' && nameWithin(name.name, base.name) ? 'inside' : 'outside');
    default:
      return () => 'unsupported';
  }
}

/**
 * Both in lower case, and known to be well formed. A wildcard is permitted when every name that it covers is, which is when its own labels
 * end in the constraint's; it is excluded when any name that it covers is.
 */
function dnsWithin(presented: string, constraint: string, excluding: boolean): boolean {
  if (constraint === '' || presented === constraint) return true;
  if (presented.endsWith(constraint)) {
    if (constraint.startsWith('.') || presented.charCodeAt(presented.length - constraint.length - 1) === 0x2e) return true;
  }
  // *.example.com against the excluded www.example.com: the parent's labels are the same.
  return (
    excluding &&
    presented.startsWith('*.') &&
    !constraint.startsWith('.') &&
    constraint.slice(constraint.indexOf('.')) === presented.slice(1)
  );
}

/** A mailbox `local@host`, or undefined. Quoted local parts lose their quotes. */
function mailbox(text: string): { local: string; host: string } | undefined {
  const at = text.lastIndexOf('@');
  if (at <= 0) return undefined;
  let local = text.slice(0, at);
  if (local.startsWith('"')) {
    if (local.length < 2 || !local.endsWith('"')) return undefined;
    local = local.slice(1, -1).replace(/\\(.)/g, '$1');
  } else if (!/^[^\s"(),:;<>@[\\\]]+$/.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) {
    return undefined;
  }
  const host = text.slice(at + 1).toLowerCase();
  return dnsLabels(host, 'lenient') === undefined ? undefined : { local, host };
}

function emailWithin(presented: string, constraint: string, { hostsAreSubtrees }: ConstraintDialect): Match {
  const name = mailbox(presented);
  if (name === undefined) return 'outside';
  if (constraint === '') return 'inside';
  if (constraint.includes('@')) {
    const wanted = mailbox(constraint);
    if (wanted === undefined) return { malformed: 'constraint', why: `constraint "${constraint}" is no mailbox` };
    return wanted.local === name.local && wanted.host === name.host ? 'inside' : 'outside';
  }
  const labels = constraintLabels(constraint);
  if (labels === undefined) return { malformed: 'constraint', why: `constraint "${constraint}" is no mail host or domain` };
  const host = labels.join('.');
  if (constraint.startsWith('.')) return name.host.endsWith(`.${host}`) ? 'inside' : 'outside';
  return name.host === host || (hostsAreSubtrees && name.host.endsWith(`.${host}`)) ? 'inside' : 'outside';
}

function uriWithin(presented: string, constraint: string, { hostsAreSubtrees }: ConstraintDialect): Match {
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(presented);
  const whole = match?.[1] ?? '';
  const at = whole.lastIndexOf('@');
  // RFC 3986 §3.2.1. Readers differ about where a host begins behind anything else, a backslash for one.
  if (at >= 0 && !/^(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*$/.test(whole.slice(0, at)))
    return {
      malformed: 'name',
      why: `"${presented}" has no readable host: its user information holds other characters than RFC 3986 allows`,
    };
  const authority = whole.slice(at + 1);
  const host = (authority.startsWith('[') ? authority.slice(0, authority.indexOf(']') + 1) : authority.replace(/:\d*$/, '')).toLowerCase();
  // §4.2.1.10: a URI without a host name, or with an address, cannot satisfy a constraint and is refused.
  if (host === '') return { malformed: 'name', why: `"${presented}" has no host that constraints could be held against` };
  if (parseIp(host) !== undefined)
    return { malformed: 'name', why: `"${presented}" has an address for a host, which no URI constraint covers` };
  const bare = host.endsWith('.') ? host.slice(0, -1) : host;
  if (dnsLabels(bare, 'lenient') === undefined) return { malformed: 'name', why: `"${presented}" has no readable host` };
  if (constraint === '') return 'inside';
  const suffix = (constraint.startsWith('.') ? constraint.slice(1) : constraint).toLowerCase();
  if (constraint.startsWith('.')) return bare.endsWith(`.${suffix}`) ? 'inside' : 'outside';
  return bare === suffix || (hostsAreSubtrees && bare.endsWith(`.${suffix}`)) ? 'inside' : 'outside';
}

/** A mailbox or URI against a constraint, both taken as they stand (OpenSSL's `nc_email` and `nc_uri`). */
function hostWithinAsItStands({ kind, value }: GeneralName, constraint: string): Match {
  const base = constraint.toLowerCase();
  const at = value.lastIndexOf('@');
  if (kind === 'email' && base.includes('@')) {
    const split = constraint.lastIndexOf('@');
    const sameLocal = split === 0 || constraint.slice(0, split) === value.slice(0, at);
    return sameLocal && value.slice(at + 1).toLowerCase() === base.slice(split + 1) ? 'inside' : 'outside';
  }
  const authority = /^[^:]*:\/\/([^/:]*)/.exec(value)?.[1] ?? '';
  const host = (kind === 'email' ? value.slice(at + 1) : authority).toLowerCase();
  if (kind === 'uri' && host === '') return { malformed: 'name', why: `"${value}" has no host that constraints could be held against` };
  const inside = base.startsWith('.') ? host.length > base.length && host.endsWith(base) : host === base;
  return inside ? 'inside' : 'outside';
}

function ipWithin(octets: Uint8Array, constraint: Uint8Array): Match {
  if (octets.length !== 4 && octets.length !== 16) return { malformed: 'name', why: `iPAddress of ${octets.length} octets` };
  if (constraint.length !== octets.length * 2) return 'outside';
  for (let i = 0; i < octets.length; i++) {
    const mask = constraint[octets.length + i] as number;
    if (((octets[i] as number) & mask) !== ((constraint[i] as number) & mask)) return 'outside';
  }
  return 'inside';
}
