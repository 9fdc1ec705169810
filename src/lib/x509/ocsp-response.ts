import { createHash } from 'node:crypto';
import type { AlgorithmIdentifier, Certificate, EncodingProblem } from './certificate.js';
import { CRL_REASONS } from './crl.js';
import { DerReader, type Element, TAG } from './der.js';
import { equalBytes, readBitString, readOid, readSerial, readSmallInteger, readTime } from './der-values.js';
import { readExtensions } from './extensions.js';
import type { Name } from './name.js';
import { oidName } from './oids.js';
import { NO_ALGORITHM, readAlgorithm } from './public-key.js';
import { readName, sameName } from './read-name.js';

/** OCSP responses (RFC 6960 §4.2): what they say and what is signed. Whether the signer may say so is judged in path/revocation. */

export const OCSP_STATUS = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  'unused',
  'sigRequired',
  'unauthorized',
] as const;

export interface OcspCertificateId {
  hash: string;
  issuerNameHash: Uint8Array;
  issuerKeyHash: Uint8Array;
  serial: string;
  serialNegative: boolean;
}

export interface OcspSingleResponse {
  id: OcspCertificateId;
  status: 'good' | 'revoked' | 'unknown';
  revokedAt?: number;
  reason?: string;
  /** Milliseconds since 1970 UTC; `nextUpdate` is NaN when absent. */
  thisUpdate: number;
  nextUpdate: number;
  unknownCritical: string[];
}

export interface OcspResponse {
  readonly der: Uint8Array;
  /** Name of OCSPResponseStatus. */
  readonly status: string;
  readonly responderName: Name | undefined;
  /** SHA-1 of the responder's key bits. */
  readonly responderKeyHash: Uint8Array | undefined;
  readonly producedAt: number;
  readonly responses: readonly OcspSingleResponse[];
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** Certificates sent along, DER. */
  readonly certificates: readonly Uint8Array[];
  readonly nonce: Uint8Array | undefined;
  /** Critical extensions of the whole response that this reader does not know. */
  readonly unknownCritical: readonly string[];
  readonly problems: readonly EncodingProblem[];
}

const MAX_RESPONSES = 10_000;
const NO_BYTES = new Uint8Array(0);

/** Reads an OCSP response from DER; nothing is thrown, problems carry offsets. */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  const problems: EncodingProblem[] = [];
  const response = {
    der,
    status: '',
    responderName: undefined as Name | undefined,
    responderKeyHash: undefined as Uint8Array | undefined,
    producedAt: Number.NaN,
    responses: [] as OcspSingleResponse[],
    signatureAlgorithm: NO_ALGORITHM,
    tbs: NO_BYTES as Uint8Array,
    signature: NO_BYTES as Uint8Array,
    certificates: [] as Uint8Array[],
    nonce: undefined as Uint8Array | undefined,
    unknownCritical: [] as string[],
    problems,
  };
  const outer = new DerReader(der, 0, der.length, problems);
  const fields = outer.open(TAG.sequence, 'OCSPResponse');
  outer.finish('OCSPResponse');
  const status = fields.take(TAG.enumerated, 'responseStatus');
  if (status === undefined) return response;
  const number = readSmallInteger(fields, status, 'responseStatus') ?? -1;
  response.status = OCSP_STATUS[number] ?? `status ${number}`;
  const wrapper = fields.optional(0xa0, 'responseBytes');
  if (wrapper === undefined) return response;
  const bytes = fields.into(wrapper).open(TAG.sequence, 'responseBytes');
  const type = bytes.take(TAG.oid, 'responseType');
  const oid = type === undefined ? undefined : readOid(bytes, type, 'responseType');
  const content = bytes.take(TAG.octetString, 'response');
  if (oid !== '1.3.6.1.5.5.7.48.1.1' || content === undefined) {
    problems.push({ offset: bytes.position, severity: 'fatal', message: `responseType: ${oid ?? 'unreadable'} is not the basic response` });
    return response;
  }
  const basic = bytes.into(content).open(TAG.sequence, 'BasicOCSPResponse');
  const tbs = basic.take(TAG.sequence, 'tbsResponseData');
  if (tbs === undefined) return response;
  response.tbs = basic.whole(tbs);
  response.signatureAlgorithm = readAlgorithm(basic, 'signatureAlgorithm');
  const signature = basic.take(TAG.bitString, 'signature');
  if (signature !== undefined) response.signature = readBitString(basic, signature, 'signature').bytes;
  const certificates = basic.optional(0xa0, 'certs');
  if (certificates !== undefined) {
    const list = basic.into(certificates).open(TAG.sequence, 'certs');
    while (list.more && response.certificates.length < 32) {
      const element = list.take(TAG.sequence, 'certs');
      if (element === undefined) break;
      response.certificates.push(list.whole(element));
    }
  }
  const data = basic.into(tbs);
  data.optional(0xa0, 'version');
  const responder = data.next('responderID');
  if (responder !== undefined) {
    const inner = data.into(responder);
    if (responder.tag === 0xa1) response.responderName = readName(inner, 'responderID');
    else if (responder.tag === 0xa2) {
      const hash = inner.take(TAG.octetString, 'responderID');
      if (hash !== undefined) response.responderKeyHash = inner.view(hash);
    }
  }
  const produced = data.next('producedAt');
  if (produced !== undefined) response.producedAt = readTime(data, produced, 'producedAt');
  const singles = data.open(TAG.sequence, 'responses');
  while (singles.more && response.responses.length < MAX_RESPONSES) {
    const element = singles.take(TAG.sequence, 'responses');
    const single = element === undefined ? undefined : readSingle(singles.into(element));
    if (single === undefined) break;
    response.responses.push(single);
  }
  const extensions = data.optional(0xa1, 'responseExtensions');
  if (extensions !== undefined) {
    for (const extension of readExtensions(data.into(extensions), 'responseExtensions')) {
      if (extension.oid === '1.3.6.1.5.5.7.48.1.2') response.nonce = extension.value;
      else if (extension.critical) response.unknownCritical.push(extension.oid);
    }
  }
  return response;
}

function readSingle(fields: DerReader): OcspSingleResponse | undefined {
  const idFields = fields.open(TAG.sequence, 'certID');
  const hash = oidName(readAlgorithm(idFields, 'certID: hashAlgorithm').oid);
  const [name, key] = [idFields.take(TAG.octetString, 'issuerNameHash'), idFields.take(TAG.octetString, 'issuerKeyHash')];
  const serialField = idFields.take(TAG.integer, 'certID: serialNumber');
  const choice = fields.next('certStatus');
  const thisUpdate = fields.next('thisUpdate');
  if (name === undefined || key === undefined || serialField === undefined || choice === undefined || thisUpdate === undefined)
    return undefined;
  const serial = readSerial(idFields, serialField, 'certID: serialNumber');
  const single: OcspSingleResponse = {
    id: {
      hash,
      issuerNameHash: idFields.view(name),
      issuerKeyHash: idFields.view(key),
      serial: serial.hex,
      serialNegative: serial.negative,
    },
    status: choice.tag === 0x80 ? 'good' : choice.tag === 0xa1 ? 'revoked' : 'unknown',
    thisUpdate: readTime(fields, thisUpdate, 'thisUpdate'),
    nextUpdate: Number.NaN,
    unknownCritical: [],
  };
  if (choice.tag === 0xa1) readRevoked(fields.into(choice), single);
  const next = fields.optional(0xa0, 'nextUpdate');
  const nextTime: Element | undefined = next === undefined ? undefined : fields.into(next).next('nextUpdate');
  if (nextTime !== undefined) single.nextUpdate = readTime(fields, nextTime, 'nextUpdate');
  const extensions = fields.optional(0xa1, 'singleExtensions');
  if (extensions !== undefined)
    for (const { oid, critical } of readExtensions(fields.into(extensions), 'singleExtensions'))
      if (critical) single.unknownCritical.push(oid);
  return single;
}

function readRevoked(fields: DerReader, single: OcspSingleResponse): void {
  const time = fields.next('revocationTime');
  if (time !== undefined) single.revokedAt = readTime(fields, time, 'revocationTime');
  const reason = fields.optional(0xa0, 'revocationReason');
  const inner = reason === undefined ? undefined : fields.into(reason);
  const code = inner?.take(TAG.enumerated, 'revocationReason');
  if (inner !== undefined && code !== undefined)
    single.reason = CRL_REASONS[readSmallInteger(inner, code, 'revocationReason') ?? -1] ?? 'unspecified';
}

const HASHES = new Set(['sha1', 'sha256', 'sha384', 'sha512']);

/** The answers about `certificate`, issued by `issuer`, that the response holds (RFC 6960 §4.1.1). */
export function responsesFor(response: OcspResponse, certificate: Certificate, issuer: Certificate): OcspSingleResponse[] {
  return response.responses.filter(({ id }) => {
    if (id.serial !== certificate.serial || id.serialNegative !== certificate.serialNegative || !HASHES.has(id.hash)) return false;
    const digest = (bytes: Uint8Array): Uint8Array => createHash(id.hash).update(bytes).digest();
    return equalBytes(digest(certificate.issuer.der), id.issuerNameHash) && equalBytes(digest(issuer.publicKey.keyBits), id.issuerKeyHash);
  });
}

/** Whether the response names this certificate as its responder. */
export function isResponder(response: OcspResponse, certificate: Certificate): boolean {
  if (response.responderName !== undefined) return sameName(response.responderName, certificate.subject);
  if (response.responderKeyHash === undefined) return false;
  return equalBytes(createHash('sha1').update(certificate.publicKey.keyBits).digest(), response.responderKeyHash);
}
