import type { CertificatePolicy, PolicyConstraints, PolicyMapping } from './certificate.js';
import { type DerReader, type Element, TAG } from './der.js';
import { readOid, readSmallInteger, readString } from './der-values.js';

/** Decoders of the extensions about certificate policies (RFC 5280 §4.2.1.4, .5, .11, .14). */

export function readPolicies(reader: DerReader): CertificatePolicy[] {
  const what = 'certificatePolicies';
  const sequence = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const policies: CertificatePolicy[] = [];
  const seen = new Set<string>();
  if (!sequence.more)
    reader.problems.push({ offset: sequence.position, severity: 'strict', defect: 'empty-list', message: `${what}: empty list` });
  while (sequence.more) {
    const info = sequence.open(TAG.sequence, what);
    const type = info.take(TAG.oid, what);
    const oid = type === undefined ? undefined : readOid(info, type, what);
    if (type === undefined || oid === undefined) break;
    const policy: CertificatePolicy = { oid, cps: [], notices: [] };
    if (seen.has(oid))
      reader.problems.push({
        offset: type.offset,
        severity: 'strict',
        defect: 'listed-twice',
        message: `${what}: ${oid} appears twice (RFC 5280 §4.2.1.4)`,
      });
    seen.add(oid);
    const qualifiers = info.optional(TAG.sequence, what);
    if (qualifiers !== undefined) readQualifiers(info.into(qualifiers), policy);
    info.finish(what);
    policies.push(policy);
  }
  return policies;
}

function readQualifiers(list: DerReader, policy: CertificatePolicy): void {
  const what = 'certificatePolicies: qualifier';
  while (list.more) {
    const fields = list.open(TAG.sequence, what);
    const type = fields.take(TAG.oid, what);
    const oid = type === undefined ? undefined : readOid(fields, type, what);
    if (oid === undefined) return;
    const value = fields.more ? fields.next(what) : undefined;
    if (value === undefined) continue;
    if (oid === '1.3.6.1.5.5.7.2.1') policy.cps.push(readString(fields, value, what) ?? '');
    else if (oid === '1.3.6.1.5.5.7.2.2') policy.notices.push(noticeText(fields, value));
    else policy.unknownQualifiers = [...(policy.unknownQualifiers ?? []), oid];
  }
}

/** The explicitText of a UserNotice, empty when it has none. */
function noticeText(reader: DerReader, element: Element): string {
  const fields = reader.into(element);
  while (fields.more) {
    const field = fields.next('userNotice');
    if (field === undefined) break;
    const text = field.tag === TAG.sequence ? undefined : readString(fields, field, 'userNotice');
    if (text !== undefined) return text;
  }
  return '';
}

export function readPolicyMappings(reader: DerReader): PolicyMapping[] {
  const what = 'policyMappings';
  const sequence = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const mappings: PolicyMapping[] = [];
  if (!sequence.more)
    reader.problems.push({ offset: sequence.position, severity: 'strict', defect: 'empty-list', message: `${what}: empty list` });
  while (sequence.more) {
    const pair = sequence.open(TAG.sequence, what);
    const [issuer, subject] = [pair.take(TAG.oid, what), pair.take(TAG.oid, what)];
    const issuerDomain = issuer === undefined ? undefined : readOid(pair, issuer, what);
    const subjectDomain = subject === undefined ? undefined : readOid(pair, subject, what);
    if (issuerDomain === undefined || subjectDomain === undefined) break;
    mappings.push({ issuerDomain, subjectDomain });
  }
  return mappings;
}

export function readPolicyConstraints(reader: DerReader): PolicyConstraints {
  const what = 'policyConstraints';
  const fields = reader.open(TAG.sequence, what);
  reader.finish(what, 'after-extension');
  const constraints: PolicyConstraints = {};
  if (!fields.more)
    reader.problems.push({
      offset: fields.position,
      severity: 'strict',
      defect: 'empty-list',
      message: `${what}: empty (RFC 5280 §4.2.1.11)`,
    });
  const explicit = fields.optional(0x80, what);
  const inhibit = fields.optional(0x81, what);
  fields.finish(what);
  const skip = (element: Element): number => {
    const value = readSmallInteger(fields, element, what);
    if (value === undefined || value < 0)
      fields.problems.push({
        offset: element.offset,
        severity: 'strict',
        defect: 'range',
        message: `${what}: negative number of certificates`,
      });
    return Math.max(0, value ?? 0);
  };
  if (explicit !== undefined) constraints.requireExplicitPolicy = skip(explicit);
  if (inhibit !== undefined) constraints.inhibitPolicyMapping = skip(inhibit);
  return constraints;
}

export function readInhibitAnyPolicy(reader: DerReader): number {
  const element = reader.take(TAG.integer, 'inhibitAnyPolicy');
  reader.finish('inhibitAnyPolicy', 'after-extension');
  const value = element === undefined ? 0 : (readSmallInteger(reader, element, 'inhibitAnyPolicy') ?? 0);
  if (value < 0)
    reader.problems.push({ offset: element?.offset ?? 0, severity: 'strict', defect: 'range', message: 'inhibitAnyPolicy: negative' });
  return Math.max(0, value);
}
