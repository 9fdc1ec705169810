/**
 * Facts about a private key and its public half. node:crypto does the arithmetic; the key object is dropped at once, and nothing of
 * the secret leaves this file.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { BerError, type BerNode, octetsOf, readBer } from './ber.js';
import type { PrivateKeyFacts } from './contained.js';
import { encryptionSchemeOf, worthTrying } from './password-encryption.js';

/** SubjectPublicKeyInfo of a key object's public half. */
function spkiOf(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

/** The last part of an OpenSSL error says what it could not read; the rest is where in OpenSSL. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split(':').at(-1)?.trim() ?? text;
}

function factsFrom(
  format: string,
  der: Uint8Array,
  type: 'pkcs8' | 'pkcs1' | 'sec1',
  more: Partial<PrivateKeyFacts> = {},
): PrivateKeyFacts {
  const facts: PrivateKeyFacts = { format, encrypted: false, ...more };
  try {
    const key = createPrivateKey({ key: Buffer.from(der.buffer, der.byteOffset, der.length), format: 'der', type });
    return { ...facts, spki: spkiOf(key) };
  } catch (error) {
    return { ...facts, lock: 'damaged', problem: `the key cannot be read: ${reasonOf(error)}` };
  }
}

/** PrivateKeyInfo (RFC 5208, RFC 5958) in clear. */
export function readPkcs8(der: Uint8Array): PrivateKeyFacts {
  return factsFrom('PKCS#8', der, 'pkcs8');
}

/** RSAPrivateKey (RFC 8017 appendix A.1.2) in clear. */
export function readPkcs1(der: Uint8Array): PrivateKeyFacts {
  return factsFrom('PKCS#1', der, 'pkcs1');
}

/** ECPrivateKey (RFC 5915) in clear. */
export function readSec1(der: Uint8Array): PrivateKeyFacts {
  return factsFrom('SEC 1', der, 'sec1');
}

/** EncryptedPrivateKeyInfo (RFC 5958 §3): the scheme, and with a passphrase that fits the public half. */
export function readEncryptedPkcs8(der: Uint8Array, passphrases: readonly string[]): PrivateKeyFacts {
  const base: PrivateKeyFacts = { format: 'PKCS#8', encrypted: true };
  let node: BerNode;
  try {
    node = readBer(der);
  } catch (error) {
    if (!(error instanceof BerError)) throw error;
    return { ...base, lock: 'damaged', problem: `${error.message} at byte ${error.offset}` };
  }
  const [algorithm, data] = node.children;
  if (algorithm === undefined || data === undefined)
    return { ...base, lock: 'damaged', problem: 'no encryption algorithm or no data in it' };
  const scheme = encryptionSchemeOf(algorithm);
  const facts: PrivateKeyFacts = { ...base, encryption: scheme.text };
  if (scheme.decrypt === undefined) return { ...facts, lock: 'unsupported', problem: `cannot be decrypted here: ${scheme.text}` };
  if (passphrases.length === 0) return { ...facts, lock: 'passphrase-needed' };
  for (const passphrase of worthTrying(passphrases, scheme.rounds)) {
    const plain = scheme.decrypt(octetsOf(data), passphrase);
    // A wrong passphrase leaves good padding once in 256 times: only a key that reads counts.
    const inner = plain === undefined ? undefined : readPkcs8(plain);
    plain?.fill(0);
    if (inner?.spki !== undefined) return { ...facts, spki: inner.spki };
  }
  return { ...facts, lock: 'wrong-passphrase' };
}

/** A PEM block encrypted the old way (`Proc-Type: 4,ENCRYPTED`, RFC 1421); `pem` is the block with its header lines. */
export function readEncryptedPem(pem: string, format: string, cipher: string, passphrases: readonly string[]): PrivateKeyFacts {
  const facts: PrivateKeyFacts = {
    format,
    encrypted: true,
    encryption: `PEM encryption with ${cipher} (MD5, one round)`,
  };
  if (passphrases.length === 0) return { ...facts, lock: 'passphrase-needed' };
  for (const passphrase of passphrases) {
    try {
      return { ...facts, spki: spkiOf(createPrivateKey({ key: pem, format: 'pem', passphrase })) };
    } catch (error) {
      const reason = reasonOf(error);
      if (/unsupported|unknown cipher/i.test(reason))
        return { ...facts, lock: 'unsupported', problem: `cannot be decrypted here: ${reason}` };
    }
  }
  return { ...facts, lock: 'wrong-passphrase' };
}

/** A JSON Web Key (RFC 7517): a private key's facts, or a public key. Undefined when it is none that node:crypto knows. */
export function readJwk(jwk: Record<string, unknown>): { spki: Uint8Array; private: boolean } | undefined {
  const isPrivate = typeof jwk.d === 'string';
  try {
    const key = isPrivate
      ? createPrivateKey({ key: jwk as import('node:crypto').JsonWebKey, format: 'jwk' })
      : createPublicKey({ key: jwk as import('node:crypto').JsonWebKey, format: 'jwk' });
    return { spki: isPrivate ? spkiOf(key) : key.export({ format: 'der', type: 'spki' }), private: isPrivate };
  } catch {
    return undefined; // a symmetric key, or parameters that are no key
  }
}

/** SubjectPublicKeyInfo of a public key in PKCS#1 form (`RSA PUBLIC KEY`). */
export function spkiFromPkcs1Public(der: Uint8Array): Uint8Array | undefined {
  try {
    return createPublicKey({ key: Buffer.from(der.buffer, der.byteOffset, der.length), format: 'der', type: 'pkcs1' }).export({
      format: 'der',
      type: 'spki',
    });
  } catch {
    return undefined; // not a public key: the caller reports the block as damaged
  }
}
