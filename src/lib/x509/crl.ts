import type { AlgorithmIdentifier, AuthorityKeyIdentifier, DistributionPoint, EncodingProblem, Extension } from './certificate.js';
import { DerReader, type Element, readElement, TAG } from './der.js';
import { readBitString, readSerial, readSmallInteger, readTime, toHex } from './der-values.js';
import { extensionReader, readAuthorityKeyIdentifier, readDistributionPoints, readExtensions } from './extensions.js';
import type { GeneralName } from './general-name.js';
import { type IssuingDistributionPoint, readIssuingPoint } from './issuing-distribution-point.js';
import type { Name } from './name.js';
import { EXT, oidName } from './oids.js';
import { NO_ALGORITHM, readAlgorithm } from './public-key.js';
import { readGeneralNames } from './read-general-name.js';
import { EMPTY_NAME, readName, sameName } from './read-name.js';

/** Certificate revocation lists (RFC 5280 §5). Entries are never kept as objects: a list of a million is walked in place. */

/** CRLReason (§5.3.1) by number. */
export const CRL_REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unused',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

/** One revoked certificate. */
export interface RevokedEntry {
  /** As in `Certificate.serial`. */
  serial: string;
  /** Milliseconds since 1970 UTC. */
  revokedAt: number;
  /** `unspecified` when the entry gives none. */
  reason: string;
  invalidityDate?: number;
  /** Who issued the certificate, when the list is indirect and it is not the list's issuer. */
  certificateIssuer?: readonly GeneralName[];
}

export interface CertificateRevocationList {
  readonly der: Uint8Array;
  readonly version: number;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly thisUpdate: number;
  /** NaN when the list promises no next one. */
  readonly nextUpdate: number;
  readonly extensions: readonly Extension[];
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** Problems of the frame and of every entry. */
  readonly problems: readonly EncodingProblem[];
  /** Hex. */
  readonly crlNumber: string | undefined;
  /** Number of the list that this one amends (§5.2.4); undefined for a complete list. Hex. */
  readonly deltaBase: string | undefined;
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly freshestCrl: readonly DistributionPoint[] | undefined;
  /** OIDs of critical extensions, of the list and of entries, that this reader does not know. */
  readonly unknownCritical: readonly string[];
  readonly entryCount: number;
  /** The entry for a certificate, found by issuer and serial number. */
  find(certificate: { serial: string; serialNegative: boolean; issuer: Name }): RevokedEntry | undefined;
  entries(): Generator<RevokedEntry>;
}

const KNOWN_EXTENSIONS = new Set<string>([
  EXT.crlNumber,
  EXT.authorityKeyIdentifier,
  EXT.deltaCrlIndicator,
  EXT.issuingDistributionPoint,
  EXT.freshestCrl,
  EXT.issuerAltName,
]);
const KNOWN_ENTRY_EXTENSIONS = new Set<string>([EXT.reasonCode, EXT.invalidityDate, EXT.certificateIssuer]);

/** Positions of one entry's fields. */
interface EntryPlace {
  serial: Element;
  date: Element;
  extensions: Element | undefined;
}

class ParsedCrl implements CertificateRevocationList {
  readonly der: Uint8Array;
  version = 1;
  signatureAlgorithm: AlgorithmIdentifier = NO_ALGORITHM;
  tbsSignatureAlgorithm: AlgorithmIdentifier = NO_ALGORITHM;
  issuer: Name = EMPTY_NAME;
  thisUpdate = Number.NaN;
  nextUpdate = Number.NaN;
  extensions: readonly Extension[] = [];
  tbs = new Uint8Array(0);
  signature = new Uint8Array(0);
  crlNumber: string | undefined;
  deltaBase: string | undefined;
  issuingDistributionPoint: IssuingDistributionPoint | undefined;
  authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  freshestCrl: readonly DistributionPoint[] | undefined;
  readonly problems: EncodingProblem[] = [];
  readonly unknownCritical: string[] = [];
  entryCount = 0;
  #list: Element | undefined;

  constructor(der: Uint8Array) {
    this.der = der;
    const outer = new DerReader(der, 0, der.length, this.problems);
    const whole = outer.take(TAG.sequence, 'certificateList');
    if (whole === undefined) return;
    outer.finish('certificateList');
    const fields = outer.into(whole);
    const tbs = fields.take(TAG.sequence, 'tbsCertList');
    if (tbs === undefined) return;
    this.tbs = fields.whole(tbs) as Uint8Array<ArrayBuffer>;
    this.#readTbs(fields.into(tbs));
    this.signatureAlgorithm = readAlgorithm(fields, 'signatureAlgorithm');
    const signature = fields.take(TAG.bitString, 'signatureValue');
    if (signature !== undefined) this.signature = readBitString(fields, signature, 'signatureValue').bytes as Uint8Array<ArrayBuffer>;
    fields.finish('certificateList');
    this.#checkEntries();
  }

  #readTbs(tbs: DerReader): void {
    const version = tbs.optional(TAG.integer, 'version');
    if (version !== undefined) {
      const value = readSmallInteger(tbs, version, 'version');
      this.version = (value ?? 0) + 1;
      if (value !== 1)
        this.problems.push({
          offset: version.offset,
          severity: 'strict',
          message: `version: when written it has to be 2 (RFC 5280 §5.1.2.1), it is ${this.version}`,
        });
    }
    this.tbsSignatureAlgorithm = readAlgorithm(tbs, 'signature');
    this.issuer = readName(tbs, 'issuer');
    const isTime = (): boolean => tbs.tag === TAG.utcTime || tbs.tag === TAG.generalizedTime;
    const thisUpdate = tbs.next('thisUpdate');
    if (thisUpdate !== undefined) this.thisUpdate = readTime(tbs, thisUpdate, 'thisUpdate');
    const nextUpdate = isTime() ? tbs.next('nextUpdate') : undefined;
    if (nextUpdate !== undefined) this.nextUpdate = readTime(tbs, nextUpdate, 'nextUpdate');
    this.#list = tbs.optional(TAG.sequence, 'revokedCertificates');
    const wrapper = tbs.optional(0xa0, 'crlExtensions');
    if (wrapper !== undefined) {
      if (this.version < 2) this.problems.push({ offset: wrapper.offset, severity: 'strict', message: 'crlExtensions: only in version 2' });
      const inner = tbs.into(wrapper);
      this.extensions = readExtensions(inner, 'crlExtensions');
      inner.finish('crlExtensions');
      for (const extension of this.extensions) this.#readExtension(extension);
    }
    tbs.finish('tbsCertList');
  }

  #readExtension(extension: Extension): void {
    const reader = extensionReader(this.der, extension, this.problems);
    switch (extension.oid) {
      case EXT.crlNumber:
      case EXT.deltaCrlIndicator: {
        const number = reader.take(TAG.integer, oidName(extension.oid));
        const hex = number === undefined ? undefined : readSerial(reader, number, oidName(extension.oid)).hex;
        if (extension.oid === EXT.crlNumber) this.crlNumber = hex;
        else this.deltaBase = hex ?? '';
        break;
      }
      case EXT.issuingDistributionPoint:
        this.issuingDistributionPoint = readIssuingPoint(reader);
        break;
      case EXT.authorityKeyIdentifier:
        this.authorityKeyIdentifier = readAuthorityKeyIdentifier(reader);
        break;
      case EXT.freshestCrl:
        this.freshestCrl = readDistributionPoints(reader, 'freshestCRL');
        break;
      default:
        if (extension.critical && !KNOWN_EXTENSIONS.has(extension.oid)) this.unknownCritical.push(extension.oid);
    }
  }

  /** Walks the entries by position; stops at the first that is none. */
  *#places(problems: EncodingProblem[]): Generator<EntryPlace> {
    const list = this.#list;
    if (list === undefined) return;
    const { der } = this;
    for (let at = list.start; at < list.end; ) {
      const entry = readElement(der, at, list.end, problems, 'revokedCertificates');
      if (entry === undefined || entry.tag !== TAG.sequence) {
        if (entry !== undefined) problems.push({ offset: at, severity: 'fatal', message: 'revokedCertificates: entry is no SEQUENCE' });
        return;
      }
      const serial = readElement(der, entry.start, entry.end, problems, 'userCertificate');
      const date = serial === undefined ? undefined : readElement(der, serial.next, entry.end, problems, 'revocationDate');
      if (serial === undefined || date === undefined) return;
      if (serial.tag !== TAG.integer || (date.tag !== TAG.utcTime && date.tag !== TAG.generalizedTime)) {
        problems.push({ offset: entry.offset, severity: 'fatal', message: 'revokedCertificates: entry without serial number and date' });
        return;
      }
      const extensions = date.next < entry.end ? readElement(der, date.next, entry.end, problems, 'crlEntryExtensions') : undefined;
      if (extensions !== undefined && extensions.tag !== TAG.sequence)
        problems.push({ offset: extensions.offset, severity: 'fatal', message: 'crlEntryExtensions: no SEQUENCE' });
      const last = extensions ?? date;
      if (last.next < entry.end)
        problems.push({ offset: last.next, severity: 'strict', message: 'revokedCertificates: bytes too many in an entry' });
      yield { serial, date, extensions };
      at = entry.next;
    }
  }

  #checkEntries(): void {
    const list = this.#list;
    if (list !== undefined && list.start === list.end)
      this.problems.push({
        offset: list.offset,
        severity: 'strict',
        message: 'revokedCertificates: an empty list is left out (RFC 5280 §5.1.2.6)',
      });
    const unknown = new Set<string>();
    let early = false;
    const scratch = new DerReader(this.der, 0, this.der.length, this.problems, 4);
    for (const { date, extensions } of this.#places(this.problems)) {
      this.entryCount++;
      // The usual dates pass a quick look; others go through the strict reader, which reports them.
      if (date.end - date.start !== 13 || this.der[date.end - 1] !== 0x5a) readTime(scratch, date, 'revocationDate');
      if (extensions === undefined) continue;
      if (this.version < 2 && !early) {
        early = true;
        this.problems.push({ offset: extensions.offset, severity: 'strict', message: 'crlEntryExtensions: only in version 2' });
      }
      if (isReasonOnly(this.der, extensions)) continue;
      const reader = new DerReader(this.der, extensions.offset, extensions.next, this.problems, 4);
      for (const { oid, critical } of readExtensions(reader, 'crlEntryExtensions'))
        if (critical && !KNOWN_ENTRY_EXTENSIONS.has(oid)) unknown.add(oid);
      if (this.problems.length > 100) break;
    }
    this.unknownCritical.push(...unknown);
  }

  #entry(place: EntryPlace, issuer: readonly GeneralName[] | undefined): RevokedEntry {
    const reader = new DerReader(this.der, 0, this.der.length, []);
    const entry: RevokedEntry = {
      serial: readSerial(reader, place.serial, '').hex,
      revokedAt: readTime(reader, place.date, ''),
      reason: 'unspecified',
    };
    if (issuer !== undefined) entry.certificateIssuer = issuer;
    for (const extension of this.#entryExtensions(place)) {
      const value = extensionReader(this.der, extension, []);
      if (extension.oid === EXT.reasonCode) {
        const code = value.take(TAG.enumerated, 'reasonCode');
        entry.reason = CRL_REASONS[code === undefined ? -1 : (readSmallInteger(value, code, 'reasonCode') ?? -1)] ?? 'unspecified';
      } else if (extension.oid === EXT.invalidityDate) {
        const time = value.next('invalidityDate');
        if (time !== undefined) entry.invalidityDate = readTime(value, time, 'invalidityDate');
      }
    }
    return entry;
  }

  #entryExtensions({ extensions }: EntryPlace): Extension[] {
    return extensions === undefined
      ? []
      : readExtensions(new DerReader(this.der, extensions.offset, extensions.next, [], 4), 'crlEntryExtensions');
  }

  #certificateIssuer(place: EntryPlace): GeneralName[] | undefined {
    if (place.extensions === undefined || isReasonOnly(this.der, place.extensions)) return undefined;
    const extension = this.#entryExtensions(place).find(({ oid }) => oid === EXT.certificateIssuer);
    if (extension === undefined) return undefined;
    const reader = extensionReader(this.der, extension, []);
    const element = reader.take(TAG.sequence, 'certificateIssuer');
    return element === undefined ? [] : readGeneralNames(reader, element, 'certificateIssuer');
  }

  *entries(): Generator<RevokedEntry> {
    let issuer: GeneralName[] | undefined;
    for (const place of this.#places([])) {
      issuer = this.#certificateIssuer(place) ?? issuer;
      yield this.#entry(place, issuer);
    }
  }

  find(certificate: { serial: string; serialNegative: boolean; issuer: Name }): RevokedEntry | undefined {
    const wanted =
      certificate.serialNegative || !/^[89a-f]/.test(certificate.serial) || certificate.serial.length % 2 !== 0
        ? certificate.serial
        : `00${certificate.serial}`;
    const bytes = Buffer.from(wanted, 'hex');
    const own = sameName(this.issuer, certificate.issuer);
    const indirect = this.issuingDistributionPoint?.indirect === true;
    if (!own && !indirect) return undefined;
    // §5.3.3: an entry's certificate issuer holds for all that follow until the next.
    let issuer: GeneralName[] | undefined;
    let found: RevokedEntry | undefined;
    for (const place of this.#places([])) {
      if (indirect) issuer = this.#certificateIssuer(place) ?? issuer;
      const { start, end } = place.serial;
      if (end - start !== bytes.length) continue;
      let same = true;
      for (let i = 0; same && i < bytes.length; i++) same = this.der[start + i] === bytes[i];
      if (!same) continue;
      const matches =
        issuer === undefined ? own : issuer.some((name) => name.kind === 'dirName' && sameName(name.name, certificate.issuer));
      if (matches) found = this.#entry(place, issuer);
    }
    return found;
  }
}

/** Whether the extensions are just a reason code, as nearly all are: 30 0c 30 0a 06 03 55 1d 15 04 03 0a 01 xx. */
function isReasonOnly(der: Uint8Array, { start, end }: Element): boolean {
  return (
    end - start === 12 &&
    der[start + 2] === 6 &&
    der[start + 3] === 3 &&
    der[start + 4] === 0x55 &&
    der[start + 5] === 0x1d &&
    der[start + 6] === 21 &&
    der[start + 7] === 4 &&
    der[start + 9] === 10
  );
}

/** Reads a CRL from DER, tolerantly: nothing is thrown, problems carry offsets. The array is kept, not copied. */
export function parseCrl(der: Uint8Array): CertificateRevocationList {
  return new ParsedCrl(Buffer.isBuffer(der) ? new Uint8Array(der.buffer, der.byteOffset, der.length) : der);
}

/** Hex of a CRL number as a number to compare. */
export function crlNumberValue(hex: string | undefined): bigint {
  return hex === undefined || hex === '' ? -1n : BigInt(`0x${hex}`);
}

/** Short form of a list for messages: issuer and date of issue. */
export function crlLabel(crl: CertificateRevocationList): string {
  const date = Number.isNaN(crl.thisUpdate) ? 'undated' : new Date(crl.thisUpdate).toISOString().replace('.000Z', 'Z');
  return `CRL of ${crl.issuer.text || toHex(crl.issuer.der)} (${date})`;
}
