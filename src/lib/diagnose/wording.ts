/** Phrases that several rules share. Strings of certificates and peers stay as they are: renderers escape them. */
import type { EvidenceItem, Fix } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import type { HandshakeRecord } from '../observe/observation.js';
import type { Certificate } from '../x509/certificate.js';
import { fillTemplate, type Placeholder } from './meta.js';

export function fact(name: string, value: EvidenceItem['value'], source: string): EvidenceItem {
  return { fact: name, value, source };
}

/** ISO 8601 without fractions, `unreadable` for NaN. */
export function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z') : 'unreadable';
}

/** How people call a certificate: its common name, else its first name, else its subject. */
export function callName(certificate: Certificate): string {
  const san = certificate.subjectAltName?.[0]?.value;
  return (
    certificate.subject.commonName ?? (san !== undefined && san !== '' ? san : certificate.subject.text || `serial ${certificate.serial}`)
  );
}

/** How an authority is called: its common name, else the whole name. */
export function authorityName(name: { commonName: string | undefined; text: string }): string {
  return name.commonName ?? name.text;
}

export function hexPairs(bytes: Uint8Array | undefined, pairs = 20): string {
  if (bytes === undefined) return 'none';
  const text = Array.from(bytes.subarray(0, pairs), (byte) => byte.toString(16).padStart(2, '0')).join(':');
  return bytes.length > pairs ? `${text}:…` : text;
}

/** `handshake 3 (without SNI)`. */
export function handshakeSource(record: Pick<HandshakeRecord, 'id' | 'why'>): string {
  return `handshake ${record.id} (${record.why})`;
}

/** `alert 48 unknown_ca`, or how the connection ended when no alert came. */
export function refusalText(record: HandshakeRecord): string {
  if (record.alertReceived !== undefined) return `alert ${record.alertReceived.number} ${record.alertReceived.name}`;
  if (record.alertSent !== undefined) return `our own alert ${record.alertSent.number} ${record.alertSent.name}`;
  return record.error?.code ?? record.outcome;
}

/** `a, b and 3 more`. */
export function listText(items: readonly string[], most = 3): string {
  if (items.length <= most) return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

/** Values of the caller's own target and files, for commands that can be pasted. */
export function callerValues(evidence: Evidence): Partial<Record<Placeholder, string | number | undefined>> {
  const { target, observation } = evidence;
  const { given } = observation;
  const trustFile = given.trust.kind === 'file' ? given.trust.files[0]?.label : undefined;
  return {
    host: target.host.includes(':') ? `[${target.host}]` : target.host,
    port: target.port,
    name: target.servername ?? target.hostname,
    ca: trustFile,
    cert: given.client?.certificate.label,
    key: given.client?.key.label,
    client: evidence.client?.leaf === undefined ? undefined : callName(evidence.client.leaf),
    crl: given.crls[0]?.label,
    file: given.expectCertificate?.label,
    protocol: evidence.spoken?.starttls ?? target.starttls,
  };
}

/** A fix with the caller's own values, and others where given. */
export function fixFor(evidence: Evidence, title: string, command?: string, more: Partial<Record<Placeholder, string | number>> = {}): Fix {
  return { title, ...(command !== undefined && { command: fillTemplate(command, { ...callerValues(evidence), ...more }) }) };
}
