/**
 * Writes DER (X.690), the encoding of certificates, keys, CRLs and OCSP responses. Every function returns a complete
 * tag-length-value element, so that elements nest by passing them on. Nothing is checked beyond what the encoding needs:
 * the lab makes broken certificates with the same functions.
 */

/** Universal tags used in X.509, constructed bit included where DER wants it. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
} as const;

/** One element: the tag octet as given, the definite length, then the parts one after another. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const header = length < 0x80 ? 2 : length < 0x100 ? 3 : length < 0x10000 ? 4 : length < 0x1000000 ? 5 : 6;
  const out = new Uint8Array(header + length);
  out[0] = tag;
  if (header === 2) {
    out[1] = length;
  } else {
    out[1] = 0x80 | (header - 2);
    for (let i = header - 1, rest = length; i > 1; i--, rest = Math.floor(rest / 256)) out[i] = rest % 256;
  }
  let at = header;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** SEQUENCE of the parts. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(TAG.sequence, ...parts);
}

/** SET OF the parts, in the ascending order of their encodings that DER asks for (X.690 §11.6). */
export function setOf(...parts: readonly Uint8Array[]): Uint8Array {
  return element(TAG.set, ...[...parts].sort((a, b) => Buffer.compare(a, b)));
}

/** `[n] EXPLICIT`, or an implicitly tagged constructed type when `parts` are its contents. */
export function contextConstructed(n: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return element(0xa0 | n, ...parts);
}

/** `[n] IMPLICIT` of a primitive type with these contents. */
export function contextPrimitive(n: number, contents: Uint8Array): Uint8Array {
  return element(0x80 | n, contents);
}

/** INTEGER of a number that is not negative. */
export function integer(value: number | bigint): Uint8Array {
  let hex = BigInt(value).toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  return integerFromBytes(Buffer.from(hex, 'hex'));
}

/** INTEGER of an unsigned big-endian number: leading zeros are dropped, a sign octet is put before a set high bit. */
export function integerFromBytes(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  if (trimmed.length === 0) return element(TAG.integer, Uint8Array.of(0));
  return (trimmed[0] as number) & 0x80 ? element(TAG.integer, Uint8Array.of(0), trimmed) : element(TAG.integer, trimmed);
}

/** ENUMERATED of a small number. */
export function enumerated(value: number): Uint8Array {
  return element(TAG.enumerated, Uint8Array.of(value));
}

/** BOOLEAN; DER knows TRUE as 0xff alone. */
export function boolean(value: boolean): Uint8Array {
  return element(TAG.boolean, Uint8Array.of(value ? 0xff : 0));
}

const NULL = Uint8Array.of(TAG.null, 0);
/** NULL. */
export function nullValue(): Uint8Array {
  return NULL;
}

export function octetString(contents: Uint8Array): Uint8Array {
  return element(TAG.octetString, contents);
}

/** BIT STRING; `unused` is the number of unused bits of the last octet. */
export function bitString(bits: Uint8Array, unused = 0): Uint8Array {
  return element(TAG.bitString, Uint8Array.of(unused), bits);
}

/** A named bit list: bit n set for each n, trailing zero bits removed as DER wants (X.690 §11.2.2). */
export function namedBits(bits: readonly number[]): Uint8Array {
  const highest = Math.max(-1, ...bits);
  if (highest < 0) return bitString(new Uint8Array(0));
  const octets = new Uint8Array((highest >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] as number) | (0x80 >> (bit & 7));
  return bitString(octets, 7 - (highest & 7));
}

export function utf8String(text: string): Uint8Array {
  return element(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/** IA5String; the caller sees to it that the text is ASCII. */
export function ia5String(text: string): Uint8Array {
  return element(TAG.ia5String, Buffer.from(text, 'latin1'));
}

export function printableString(text: string): Uint8Array {
  return element(TAG.printableString, Buffer.from(text, 'latin1'));
}

/** BMPString (UTF-16, big endian). */
export function bmpString(text: string): Uint8Array {
  return element(TAG.bmpString, Buffer.from(text, 'utf16le').swap16());
}

const encodedOids = new Map<string, Uint8Array>();
/** OBJECT IDENTIFIER from dotted decimal. */
export function oid(dotted: string): Uint8Array {
  const known = encodedOids.get(dotted);
  if (known !== undefined) return known;
  const [first, second, ...rest] = dotted.split('.').map(BigInt);
  const octets: number[] = [];
  for (const arc of [(first as bigint) * 40n + (second as bigint), ...rest]) {
    const groups = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 0x7fn) | 0x80);
    octets.push(...groups);
  }
  const encoded = element(TAG.objectIdentifier, Uint8Array.from(octets));
  encodedOids.set(dotted, encoded);
  return encoded;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** GeneralizedTime to the second, UTC; `ms` since 1970. */
export function generalizedTime(ms: number): Uint8Array {
  const at = new Date(ms);
  const year = String(at.getUTCFullYear()).padStart(4, '0');
  return element(TAG.generalizedTime, Buffer.from(`${year}${monthToSecond(at)}Z`, 'latin1'));
}

/** UTCTime to the second; only years 1950 to 2049 have one. */
export function utcTime(ms: number): Uint8Array {
  const at = new Date(ms);
  return element(TAG.utcTime, Buffer.from(`${two(at.getUTCFullYear() % 100)}${monthToSecond(at)}Z`, 'latin1'));
}

/** Time as RFC 5280 §4.1.2.5 has it: UTCTime through 2049, GeneralizedTime from 2050 on. */
export function x509Time(ms: number): Uint8Array {
  const year = new Date(ms).getUTCFullYear();
  return year >= 1950 && year < 2050 ? utcTime(ms) : generalizedTime(ms);
}

function monthToSecond(at: Date): string {
  return two(at.getUTCMonth() + 1) + two(at.getUTCDate()) + two(at.getUTCHours()) + two(at.getUTCMinutes()) + two(at.getUTCSeconds());
}
