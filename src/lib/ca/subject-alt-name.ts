import { domainToASCII } from 'node:url';
import { TlsmedicError } from '../errors.js';
import { ipText, parseIp } from '../x509/ip-address.js';
import { contextPrimitive } from './der-writer.js';

/** A name that a certificate will present. `value` is in the form that goes into the certificate (punycode, shortest IPv6 text). */
export interface SubjectAltName {
  kind: 'dns' | 'ip' | 'email' | 'uri';
  value: string;
}

/** GeneralName tags (RFC 5280 §4.2.1.6). */
const TAGS = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

/** GeneralName DER of a subject alternative name. */
export function generalNameDer({ kind, value }: SubjectAltName): Uint8Array {
  return contextPrimitive(TAGS[kind], kind === 'ip' ? (parseIp(value) ?? new Uint8Array(0)) : Buffer.from(value, 'latin1'));
}

/** `DNS:api.internal`, as openssl writes it. */
export function subjectAltNameText({ kind, value }: SubjectAltName): string {
  return `${{ dns: 'DNS', ip: 'IP', email: 'email', uri: 'URI' }[kind]}:${value}`;
}

/**
 * Infers what kind of name was typed: an IP address, a URI (`scheme://`, `urn:`), an e-mail address, else a DNS name.
 * `dns:`, `ip:`, `email:` and `uri:` in front say it outright. International names become punycode.
 * @throws TlsmedicError `bad-name` with what to type instead
 */
export function inferSubjectAltName(typed: string): SubjectAltName {
  const text = typed.trim();
  const prefix = /^(dns|ip|email|uri|spiffe-id):(?!\/\/)(.*)$/is.exec(text);
  if (prefix !== null) {
    const rest = prefix[2] as string;
    switch ((prefix[1] as string).toLowerCase()) {
      case 'dns':
        return dnsName(rest);
      case 'ip':
        return ipName(rest);
      case 'email':
        return emailName(rest);
      default:
        return uriName(rest);
    }
  }
  if (text === '') throw badName(typed, 'it is empty', ['tlsmedic issue api.internal']);
  // Two colons are in no other kind of name.
  if (parseIp(text) !== undefined || (/^[^/@]*:[^/@]*:/.test(text) && !/^urn:/i.test(text))) return ipName(text);
  if (/^[0-9.]+$/.test(text))
    throw badName(typed, 'it looks like an IPv4 address and is none', ['write four numbers from 0 to 255: 10.0.0.7']);
  const url = /^(https?|wss?|tcp|tls|grpcs?|postgres(?:ql)?|rediss?):\/\/([^/:?#]+)/i.exec(text);
  if (url !== null) {
    throw badName(typed, 'it is an address to connect to; certificates name the host', [
      `tlsmedic issue ${url[2]}`,
      `write uri:${text} if a URI is really meant`,
    ]);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^urn:/i.test(text)) return uriName(text);
  if (text.includes('@')) return emailName(text);
  const withPort = /^([^\s:]+):(\d+)$/.exec(text);
  if (withPort !== null) throw badName(typed, 'a certificate names a host, not a port', [`tlsmedic issue ${withPort[1]}`]);
  return dnsName(text);
}

/** A DNS name in the preferred syntax (RFC 1034 §3.5), a left-most `*` label and the underscore of service names allowed. */
function dnsName(typed: string): SubjectAltName {
  const text = typed.trim().replace(/\.$/, '');
  const wildcard = text.startsWith('*.');
  const base = wildcard ? text.slice(2) : text;
  if (base.includes('*'))
    throw badName(typed, 'a wildcard may only stand alone in the first label (RFC 9525 §6.3)', ['write *.example.com']);
  if (/[\s/\\,;"'<>()]/.test(base))
    throw badName(typed, 'it holds a character that no DNS name has', [
      'give several names with spaces between them: tlsmedic issue a.internal b.internal',
    ]);
  // domainToASCII refuses underscores in no name but maps what is not ASCII; plain ASCII is kept apart to be judged here.
  const ascii = /^[\x21-\x7e]*$/.test(base) ? base.toLowerCase() : domainToASCII(base);
  if (ascii === '') throw badName(typed, 'it is no DNS name', ['use letters, digits and hyphens, with dots between the labels']);
  if (ascii.length > 253) throw badName(typed, `it has ${ascii.length} characters, a DNS name at most 253`, []);
  for (const label of ascii.split('.')) {
    if (label === '') throw badName(typed, 'it has an empty label (two dots in a row, or one at the start)', []);
    if (label.length > 63)
      throw badName(typed, `the label ${label.slice(0, 20)}… has ${label.length} characters, at most 63 are allowed`, []);
    if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label)) {
      throw badName(typed, `the label "${label}" is not made of letters, digits and inner hyphens`, []);
    }
  }
  // OpenSSL and Node match no wildcard with fewer than two labels behind it.
  if (wildcard && !ascii.includes('.')) {
    throw badName(typed, 'clients match no wildcard directly under a top-level domain', [`write *.example.${ascii}`]);
  }
  return { kind: 'dns', value: wildcard ? `*.${ascii}` : ascii };
}

function ipName(typed: string): SubjectAltName {
  const text = typed.trim();
  if (text.includes('%')) throw badName(typed, 'an address in a certificate has no zone', [`tlsmedic issue ${text.split('%')[0]}`]);
  const octets = parseIp(text);
  if (octets === undefined) throw badName(typed, 'it is no IP address', ['write 10.0.0.7 or 2001:db8::7']);
  return { kind: 'ip', value: ipText(octets) ?? text };
}

function emailName(typed: string): SubjectAltName {
  const text = typed.trim();
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  // rfc822Name is ASCII (RFC 5280 §4.2.1.6); other mailboxes need SmtpUTF8Mailbox, which few programs read.
  if (at < 1 || !/^[\x21-\x7e]+$/.test(local) || local.length > 64 || /[\s"(),:;<>@[\\\]]/.test(local)) {
    throw badName(typed, 'it is no e-mail address in ASCII', ['write ops@example.com']);
  }
  if (at === text.length - 1) throw badName(typed, 'nothing stands behind the @', ['write ops@example.com']);
  const domain = dnsName(text.slice(at + 1)).value;
  if (domain.startsWith('*')) throw badName(typed, 'an e-mail address has no wildcard', []);
  return { kind: 'email', value: `${local}@${domain}` };
}

function uriName(typed: string): SubjectAltName {
  const text = typed.trim();
  if (/^spiffe:/i.test(text)) return spiffeId(text);
  if (!/^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(text) || /[<>"{}|\\^`]/.test(text)) {
    throw badName(typed, 'it is no URI of ASCII characters', ['percent-encode other characters: %C3%A9']);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\/(?:[/?#:]|$)/i.test(text)) throw badName(typed, 'the URI names no host (RFC 5280 §4.2.1.6)', []);
  return { kind: 'uri', value: text };
}

/**
 * A SPIFFE ID (SPIFFE-ID §2): `spiffe://trust-domain/path`, lower-case trust domain, no query, fragment, port, user or empty, `.` or `..` segments,
 * at most 2048 bytes.
 * @throws TlsmedicError `bad-name`
 */
export function spiffeId(typed: string): SubjectAltName {
  const parsed = /^spiffe:\/\/([^/]*)(\/.*)?$/i.exec(typed.trim());
  const domain = parsed?.[1] ?? '';
  const path = parsed?.[2] ?? '';
  if (parsed === null)
    throw badName(typed, 'a SPIFFE ID starts with spiffe:// and a trust domain', ['write spiffe://prod.example/payments/gateway']);
  if (!/^[a-z0-9._-]{1,255}$/.test(domain)) {
    throw badName(typed, `the trust domain "${domain}" may hold lower-case letters, digits, dots, hyphens and underscores only`, []);
  }
  if (/[?#]/.test(path)) throw badName(typed, 'a SPIFFE ID has no query and no fragment', []);
  for (const segment of path.split('/').slice(1)) {
    if (!/^[a-zA-Z0-9._-]+$/.test(segment) || segment === '.' || segment === '..') {
      throw badName(
        typed,
        `the path segment "${segment}" is empty, a dot segment, or holds another character than letters, digits, ".", "_" and "-"`,
        [],
      );
    }
  }
  const value = `spiffe://${domain}${path}`;
  if (value.length > 2048) throw badName(typed, 'it is longer than 2048 bytes', []);
  return { kind: 'uri', value };
}

/** The trust domain of a SPIFFE ID, undefined for any other URI. */
export function trustDomainOf(uri: string): string | undefined {
  return /^spiffe:\/\/([^/]+)/.exec(uri)?.[1];
}

/**
 * Every DNS name by which pods call a Kubernetes service, shortest first: `payments`, `payments.prod`, `payments.prod.svc`, `payments.prod.svc.cluster.local`.
 * @param typed `SERVICE.NAMESPACE`, with `.svc` and the cluster domain after it or without
 */
export function kubernetesServiceNames(typed: string): SubjectAltName[] {
  const parsed = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?)\.([a-z0-9]([a-z0-9-]*[a-z0-9])?)(?:\.svc)?(?:\.([a-z0-9.-]+))?$/.exec(
    typed.trim().toLowerCase().replace(/\.$/, ''),
  );
  if (parsed === null) throw badName(typed, 'a Kubernetes service is written SERVICE.NAMESPACE', ['tlsmedic issue --k8s payments.prod']);
  const [, service, , namespace, , tail] = parsed;
  const domain = tail === undefined || tail === 'svc' ? 'cluster.local' : tail;
  return [service, `${service}.${namespace}`, `${service}.${namespace}.svc`, `${service}.${namespace}.svc.${domain}`].map((name) =>
    dnsName(name as string),
  );
}

/** Drops repeated names, keeping the first of each. */
export function distinctNames(names: readonly SubjectAltName[]): SubjectAltName[] {
  const seen = new Map<string, SubjectAltName>();
  for (const name of names) {
    const key = subjectAltNameText(name);
    if (!seen.has(key)) seen.set(key, name);
  }
  return [...seen.values()];
}

function badName(typed: string, why: string, next: readonly string[]): TlsmedicError {
  return new TlsmedicError('bad-name', `"${typed}" cannot be a name in a certificate: ${why}`, { kind: 'usage', next });
}
