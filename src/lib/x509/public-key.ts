import type { AlgorithmIdentifier, PublicKeyInfo } from './certificate.js';
import { type DerReader, type Element, DerReader as Reader, TAG } from './der.js';
import { oidText, readBitString, readOid } from './der-values.js';
import { pointDefect } from './elliptic-curve.js';
import { hashOfSignature, oidName } from './oids.js';

/** AlgorithmIdentifier and SubjectPublicKeyInfo (RFC 5280 §4.1.1.2, §4.1.2.7; RFC 3279, 5480, 8410, 8017). */

export const NO_ALGORITHM: AlgorithmIdentifier = { oid: '', name: '' };

/** The AlgorithmIdentifier at the cursor; an empty one (and a problem) when unreadable. */
export function readAlgorithm(reader: DerReader, what: string): AlgorithmIdentifier {
  const element = reader.take(TAG.sequence, what);
  if (element === undefined) return NO_ALGORITHM;
  const fields = reader.into(element);
  const type = fields.take(TAG.oid, what);
  const oid = type === undefined ? undefined : readOid(fields, type, what);
  if (oid === undefined) return NO_ALGORITHM;
  const algorithm: AlgorithmIdentifier = { oid, name: oidName(oid) };
  if (fields.more) {
    const parameters = fields.next(`${what}: parameters`);
    if (parameters !== undefined) algorithm.parameters = fields.whole(parameters);
    fields.finish(what);
  }
  const odd = parametersDefect(algorithm);
  if (odd !== undefined)
    fields.problems.push({
      offset: element.offset,
      severity: 'strict',
      defect: 'parameters',
      message: `${what}: ${algorithm.name} ${odd}`,
    });
  const hash =
    hashOfSignature(oid) ??
    (oid === '1.2.840.113549.1.1.10' && algorithm.parameters !== undefined ? pssParameters(algorithm.parameters).hash : undefined);
  if (hash !== undefined) algorithm.hash = hash;
  return algorithm;
}

/** Algorithms that have no parameters (RFC 5758 §3.2, RFC 8410 §3, RFC 9881 §2). */
const WITHOUT_PARAMETERS = /^(?:1\.2\.840\.10045\.4\.(?:1|3\.[1-4])|1\.3\.101\.11[0-3]|2\.16\.840\.1\.101\.3\.4\.3\.(?:1|2|1[789]))$/;
/** RSA keys, and PKCS #1 v1.5 signatures with their digests. */
const RSA_PKCS1 = /^1\.2\.840\.113549\.1\.1\.(?:[1245]|1[1-4])$/;

/** What is wrong about an algorithm's parameters, whichever they are. */
function parametersDefect({ oid, parameters }: AlgorithmIdentifier): string | undefined {
  if (WITHOUT_PARAMETERS.test(oid)) return parameters === undefined ? undefined : 'has parameters, and may not';
  if (!RSA_PKCS1.test(oid)) return undefined;
  // RFC 4055 §5: NULL, but readers of signatures have to take them left out too; RFC 3279 §2.3.1: keys have NULL.
  if (parameters === undefined) return oid === RSA_KEY ? 'without the NULL that stands for its parameters' : undefined;
  return parameters.length === 2 && parameters[0] === TAG.null ? undefined : 'has parameters other than NULL';
}

const RSA_KEY = '1.2.840.113549.1.1.1';

/** RSASSA-PSS-params (RFC 8017 §A.2.3) with their defaults; `valid` is false when they cannot be read or the trailer is another. */
export function pssParameters(der: Uint8Array): { hash: string; mgfHash: string; saltLength: number; valid: boolean } {
  const result = { hash: 'sha1', mgfHash: 'sha1', saltLength: 20, valid: true };
  const reader = new Reader(der, 0, der.length, []);
  const fields = reader.open(TAG.sequence, 'RSASSA-PSS parameters');
  const hashIn = (holder: Reader): string => {
    const type = holder.open(TAG.sequence, 'hash').take(TAG.oid, 'hash');
    return type === undefined ? '' : oidName(oidText(der, type.start, type.end) ?? '');
  };
  while (fields.more) {
    const field = fields.next('parameter');
    if (field === undefined) break;
    const inner = fields.into(field);
    if (field.tag === 0xa0) result.hash = hashIn(inner);
    else if (field.tag === 0xa1) {
      const mgf = inner.open(TAG.sequence, 'mask generation');
      const type = mgf.take(TAG.oid, 'mask generation');
      if (type === undefined || oidText(der, type.start, type.end) !== '1.2.840.113549.1.1.8') result.valid = false;
      result.mgfHash = hashIn(mgf);
    } else if (field.tag === 0xa2 || field.tag === 0xa3) {
      const number = inner.take(TAG.integer, 'number');
      const value = number === undefined || number.end - number.start > 2 ? -1 : toNumber(der, number);
      if (field.tag === 0xa2) result.saltLength = value;
      else if (value !== 1) result.valid = false;
    } else result.valid = false;
  }
  result.valid &&=
    reader.problems.every(({ severity }) => severity !== 'fatal') && result.saltLength >= 0 && result.hash !== '' && result.mgfHash !== '';
  return result;
}

function toNumber(bytes: Uint8Array, element: Element): number {
  let value = 0;
  for (let i = element.start; i < element.end; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

const TYPES: Record<string, PublicKeyInfo['type']> = {
  '1.2.840.113549.1.1.1': 'rsa',
  '1.2.840.113549.1.1.10': 'rsa-pss',
  '1.2.840.10045.2.1': 'ec',
  '1.2.840.10040.4.1': 'dsa',
  '1.3.101.110': 'x25519',
  '1.3.101.111': 'x448',
  '1.3.101.112': 'ed25519',
  '1.3.101.113': 'ed448',
  '2.16.840.1.101.3.4.3.17': 'ml-dsa',
  '2.16.840.1.101.3.4.3.18': 'ml-dsa',
  '2.16.840.1.101.3.4.3.19': 'ml-dsa',
};

const FIXED_BITS: Partial<Record<PublicKeyInfo['type'], number>> = { x25519: 253, x448: 448, ed25519: 253, ed448: 456 };

const CURVE_BITS: Record<string, number> = {
  'P-192': 192,
  'P-224': 224,
  'P-256': 256,
  'P-384': 384,
  'P-521': 521,
  secp256k1: 256,
  brainpoolP256r1: 256,
  brainpoolP384r1: 384,
  brainpoolP512r1: 512,
};

const NO_BYTES = new Uint8Array(0);

export const NO_PUBLIC_KEY: PublicKeyInfo = { algorithm: NO_ALGORITHM, type: 'unknown', bits: 0, spki: NO_BYTES, keyBits: NO_BYTES };

/** The SubjectPublicKeyInfo at the cursor. */
export function readPublicKey(reader: DerReader, what: string): PublicKeyInfo {
  const element = reader.take(TAG.sequence, what);
  if (element === undefined) return NO_PUBLIC_KEY;
  const fields = reader.into(element);
  const algorithm = readAlgorithm(fields, `${what}: algorithm`);
  const bits = fields.take(TAG.bitString, `${what}: key`);
  fields.finish(what);
  const { bytes: keyBits, unused } = bits === undefined ? { bytes: NO_BYTES, unused: 0 } : readBitString(fields, bits, `${what}: key`);
  if (bits !== undefined && unused !== 0)
    reader.problems.push({ offset: bits.start, severity: 'strict', defect: 'key', message: `${what}: key: not a whole number of octets` });
  const type = TYPES[algorithm.oid] ?? 'unknown';
  const key: PublicKeyInfo = { algorithm, type, bits: FIXED_BITS[type] ?? 0, spki: reader.whole(element), keyBits };
  if ((type === 'rsa' || type === 'rsa-pss') && bits !== undefined) readRsa(key, fields, bits, what);
  else if (type === 'ec') readCurve(key);
  else if (type === 'dsa') readDsa(key);
  const odd = bits === undefined ? undefined : keyDefect(key);
  if (odd !== undefined)
    reader.problems.push({ offset: (bits as Element).start, severity: 'strict', defect: 'key', message: `${what}: ${odd}` });
  else if (type === 'ml-dsa') key.bits = keyBits.length * 8;
  return key;
}

function readRsa(key: PublicKeyInfo, reader: DerReader, bits: Element, what: string): void {
  const inner = new Reader(reader.bytes, Math.min(bits.start + 1, bits.end), bits.end, reader.problems, reader.depth);
  const sequence = inner.open(TAG.sequence, `${what}: RSAPublicKey`);
  const modulus = sequence.take(TAG.integer, `${what}: modulus`);
  const exponent = sequence.take(TAG.integer, `${what}: exponent`);
  sequence.finish(`${what}: RSAPublicKey`, 'key');
  inner.finish(`${what}: RSAPublicKey`, 'key');
  if (modulus !== undefined) key.bits = integerBits(reader.bytes, modulus);
  const odd =
    (modulus !== undefined && integerDefect(reader.bytes, modulus, 1)) ||
    (exponent !== undefined && integerDefect(reader.bytes, exponent, 3));
  if (odd)
    reader.problems.push({
      offset: (odd.at ?? bits).start,
      severity: 'strict',
      defect: 'key',
      message: `${what}: RSA ${odd.at === modulus ? 'modulus' : 'exponent'} ${odd.why} (RFC 8017 §3.1)`,
    });
  if (exponent !== undefined && exponent.end - exponent.start <= 64) {
    let value = 0n;
    for (let i = exponent.start; i < exponent.end; i++) value = (value << 8n) | BigInt(reader.bytes[i] as number);
    key.rsaExponent = value;
  }
}

/** Why an INTEGER is no RSA modulus or exponent: both are positive and odd. */
function integerDefect(bytes: Uint8Array, element: Element, least: number): { at: Element; why: string } | undefined {
  const { start, end } = element;
  if (start === end) return undefined;
  const first = bytes[start] as number;
  const last = bytes[end - 1] as number;
  const small = end - start === 1 && first < least;
  if ((first & 0x80) !== 0) return { at: element, why: 'is negative' };
  if (small) return { at: element, why: `is ${first}` };
  return (last & 1) === 0 ? { at: element, why: 'is even' } : undefined;
}

/** Why the key bits are no key of their type. RSA keys are looked at where they are read. */
function keyDefect({ type, curve, keyBits, algorithm }: PublicKeyInfo): string | undefined {
  if (type === 'ed25519' || type === 'x25519')
    return keyBits.length === 32 ? undefined : `${type} key of ${keyBits.length} octets, it has 32 (RFC 8410 §4)`;
  if (type === 'ed448' || type === 'x448') {
    const octets = type === 'ed448' ? 57 : 56;
    return keyBits.length === octets ? undefined : `${type} key of ${keyBits.length} octets, it has ${octets} (RFC 8410 §4)`;
  }
  if (type !== 'ec') return undefined;
  if (algorithm.parameters === undefined || algorithm.parameters[0] === TAG.null)
    return 'elliptic curve key without its curve (RFC 5480 §2.1.1)';
  const odd = curve === undefined ? undefined : pointDefect(curve, keyBits);
  return odd === undefined ? undefined : `elliptic curve key: ${odd}`;
}

/** Bits of a positive INTEGER. */
function integerBits(bytes: Uint8Array, element: Element): number {
  let at = element.start;
  while (at < element.end && bytes[at] === 0) at++;
  return at === element.end ? 0 : (element.end - at - 1) * 8 + (32 - Math.clz32(bytes[at] as number));
}

function readCurve(key: PublicKeyInfo): void {
  const { parameters } = key.algorithm;
  const octets = key.keyBits[0] === 4 ? (key.keyBits.length - 1) / 2 : key.keyBits.length - 1;
  if (parameters?.[0] === TAG.oid) {
    const oid = oidText(parameters, 2, parameters.length);
    key.curve = oid === undefined ? 'unreadable' : oidName(oid);
  } else key.curve = parameters === undefined ? 'none given' : 'explicit parameters';
  key.bits = CURVE_BITS[key.curve] ?? Math.max(0, octets * 8);
}

function readDsa(key: PublicKeyInfo): void {
  const { parameters } = key.algorithm;
  if (parameters?.[0] !== TAG.sequence) return; // inherited from the issuer (RFC 3279 §2.3.2)
  const reader = new Reader(parameters, 0, parameters.length, []);
  const prime = reader.open(TAG.sequence, 'DSA parameters').take(TAG.integer, 'p');
  if (prime !== undefined) key.bits = integerBits(parameters, prime);
}

/** The SubjectPublicKeyInfo in DER of its own. */
export function parsePublicKey(der: Uint8Array): PublicKeyInfo {
  return readPublicKey(new Reader(der, 0, der.length, []), 'subjectPublicKeyInfo');
}
