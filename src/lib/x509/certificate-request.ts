/** Certification requests (PKCS#10, RFC 2986), read as tolerantly as certificates: nothing throws, defects stand in `problems`. */
import type { AlgorithmIdentifier, BasicConstraints, EncodingProblem, Extension, KeyUsageBit, PublicKeyInfo } from './certificate.js';
import { DerReader, TAG } from './der.js';
import { readBitString, readOid, readSmallInteger, readString } from './der-values.js';
import { extensionReader, readBasicConstraints, readExtensions, readExtKeyUsage, readKeyUsage, readSubjectAltName } from './extensions.js';
import type { GeneralName } from './general-name.js';
import type { Name } from './name.js';
import { EXT } from './oids.js';
import { NO_ALGORITHM, NO_PUBLIC_KEY, readAlgorithm, readPublicKey } from './public-key.js';
import { EMPTY_NAME, readName } from './read-name.js';

/** Attributes of PKCS#9 (RFC 2985 §5.4). */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const CHALLENGE_PASSWORD = '1.2.840.113549.1.9.7';

/** What somebody asks a CA to certify. All byte arrays are views into `der`. */
export interface CertificateRequest {
  readonly der: Uint8Array;
  readonly version: number;
  readonly subject: Name;
  readonly publicKey: PublicKeyInfo;
  /** Extensions that are asked for. */
  readonly extensions: readonly Extension[];
  readonly subjectAltName: readonly GeneralName[] | undefined;
  readonly keyUsage: readonly KeyUsageBit[] | undefined;
  readonly extKeyUsage: readonly string[] | undefined;
  readonly basicConstraints: BasicConstraints | undefined;
  /** OIDs of the other attributes. A challenge password is only named, never shown. */
  readonly attributes: readonly string[];
  readonly hasChallengePassword: boolean;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The signed part, tag and length included. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly problems: readonly EncodingProblem[];
}

/** Reads a request from DER. */
export function parseCertificateRequest(der: Uint8Array): CertificateRequest {
  const problems: EncodingProblem[] = [];
  const request = {
    der,
    version: 0,
    subject: EMPTY_NAME,
    publicKey: NO_PUBLIC_KEY,
    extensions: [] as Extension[],
    subjectAltName: undefined as GeneralName[] | undefined,
    keyUsage: undefined as KeyUsageBit[] | undefined,
    extKeyUsage: undefined as string[] | undefined,
    basicConstraints: undefined as BasicConstraints | undefined,
    attributes: [] as string[],
    hasChallengePassword: false,
    signatureAlgorithm: NO_ALGORITHM,
    signed: new Uint8Array(0) as Uint8Array,
    signature: new Uint8Array(0) as Uint8Array,
    problems,
  };
  const outer = new DerReader(der, 0, der.length, problems);
  const fields = outer.open(TAG.sequence, 'request');
  outer.finish('request');
  const info = fields.take(TAG.sequence, 'certificationRequestInfo');
  if (info === undefined) return request;
  request.signed = fields.whole(info);
  const body = fields.into(info);
  const version = body.take(TAG.integer, 'version');
  const number = version === undefined ? undefined : readSmallInteger(body, version, 'version');
  request.version = number === undefined ? 0 : number + 1;
  request.subject = readName(body, 'subject');
  request.publicKey = readPublicKey(body, 'subjectPKInfo');
  const attributes = body.optional(0xa0, 'attributes');
  if (attributes !== undefined) readAttributes(body.into(attributes), request);
  body.finish('certificationRequestInfo');
  request.signatureAlgorithm = readAlgorithm(fields, 'signatureAlgorithm');
  const signature = fields.take(TAG.bitString, 'signature');
  if (signature !== undefined) request.signature = readBitString(fields, signature, 'signature').bytes;
  fields.finish('request');
  decodeExtensions(request);
  return request;
}

interface Mutable {
  der: Uint8Array;
  extensions: Extension[];
  subjectAltName: GeneralName[] | undefined;
  keyUsage: KeyUsageBit[] | undefined;
  extKeyUsage: string[] | undefined;
  basicConstraints: BasicConstraints | undefined;
  attributes: string[];
  hasChallengePassword: boolean;
  problems: EncodingProblem[];
}

function readAttributes(list: DerReader, request: Mutable): void {
  while (list.more) {
    const element = list.take(TAG.sequence, 'attribute');
    if (element === undefined) return;
    const attribute = list.into(element);
    const type = attribute.take(TAG.oid, 'attribute type');
    const oid = type === undefined ? '' : (readOid(attribute, type, 'attribute type') ?? '');
    const values = attribute.open(TAG.set, 'attribute values');
    if (oid === EXTENSION_REQUEST) request.extensions = readExtensions(values, 'requested extensions');
    else if (oid === CHALLENGE_PASSWORD) {
      const value = values.next('challengePassword');
      request.hasChallengePassword = value !== undefined && readString(values, value, 'challengePassword') !== undefined;
    }
    request.attributes.push(oid);
  }
}

function decodeExtensions(request: Mutable): void {
  for (const extension of request.extensions) {
    const reader = extensionReader(request.der, extension, request.problems);
    if (extension.oid === EXT.subjectAltName) request.subjectAltName = readSubjectAltName(reader);
    else if (extension.oid === EXT.keyUsage) request.keyUsage = readKeyUsage(reader);
    else if (extension.oid === EXT.extKeyUsage) request.extKeyUsage = readExtKeyUsage(reader);
    else if (extension.oid === EXT.basicConstraints) request.basicConstraints = readBasicConstraints(reader);
  }
}
