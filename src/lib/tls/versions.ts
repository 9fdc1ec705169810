/** Protocol versions as they stand on the wire (RFC 8446 §4.2.1, RFC 6101 for 0x0300). */

export const SSL_30 = 0x0300;
export const TLS_10 = 0x0301;
export const TLS_11 = 0x0302;
export const TLS_12 = 0x0303;
export const TLS_13 = 0x0304;

const NAMES = new Map([
  [0x0002, 'SSL 2.0'],
  [SSL_30, 'SSL 3.0'],
  [TLS_10, 'TLS 1.0'],
  [TLS_11, 'TLS 1.1'],
  [TLS_12, 'TLS 1.2'],
  [TLS_13, 'TLS 1.3'],
]);

/** `TLS 1.3`; a number nobody registered, GREASE included, as `0x7f1c`. */
export function versionName(version: number): string {
  return NAMES.get(version) ?? `0x${version.toString(16).padStart(4, '0')}`;
}

/** Whether a code point is one of the reserved GREASE values (RFC 8701): 0x0a0a, 0x1a1a, ... */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}
