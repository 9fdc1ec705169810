import { CIPHER_SUITES, type CipherSuite } from '../tls/cipher-suites.js';
import { fitsPattern } from './wildcard.js';

/** Suites that a pattern of the file means, by IANA or OpenSSL name, `*` standing for anything, letters of either case. */
export function suitesNamed(pattern: string): CipherSuite[] {
  const wanted = pattern.trim().toUpperCase();
  return CIPHER_SUITES.filter(
    ({ name, openssl }) =>
      !name.endsWith('_SCSV') && (fitsPattern(name.toUpperCase(), wanted) || fitsPattern(openssl.toUpperCase(), wanted)),
  );
}
