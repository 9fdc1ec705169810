import type { GeneralSubtree } from '../x509/certificate.js';
import type { GeneralName } from '../x509/general-name.js';
import { isPrefixMask, parseIp } from '../x509/ip-address.js';
import { nameWithin } from '../x509/read-name.js';
import { dnsLabels } from '../x509/server-identity.js';

/** One name against the base of one subtree, form by form (RFC 5280 §4.2.1.10), and how runtimes differ about it. */

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

/** Result of holding one name against one subtree. */
export type Match = 'inside' | 'outside' | { malformed: 'name' | 'constraint'; why: string } | 'unsupported';

/** `kind:value`, as reports show a name. */
export const shown = (name: GeneralName): string => `${name.kind}:${name.value}`;

/** Why a name cannot be held against constraints: it is none of its form. Refused wherever there are constraints at all. */
export function nameDefect(name: GeneralName, { malformed }: ConstraintDialect): string | undefined {
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
export function subtreeDefect({ base, minimum, maximum }: GeneralSubtree, dialect: ConstraintDialect): string | undefined {
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
export function matcherOf(name: GeneralName, excluding: boolean, dialect: ConstraintDialect): (base: GeneralName) => Match {
  if (dialect.malformed === 'compared' && (name.kind === 'email' || name.kind === 'uri'))
    return (base) => hostWithinAsItStands(name, base.value);
  switch (name.kind) {
    case 'dns': {
      const dns = name.value.toLowerCase();
      return (base) => (dnsWithin(dns, base.value.toLowerCase(), excluding && dialect.wildcardCovers) ? 'inside' : 'outside');
    }
    case 'email':
      return emailWithin(name.value, dialect);
    case 'uri':
      return uriWithin(name.value, dialect);
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

/** A constraint on mailboxes, taken apart. */
type MailConstraint =
  | { mailbox: { local: string; host: string } }
  | { host: string; below: boolean }
  | { malformed: 'constraint'; why: string };

const MAIL_CONSTRAINTS = new WeakMap<GeneralName, MailConstraint>();

/** Taken apart once, however many names are held against it. */
function mailConstraint(base: GeneralName): MailConstraint {
  let parsed = MAIL_CONSTRAINTS.get(base);
  if (parsed === undefined) {
    parsed = readMailConstraint(base.value);
    MAIL_CONSTRAINTS.set(base, parsed);
  }
  return parsed;
}

function readMailConstraint(value: string): MailConstraint {
  if (value.includes('@')) {
    const wanted = mailbox(value);
    return wanted === undefined ? { malformed: 'constraint', why: `constraint "${value}" is no mailbox` } : { mailbox: wanted };
  }
  const labels = constraintLabels(value);
  return labels === undefined
    ? { malformed: 'constraint', why: `constraint "${value}" is no mail host or domain` }
    : { host: labels.join('.'), below: value.startsWith('.') };
}

function emailWithin(presented: string, { hostsAreSubtrees }: ConstraintDialect): (base: GeneralName) => Match {
  const name = mailbox(presented);
  if (name === undefined) return () => 'outside';
  return (base) => {
    if (base.value === '') return 'inside';
    const constraint = mailConstraint(base);
    if ('malformed' in constraint) return constraint;
    if ('mailbox' in constraint)
      return constraint.mailbox.local === name.local && constraint.mailbox.host === name.host ? 'inside' : 'outside';
    const { host, below } = constraint;
    const inside = below || hostsAreSubtrees ? name.host.endsWith(`.${host}`) : false;
    return inside || (!below && name.host === host) ? 'inside' : 'outside';
  };
}

function uriWithin(presented: string, { hostsAreSubtrees }: ConstraintDialect): (base: GeneralName) => Match {
  const host = uriHost(presented);
  if (typeof host !== 'string') return () => host;
  return ({ value }) => {
    if (value === '') return 'inside';
    const base = value.toLowerCase();
    if (base.startsWith('.')) return host.endsWith(base) ? 'inside' : 'outside';
    return host === base || (hostsAreSubtrees && host.endsWith(`.${base}`)) ? 'inside' : 'outside';
  };
}

/** Lower-case host of a URI without its root dot. §4.2.1.10: one without a host name, or with an address, satisfies no constraint. */
function uriHost(uri: string): string | { malformed: 'name'; why: string } {
  const none = (why: string): { malformed: 'name'; why: string } => ({ malformed: 'name', why: `"${uri}" has ${why}` });
  const whole = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri)?.[1] ?? '';
  const at = whole.lastIndexOf('@');
  // RFC 3986 §3.2.1. Readers differ about where a host begins behind anything else, a backslash for one.
  if (at >= 0 && !/^(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*$/.test(whole.slice(0, at)))
    return none('no readable host: its user information holds other characters than RFC 3986 allows');
  const authority = whole.slice(at + 1);
  const host = (authority.startsWith('[') ? authority.slice(0, authority.indexOf(']') + 1) : authority.replace(/:\d*$/, '')).toLowerCase();
  if (host === '') return none('no host that constraints could be held against');
  if (parseIp(host) !== undefined) return none('an address for a host, which no URI constraint covers');
  const bare = host.endsWith('.') ? host.slice(0, -1) : host;
  return dnsLabels(bare, 'lenient') === undefined ? none('no readable host') : bare;
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
