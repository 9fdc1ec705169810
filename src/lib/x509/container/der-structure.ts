/** What a DER structure is, from its shape alone: a look at the first elements, never at names or sizes of files. */
import { oidText } from '../der-values.js';

export type DerKind =
  | 'certificate'
  | 'certificate-request'
  | 'crl'
  | 'ocsp-response'
  | 'ocsp-request'
  | 'bcfks'
  | 'pkcs7'
  | 'pkcs12'
  | 'pkcs8'
  | 'encrypted-pkcs8'
  | 'pkcs1'
  | 'pkcs1-public'
  | 'sec1'
  | 'dsa'
  | 'spki'
  | 'dh-parameters'
  | 'ec-parameters'
  | 'unknown';

/** An element's extent; `end` is clamped to the data, so that cut-off files are still recognised. */
interface Extent {
  tag: number;
  start: number;
  end: number;
  /** Where it says that it ends. */
  claimed: number;
  indefinite: boolean;
}

function extentAt(bytes: Uint8Array, at: number, limit: number): Extent | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit) return undefined;
  if (first < 0x80) return { tag, start: at + 2, end: Math.min(at + 2 + first, limit), claimed: at + 2 + first, indefinite: false };
  if (first === 0x80) return { tag, start: at + 2, end: limit, claimed: limit, indefinite: true };
  const octets = first & 0x7f;
  if (octets > 4) return undefined;
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  const start = at + 2 + octets;
  return { tag, start: Math.min(start, limit), end: Math.min(start + length, limit), claimed: start + length, indefinite: false };
}

/** The first few elements inside one. */
function childrenOf(bytes: Uint8Array, parent: Extent, most: number): Extent[] {
  const children: Extent[] = [];
  for (let at = parent.start; at < parent.end && children.length < most; ) {
    const child = extentAt(bytes, at, parent.end);
    if (child === undefined) break;
    children.push(child);
    if (child.indefinite) break;
    at = child.claimed;
  }
  return children;
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const ENUMERATED = 0x0a;
const SEQUENCE = 0x30;
const CONTEXT_0 = 0xa0;
const isTime = (tag: number | undefined): boolean => tag === 0x17 || tag === 0x18;

export interface DerSniff {
  kind: DerKind;
  /** Offset after the outer element; beyond the data when it is cut off. */
  next: number;
  /** The outer length is indefinite: BER. */
  indefinite: boolean;
}

/** Looks at the structure at `at`. Undefined when no SEQUENCE begins there. */
export function sniffDer(bytes: Uint8Array, at = 0): DerSniff | undefined {
  const top = extentAt(bytes, at, bytes.length);
  if (top === undefined || top.tag !== SEQUENCE) {
    const named = top?.tag === OID && top.claimed === bytes.length && top.end - top.start >= 5;
    return named ? { kind: 'ec-parameters', next: top.claimed, indefinite: false } : undefined;
  }
  const children = childrenOf(bytes, top, 10);
  return { kind: kindOf(bytes, children, top), next: top.claimed, indefinite: top.indefinite };
}

function kindOf(bytes: Uint8Array, children: Extent[], top: Extent): DerKind {
  const [first, second, third] = children;
  const tags = children.map((child) => child.tag);
  if (first === undefined) return 'unknown';
  if (first.tag === ENUMERATED) return 'ocsp-response';
  if (first.tag === OID) {
    return oidText(bytes, first.start, first.end)?.startsWith('1.2.840.113549.1.7.') === true ? 'pkcs7' : 'unknown';
  }
  if (first.tag === INTEGER) return integerFirst(bytes, children, tags);
  if (first.tag !== SEQUENCE) return 'unknown';
  const inner = childrenOf(bytes, first, 7);
  if (inner[0]?.tag === OID && second !== undefined) {
    // An AlgorithmIdentifier first: a public key or an encrypted private key.
    if (second.tag === BIT_STRING && children.length === 2) return 'spki';
    if (second.tag === OCTET_STRING && children.length === 2) return 'encrypted-pkcs8';
  }
  const signed = second?.tag === SEQUENCE && third?.tag === BIT_STRING && children.length === 3;
  const cutOff = top.claimed > bytes.length;
  if (!signed && !cutOff && !(children.length >= 1 && inner.length >= 5)) {
    const [head] = inner;
    const algorithm = head?.tag === SEQUENCE && childrenOf(bytes, head, 1)[0]?.tag === OID;
    if (algorithm && inner[1]?.tag === OCTET_STRING && second?.tag === SEQUENCE) return 'bcfks';
    return children.length <= 2 && inner.length <= 4 && isRequestList(bytes, inner) ? 'ocsp-request' : 'unknown';
  }
  return signedKind(bytes, inner);
}

/** TBSRequest (RFC 6960 §4.1.1): after version and requestor a list of requests, each of which names a certificate by a hash. */
function isRequestList(bytes: Uint8Array, fields: readonly Extent[]): boolean {
  let at = fields.find(({ tag }) => tag === SEQUENCE);
  // requestList > Request > CertID > AlgorithmIdentifier > OID
  for (const tag of [SEQUENCE, SEQUENCE, SEQUENCE, OID]) {
    at = at === undefined ? undefined : childrenOf(bytes, at, 1)[0];
    if (at?.tag !== tag) return false;
  }
  return true;
}

/** The part that is signed tells a certificate, a request and a CRL apart. */
function signedKind(bytes: Uint8Array, fields: Extent[]): DerKind {
  const tags = fields.map((field) => field.tag);
  if (tags[0] === CONTEXT_0) return 'certificate';
  const offset = tags[0] === INTEGER ? 1 : 0;
  if (tags[offset] === SEQUENCE && tags[offset + 1] === SEQUENCE && isTime(tags[offset + 2])) return 'crl';
  if (offset === 1 && tags[1] === SEQUENCE && tags[2] === SEQUENCE && (tags[3] === CONTEXT_0 || fields.length === 3))
    return 'certificate-request';
  const validity = fields[3];
  if (offset === 1 && tags[3] === SEQUENCE && validity !== undefined && isTime(bytes[validity.start])) return 'certificate';
  return fields.length >= 6 ? 'certificate' : 'unknown';
}

function integerFirst(bytes: Uint8Array, children: Extent[], tags: number[]): DerKind {
  const [first, second] = children as [Extent, Extent | undefined];
  const small = first.end - first.start === 1 ? bytes[first.start] : undefined;
  if (small === 3 && tags[1] === SEQUENCE) return 'pkcs12';
  if (small === 1 && tags[1] === OCTET_STRING) return 'sec1';
  if ((small === 0 || small === 1) && tags[1] === SEQUENCE && tags[2] === OCTET_STRING) return 'pkcs8';
  const allIntegers = tags.every((tag) => tag === INTEGER);
  if (small === 0 && allIntegers && tags.length >= 9) return 'pkcs1';
  if (small === 0 && allIntegers && tags.length === 6) return 'dsa';
  if (small === 0 && allIntegers && tags.length >= 2) return 'pkcs1'; // cut off
  if (allIntegers && tags.length === 2 && second !== undefined && first.end - first.start >= 64) {
    const exponentLength = second.end - second.start;
    const odd = ((bytes[second.end - 1] ?? 0) & 1) === 1;
    return exponentLength <= 8 && odd && !(exponentLength === 1 && bytes[second.start] === 5) ? 'pkcs1-public' : 'dh-parameters';
  }
  return 'unknown';
}
