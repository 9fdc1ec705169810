/** When two public keys are the same key, whatever wraps them. */
import type { PublicKeyInfo } from '../x509/certificate.js';

/**
 * A comparison key: the family of algorithms and the key bits. RSA and RSA-PSS keys are one family (the same key may be certified under
 * either identifier). Empty when there is no key to compare.
 */
export function keyIdentity({ type, keyBits, curve }: PublicKeyInfo): string {
  if (keyBits.length === 0) return '';
  const family = type === 'rsa-pss' ? 'rsa' : type === 'ec' ? `ec ${curve ?? ''}` : type;
  return `${family} ${Buffer.from(keyBits.buffer, keyBits.byteOffset, keyBits.length).toString('latin1')}`;
}
