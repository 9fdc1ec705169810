import { domainToASCII } from 'node:url';
import type { Certificate } from './certificate.js';
import { equalBytes } from './der-values.js';
import type { GeneralName } from './general-name.js';
import { parseIp } from './ip-address.js';

/** Whether a certificate is for the peer that one meant (RFC 9525; SPIFFE X.509-SVID §5), and if not, why. */

/** What one wants to talk to. */
export type ReferenceIdentifier =
  | { kind: 'dns'; value: string }
  | { kind: 'ip'; value: string }
  | { kind: 'email'; value: string }
  | { kind: 'uri'; value: string }
  /** Exactly this SPIFFE ID. */
  | { kind: 'spiffe-id'; value: string }
  /** Any SPIFFE ID of this trust domain. */
  | { kind: 'trust-domain'; value: string };

export interface IdentityMatch {
  ok: boolean;
  reference: ReferenceIdentifier;
  /** What matched, `dns:*.example.com`. */
  matched?: string;
  /** What the certificate presents, `dns:…`, `ip:…`, in its order; the common name is not among them. */
  presented: string[];
  /** `no-san` when it has no subjectAltName of the kind at all and no other either. */
  code?: 'san-mismatch' | 'no-san';
  /** One sentence for people: why it does not match. Holds strings of the certificate: escape it. */
  why?: string;
}

/**
 * `strict` is RFC 9525 and RFC 5280 (preferred name syntax, no common name). `lenient` is what OpenSSL and node do: underscores match, and
 * the common name counts when there is no dNSName, and a wildcard may be a part of the leftmost label. `go` matches underscores and
 * wildcards right under a top-level name, and nothing else of this.
 */
export type IdentityRules = 'strict' | 'lenient' | 'go';

/** A DNS name or IP address, as people type them, as a reference identifier. */
export function hostReference(host: string): ReferenceIdentifier {
  if (parseIp(host) !== undefined) return { kind: 'ip', value: host };
  // Certificates hold A-labels: bücher.example is xn--bcher-kva.example there (RFC 9525 §6.2).
  const ascii = /^[\x20-\x7e]*$/.test(host) ? host : domainToASCII(host);
  return { kind: 'dns', value: ascii === '' ? host : ascii };
}

/** `kind:value` of a presented name. */
export function presentedText(name: GeneralName): string {
  return `${name.kind}:${name.value}`;
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LENIENT_LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Lower-case labels of a host name without its root dot, or undefined when it is none. ASCII only: U-labels have to be converted first. */
export function dnsLabels(name: string, rules: IdentityRules = 'strict'): string[] | undefined {
  if (name.length === 0 || name.length > 253) return undefined;
  const labels = name.toLowerCase().split('.');
  const label = rules === 'strict' ? LABEL : LENIENT_LABEL;
  // A name whose last label is all digits is an address, not a host name.
  if (/^\d+$/.test(labels.at(-1) ?? '')) return undefined;
  return labels.every((part) => label.test(part)) ? labels : undefined;
}

/** Labels of a reference: a trailing root dot is allowed, and underscores, which only the presented side may not have. */
function referenceLabels(name: string): string[] | undefined {
  return dnsLabels(name.endsWith('.') ? name.slice(0, -1) : name, 'lenient');
}

/** Whether a presented dNSName covers a host name; `why` says what stands against it. */
export function matchDnsName(presented: string, host: string, rules: IdentityRules = 'strict'): { ok: boolean; why?: string } {
  // OpenSSL, node and Go take any two strings that are the same, host names or not.
  if (rules !== 'strict' && presented.toLowerCase() === host.toLowerCase() && presented !== '') return { ok: true };
  const wanted = referenceLabels(host);
  if (wanted === undefined) return { ok: false, why: `"${host}" is not a host name` };
  if (rules === 'lenient' && matchesPartialWildcard(presented.toLowerCase(), wanted)) return { ok: true };
  const wildcard = presented.startsWith('*.');
  const labels = dnsLabels(wildcard ? presented.slice(2) : presented, rules);
  if (labels === undefined) {
    if (presented.endsWith('.'))
      return { ok: false, why: `"${presented}" ends with a dot, which a presented name may not (RFC 5280 §4.2.1.6)` };
    if (presented.includes('*'))
      return { ok: false, why: `"${presented}": a wildcard counts only as the whole leftmost label (RFC 9525 §6.3)` };
    if (presented.includes('_'))
      return { ok: false, why: `"${presented}" holds an underscore, which host names may not (RFC 5280 §4.2.1.6)` };
    return { ok: false, why: `"${presented}" is not a host name` };
  }
  if (!wildcard) return { ok: labels.length === wanted.length && labels.every((label, i) => label === wanted[i]) };
  const under = wanted.slice(1);
  const same = labels.length === under.length && labels.every((label, i) => label === under[i]);
  if (same && labels.length < 2 && rules !== 'go')
    return { ok: false, why: `"${presented}": a wildcard right under a top-level name is not honoured` };
  if (same) return { ok: true };
  const deeper = wanted.length > labels.length + 1 && labels.every((label, i) => label === wanted[wanted.length - labels.length + i]);
  if (deeper) return { ok: false, why: `"${presented}" covers one label only, "${host}" has more` };
  if (wanted.length === labels.length && labels.every((label, i) => label === wanted[i]))
    return { ok: false, why: `"${presented}" does not cover "${host}" itself` };
  return { ok: false };
}

/** `w*.example.com`, which OpenSSL and node still honour: one asterisk in the leftmost label, at least two labels behind it, no A-labels. */
function matchesPartialWildcard(presented: string, wanted: readonly string[]): boolean {
  const [first = '', ...rest] = presented.split('.');
  const label = wanted[0] ?? '';
  const parts = first.split('*');
  if (
    parts.length !== 2 ||
    first === '*' ||
    rest.length < 2 ||
    rest.length !== wanted.length - 1 ||
    first.startsWith('xn--') ||
    label.startsWith('xn--')
  )
    return false;
  const [before = '', after = ''] = parts;
  const covered = label.length >= before.length + after.length && label.startsWith(before) && label.endsWith(after);
  return covered && rest.every((part, i) => part === wanted[i + 1]);
}

/** Whether a presented rfc822Name is this mailbox: local part as it is, host without regard to case. */
export function matchEmail(presented: string, mailbox: string): boolean {
  const split = (text: string): [string, string] => [
    text.slice(0, text.lastIndexOf('@')),
    text.slice(text.lastIndexOf('@') + 1).toLowerCase(),
  ];
  const [a, b] = [split(presented), split(mailbox)];
  return presented.includes('@') && a[0] === b[0] && a[1] === b[1];
}

/** URIs compare with scheme and host in lower case, the rest as it is. */
function uriKey(uri: string): string {
  const match = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?(.*)$/is.exec(uri);
  if (match === null) return uri;
  const authority = match[2] === undefined ? '' : `//${match[2].toLowerCase()}`;
  return `${match[1]?.toLowerCase()}:${authority}${match[3]}`;
}

/** A SPIFFE ID taken apart, or why it is none (SPIFFE-ID §2). */
export function parseSpiffeId(uri: string): { trustDomain: string; path: string } | { problem: string } {
  const match = /^spiffe:\/\/([^/?#]*)([^?#]*)(.*)$/i.exec(uri);
  if (match === null) return { problem: 'is not a spiffe:// URI' };
  const [, trustDomain = '', path = '', rest = ''] = match;
  if (rest !== '') return { problem: 'has a query or fragment' };
  if (trustDomain === '') return { problem: 'names no trust domain' };
  if (!/^[a-z0-9._-]{1,255}$/.test(trustDomain))
    return { problem: `trust domain "${trustDomain}" has characters outside a-z, 0-9, dot, dash and underscore` };
  if (
    path !== '' &&
    !path
      .slice(1)
      .split('/')
      .every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && segment !== '.' && segment !== '..')
  )
    return { problem: `path "${path}" has an empty or impossible segment` };
  return uri.length > 2048 ? { problem: 'is longer than 2048 bytes' } : { trustDomain, path };
}

/** The SPIFFE ID of a certificate: exactly one URI name is allowed (X.509-SVID §2), the rest are problems. */
export function spiffeIdOf(certificate: Certificate): { id: string; trustDomain: string; path: string } | { problem: string } {
  const uris = (certificate.subjectAltName ?? []).filter(({ kind }) => kind === 'uri');
  if (uris.length === 0) return { problem: 'has no URI in its subjectAltName' };
  if (uris.length > 1) return { problem: `has ${uris.length} URIs in its subjectAltName, an X.509-SVID has exactly one` };
  const id = uris[0]?.value ?? '';
  const parsed = parseSpiffeId(id);
  return 'problem' in parsed ? { problem: `"${id}" ${parsed.problem}` } : { id, ...parsed };
}

/** Matches a certificate against the identity that one expects. */
export function matchIdentity(certificate: Certificate, reference: ReferenceIdentifier, rules: IdentityRules = 'strict'): IdentityMatch {
  const names = certificate.subjectAltName ?? [];
  const presented = names.map(presentedText);
  const fail = (why: string): IdentityMatch => ({
    ok: false,
    reference,
    presented,
    code: names.length === 0 ? 'no-san' : 'san-mismatch',
    why,
  });
  const pass = (matched: string): IdentityMatch => ({ ok: true, reference, presented, matched });
  if (reference.kind === 'spiffe-id' || reference.kind === 'trust-domain') {
    const svid = spiffeIdOf(certificate);
    if ('problem' in svid) return fail(`the certificate ${svid.problem}`);
    if (reference.kind === 'spiffe-id')
      return svid.id === reference.value ? pass(`uri:${svid.id}`) : fail(`the certificate is for ${svid.id}, not for ${reference.value}`);
    const wanted = reference.value
      .replace(/^spiffe:\/\//i, '')
      .replace(/\/$/, '')
      .toLowerCase();
    return svid.trustDomain === wanted
      ? pass(`uri:${svid.id}`)
      : fail(`the certificate belongs to trust domain ${svid.trustDomain}, not to ${wanted}`);
  }
  const reasons: string[] = [];
  for (const name of names) {
    if (reference.kind === 'dns' && name.kind === 'dns') {
      const { ok, why } = matchDnsName(name.value, reference.value, rules);
      if (ok) return pass(presentedText(name));
      if (why !== undefined) reasons.push(why);
    } else if (reference.kind === 'ip' && name.kind === 'ip') {
      const octets = parseIp(reference.value);
      if (octets !== undefined && equalBytes(octets, name.raw)) return pass(presentedText(name));
    } else if (reference.kind === 'email' && name.kind === 'email') {
      if (matchEmail(name.value, reference.value)) return pass(presentedText(name));
    } else if (reference.kind === 'uri' && name.kind === 'uri') {
      if (uriKey(name.value) === uriKey(reference.value)) return pass(presentedText(name));
    }
  }
  const { commonName } = certificate.subject;
  const legacy = rules === 'lenient' && reference.kind === 'dns' && commonName !== undefined && !names.some(({ kind }) => kind === 'dns');
  if (legacy && matchDnsName(commonName, reference.value, rules).ok) return pass(`cn:${commonName}`);
  return fail(mismatchText(certificate, reference, names, reasons));
}

function mismatchText(certificate: Certificate, reference: ReferenceIdentifier, names: readonly GeneralName[], reasons: string[]): string {
  const { commonName } = certificate.subject;
  if (names.length === 0) {
    const cn = commonName === undefined ? '' : `; its common name "${commonName}" does not count (RFC 9525 §6.1)`;
    return `the certificate has no subjectAltName${cn}`;
  }
  if (reference.kind === 'ip' && names.some((name) => name.kind === 'dns' && name.value === reference.value)) {
    return `${reference.value} stands in the certificate as a DNS name; an address counts only as an IP name`;
  }
  const shown = names.slice(0, 8).map(presentedText).join(', ');
  const more = names.length > 8 ? ` and ${names.length - 8} more` : '';
  const why = reasons[0] === undefined ? '' : `; ${reasons[0]}`;
  return `the certificate is for ${shown}${more}, not for ${reference.value}${why}`;
}
