/** One certificate for people: who, until when, which key, what for, and what is odd about it. */
import type { CertificateRole } from '../lint/lint.js';
import { durationInWords, relativeTime, utcRange } from '../time-text.js';
import type { Certificate, PublicKeyInfo } from '../x509/certificate.js';
import { toHex } from '../x509/der-values.js';
import type { GeneralName } from '../x509/general-name.js';
import { EKU, oidName } from '../x509/oids.js';
import { escapeForTerminal } from './escape.js';
import { bar, hanging, padEnd, truncateMiddle } from './layout.js';
import type { View } from './view.js';

const LABEL_WIDTH = 12;

/** A labelled line, wrapped under its text. */
export function field(label: string, text: string, view: View, indent = '   '): string {
  return hanging(`${indent}${view.style.dim(padEnd(label, LABEL_WIDTH))}`, text, view.width);
}

/** `EC P-256`, `RSA 2048`, `Ed25519`. */
export function keyInWords(key: PublicKeyInfo): string {
  switch (key.type) {
    case 'ec':
      return `EC ${escapeForTerminal(key.curve ?? 'unknown curve')}`;
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'rsa-pss':
      return `RSA-PSS ${key.bits}`;
    case 'ed25519':
      return 'Ed25519';
    case 'ed448':
      return 'Ed448';
    case 'unknown':
      return key.algorithm.name === '' ? 'unreadable' : escapeForTerminal(key.algorithm.name);
    default:
      return `${key.type.toUpperCase()}${key.bits > 0 ? ` ${key.bits}` : ''}`;
  }
}

const PURPOSES = new Map<string, string>([
  [EKU.serverAuth, 'server'],
  [EKU.clientAuth, 'client'],
  [EKU.any, 'any purpose'],
  [EKU.codeSigning, 'code signing'],
  [EKU.emailProtection, 'e-mail'],
  [EKU.timeStamping, 'time stamping'],
  [EKU.ocspSigning, 'OCSP signing'],
]);

/** Purposes and key usages: `server, client · digitalSignature`. */
export function usageInWords(extKeyUsage: readonly string[] | undefined, keyUsage: readonly string[] | undefined): string {
  const purposes =
    extKeyUsage === undefined
      ? 'any (no extendedKeyUsage)'
      : extKeyUsage.map((oid) => PURPOSES.get(oid) ?? escapeForTerminal(oidName(oid))).join(', ') || 'unreadable';
  const bits = keyUsage === undefined ? 'no keyUsage' : keyUsage.join(', ') || 'empty keyUsage';
  return `${purposes} · ${bits}`;
}

const NAME_PREFIX: Partial<Record<GeneralName['kind'], string>> = {
  dirName: 'directory ',
  otherName: 'other ',
  rid: 'registered ID ',
  x400: 'X.400 ',
  ediParty: 'EDI ',
  unknown: 'unknown ',
};

/** Names as they are used; kinds are told where they are not plain. */
export function namesInWords(names: readonly GeneralName[], view: View): string {
  const listed = names.map(
    (name) => `${NAME_PREFIX[name.kind] ?? ''}${name.value === '' ? '(unreadable)' : escapeForTerminal(name.value)}`,
  );
  const most = view.verbose ? listed.length : 12;
  return listed.length > most ? `${listed.slice(0, most).join(', ')} and ${listed.length - most} more` : listed.join(', ');
}

/** The window, the share of it that is used, and what is left in words. */
export function validityLines(notBefore: number, notAfter: number, at: number, view: View): string[] {
  const { style } = view;
  const range = utcRange(notBefore, notAfter, at, style.symbol.arrowRight);
  if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter)) return [style.fail(`${range} (unreadable)`)];
  const lifetime = notAfter - notBefore;
  const used = lifetime <= 0 ? 1 : (at - notBefore) / lifetime;
  const percent = `${Math.max(0, Math.min(100, Math.floor(used * 100)))} % used`;
  if (at > notAfter)
    return [
      range,
      `${style.fail(bar(1, 20, view))} ${style.fail(`expired ${relativeTime(notAfter, at)}`)}, after ${durationInWords(lifetime / 1000)}`,
    ];
  if (at < notBefore)
    return [range, `${style.fail(bar(0, 20, view))} ${style.fail(`not valid yet: begins ${relativeTime(notBefore, at)}`)}`];
  const paint = used > 0.9 ? style.fail : used > 2 / 3 ? style.warn : style.ok;
  return [
    range,
    `${paint(bar(used, 20, view))} ${percent}, ${paint(`${durationInWords((notAfter - at) / 1000)} left`)} of ${durationInWords(lifetime / 1000)}`,
  ];
}

function identifiers(certificate: Certificate, view: View): string | undefined {
  const own = certificate.subjectKeyIdentifier;
  const issuer = certificate.authorityKeyIdentifier?.keyIdentifier;
  const parts = [
    own === undefined ? undefined : `own ${shortHex(own, view)}`,
    issuer === undefined ? undefined : `issuer ${shortHex(issuer, view)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' · ');
}

function shortHex(bytes: Uint8Array, view: View): string {
  const hex = toHex(bytes);
  return view.verbose || view.width >= 120 ? hex : truncateMiddle(hex, 18, view);
}

/** `end entity`, `CA, path length 0`, `self-signed root CA`. */
export function roleInWords(certificate: Certificate, role: CertificateRole): string {
  const { basicConstraints } = certificate;
  const length = basicConstraints?.pathLength === undefined ? '' : `, path length ${basicConstraints.pathLength}`;
  if (role === 'root') return `root CA, self-issued${length}`;
  if (role === 'intermediate') return `CA${length}`;
  const self = certificate.selfIssued && certificate.subject.der.length > 2 ? ', self-signed' : '';
  return basicConstraints?.ca === true ? `end entity that is a CA as well${self}` : `end entity${self}`;
}

/** Everything about a certificate but its heading and its lints. */
export function certificateFields(certificate: Certificate, role: CertificateRole, at: number, view: View, cut = false): string[] {
  const { style } = view;
  const lines: string[] = [];
  const add = (label: string, text: string | undefined): void => {
    if (text !== undefined && text !== '') lines.push(field(label, text, view));
  };
  const names = certificate.subjectAltName;
  const spiffe = names?.filter(({ kind, value }) => kind === 'uri' && value.startsWith('spiffe://')) ?? [];
  add('subject', escapeForTerminal(certificate.subject.text) || style.dim('empty'));
  add(
    'names',
    names === undefined || names.length === 0 ? (role === 'leaf' && !cut ? style.warn('none') : undefined) : namesInWords(names, view),
  );
  if (spiffe.length === 1) add('SPIFFE ID', escapeForTerminal(spiffe[0]?.value ?? ''));
  add('issuer', certificate.selfIssued ? style.dim('itself') : escapeForTerminal(certificate.issuer.text) || style.dim('empty'));
  const [range, used] = validityLines(certificate.notBefore, certificate.notAfter, at, view);
  add('valid', range);
  add('', used);
  add('role', roleInWords(certificate, role));
  // Of a certificate that is cut off, what is missing is not "none".
  if (!cut || certificate.extKeyUsage !== undefined || certificate.keyUsage !== undefined) {
    const purposes = role === 'leaf' || certificate.extKeyUsage !== undefined;
    add(
      'use',
      purposes ? usageInWords(certificate.extKeyUsage, certificate.keyUsage) : (certificate.keyUsage?.join(', ') ?? 'no keyUsage'),
    );
  }
  const signature = cut ? '' : ` · signed with ${escapeForTerminal(certificate.signatureAlgorithm.name) || 'an unreadable algorithm'}`;
  if (!cut || certificate.publicKey.spki.length > 0) add('key', `${keyInWords(certificate.publicKey)}${signature}`);
  add('serial', `${certificate.serialNegative ? '-' : ''}${certificate.serial}`);
  add('key ids', identifiers(certificate, view));
  if (!cut) add('SHA-256', certificate.fingerprint);
  return lines;
}
