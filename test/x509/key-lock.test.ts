import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { passphraseRefused } from '../../src/lib/x509/key-lock.js';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' }).toString();

function errorOf(key: string, passphrase?: string): unknown {
  try {
    createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    return error;
  }
  throw new Error('it opened');
}

describe('a key that stays shut', () => {
  it('is told from a damaged one whatever noise a wrong passphrase decrypts to', () => {
    // One wrong passphrase in 256 leaves valid padding, and OpenSSL then complains of the contents: go on until both were seen.
    const codes = new Set<string>();
    for (let i = 0; i < 20_000 && codes.size < 2; i += 1) {
      const error = errorOf(locked, `wrong ${i}`);
      codes.add(String((error as { code?: string }).code));
      expect(passphraseRefused(error, locked)).toBe(true);
    }
    expect(codes.size).toBe(2);
    expect(passphraseRefused(errorOf(locked), locked)).toBe(true);
  });
  it('is not blamed when the key is not encrypted', () => {
    const damaged = privateKey
      .export({ type: 'pkcs8', format: 'pem' })
      .toString()
      .replace(/M[A-Za-z0-9]{20}/, 'MIGHAgEAMBMGByqGSM49AA');
    expect(passphraseRefused(errorOf(damaged), damaged)).toBe(false);
    expect(passphraseRefused(errorOf('nothing'), 'nothing')).toBe(false);
  });
});
