import { durationInWords } from '../time-text.js';
import type { Certificate, Extension } from '../x509/certificate.js';
import { equalBytes } from '../x509/der-values.js';
import { EKU, EXT, oidName } from '../x509/oids.js';
import type { ProfileRules } from './profiles.js';
import type { AnchorRules, PathProblem, Purpose } from './verification.js';

/** Rules that one certificate keeps or breaks by itself, in the role that it has in a path. */

export type Finding = Omit<PathProblem, 'index'>;

export interface RuleContext {
  /** Milliseconds since 1970 UTC. */
  at: number;
  rules: ProfileRules;
  purpose: Purpose;
  requiredKeyUsage: readonly string[];
  allowSha1: boolean;
  minRsaBits: number;
  duties: 'enforce' | 'warn';
  anchor: AnchorRules;
}

export const iso = (ms: number): string =>
  Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? 'unreadable' : new Date(ms).toISOString().replace('.000Z', 'Z');

const subjectOf = ({ subject, serial }: Certificate): string => subject.text || `the certificate with serial number ${serial}`;

/** RFC 5280 §4.1.2.5: both ends of the window count, and certificates know no fractions of a second. */
export function checkTime(certificate: Certificate, { at, rules: { lastSecond } }: RuleContext): Finding[] {
  const now = lastSecond === 'its beginning' ? at : Math.floor(at / 1000) * 1000;
  const { notBefore, notAfter } = certificate;
  const over = lastSecond === 'expired' ? now >= notAfter : now > notAfter;
  if (now >= notBefore && !over) return [];
  const facts = { notBefore: iso(notBefore), notAfter: iso(notAfter), at: iso(at) };
  if (now < notBefore) {
    return [
      {
        code: 'not-yet-valid',
        rule: 'not-before',
        message: `${subjectOf(certificate)} is valid from ${iso(notBefore)}, in ${durationInWords((notBefore - now) / 1000)}`,
        facts,
        reference: 'RFC 5280 §4.1.2.5',
      },
    ];
  }
  if (over) {
    return [
      {
        code: 'expired',
        rule: 'not-after',
        message: `${subjectOf(certificate)} ran out at ${iso(notAfter)}, ${durationInWords((now - notAfter) / 1000)} ago`,
        facts,
        reference: 'RFC 5280 §4.1.2.5',
      },
    ];
  }
  return [];
}

/** Extensions that path validation processes: a critical one outside this list refuses the certificate (RFC 5280 §4.2). */
const PROCESSED = new Set<string>([
  EXT.basicConstraints,
  EXT.keyUsage,
  EXT.extKeyUsage,
  EXT.subjectAltName,
  EXT.nameConstraints,
  EXT.certificatePolicies,
  EXT.policyMappings,
  EXT.policyConstraints,
  EXT.inhibitAnyPolicy,
  EXT.crlDistributionPoints,
  EXT.authorityKeyIdentifier,
  EXT.subjectKeyIdentifier,
  EXT.authorityInfoAccess,
  EXT.subjectInfoAccess,
  EXT.freshestCrl,
]);

/** Forms of GeneralName that RFC 5280 defines: what another one would constrain, nobody can tell. */
const DEFINED_FORMS: readonly string[] = ['dns', 'ip', 'email', 'uri', 'dirName', 'otherName', 'rid', 'x400', 'ediParty'];

/** The extension of that OID, as it stands. */
export function extension(certificate: Certificate, oid: string): Extension | undefined {
  return certificate.extensions.find((candidate) => candidate.oid === oid);
}

/** Encoding and unknown critical extensions: what no profile lets pass. */
export function checkReadable(certificate: Certificate, { rules }: RuleContext): Finding[] {
  const found: Finding[] = [];
  for (const { severity, offset, message, defect } of certificate.problems) {
    if (severity === 'fatal' || (severity === 'strict' && (defect === undefined || !rules.readsPast.has(defect)))) {
      found.push({ code: 'malformed', rule: 'encoding', message: `${message} (byte ${offset})`, facts: { offset, severity } });
      if (found.length >= 5) break;
    }
  }
  for (const { oid, critical } of certificate.extensions) {
    if (!critical || (PROCESSED.has(oid) && !rules.unprocessed.includes(oid))) continue;
    // Microsoft's application policies repeat extKeyUsage: with that beside them there is nothing left to process.
    if (oid === EXT.msApplicationPolicies && certificate.extKeyUsage !== undefined && rules.conformance === 'strict') continue;
    found.push({
      code: 'malformed',
      rule: 'unknown-critical-extension',
      message: `critical extension ${oidName(oid)} is not known and may not be ignored`,
      facts: { extension: oid },
      reference: 'RFC 5280 §4.2',
    });
  }
  const forms: readonly string[] = rules.constraints.forms === 'all' ? DEFINED_FORMS : rules.constraints.forms;
  if (extension(certificate, EXT.nameConstraints)?.critical === true) {
    const { permitted = [], excluded = [] } = certificate.nameConstraints ?? {};
    const other = [...permitted, ...excluded].find(({ base }) => !forms.includes(base.kind));
    if (other !== undefined)
      found.push({
        code: 'name-constraint',
        rule: 'name-constraint-unsupported',
        message: `critical name constraint on ${other.base.kind} cannot be judged`,
        facts: { form: other.base.kind },
        reference: 'RFC 5280 §4.2.1.10',
      });
  }
  const policies = extension(certificate, EXT.certificatePolicies);
  const qualifier =
    policies?.critical === true && rules.conformance === 'strict'
      ? certificate.policies?.flatMap(({ unknownQualifiers }) => unknownQualifiers ?? [])[0]
      : undefined;
  if (qualifier !== undefined) {
    found.push({
      code: 'malformed',
      rule: 'unknown-policy-qualifier',
      message: `critical certificatePolicies has a qualifier ${qualifier} that is not known`,
      facts: { qualifier },
      reference: 'RFC 5280 §4.2.1.4',
    });
  }
  if (certificate.serialNegative && rules.negativeSerials === 'refused')
    found.push({
      code: 'malformed',
      rule: 'serial-negative',
      message: 'the serial number is negative',
      facts: {},
      reference: 'RFC 5280 §4.1.2.2',
    });
  const { signatureAlgorithm: outer, tbsSignatureAlgorithm: inner } = certificate;
  if (outer.oid !== inner.oid || !equalBytes(outer.parameters ?? new Uint8Array(0), inner.parameters ?? new Uint8Array(0))) {
    found.push({
      code: 'malformed',
      rule: 'signature-algorithm-mismatch',
      message: `it says ${outer.name} outside and ${inner.name} inside the signed part`,
      facts: { outer: outer.name, inner: inner.name },
      reference: 'RFC 5280 §4.1.1.2',
    });
  }
  return found;
}

/** What makes an issuer one: basicConstraints and keyUsage (RFC 5280 §6.1.4 (k) to (n)). */
export function checkIssuer(certificate: Certificate, isAnchor: boolean, { rules, anchor, purpose }: RuleContext): Finding[] {
  if (isAnchor && anchor.enforceConstraints === false) return [];
  const lax = isAnchor && (anchor.enforceConstraints === true || purpose === 'any');
  const { basicConstraints, keyUsage } = certificate;
  const found: Finding[] = [];
  const legacy =
    rules.legacyCa &&
    isAnchor &&
    basicConstraints === undefined &&
    (keyUsage === undefined ? certificate.version === 1 && certificate.selfIssued : keyUsage.includes('keyCertSign'));
  if (basicConstraints === undefined) {
    // Before version 3 there was no basicConstraints; an anchor is trusted by other means (§6.1.4 (k)).
    if (!lax && !legacy && !(isAnchor && certificate.version < 3 && !rules.legacyCa)) {
      found.push({
        code: 'not-a-ca',
        rule: 'basic-constraints-missing',
        message: `${subjectOf(certificate)} has no basicConstraints, so it may not issue certificates`,
        facts: { version: certificate.version },
        reference: 'RFC 5280 §4.2.1.9',
      });
    }
  } else if (!basicConstraints.ca) {
    found.push({
      code: 'not-a-ca',
      rule: 'basic-constraints-not-ca',
      message: `${subjectOf(certificate)} is no CA by its basicConstraints`,
      facts: {},
      reference: 'RFC 5280 §4.2.1.9',
    });
  }
  if (keyUsage !== undefined && !keyUsage.includes('keyCertSign') && !(rules.emptyUsageIsNone && keyUsage.length === 0)) {
    found.push({
      code: 'not-a-ca',
      rule: 'key-usage-no-cert-sign',
      message: `${subjectOf(certificate)} may not sign certificates: keyUsage is ${keyUsage.join(', ') || 'empty'}`,
      facts: { keyUsage: keyUsage.join(', ') },
      reference: 'RFC 5280 §4.2.1.3',
    });
  }
  return found;
}

/** Microsoft's and Netscape's. */
const SERVER_GATED = new Set(['1.3.6.1.4.1.311.10.3.3', '2.16.840.1.113730.4.1']);

export const PURPOSE_EKU = { server: EKU.serverAuth, client: EKU.clientAuth } as const;

/** extKeyUsage, of the end entity and nested up the path, and the end entity's keyUsage. */
export function checkUsage(
  certificate: Certificate,
  role: 'end-entity' | 'intermediate' | 'anchor',
  { rules, purpose, requiredKeyUsage, allowSha1, anchor }: RuleContext,
): Finding[] {
  if (role === 'anchor' && anchor.enforceConstraints === false) return [];
  const found: Finding[] = [];
  const { extKeyUsage, keyUsage } = certificate;
  const leaf = role === 'end-entity';
  if (purpose !== 'any' && extKeyUsage !== undefined && !(rules.emptyUsageIsNone && extKeyUsage.length === 0)) {
    const wanted = PURPOSE_EKU[purpose];
    const any = extKeyUsage.includes(EKU.any) && (rules.anyUsage === 'everywhere' || (rules.anyUsage === 'in CAs' && !leaf));
    // In the years of SHA-1 intermediates said "server gated crypto" for serverAuth.
    const era = rules.serverGatedCrypto || (!leaf && allowSha1 && certificate.signatureAlgorithm.hash === 'sha1');
    const gated = era && purpose === 'server' && extKeyUsage.some((oid) => SERVER_GATED.has(oid));
    if (!extKeyUsage.includes(wanted) && !any && !gated) {
      const has = extKeyUsage.map(oidName).join(', ');
      const who = leaf ? 'its' : `the extKeyUsage of ${subjectOf(certificate)} limits all below it; its`;
      found.push({
        code: 'wrong-purpose',
        rule: leaf ? 'ext-key-usage' : 'ext-key-usage-nesting',
        message: `not for TLS ${purpose}s: ${who} extKeyUsage is ${has}, without ${oidName(wanted)}`,
        facts: { extKeyUsage: has, wanted: oidName(wanted) },
        reference: 'RFC 5280 §4.2.1.12',
      });
    }
  }
  if (!leaf || keyUsage === undefined) return found;
  const missing = requiredKeyUsage.filter((bit) => !keyUsage.some((has) => has === bit));
  if (missing.length > 0) {
    found.push({
      code: 'wrong-purpose',
      rule: 'key-usage',
      message: `keyUsage is ${keyUsage.join(', ')}, without ${missing.join(', ')}`,
      facts: { keyUsage: keyUsage.join(', '), wanted: missing.join(', ') },
      reference: 'RFC 5280 §4.2.1.3',
    });
  }
  if (rules.leafKeyUsage && purpose !== 'any') {
    const fitting = purpose === 'server' ? ['digitalSignature', 'keyEncipherment', 'keyAgreement'] : ['digitalSignature', 'keyAgreement'];
    if (!keyUsage.some((bit) => fitting.includes(bit))) {
      found.push({
        code: 'wrong-purpose',
        rule: 'key-usage-tls',
        message: `keyUsage is ${keyUsage.join(', ')}: no use for TLS ${purpose}s, digitalSignature is wanted`,
        facts: { keyUsage: keyUsage.join(', ') },
        reference: 'RFC 8446 §4.4.2.2',
      });
    }
  }
  return found;
}
