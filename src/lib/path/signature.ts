import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { AlgorithmIdentifier, PublicKeyInfo } from '../x509/certificate.js';
import { equalBytes } from '../x509/der-values.js';
import { pssParameters } from '../x509/public-key.js';

/** Signatures over certificates, CRLs and OCSP responses, checked by node:crypto. */

export type SignatureResult =
  | { ok: true }
  /** `bad`: the key did not make this signature. `unsupported`: this runtime cannot tell. `mismatch`: key and algorithm do not go together. `unchecked`: the budget is spent. */
  | { ok: false; kind: 'bad' | 'unsupported' | 'mismatch' | 'unchecked'; why: string };

const GOOD: SignatureResult = { ok: true };
const BAD: SignatureResult = { ok: false, kind: 'bad', why: "the signature does not verify with the issuer's key" };

/** Which key type each signature algorithm wants; the digest comes with the algorithm. */
const KEY_TYPE: Record<string, PublicKeyInfo['type']> = {
  '1.2.840.113549.1.1.4': 'rsa',
  '1.2.840.113549.1.1.5': 'rsa',
  '1.3.14.3.2.29': 'rsa',
  '1.2.840.113549.1.1.11': 'rsa',
  '1.2.840.113549.1.1.12': 'rsa',
  '1.2.840.113549.1.1.13': 'rsa',
  '1.2.840.113549.1.1.14': 'rsa',
  '1.2.840.113549.1.1.10': 'rsa-pss',
  '1.2.840.10045.4.1': 'ec',
  '1.2.840.10045.4.3.1': 'ec',
  '1.2.840.10045.4.3.2': 'ec',
  '1.2.840.10045.4.3.3': 'ec',
  '1.2.840.10045.4.3.4': 'ec',
  '1.2.840.10040.4.3': 'dsa',
  '2.16.840.1.101.3.4.3.1': 'dsa',
  '2.16.840.1.101.3.4.3.2': 'dsa',
  '1.3.101.112': 'ed25519',
  '1.3.101.113': 'ed448',
  '2.16.840.1.101.3.4.3.17': 'ml-dsa',
  '2.16.840.1.101.3.4.3.18': 'ml-dsa',
  '2.16.840.1.101.3.4.3.19': 'ml-dsa',
};

/** Whether a signature algorithm is one that this engine knows. */
export function isKnownSignature(oid: string): boolean {
  return oid in KEY_TYPE;
}

// Making a KeyObject costs about as much as a P-256 verification: keep the latest ones. Keyed by the SubjectPublicKeyInfo itself.
const KEYS = new Map<string, KeyObject | undefined>();
const MAX_KEYS = 512;

function keyObject(spki: Uint8Array): KeyObject | undefined {
  const view = Buffer.from(spki.buffer, spki.byteOffset, spki.length);
  const id = view.toString('latin1');
  if (KEYS.has(id)) return KEYS.get(id);
  let key: KeyObject | undefined;
  try {
    key = createPublicKey({ key: view, format: 'der', type: 'spki' });
  } catch {
    key = undefined; // OpenSSL cannot use this key: told to the caller as `unsupported`
  }
  if (KEYS.size >= MAX_KEYS) KEYS.delete(KEYS.keys().next().value as string);
  KEYS.set(id, key);
  return key;
}

/** Whether OpenSSL accepts the key at all. */
export function usableKey(key: PublicKeyInfo): boolean {
  return key.spki.length > 0 && keyObject(key.spki) !== undefined;
}

/** Whether a key is of the type that a signature algorithm is made with. */
export function fitsAlgorithm({ oid }: AlgorithmIdentifier, { type }: PublicKeyInfo): boolean {
  const wanted = KEY_TYPE[oid];
  return wanted === type || (wanted === 'rsa-pss' && type === 'rsa');
}

/**
 * Whether `signature` over `data` was made with `key`. `algorithm` is that of the signed object.
 * A DSA key without parameters has to be completed by the caller first (RFC 3279 §2.3.2).
 */
export function checkSignature(
  data: Uint8Array,
  signature: Uint8Array,
  algorithm: AlgorithmIdentifier,
  key: PublicKeyInfo,
): SignatureResult {
  const wanted = KEY_TYPE[algorithm.oid];
  if (wanted === undefined)
    return { ok: false, kind: 'unsupported', why: `signature algorithm ${algorithm.name || 'unreadable'} is not known` };
  if (!fitsAlgorithm(algorithm, key))
    return { ok: false, kind: 'mismatch', why: `signature algorithm ${algorithm.name} does not go with the issuer's ${key.type} key` };
  const object = keyObject(key.spki);
  if (object === undefined)
    return {
      ok: false,
      kind: 'unsupported',
      why: `the issuer's ${key.type}${key.curve === undefined ? '' : ` ${key.curve}`} key cannot be used by this OpenSSL`,
    };
  const padding = wanted === 'rsa-pss' ? pssPadding(algorithm) : {};
  if (padding === undefined) return { ok: false, kind: 'unsupported', why: 'RSASSA-PSS with parameters that cannot be used' };
  try {
    const digest = wanted === 'ed25519' || wanted === 'ed448' || wanted === 'ml-dsa' ? null : (padding.hash ?? algorithm.hash ?? 'sha256');
    const options = 'padding' in padding ? { key: object, padding: padding.padding, saltLength: padding.saltLength } : object;
    return verify(digest, data, options, signature) ? GOOD : BAD;
  } catch (error) {
    return { ok: false, kind: 'unsupported', why: error instanceof Error ? error.message : 'the signature cannot be checked' };
  }
}

function pssPadding({ parameters }: AlgorithmIdentifier): { hash?: string; padding?: number; saltLength?: number } | undefined {
  if (parameters === undefined) return undefined;
  const { hash, mgfHash, saltLength, valid } = pssParameters(parameters);
  // node:crypto uses one digest for both; no profile of X.509 has them differ (RFC 4055 §3.1, CA/Browser Forum).
  if (!valid || hash !== mgfHash) return undefined;
  return { hash, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

/** Whether two keys are the same key, parameters included. */
export function sameKey(a: PublicKeyInfo, b: PublicKeyInfo): boolean {
  return equalBytes(a.spki, b.spki);
}

/** A DSA key without domain parameters takes those of the certificate's issuer (RFC 3279 §2.3.2): a key with both. */
export function withDsaParameters(key: PublicKeyInfo, issuer: PublicKeyInfo): PublicKeyInfo {
  const parameters = issuer.algorithm.parameters;
  if (key.type !== 'dsa' || key.algorithm.parameters?.[0] === 0x30 || issuer.type !== 'dsa' || parameters?.[0] !== 0x30) return key;
  const oid = Uint8Array.of(0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01);
  const algorithm = sequence([oid, parameters]);
  const bits = Uint8Array.from([0, ...key.keyBits]);
  const spki = sequence([algorithm, tlv(0x03, bits)]);
  return { ...key, spki, algorithm: { ...key.algorithm, parameters }, bits: issuer.bits };
}

function tlv(tag: number, contents: Uint8Array): Uint8Array {
  const { length } = contents;
  const header = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return Uint8Array.from([...header, ...contents]);
}

function sequence(parts: Uint8Array[]): Uint8Array {
  return tlv(0x30, Uint8Array.from(parts.flatMap((part) => [...part])));
}
