import type { Certificate, DistributionPoint } from '../x509/certificate.js';
import { type CertificateRevocationList, crlLabel, crlNumberValue, type RevokedEntry } from '../x509/crl.js';
import { toHex } from '../x509/der-values.js';
import { REASON_FLAGS } from '../x509/extensions.js';
import type { GeneralName } from '../x509/general-name.js';
import type { Name } from '../x509/name.js';
import { EXT } from '../x509/oids.js';
import { parseName, sameName } from '../x509/read-name.js';
import { iso } from './certificate-rules.js';

/** What a set of CRLs says about one certificate: RFC 5280 §6.3.3, with reason scopes, indirect lists and deltas. */

export type RevocationStatus =
  | { status: 'good'; by: string }
  | { status: 'revoked'; by: string; at: number; reason: string }
  | { status: 'unknown'; why: string };

/** Whether a CRL is signed by somebody who may; the answer says why not. */
export type CrlAuthenticator = (crl: CertificateRevocationList, certificate: Certificate) => { ok: boolean; why?: string };

export interface CrlContext {
  crls: readonly CertificateRevocationList[];
  at: number;
  maxAgeDays: number | undefined;
  /** CRL issuers are held to the duties of RFC 5280 §5.2 (see `holdsToDuties`). */
  duties: boolean;
  authenticate: CrlAuthenticator;
}

/** Distribution points looked at; what comes after is left out, which leaves the status unknown at worst. */
const MAX_POINTS = 64;

const ALL_REASONS: readonly string[] = REASON_FLAGS.slice(1);

/** Status of `certificate`, by all lists that concern it. Reasons that no list covers leave it unknown. */
export function crlStatus(certificate: Certificate, context: CrlContext): RevocationStatus {
  const covered = new Set<string>();
  const refusals = new Set<string>();
  let by = '';
  const fallback: DistributionPoint = {};
  for (const point of [...(certificate.crlDistributionPoints ?? []).slice(0, MAX_POINTS), fallback]) {
    for (const crl of newestFirst(context.crls)) {
      if (crl.deltaBase !== undefined) continue;
      const scope = scopeOf(crl, certificate, point, point === fallback);
      if (scope === undefined) continue;
      if ('why' in scope) {
        refusals.add(scope.why);
        continue;
      }
      if (scope.reasons.every((reason) => covered.has(reason))) continue;
      const unusable = defectOf(crl, context);
      const signed = unusable === undefined ? context.authenticate(crl, certificate) : { ok: false, why: unusable };
      if (!signed.ok) {
        refusals.add(`${crlLabel(crl)}: ${signed.why ?? 'not authentic'}`);
        continue;
      }
      const delta = deltaFor(crl, certificate, context);
      const entry = effectiveEntry(crl, delta, certificate);
      by = crlLabel(crl);
      if (entry !== undefined) return { status: 'revoked', by, at: entry.revokedAt, reason: entry.reason };
      for (const reason of scope.reasons) covered.add(reason);
    }
  }
  if (ALL_REASONS.every((reason) => covered.has(reason))) return { status: 'good', by };
  const missing = ALL_REASONS.filter((reason) => !covered.has(reason));
  const partly = covered.size === 0 ? '' : `no list covers the reasons ${missing.join(', ')}`;
  return {
    status: 'unknown',
    why:
      [partly, ...refusals]
        .filter((text) => text !== '')
        .slice(0, 4)
        .join('; ') || `no CRL of ${certificate.issuer.text} is at hand`,
  };
}

const BY_AGE = new WeakMap<readonly CertificateRevocationList[], readonly CertificateRevocationList[]>();

/** The latest word counts: an older list that is still in date must not hide what a newer one of the same scope says. */
function newestFirst(crls: readonly CertificateRevocationList[]): readonly CertificateRevocationList[] {
  let sorted = BY_AGE.get(crls);
  if (sorted === undefined) {
    const later = (a: bigint, b: bigint): number => (a > b ? -1 : a < b ? 1 : 0);
    sorted = [...crls].sort(
      (a, b) => (b.thisUpdate || 0) - (a.thisUpdate || 0) || later(crlNumberValue(a.crlNumber), crlNumberValue(b.crlNumber)),
    );
    BY_AGE.set(crls, sorted);
  }
  return sorted;
}

/** §6.3.3 (i) and (j): a delta's word counts before the complete list's, and removeFromCRL takes a hold back. */
function effectiveEntry(
  crl: CertificateRevocationList,
  delta: CertificateRevocationList | undefined,
  certificate: Certificate,
): RevokedEntry | undefined {
  const entry = delta?.find(certificate) ?? crl.find(certificate);
  return entry?.reason === 'removeFromCRL' ? undefined : entry;
}

/** Reasons that a list covers for this certificate at this point; undefined when it is another CA's list, a `why` when it is about others. */
function scopeOf(
  crl: CertificateRevocationList,
  certificate: Certificate,
  point: DistributionPoint,
  isFallback: boolean,
): { reasons: readonly string[] } | { why: string } | undefined {
  const idp = crl.issuingDistributionPoint;
  if (point.crlIssuer !== undefined) {
    if (!point.crlIssuer.some((name) => name.kind === 'dirName' && sameName(name.name, crl.issuer))) return undefined;
    if (idp?.indirect !== true) return { why: `${crlLabel(crl)} is not marked as indirect` };
  } else if (!sameName(crl.issuer, certificate.issuer)) return undefined;
  if (idp !== undefined) {
    const isCa = certificate.basicConstraints?.ca === true;
    if (idp.onlyUserCertificates && isCa) return { why: `${crlLabel(crl)} is for end entities only` };
    if (idp.onlyCaCertificates && !isCa) return { why: `${crlLabel(crl)} is for CA certificates only` };
    if (idp.onlyAttributeCertificates) return { why: `${crlLabel(crl)} is for attribute certificates only` };
    if ((idp.fullName !== undefined || idp.relativeName !== undefined) && !pointNamesMeet(crl, certificate, point, isFallback)) {
      return { why: `${crlLabel(crl)} is for another distribution point` };
    }
  }
  const list = idp?.onlySomeReasons?.filter((reason) => reason !== 'unused') ?? ALL_REASONS;
  const own = point.reasons?.filter((reason) => reason !== 'unused') ?? ALL_REASONS;
  return { reasons: list.filter((reason) => own.includes(reason)) };
}

/** §6.3.3 (b)(2)(i): a name in the list's distribution point is also in the certificate's. */
function pointNamesMeet(crl: CertificateRevocationList, certificate: Certificate, point: DistributionPoint, isFallback: boolean): boolean {
  const idp = crl.issuingDistributionPoint;
  const listed = expandNames(idp?.fullName, idp?.relativeName, crl.issuer);
  if (isFallback) {
    // The made-up point of §6.3.3 carries the certificate's issuer as its name.
    return listed.some((name) => name.kind === 'dirName' && sameName(name.name, certificate.issuer));
  }
  const base = point.crlIssuer?.find((name) => name.kind === 'dirName');
  const issuer = base?.kind === 'dirName' ? base.name : certificate.issuer;
  const own =
    point.fullName === undefined && point.relativeName === undefined
      ? (point.crlIssuer ?? [])
      : expandNames(point.fullName, point.relativeName, issuer);
  return meet(listed, own);
}

const KEYS = new WeakMap<readonly GeneralName[], ReadonlySet<string>>();

/** Whether two lists have a name in common. Lists may be long, and hostile: every name is looked at once. */
function meet(listed: readonly GeneralName[], own: readonly GeneralName[]): boolean {
  let keys = KEYS.get(listed);
  if (keys === undefined) {
    keys = new Set(listed.map(generalNameKey));
    KEYS.set(listed, keys);
  }
  return own.some((name) => keys.has(generalNameKey(name)));
}

function generalNameKey(name: GeneralName): string {
  return name.kind === 'dirName' ? `dirName ${name.name.key}` : `${name.kind} ${Buffer.from(name.raw).toString('latin1')}`;
}

/** A DistributionPointName as full names; a relative name is added to the issuer's (§4.2.1.13). */
function expandNames(full: readonly GeneralName[] | undefined, relative: Uint8Array | undefined, issuer: Name): readonly GeneralName[] {
  if (full !== undefined) return full;
  if (relative === undefined) return [];
  const rdns = issuer.der.subarray(issuer.der.length - contentsLength(issuer.der));
  const contents = [...rdns, ...tlv(0x31, relative)];
  const name = parseName(Uint8Array.from(tlv(0x30, Uint8Array.from(contents))));
  return [{ kind: 'dirName', value: name.text, name, raw: name.der }];
}

function contentsLength(der: Uint8Array): number {
  const first = der[1] ?? 0;
  return der.length - 2 - (first > 0x80 ? first & 0x7f : 0);
}

function tlv(tag: number, contents: Uint8Array): number[] {
  const { length } = contents;
  if (length < 0x80) return [tag, length, ...contents];
  return length < 0x100 ? [tag, 0x81, length, ...contents] : [tag, 0x82, length >> 8, length & 255, ...contents];
}

/** Why a list cannot be used at all: defects, unknown critical extensions, age. */
function defectOf(crl: CertificateRevocationList, { at, maxAgeDays, duties }: CrlContext): string | undefined {
  const problem = crl.problems.find(({ severity }) => severity !== 'notice');
  if (problem !== undefined) return `malformed: ${problem.message} (byte ${problem.offset})`;
  if (crl.unknownCritical.length > 0) return `has a critical extension that is not known: ${crl.unknownCritical.join(', ')}`;
  const mustNot = crl.extensions.find(
    ({ oid, critical }) => critical && (oid === EXT.crlNumber || oid === EXT.authorityKeyIdentifier || oid === EXT.freshestCrl),
  );
  if (mustNot !== undefined) return 'an extension is critical that may not be (RFC 5280 §5.2)';
  if (duties && crl.version >= 2 && crl.crlNumber === undefined) return 'has no cRLNumber (RFC 5280 §5.2.3)';
  const parameters = [crl.signatureAlgorithm, crl.tbsSignatureAlgorithm].map((algorithm) =>
    toHex(algorithm.parameters ?? new Uint8Array(0)),
  );
  if (crl.signatureAlgorithm.oid !== crl.tbsSignatureAlgorithm.oid || parameters[0] !== parameters[1])
    return 'names two different signature algorithms';
  if (at < crl.thisUpdate) return `not yet in force: issued ${iso(crl.thisUpdate)}`;
  if (!Number.isNaN(crl.nextUpdate) && Math.floor(at / 1000) * 1000 > crl.nextUpdate) return `out of date since ${iso(crl.nextUpdate)}`;
  if (maxAgeDays !== undefined && at - crl.thisUpdate > maxAgeDays * 86_400_000) return `older than ${maxAgeDays} days`;
  return undefined;
}

/** The newest delta that amends this list (§5.2.4, §6.3.3 (c)). */
function deltaFor(crl: CertificateRevocationList, certificate: Certificate, context: CrlContext): CertificateRevocationList | undefined {
  let best: CertificateRevocationList | undefined;
  const number = crlNumberValue(crl.crlNumber);
  for (const delta of context.crls) {
    if (delta.deltaBase === undefined || !sameName(delta.issuer, crl.issuer) || scopeKey(delta) !== scopeKey(crl)) continue;
    const keys = [delta.authorityKeyIdentifier?.keyIdentifier, crl.authorityKeyIdentifier?.keyIdentifier];
    if (toHex(keys[0] ?? new Uint8Array(0)) !== toHex(keys[1] ?? new Uint8Array(0))) continue;
    if (crlNumberValue(delta.deltaBase) > number || crlNumberValue(delta.crlNumber) < number) continue;
    if (defectOf(delta, context) !== undefined || !context.authenticate(delta, certificate).ok) continue;
    if (best === undefined || crlNumberValue(delta.crlNumber) > crlNumberValue(best.crlNumber)) best = delta;
  }
  return best;
}

/** Bytes of the issuingDistributionPoint: a delta has the same as its base. */
function scopeKey(crl: CertificateRevocationList): string {
  const extension = crl.extensions.find(({ oid }) => oid === EXT.issuingDistributionPoint);
  return extension === undefined ? '' : toHex(extension.value);
}
