import { errnoOf, messageOf } from '../errors.js';

const REFUSED = /interrupted or cancelled|bad decrypt|wrong password|empty password|bad password/i;

/**
 * Whether a private key stayed shut for want of the right passphrase, as node's error and the key itself tell.
 * A wrong passphrase decrypts to noise. Once in some 250 times the padding of the noise looks right, and OpenSSL then complains of the contents
 * ("unsupported", "wrong tag") in place of "bad decrypt": for a key that is marked as encrypted that still means the passphrase.
 */
export function passphraseRefused(error: unknown, key: string | Uint8Array): boolean {
  const code = errnoOf(error);
  if (code === 'ERR_MISSING_PASSPHRASE' || code === 'ERR_OSSL_BAD_DECRYPT' || REFUSED.test(messageOf(error))) return true;
  return (
    typeof key === 'string' &&
    /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(key) &&
    /^ERR_OSSL_/.test(code ?? '')
  );
}
