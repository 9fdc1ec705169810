import { createECDH, createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { bitString, contextConstructed, integer, octetString, oid, sequence } from './der-writer.js';
import { pemEncode } from './pem-writer.js';

/** Key types an authority can use and certify. */
export const KEY_TYPES = ['p256', 'p384', 'ed25519', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** How a person calls a key type. */
export const KEY_TYPE_NAMES: Record<KeyType | 'rsa-1024', string> = {
  p256: 'ECDSA P-256',
  p384: 'ECDSA P-384',
  ed25519: 'Ed25519',
  'rsa-1024': 'RSA-1024',
  'rsa-2048': 'RSA-2048',
  'rsa-3072': 'RSA-3072',
  'rsa-4096': 'RSA-4096',
};

/** A fresh key pair. The encodings are there at once or made on first use, whichever is cheaper. */
export interface KeyPair {
  /** SubjectPublicKeyInfo DER. */
  readonly spki: Uint8Array;
  /** PrivateKeyInfo DER (PKCS#8, RFC 5958). */
  readonly pkcs8: Uint8Array;
  /** PKCS#8 PEM, unencrypted. */
  readonly pem: string;
  /** The private key for node:crypto. */
  readonly key: KeyObject;
}

const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const CURVES = {
  p256: { group: 'prime256v1', oid: '1.2.840.10045.3.1.7', size: 32 },
  p384: { group: 'secp384r1', oid: '1.3.132.0.34', size: 48 },
} as const;

/**
 * Makes a key pair. `rsa-1024` is for the weak-key fault alone.
 * Elliptic curve keys come from createECDH with the encodings written here: exporting them from a KeyObject costs five times the key itself.
 */
export function generateKeyPair(type: KeyType | 'rsa-1024'): KeyPair {
  if (type === 'p256' || type === 'p384') return generateEcKeyPair(type);
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('rsa', { modulusLength: Number(type.slice(4)), publicExponent: 0x10001 });
  return keyPairFrom(privateKey, publicKey.export({ type: 'spki', format: 'der' }));
}

/** The pair around a private key that exists already. */
export function keyPairFrom(key: KeyObject, spki: Uint8Array): KeyPair {
  let pkcs8: Uint8Array | undefined;
  const encoded = (): Uint8Array => {
    pkcs8 ??= key.export({ type: 'pkcs8', format: 'der' });
    return pkcs8;
  };
  return {
    spki,
    key,
    get pkcs8() {
      return encoded();
    },
    get pem() {
      return pemEncode('PRIVATE KEY', encoded());
    },
  };
}

function generateEcKeyPair(type: 'p256' | 'p384'): KeyPair {
  const curve = CURVES[type];
  const ecdh = createECDH(curve.group);
  const point = ecdh.generateKeys();
  const scalar = ecdh.getPrivateKey();
  // getPrivateKey drops leading zero octets; RFC 5915 wants the full width.
  const padded = new Uint8Array(curve.size);
  padded.set(scalar, curve.size - scalar.length);
  const algorithm = sequence(oid(EC_PUBLIC_KEY), oid(curve.oid));
  const spki = sequence(algorithm, bitString(point));
  const ecPrivateKey = sequence(integer(1), octetString(padded), contextConstructed(1, bitString(point)));
  const pkcs8 = sequence(integer(0), algorithm, octetString(ecPrivateKey));
  let key: KeyObject | undefined;
  return {
    spki,
    pkcs8,
    get pem() {
      return pemEncode('PRIVATE KEY', pkcs8);
    },
    get key() {
      key ??= createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
      return key;
    },
  };
}

/**
 * Key identifier of a public key: the leftmost 160 bits of the SHA-256 of its key bits (RFC 7093 §2 method 1).
 * `spki` is SubjectPublicKeyInfo DER as written by this module or by node:crypto.
 */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  return createHash('sha256').update(keyBitsOf(spki)).digest().subarray(0, 20);
}

/** Contents of the subjectPublicKey BIT STRING without the octet of unused bits. */
export function keyBitsOf(spki: Uint8Array): Uint8Array {
  const outer = contentsOf(spki, 0);
  const algorithm = contentsOf(spki, outer.start);
  const bits = contentsOf(spki, algorithm.end);
  return spki.subarray(bits.start + 1, bits.end);
}

function contentsOf(der: Uint8Array, at: number): { start: number; end: number } {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  let length = 0;
  for (let i = 0; i < (first & 0x7f); i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  const start = at + 2 + (first & 0x7f);
  return { start, end: start + length };
}

/** The key type of a private or public key, undefined for a kind we cannot sign certificates with. */
export function keyTypeOf(key: KeyObject): KeyType | undefined {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  if (key.asymmetricKeyType === 'ec') {
    return details?.namedCurve === 'prime256v1' ? 'p256' : details?.namedCurve === 'secp384r1' ? 'p384' : undefined;
  }
  const rsa = `rsa-${details?.modulusLength}`;
  return key.asymmetricKeyType === 'rsa' ? KEY_TYPES.find((type) => type === rsa) : undefined;
}
