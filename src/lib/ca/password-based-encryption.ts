import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { RandomSource } from './certificate-writer.js';
import { integer, nullValue, octetString, oid, sequence } from './der-writer.js';
import { pemEncode } from './pem-writer.js';

/**
 * Rounds for the root key's passphrase: the floor OWASP gives for PBKDF2-HMAC-SHA256. scrypt would be stronger per second, but Java 17 and
 * many appliances cannot read it.
 */
export const ROOT_KEY_ROUNDS = 600_000;

/**
 * Encrypts with PBES2: PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018 §6.2).
 * @returns the AlgorithmIdentifier DER and the ciphertext
 */
export function encryptWithPassphrase(
  plaintext: Uint8Array,
  passphrase: string,
  rounds: number,
  random: RandomSource = randomBytes,
): { algorithm: Uint8Array; ciphertext: Uint8Array } {
  const salt = random(16);
  const iv = random(16);
  const key = pbkdf2Sync(passphrase, salt, rounds, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const derivation = sequence(
    oid('1.2.840.113549.1.5.12'),
    sequence(octetString(salt), integer(rounds), sequence(oid('1.2.840.113549.2.9'), nullValue())),
  );
  const scheme = sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(iv));
  return { algorithm: sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, scheme)), ciphertext };
}

/** EncryptedPrivateKeyInfo DER (RFC 5958 §3) around PKCS#8 DER. */
export function encryptPrivateKey(pkcs8: Uint8Array, passphrase: string, rounds: number, random?: RandomSource): Uint8Array {
  const { algorithm, ciphertext } = encryptWithPassphrase(pkcs8, passphrase, rounds, random);
  return sequence(algorithm, octetString(ciphertext));
}

/** The same as PEM. */
export function encryptedKeyPem(pkcs8: Uint8Array, passphrase: string, rounds = ROOT_KEY_ROUNDS): string {
  return pemEncode('ENCRYPTED PRIVATE KEY', encryptPrivateKey(pkcs8, passphrase, rounds));
}
