import { hash } from 'node:crypto';
import type {
  AlgorithmIdentifier,
  AuthorityInformationAccess,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificatePolicy,
  DistributionPoint,
  EncodingProblem,
  Extension,
  KeyUsageBit,
  NameConstraints,
  PolicyConstraints,
  PolicyMapping,
  PublicKeyInfo,
} from './certificate.js';
import { DerReader, TAG } from './der.js';
import { readBitString, readSerial, readSmallInteger, readTime } from './der-values.js';
import {
  extensionReader,
  readAuthorityInfoAccess,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readDistributionPoints,
  readExtensions,
  readExtKeyUsage,
  readKeyUsage,
  readMustStaple,
  readNameConstraints,
  readSubjectAltName,
  readSubjectKeyIdentifier,
} from './extensions.js';
import type { GeneralName } from './general-name.js';
import type { Name } from './name.js';
import { EXT } from './oids.js';
import { readInhibitAnyPolicy, readPolicies, readPolicyConstraints, readPolicyMappings } from './policy-extensions.js';
import { NO_ALGORITHM, NO_PUBLIC_KEY, readAlgorithm, readPublicKey } from './public-key.js';
import { EMPTY_NAME, readName, sameName } from './read-name.js';

const NO_BYTES = new Uint8Array(0);

/** Decoders of the extensions that a `Certificate` has a field for. */
const DECODERS = {
  [EXT.subjectAltName]: (reader: DerReader) => readSubjectAltName(reader),
  [EXT.issuerAltName]: (reader: DerReader) => readSubjectAltName(reader, 'issuerAltName'),
  [EXT.basicConstraints]: readBasicConstraints,
  [EXT.keyUsage]: readKeyUsage,
  [EXT.extKeyUsage]: readExtKeyUsage,
  [EXT.subjectKeyIdentifier]: readSubjectKeyIdentifier,
  [EXT.authorityKeyIdentifier]: readAuthorityKeyIdentifier,
  [EXT.nameConstraints]: readNameConstraints,
  [EXT.certificatePolicies]: readPolicies,
  [EXT.policyMappings]: readPolicyMappings,
  [EXT.policyConstraints]: readPolicyConstraints,
  [EXT.inhibitAnyPolicy]: readInhibitAnyPolicy,
  [EXT.crlDistributionPoints]: (reader: DerReader) => readDistributionPoints(reader),
  [EXT.freshestCrl]: (reader: DerReader) => readDistributionPoints(reader, 'freshestCRL'),
  [EXT.authorityInfoAccess]: readAuthorityInfoAccess,
  [EXT.tlsFeature]: readMustStaple,
} as const;

/** OIDs of the extensions that this reader decodes. */
export const DECODED_EXTENSIONS: ReadonlySet<string> = new Set(Object.keys(DECODERS));

class ParsedCertificate implements Certificate {
  readonly der: Uint8Array;
  version = 0;
  serial = '';
  serialNegative = false;
  signatureAlgorithm: AlgorithmIdentifier = NO_ALGORITHM;
  tbsSignatureAlgorithm: AlgorithmIdentifier = NO_ALGORITHM;
  issuer: Name = EMPTY_NAME;
  subject: Name = EMPTY_NAME;
  notBefore = Number.NaN;
  notAfter = Number.NaN;
  publicKey: PublicKeyInfo = NO_PUBLIC_KEY;
  extensions: readonly Extension[] = [];
  tbs: Uint8Array = NO_BYTES;
  signature: Uint8Array = NO_BYTES;
  readonly #problems: EncodingProblem[] = [];
  readonly #decoded = new Map<string, unknown>();
  #complete = false;
  #fingerprint: string | undefined;
  #selfIssued: boolean | undefined;

  constructor(der: Uint8Array) {
    this.der = der;
    this.#read();
  }

  #read(): void {
    const problems = this.#problems;
    const outer = new DerReader(this.der, 0, this.der.length, problems);
    const whole = outer.take(TAG.sequence, 'certificate');
    if (whole === undefined) return;
    outer.finish('certificate', 'after-certificate');
    const fields = outer.into(whole);
    const tbs = fields.take(TAG.sequence, 'tbsCertificate');
    if (tbs === undefined) return;
    this.tbs = fields.whole(tbs);
    this.#readTbs(fields.into(tbs));
    this.signatureAlgorithm = readAlgorithm(fields, 'signatureAlgorithm');
    const signature = fields.take(TAG.bitString, 'signatureValue');
    if (signature !== undefined) {
      const { bytes, unused } = readBitString(fields, signature, 'signatureValue');
      if (unused !== 0)
        problems.push({ offset: signature.start, severity: 'strict', message: 'signatureValue: not a whole number of octets' });
      this.signature = bytes;
    }
    fields.finish('certificate');
  }

  #readTbs(tbs: DerReader): void {
    const problems = this.#problems;
    const versionField = tbs.optional(0xa0, 'version');
    this.version = 1;
    if (versionField !== undefined) {
      const inner = tbs.into(versionField);
      const number = inner.take(TAG.integer, 'version');
      const value = number === undefined ? undefined : readSmallInteger(inner, number, 'version');
      this.version = value === undefined ? 0 : value + 1;
      if (value !== undefined && (value < 0 || value > 2))
        problems.push({
          offset: versionField.offset,
          severity: 'strict',
          defect: 'version',
          message: `version: ${value + 1} does not exist`,
        });
      if (value === 0)
        problems.push({
          offset: versionField.offset,
          severity: 'strict',
          defect: 'version',
          message: 'version: 1 written out, DER leaves a default away',
        });
    }
    const serial = tbs.take(TAG.integer, 'serialNumber');
    if (serial !== undefined) {
      const { hex, negative } = readSerial(tbs, serial, 'serialNumber');
      this.serial = hex;
      this.serialNegative = negative;
      if (negative) problems.push({ offset: serial.start, severity: 'notice', message: 'serialNumber: negative (RFC 5280 §4.1.2.2)' });
      else if (/^0*$/.test(hex))
        problems.push({ offset: serial.start, severity: 'notice', message: 'serialNumber: zero (RFC 5280 §4.1.2.2)' });
      if (serial.end - serial.start > 20)
        problems.push({
          offset: serial.start,
          severity: 'notice',
          message: `serialNumber: ${serial.end - serial.start} octets, 20 are allowed (RFC 5280 §4.1.2.2)`,
        });
    }
    this.tbsSignatureAlgorithm = readAlgorithm(tbs, 'signature');
    this.issuer = readName(tbs, 'issuer');
    const validity = tbs.open(TAG.sequence, 'validity');
    const notBefore = validity.next('notBefore');
    const notAfter = validity.next('notAfter');
    if (notBefore !== undefined) this.notBefore = readTime(validity, notBefore, 'notBefore');
    if (notAfter !== undefined) this.notAfter = readTime(validity, notAfter, 'notAfter');
    validity.finish('validity');
    this.subject = readName(tbs, 'subject');
    this.publicKey = readPublicKey(tbs, 'subjectPublicKeyInfo');
    const wanted = (version: number, offset: number, field: string): void => {
      if (this.version < version)
        problems.push({
          offset,
          severity: 'strict',
          defect: 'version',
          message: `${field}: only in version ${version}, this is version ${this.version}`,
        });
    };
    for (const [tag, field] of [
      [0x81, 'issuerUniqueID'],
      [0x82, 'subjectUniqueID'],
    ] as const) {
      const element = tbs.optional(tag, field);
      if (element !== undefined) wanted(2, element.offset, field);
    }
    const wrapper = tbs.optional(0xa3, 'extensions');
    if (wrapper !== undefined) {
      wanted(3, wrapper.offset, 'extensions');
      const inner = tbs.into(wrapper);
      this.extensions = readExtensions(inner, 'extensions');
      inner.finish('extensions');
    }
    tbs.finish('tbsCertificate', 'after-fields');
  }

  /** Decodes an extension once. The first of duplicates counts. */
  #value<T>(oid: keyof typeof DECODERS): T | undefined {
    if (this.#decoded.has(oid)) return this.#decoded.get(oid) as T;
    const extension = this.extensions.find((candidate) => candidate.oid === oid);
    const value = extension === undefined ? undefined : DECODERS[oid](extensionReader(this.der, extension, this.#problems));
    this.#decoded.set(oid, value);
    return value as T | undefined;
  }

  get fingerprint(): string {
    this.#fingerprint ??= hash('sha256', this.der, 'hex');
    return this.#fingerprint;
  }

  get problems(): readonly EncodingProblem[] {
    if (!this.#complete) {
      for (const { oid } of this.extensions) if (oid in DECODERS) this.#value(oid as keyof typeof DECODERS);
      this.#complete = true;
      this.#problems.sort((a, b) => a.offset - b.offset);
    }
    return this.#problems;
  }

  get subjectAltName(): GeneralName[] | undefined {
    return this.#value(EXT.subjectAltName);
  }
  get basicConstraints(): BasicConstraints | undefined {
    return this.#value(EXT.basicConstraints);
  }
  get keyUsage(): KeyUsageBit[] | undefined {
    return this.#value(EXT.keyUsage);
  }
  get extKeyUsage(): string[] | undefined {
    return this.#value(EXT.extKeyUsage);
  }
  get subjectKeyIdentifier(): Uint8Array | undefined {
    return this.#value(EXT.subjectKeyIdentifier);
  }
  get authorityKeyIdentifier(): AuthorityKeyIdentifier | undefined {
    return this.#value(EXT.authorityKeyIdentifier);
  }
  get nameConstraints(): NameConstraints | undefined {
    return this.#value(EXT.nameConstraints);
  }
  get policies(): CertificatePolicy[] | undefined {
    return this.#value(EXT.certificatePolicies);
  }
  get policyMappings(): PolicyMapping[] | undefined {
    return this.#value(EXT.policyMappings);
  }
  get policyConstraints(): PolicyConstraints | undefined {
    return this.#value(EXT.policyConstraints);
  }
  get inhibitAnyPolicy(): number | undefined {
    return this.#value(EXT.inhibitAnyPolicy);
  }
  get crlDistributionPoints(): DistributionPoint[] | undefined {
    return this.#value(EXT.crlDistributionPoints);
  }
  get freshestCrl(): DistributionPoint[] | undefined {
    return this.#value(EXT.freshestCrl);
  }
  get authorityInfoAccess(): AuthorityInformationAccess | undefined {
    return this.#value(EXT.authorityInfoAccess);
  }
  get mustStaple(): boolean {
    return this.#value<boolean>(EXT.tlsFeature) === true;
  }

  get selfIssued(): boolean {
    this.#selfIssued ??= sameName(this.issuer, this.subject);
    return this.#selfIssued;
  }
}

/**
 * Reads a certificate from DER, tolerantly: whatever the bytes are, a `Certificate` comes back and nothing is thrown; what could not be
 * read is empty and stands in `problems` with the offset of the first wrong byte. Extensions are decoded on first use.
 * The array is kept, not copied: do not write to it.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  // A Buffer's own subarray is slower and prints differently: use the plain view of the same memory.
  return new ParsedCertificate(Buffer.isBuffer(der) ? new Uint8Array(der.buffer, der.byteOffset, der.length) : der);
}

/** Whether the bytes start like a certificate, so that a reader may try: SEQUENCE { SEQUENCE { ... */
export function looksLikeCertificate(certificate: Certificate): boolean {
  return certificate.tbs.length > 0 && certificate.publicKey.spki.length > 0;
}
