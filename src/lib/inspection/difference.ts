/** What changed between two sets of certificates: renewed, added, gone, and field by field. */
import { isoTime } from '../time-text.js';
import type { Certificate } from '../x509/certificate.js';
import { toHex } from '../x509/der-values.js';
import { oidName } from '../x509/oids.js';
import type { Inspection } from './inspection.js';
import type { FoundCertificate } from './inventory.js';
import { keyIdentity } from './key-identity.js';

/** One field that differs. For lists, what came and what went. */
export interface FieldChange {
  field: string;
  before: string | null;
  after: string | null;
  added?: string[];
  removed?: string[];
}

export interface CertificateChange {
  before: FoundCertificate;
  after: FoundCertificate;
  changes: FieldChange[];
  /** The renewal kept the key. */
  sameKey: boolean;
}

export interface Difference {
  /** Every certificate is on both sides. */
  same: boolean;
  /** In both, byte for byte. */
  unchanged: { before: FoundCertificate; after: FoundCertificate }[];
  changed: CertificateChange[];
  added: FoundCertificate[];
  removed: FoundCertificate[];
  /** The same certificates, in another order. */
  reordered: boolean;
}

type Field = [name: string, read: (certificate: Certificate) => string | readonly string[] | null];

const FIELDS: readonly Field[] = [
  ['subject', ({ subject }) => subject.text],
  ['issuer', ({ issuer }) => issuer.text],
  ['serial', ({ serial, serialNegative }) => `${serialNegative ? '-' : ''}${serial}`],
  ['not before', ({ notBefore }) => isoTime(notBefore)],
  ['not after', ({ notAfter }) => isoTime(notAfter)],
  ['names', ({ subjectAltName }) => (subjectAltName ?? []).map(({ kind, value }) => `${kind}:${value}`)],
  ['key', ({ publicKey }) => `${publicKey.type} ${publicKey.curve ?? publicKey.bits}`],
  ['signature algorithm', ({ signatureAlgorithm }) => signatureAlgorithm.name],
  [
    'CA',
    ({ basicConstraints }) =>
      basicConstraints === undefined
        ? null
        : `${basicConstraints.ca ? 'yes' : 'no'}${basicConstraints.pathLength === undefined ? '' : `, path length ${basicConstraints.pathLength}`}`,
  ],
  ['key usage', ({ keyUsage }) => keyUsage ?? null],
  ['extended key usage', ({ extKeyUsage }) => extKeyUsage?.map(oidName) ?? null],
  ['subject key identifier', ({ subjectKeyIdentifier }) => (subjectKeyIdentifier === undefined ? null : toHex(subjectKeyIdentifier))],
  [
    'authority key identifier',
    ({ authorityKeyIdentifier }) =>
      authorityKeyIdentifier?.keyIdentifier === undefined ? null : toHex(authorityKeyIdentifier.keyIdentifier),
  ],
  ['OCSP address', ({ authorityInfoAccess }) => authorityInfoAccess?.ocsp ?? null],
  [
    'CRL address',
    ({ crlDistributionPoints }) => crlDistributionPoints?.flatMap(({ fullName }) => (fullName ?? []).map(({ value }) => value)) ?? null,
  ],
  ['extensions', ({ extensions }) => extensions.map(({ oid, critical }) => `${oidName(oid)}${critical ? ' (critical)' : ''}`)],
];

function asText(value: string | readonly string[] | null): string | null {
  return value === null || typeof value === 'string' ? value : value.join(', ');
}

/** Fields that differ, in the order of FIELDS; the key's identity stands for its bytes. */
export function changesBetween(before: Certificate, after: Certificate): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [field, read] of FIELDS) {
    const [old, now] = [read(before), read(after)];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    const change: FieldChange = { field, before: asText(old), after: asText(now) };
    if (Array.isArray(old) || Array.isArray(now)) {
      const [oldList, nowList] = [(old ?? []) as readonly string[], (now ?? []) as readonly string[]];
      change.added = nowList.filter((item) => !oldList.includes(item));
      change.removed = oldList.filter((item) => !nowList.includes(item));
      if (change.added.length + change.removed.length === 0) continue; // only their order differs
    }
    changes.push(change);
  }
  return changes;
}

function distinct({ inventory }: Inspection): FoundCertificate[] {
  return inventory.certificates.filter(({ duplicateOf }) => duplicateOf === undefined);
}

function namesKey({ certificate }: FoundCertificate): string {
  return (certificate.subjectAltName ?? [])
    .map(({ kind, value }) => `${kind}:${value}`)
    .sort()
    .join(' ');
}

/** Likeness of two certificates that are not the same: the higher, the surer that one replaced the other. */
function likeness(a: FoundCertificate, b: FoundCertificate): number {
  if (a.role !== b.role) return 0;
  let score = 0;
  if (a.certificate.subject.der.length > 2 && a.certificate.subject.key === b.certificate.subject.key) score += 2;
  const names = namesKey(a);
  if (names !== '' && names === namesKey(b)) score += 2;
  if (keyIdentity(a.certificate.publicKey) === keyIdentity(b.certificate.publicKey)) score += 1;
  return score;
}

/** Compares what two inspections found. */
export function differenceBetween(before: Inspection, after: Inspection): Difference {
  const [old, now] = [distinct(before), distinct(after)];
  const unchanged: Difference['unchanged'] = [];
  const gone: FoundCertificate[] = [];
  const come = new Set(now);
  for (const found of old) {
    const twin = now.find(({ certificate }) => certificate.fingerprint === found.certificate.fingerprint);
    if (twin === undefined) gone.push(found);
    else {
      unchanged.push({ before: found, after: twin });
      come.delete(twin);
    }
  }
  const changed: CertificateChange[] = [];
  const removed: FoundCertificate[] = [];
  for (const found of gone) {
    const ranked = [...come].map((candidate) => ({ candidate, score: likeness(found, candidate) })).sort((a, b) => b.score - a.score);
    const alone = gone.length === 1 && come.size === 1;
    const best = ranked[0];
    if (best === undefined || (best.score < 2 && !alone)) {
      removed.push(found);
      continue;
    }
    come.delete(best.candidate);
    const sameKey = keyIdentity(found.certificate.publicKey) === keyIdentity(best.candidate.certificate.publicKey);
    changed.push({ before: found, after: best.candidate, changes: changesBetween(found.certificate, best.candidate.certificate), sameKey });
  }
  const added = [...come];
  const same = changed.length + removed.length + added.length === 0;
  const order = (list: readonly FoundCertificate[]): string => list.map(({ certificate }) => certificate.fingerprint).join(' ');
  return { same, unchanged, changed, added, removed, reordered: same && order(old) !== order(now) };
}
