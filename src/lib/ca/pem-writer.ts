import { writePem } from '../x509/pem.js';

/** Labels of RFC 7468 that an authority writes. `X509 CRL` is the one OpenSSL reads; it refuses `CRL`. */
export type PemLabel = 'CERTIFICATE' | 'PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY' | 'X509 CRL' | 'CERTIFICATE REQUEST';

/** Textual encoding of DER (RFC 7468): 64 characters a line, ending in a line break. */
export function pemEncode(label: PemLabel, der: Uint8Array): string {
  return writePem(label, der);
}
