/** Labels of RFC 7468 that this module writes. */
export type PemLabel = 'CERTIFICATE' | 'PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY' | 'X509 CRL' | 'CERTIFICATE REQUEST';

/** Textual encoding of DER (RFC 7468): 64 characters a line, ending in a line break. */
export function pemEncode(label: PemLabel, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  let body = '';
  for (let i = 0; i < base64.length; i += 64) body += `${base64.slice(i, i + 64)}\n`;
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}
