import type { Certificate } from '../x509/certificate.js';
import { EXT, oidName } from '../x509/oids.js';
import { extension, type Finding, type RuleContext } from './certificate-rules.js';

/** What RFC 5280 §4 asks of the CAs that make certificates, and no path hangs on. */

const NEVER_CRITICAL = new Set<string>([
  EXT.authorityKeyIdentifier,
  EXT.subjectKeyIdentifier,
  EXT.authorityInfoAccess,
  EXT.subjectInfoAccess,
  EXT.freshestCrl,
]);

// nameConstraints ought to be here too; CAs left them uncritical by leave of the Baseline Requirements, and they bind all the same.
const ALWAYS_CRITICAL = new Set<string>([EXT.policyConstraints, EXT.inhibitAnyPolicy]);

/**
 * Whether certificates are held to what RFC 5280 §4 asks of the CAs that make them. Validation as §6 has it does not (purpose `any`); TLS
 * stacks do. Who lets SHA-1 pass deals with certificates from before these duties were kept.
 */
export function holdsToDuties({ rules, purpose, allowSha1, anchor }: RuleContext, role: 'end-entity' | 'intermediate' | 'anchor'): boolean {
  const counted = role !== 'anchor' || typeof anchor.enforceConstraints !== 'boolean';
  return counted && rules.conformance === 'strict' && purpose !== 'any' && !allowSha1;
}

/** Duties of RFC 5280 §4 towards every certificate. */
export function checkDuties(certificate: Certificate, role: 'end-entity' | 'intermediate' | 'anchor'): Finding[] {
  const found: Finding[] = [];
  // Public roots signed with SHA-1 are older than these duties, and their signature does not matter.
  if (role === 'anchor' && certificate.signatureAlgorithm.hash === 'sha1') return found;
  const bad = (rule: string, message: string, section: string, facts: Finding['facts'] = {}): void => {
    found.push({ code: 'malformed', rule, message, facts, reference: `RFC 5280 §${section}` });
  };
  for (const { oid, critical } of certificate.extensions) {
    if (critical && NEVER_CRITICAL.has(oid))
      bad('extension-must-not-be-critical', `${oidName(oid)} is critical, which it may not be`, '4.2.1', { extension: oidName(oid) });
    if (!critical && ALWAYS_CRITICAL.has(oid))
      bad('extension-must-be-critical', `${oidName(oid)} is not critical, which it has to be`, '4.2.1', { extension: oidName(oid) });
  }
  nameDuties(certificate, role !== 'end-entity' || certificate.basicConstraints?.ca === true, bad);
  const { basicConstraints, keyUsage } = certificate;
  if (keyUsage?.includes('keyCertSign') === true && basicConstraints?.ca !== true && certificate.version === 3) {
    bad('key-usage-without-ca', 'keyUsage has keyCertSign, but basicConstraints does not make it a CA', '4.2.1.9');
  }
  if (basicConstraints?.pathLength !== undefined && !basicConstraints.ca)
    bad('path-length-without-ca', 'basicConstraints has a path length, but does not make it a CA', '4.2.1.9');
  if (role !== 'end-entity' && extension(certificate, EXT.basicConstraints)?.critical === false) {
    bad(
      'basic-constraints-not-critical',
      `basicConstraints of the ${role === 'anchor' ? 'trust anchor' : 'CA'} is not critical, which it has to be`,
      '4.2.1.9',
    );
  }
  if (role !== 'anchor') {
    serialDuties(certificate, bad);
    const time = certificate.problems.find(({ defect }) => defect === 'time-choice');
    if (time !== undefined) bad('time-choice', time.message.replace(/ \(RFC .*/, ', which wants UTCTime'), '4.1.2.5');
  }
  keyIdentifierDuties(certificate, role, bad);
  return found;
}

type Report = (rule: string, message: string, section: string, facts?: Finding['facts']) => void;

function nameDuties(certificate: Certificate, isCa: boolean, bad: Report): void {
  const alternative = extension(certificate, EXT.subjectAltName);
  if (certificate.issuer.rdns.length === 0) bad('issuer-empty', "the issuer's name is empty", '4.1.2.4');
  if (certificate.subject.rdns.length === 0) {
    if (isCa) bad('subject-empty', "a CA's subject may not be empty", '4.1.2.6');
    else if (alternative === undefined) bad('subject-empty', 'it has neither a subject nor a subjectAltName', '4.1.2.6');
    else if (!alternative.critical) bad('subject-empty', 'with an empty subject the subjectAltName has to be critical', '4.2.1.6');
  }
  if (!isCa && extension(certificate, EXT.nameConstraints) !== undefined)
    bad('name-constraints-in-leaf', "nameConstraints stand in an end entity's certificate", '4.2.1.10');
}

/** §4.1.2.2. Users of certificates may cope with zero and negative numbers; TLS stacks of today (Go 1.23, rustls) refuse them. */
function serialDuties(certificate: Certificate, bad: Report): void {
  const { serial, serialNegative } = certificate;
  const octets = serial.length / 2 + (!serialNegative && /^[89a-f]/.test(serial) ? 1 : 0);
  if (octets > 20) bad('serial-too-long', `the serial number has ${octets} octets, 20 are allowed`, '4.1.2.2', { octets });
  if (serial !== '' && (serialNegative || /^0*$/.test(serial)))
    bad('serial-not-positive', `the serial number is ${serialNegative ? 'negative' : 'zero'}`, '4.1.2.2');
}

/** §4.2.1.1 and §4.2.1.2: CAs have a subjectKeyIdentifier, and whatever is not self-signed says whose key signed it. */
function keyIdentifierDuties(certificate: Certificate, role: 'end-entity' | 'intermediate' | 'anchor', bad: Report): void {
  if (role !== 'end-entity' && certificate.subjectKeyIdentifier === undefined)
    bad('subject-key-identifier-missing', 'a CA certificate has to have a subjectKeyIdentifier', '4.2.1.2');
  if (role !== 'anchor' && !certificate.selfIssued && certificate.authorityKeyIdentifier?.keyIdentifier === undefined) {
    bad('authority-key-identifier-missing', 'it has no authorityKeyIdentifier with the key of its issuer', '4.2.1.1');
  }
}
