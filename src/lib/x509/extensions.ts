import type {
  AuthorityInformationAccess,
  AuthorityKeyIdentifier,
  BasicConstraints,
  DistributionPoint,
  EncodingProblem,
  Extension,
  GeneralSubtree,
  KeyUsageBit,
  NameConstraints,
} from './certificate.js';
import { DerReader, type Element, TAG } from './der.js';
import { readBoolean, readNamedBits, readOid, readSerial, readSmallInteger } from './der-values.js';
import type { GeneralName } from './general-name.js';
import { oidName } from './oids.js';
import { readGeneralName, readGeneralNames } from './read-general-name.js';

/** Decoders of the extensions of RFC 5280 §4.2. Each reads one extnValue; problems carry offsets in the certificate and go to the reader's list. */

export const KEY_USAGE_BITS: readonly KeyUsageBit[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

/** ReasonFlags (§4.2.1.13) by bit. Bit 0 is unused. */
export const REASON_FLAGS = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

/** An extensions list at the cursor (the SEQUENCE OF Extension itself). Duplicates are a problem; both stay listed. */
export function readExtensions(reader: DerReader, what: string): Extension[] {
  const sequence = reader.open(TAG.sequence, what);
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  if (!sequence.more) reader.problems.push({ offset: sequence.position, severity: 'strict', message: `${what}: empty list` });
  while (sequence.more) {
    const element = sequence.take(TAG.sequence, `${what}: extension`);
    if (element === undefined) break;
    const fields = sequence.into(element);
    const type = fields.take(TAG.oid, `${what}: extension type`);
    const oid = type === undefined ? undefined : readOid(fields, type, `${what}: extension type`);
    if (oid === undefined) continue;
    const flag = fields.optional(TAG.boolean, `${what}: critical`);
    const critical = flag !== undefined && readBoolean(fields, flag, `${oidName(oid)}: critical`);
    if (flag !== undefined && !critical)
      fields.problems.push({
        offset: flag.offset,
        severity: 'strict',
        defect: 'default',
        message: `${oidName(oid)}: critical FALSE written out, DER leaves a default away`,
      });
    const value = fields.take(TAG.octetString, `${oidName(oid)}: value`);
    if (value === undefined) continue;
    fields.finish(oidName(oid));
    if (seen.has(oid))
      reader.problems.push({
        offset: element.offset,
        severity: 'fatal',
        message: `${oidName(oid)}: extension appears twice (RFC 5280 §4.2)`,
      });
    seen.add(oid);
    extensions.push({ oid, critical, value: fields.view(value), offset: value.start });
  }
  return extensions;
}

/** A cursor over an extension's value inside the bytes that it was read from. */
export function extensionReader(bytes: Uint8Array, extension: Extension, problems: EncodingProblem[]): DerReader {
  return new DerReader(bytes, extension.offset, extension.offset + extension.value.length, problems, 4);
}

export function readSubjectAltName(reader: DerReader, what = 'subjectAltName'): GeneralName[] {
  const element = reader.take(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  return element === undefined ? [] : readGeneralNames(reader, element, what);
}

export function readBasicConstraints(reader: DerReader): BasicConstraints {
  const what = 'basicConstraints';
  const fields = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const flag = fields.optional(TAG.boolean, what);
  const constraints: BasicConstraints = { ca: flag !== undefined && readBoolean(fields, flag, `${what}: cA`) };
  if (flag !== undefined && !constraints.ca)
    reader.problems.push({
      offset: flag.offset,
      severity: 'strict',
      defect: 'default',
      message: `${what}: cA FALSE written out, DER leaves a default away`,
    });
  const length = fields.optional(TAG.integer, what);
  fields.finish(what);
  const pathLength = length === undefined ? undefined : readSmallInteger(fields, length, `${what}: pathLenConstraint`);
  if (pathLength !== undefined) {
    if (pathLength < 0)
      reader.problems.push({ offset: length?.offset ?? 0, severity: 'strict', message: `${what}: negative pathLenConstraint` });
    constraints.pathLength = pathLength;
  }
  return constraints;
}

export function readKeyUsage(reader: DerReader): KeyUsageBit[] {
  const element = reader.take(TAG.bitString, 'keyUsage');
  reader.finish('keyUsage', 'after-extension');
  const bits = element === undefined ? [] : readNamedBits(reader, element, KEY_USAGE_BITS, 'keyUsage');
  if (element !== undefined && bits.length === 0)
    reader.problems.push({
      offset: element.offset,
      severity: 'strict',
      defect: 'empty-list',
      message: 'keyUsage: no bit is set (RFC 5280 §4.2.1.3)',
    });
  return bits;
}

export function readExtKeyUsage(reader: DerReader): string[] {
  const sequence = reader.open(TAG.sequence, 'extKeyUsage');
  reader.finish('extKeyUsage', 'after-extension');
  const oids: string[] = [];
  if (!sequence.more)
    reader.problems.push({
      offset: sequence.position,
      severity: 'strict',
      defect: 'empty-list',
      message: 'extKeyUsage: empty list (RFC 5280 §4.2.1.12)',
    });
  while (sequence.more) {
    const element = sequence.take(TAG.oid, 'extKeyUsage');
    const oid = element === undefined ? undefined : readOid(sequence, element, 'extKeyUsage');
    if (oid === undefined) break;
    oids.push(oid);
  }
  return oids;
}

export function readSubjectKeyIdentifier(reader: DerReader): Uint8Array {
  const element = reader.take(TAG.octetString, 'subjectKeyIdentifier');
  reader.finish('subjectKeyIdentifier', 'after-extension');
  return element === undefined ? new Uint8Array(0) : reader.view(element);
}

export function readAuthorityKeyIdentifier(reader: DerReader): AuthorityKeyIdentifier {
  const what = 'authorityKeyIdentifier';
  const fields = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const identifier: AuthorityKeyIdentifier = {};
  const key = fields.optional(0x80, what);
  if (key !== undefined) identifier.keyIdentifier = fields.view(key);
  const issuer = fields.optional(0xa1, what);
  if (issuer !== undefined) identifier.issuer = readGeneralNames(fields, issuer, `${what}: authorityCertIssuer`);
  const serial = fields.optional(0x82, what);
  if (serial !== undefined) identifier.serial = readSerial(fields, serial, `${what}: authorityCertSerialNumber`).hex;
  fields.finish(what);
  return identifier;
}

export function readNameConstraints(reader: DerReader): NameConstraints {
  const what = 'nameConstraints';
  const fields = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const constraints: NameConstraints = { permitted: [], excluded: [] };
  if (!fields.more)
    reader.problems.push({
      offset: fields.position,
      severity: 'strict',
      defect: 'no-constraints',
      message: `${what}: empty (RFC 5280 §4.2.1.10)`,
    });
  for (const [tag, list] of [
    [0xa0, 'permitted'],
    [0xa1, 'excluded'],
  ] as const) {
    const element = fields.optional(tag, what);
    if (element === undefined) continue;
    const trees = fields.into(element);
    if (!trees.more)
      reader.problems.push({
        offset: element.offset,
        severity: 'strict',
        defect: 'no-constraints',
        message: `${what}: empty ${list}Subtrees`,
      });
    while (trees.more) {
      const tree = readSubtree(trees, `${what}: ${list}Subtrees`);
      if (tree === undefined) break;
      constraints[list].push(tree);
    }
  }
  fields.finish(what);
  return constraints;
}

function readSubtree(reader: DerReader, what: string): GeneralSubtree | undefined {
  const element = reader.take(TAG.sequence, what);
  if (element === undefined) return undefined;
  const fields = reader.into(element);
  const base = fields.next(what);
  if (base === undefined) return undefined;
  const subtree: GeneralSubtree = { base: readGeneralName(fields, base, what, true), minimum: 0 };
  const minimum = fields.optional(0x80, what);
  if (minimum !== undefined) subtree.minimum = readSmallInteger(fields, minimum, `${what}: minimum`) ?? 0;
  const maximum = fields.optional(0x81, what);
  if (maximum !== undefined) subtree.maximum = readSmallInteger(fields, maximum, `${what}: maximum`) ?? 0;
  fields.finish(what);
  return subtree;
}

/** A DistributionPointName ([0] fullName or [1] nameRelativeToCRLIssuer) into `point`. */
export function readPointName(
  reader: DerReader,
  element: Element,
  point: { fullName?: GeneralName[]; relativeName?: Uint8Array },
  what: string,
): void {
  const name = reader.into(element);
  const choice = name.next(what);
  if (choice?.tag === 0xa0) point.fullName = readGeneralNames(name, choice, what);
  else if (choice?.tag === 0xa1) point.relativeName = name.view(choice);
  else if (choice !== undefined)
    reader.problems.push({ offset: choice.offset, severity: 'fatal', message: `${what}: neither fullName nor nameRelativeToCRLIssuer` });
  name.finish(what);
}

export function readDistributionPoints(reader: DerReader, what = 'cRLDistributionPoints'): DistributionPoint[] {
  const sequence = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const points: DistributionPoint[] = [];
  if (!sequence.more)
    reader.problems.push({ offset: sequence.position, severity: 'strict', defect: 'empty-list', message: `${what}: empty list` });
  while (sequence.more) {
    const element = sequence.take(TAG.sequence, what);
    if (element === undefined) break;
    const fields = sequence.into(element);
    const point: DistributionPoint = {};
    const name = fields.optional(0xa0, what);
    if (name !== undefined) readPointName(fields, name, point, what);
    const reasons = fields.optional(0x81, what);
    if (reasons !== undefined) point.reasons = readNamedBits(fields, reasons, REASON_FLAGS, `${what}: reasons`);
    const issuer = fields.optional(0xa2, what);
    if (issuer !== undefined) point.crlIssuer = readGeneralNames(fields, issuer, `${what}: cRLIssuer`);
    fields.finish(what);
    points.push(point);
  }
  return points;
}

export function readAuthorityInfoAccess(reader: DerReader): AuthorityInformationAccess {
  const what = 'authorityInfoAccess';
  const sequence = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const access: AuthorityInformationAccess = { ocsp: [], caIssuers: [] };
  if (!sequence.more)
    reader.problems.push({ offset: sequence.position, severity: 'strict', defect: 'empty-list', message: `${what}: empty list` });
  while (sequence.more) {
    const fields = sequence.open(TAG.sequence, what);
    const method = fields.take(TAG.oid, what);
    const oid = method === undefined ? undefined : readOid(fields, method, what);
    const location = oid === undefined ? undefined : fields.next(what);
    if (location === undefined) break;
    const name = readGeneralName(fields, location, what);
    if (name.kind !== 'uri') continue;
    if (oid === '1.3.6.1.5.5.7.48.1') access.ocsp.push(name.value);
    else if (oid === '1.3.6.1.5.5.7.48.2') access.caIssuers.push(name.value);
  }
  return access;
}

/** Whether the TLS feature extension (RFC 7633) asks for status_request(5). */
export function readMustStaple(reader: DerReader): boolean {
  const sequence = reader.open(TAG.sequence, 'tlsFeature');
  let stapling = false;
  while (sequence.more) {
    const element = sequence.take(TAG.integer, 'tlsFeature');
    if (element === undefined) break;
    if (readSmallInteger(sequence, element, 'tlsFeature') === 5) stapling = true;
  }
  return stapling;
}
