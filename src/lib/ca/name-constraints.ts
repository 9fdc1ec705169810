import { TlsmedicError } from '../errors.js';
import { parseIp } from '../x509/ip-address.js';
import { contextConstructed, contextPrimitive, sequence } from './der-writer.js';

import { inferSubjectAltName, type SubjectAltName, subjectAltNameText } from './subject-alt-name.js';

/** One subtree of a name constraint (RFC 5280 §4.2.1.10). `value`: a domain (`internal`, `.internal`), `10.0.0.0/8`, a mail domain, a URI's host. */
export interface NameSubtree {
  kind: SubjectAltName['kind'];
  value: string;
}

/** Names an authority may certify, and names it must not. A kind that no permitted subtree mentions is not limited. */
export interface NameConstraintSet {
  permitted: readonly NameSubtree[];
  excluded: readonly NameSubtree[];
}

const TAGS = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

/**
 * Reads what `--permit` and `--exclude` take: `internal`, `.internal`, `10.0.0.0/8`, `@example.com` (mail), `spiffe://prod.example` or `uri:prod.example`.
 * @throws TlsmedicError `bad-name-constraint`
 */
export function parseNameSubtree(typed: string): NameSubtree {
  const text = typed.trim().toLowerCase();
  const uri = /^(?:spiffe:\/\/|uri:)(\.?[a-z0-9._-]+)\/?$/.exec(text);
  if (uri !== null) return { kind: 'uri', value: uri[1] as string };
  const ip = text.replace(/^ip:/, '');
  if (ipRangeToBytes(ip) !== undefined) return { kind: 'ip', value: ip.includes('/') ? ip : `${ip}/${ip.includes(':') ? 128 : 32}` };
  if (text.startsWith('email:') || text.includes('@')) {
    const mail = text.replace(/^email:/, '').replace(/^@/, '');
    if (mail.includes('@')) return { kind: 'email', value: inferSubjectAltName(mail).value };
    return { kind: 'email', value: domain(mail, typed) };
  }
  return { kind: 'dns', value: domain(text.replace(/^dns:/, '').replace(/^\*(?=\.)/, ''), typed) };
}

function domain(text: string, typed: string): string {
  try {
    const dot = text.startsWith('.') ? '.' : '';
    const name = inferSubjectAltName(`dns:${text.slice(dot.length)}`).value;
    if (!name.startsWith('*')) return dot + name;
  } catch (error) {
    throw new TlsmedicError('bad-name-constraint', `"${typed}" cannot be a name constraint`, {
      kind: 'usage',
      next: ['write a domain (internal), an address range (10.0.0.0/8), @example.com or spiffe://prod.example'],
      cause: error,
    });
  }
  throw new TlsmedicError('bad-name-constraint', `"${typed}" cannot be a name constraint: it already covers all names below it`, {
    kind: 'usage',
  });
}

/** Value of the nameConstraints extension. */
export function nameConstraintsDer({ permitted, excluded }: NameConstraintSet): Uint8Array {
  const subtrees = (list: readonly NameSubtree[]): Uint8Array[] =>
    list.map(({ kind, value }) => sequence(contextPrimitive(TAGS[kind], baseBytes(kind, value))));
  return sequence(
    ...(permitted.length > 0 ? [contextConstructed(0, ...subtrees(permitted))] : []),
    ...(excluded.length > 0 ? [contextConstructed(1, ...subtrees(excluded))] : []),
  );
}

function baseBytes(kind: NameSubtree['kind'], value: string): Uint8Array {
  return kind === 'ip' ? (ipRangeToBytes(value) ?? new Uint8Array(0)) : Buffer.from(value, 'latin1');
}

/** Why the constraints forbid a name, one phrase; undefined when they allow it. */
export function forbiddenBy(name: SubjectAltName, constraints: NameConstraintSet): string | undefined {
  const excluded = constraints.excluded.find((subtree) => within(name, subtree));
  if (excluded !== undefined) return `${subjectAltNameText(name)} lies in the excluded ${excluded.value}`;
  const limits = constraints.permitted.filter((subtree) => subtree.kind === name.kind);
  if (limits.length === 0 || limits.some((subtree) => within(name, subtree))) return undefined;
  return `${subjectAltNameText(name)} lies outside the permitted ${limits.map((subtree) => subtree.value).join(', ')}`;
}

function within(name: SubjectAltName, subtree: NameSubtree): boolean {
  if (name.kind !== subtree.kind) return false;
  switch (name.kind) {
    case 'ip': {
      const address = parseIp(name.value) ?? new Uint8Array(0);
      const range = ipRangeToBytes(subtree.value) ?? new Uint8Array(0);
      if (range.length !== address.length * 2) return false;
      return address.every((octet, i) => (octet & (range[address.length + i] as number)) === range[i]);
    }
    case 'dns':
      return inDomain(name.value.replace(/^\*\./, ''), subtree.value, true);
    case 'email':
      return subtree.value.includes('@')
        ? name.value === subtree.value
        : inDomain(name.value.slice(name.value.lastIndexOf('@') + 1), subtree.value, false);
    case 'uri':
      return inDomain(hostOf(name.value), subtree.value, false);
  }
}

/** DNS constraints cover the domain and all below it; mail and URI ones the exact host, or with a leading dot all below (RFC 5280 §4.2.1.10). */
function inDomain(host: string, base: string, coversBelow: boolean): boolean {
  const lower = host.toLowerCase();
  if (base.startsWith('.')) return lower.endsWith(base);
  return lower === base || (coversBelow && lower.endsWith(`.${base}`));
}

function hostOf(uri: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/:?#]*)/i.exec(uri)?.[1] ?? '';
}

/** Address and mask of `10.0.0.0/8`, as a name constraint encodes them; undefined when the text is no range. */
function ipRangeToBytes(text: string): Uint8Array | undefined {
  const parsed = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const address = parseIp(parsed?.[1] ?? '');
  if (address === undefined) return undefined;
  const bits = parsed?.[2] === undefined ? address.length * 8 : Number(parsed[2]);
  if (bits > address.length * 8) return undefined;
  const mask = new Uint8Array(address.length);
  for (let i = 0; i < bits; i++) mask[i >> 3] = (mask[i >> 3] as number) | (0x80 >> (i & 7));
  return Buffer.concat([address.map((octet, i) => octet & (mask[i] as number)), mask]);
}
