import type { EncodingDefect, EncodingProblem } from './certificate.js';
import { type DerReader, type Element, TAG, tagName } from './der.js';

/** Values of the primitive types, from an element that a `DerReader` found. Nothing throws; problems go to the reader's list. */

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Lower-case hex. */
export function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let i = start; i < end; i++) text += HEX[bytes[i] as number];
  return text;
}

/** Bytes of a hex string; colons and spaces between digits are skipped. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/[\s:]/g, '');
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Dotted text of an OBJECT IDENTIFIER's contents; undefined (and a problem) when they are none. */
export function readOid(reader: DerReader, element: Element, what: string): string | undefined {
  const text = oidText(reader.bytes, element.start, element.end);
  if (text === undefined) reader.problems.push({ offset: element.start, severity: 'fatal', message: `${what}: not an object identifier` });
  return text;
}

/** Dotted text of the OID contents in `bytes[start, end)`, or undefined. */
export function oidText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (start >= end || ((bytes[end - 1] as number) & 0x80) !== 0) return undefined;
  let text = '';
  let arc = 0;
  let octets = 0;
  let big: bigint | undefined;
  for (let i = start; i < end; i++) {
    const octet = bytes[i] as number;
    if (octets === 0 && octet === 0x80) return undefined;
    if (++octets > 32) return undefined;
    if (octets === 7) big = BigInt(arc);
    if (big === undefined) arc = arc * 128 + (octet & 0x7f);
    else big = (big << 7n) | BigInt(octet & 0x7f);
    if ((octet & 0x80) !== 0) continue;
    if (text === '') {
      const head = big === undefined ? (arc < 40 ? 0 : arc < 80 ? 1 : 2) : 2;
      text = `${head}.${big === undefined ? arc - head * 40 : big - 80n}`;
    } else {
      text += `.${big ?? arc}`;
    }
    arc = 0;
    octets = 0;
    big = undefined;
  }
  return text;
}

/** BOOLEAN. DER wants 0x00 or 0xff. */
export function readBoolean(reader: DerReader, element: Element, what: string): boolean {
  const length = element.end - element.start;
  if (length !== 1) {
    reader.problems.push({ offset: element.offset, severity: 'fatal', message: `${what}: BOOLEAN of ${length} bytes` });
    return false;
  }
  const octet = reader.bytes[element.start] as number;
  if (octet !== 0 && octet !== 0xff)
    reader.problems.push({
      offset: element.start,
      severity: 'strict',
      defect: 'ber',
      message: `${what}: BOOLEAN is 0x${HEX[octet]}, DER wants 0xff`,
    });
  return octet !== 0;
}

/** Contents of an INTEGER as hex without a leading zero sign byte, and whether it is negative. */
export function readSerial(reader: DerReader, element: Element, what: string): { hex: string; negative: boolean } {
  checkInteger(reader, element, what);
  if (element.start === element.end) return { hex: '', negative: false };
  const first = reader.bytes[element.start] as number;
  const from = first === 0 && element.end - element.start > 1 ? element.start + 1 : element.start;
  return { hex: toHex(reader.bytes, from, element.end), negative: (first & 0x80) !== 0 };
}

function checkInteger(reader: DerReader, element: Element, what: string): void {
  const { bytes } = reader;
  const length = element.end - element.start;
  if (length === 0) {
    reader.problems.push({ offset: element.offset, severity: 'fatal', message: `${what}: INTEGER without contents` });
  } else if (length > 1) {
    const first = bytes[element.start] as number;
    const sign = (bytes[element.start + 1] as number) & 0x80;
    if ((first === 0 && sign === 0) || (first === 0xff && sign !== 0)) {
      reader.problems.push({ offset: element.start, severity: 'strict', message: `${what}: INTEGER not in its shortest form` });
    }
  }
}

/** A small INTEGER or ENUMERATED; undefined (and a problem) when it does not fit 48 bits. */
export function readSmallInteger(reader: DerReader, element: Element, what: string): number | undefined {
  checkInteger(reader, element, what);
  const length = element.end - element.start;
  if (length === 0) return undefined;
  let value = ((reader.bytes[element.start] as number) << 24) >> 24;
  if (length > 6) {
    reader.problems.push({ offset: element.offset, severity: 'strict', defect: 'range', message: `${what}: INTEGER of ${length} bytes` });
    return value < 0 ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  }
  for (let i = element.start + 1; i < element.end; i++) value = value * 256 + (reader.bytes[i] as number);
  return value;
}

/** BIT STRING: its octets and how many bits at the end are unused. */
export function readBitString(reader: DerReader, element: Element, what: string): { bytes: Uint8Array; unused: number } {
  const length = element.end - element.start;
  const unused = length === 0 ? -1 : (reader.bytes[element.start] as number);
  if (unused < 0 || unused > 7 || (length === 1 && unused !== 0)) {
    reader.problems.push({ offset: element.start, severity: 'fatal', message: `${what}: malformed BIT STRING` });
    return { bytes: new Uint8Array(0), unused: 0 };
  }
  if (unused > 0 && ((reader.bytes[element.end - 1] as number) & ((1 << unused) - 1)) !== 0) {
    reader.problems.push({ offset: element.end - 1, severity: 'strict', message: `${what}: unused bits of the BIT STRING are not zero` });
  }
  return { bytes: reader.bytes.subarray(element.start + 1, element.end), unused };
}

/** Names of the set bits of a named bit list, by position. */
export function readNamedBits<T extends string>(reader: DerReader, element: Element, names: readonly T[], what: string): T[] {
  const { bytes, unused } = readBitString(reader, element, what);
  const set: T[] = [];
  names.forEach((name, i) => {
    // Bits that the encoding declares unused name nothing, whatever they are.
    if (i < bytes.length * 8 - unused && ((bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0) set.push(name);
  });
  return set;
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });
const LATIN1 = new TextDecoder('latin1');

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined; // not UTF-8: the caller reports it and shows the bytes as Latin-1
  }
}

/** Text of ASCII bytes, or undefined when one is outside ASCII. Faster than a TextDecoder for the short strings of certificates. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  for (let i = start; i < end; i++) {
    const octet = bytes[i] as number;
    if (octet > 0x7f) return undefined;
    text += String.fromCharCode(octet);
  }
  return text;
}

/** Bytes as Latin-1, for showing what has no better reading. */
export function latin1Text(bytes: Uint8Array): string {
  return LATIN1.decode(bytes);
}

/** Text of any ASN.1 string type; undefined for other types. Wrong characters are a `strict` problem and are shown as Latin-1. */
export function readString(reader: DerReader, element: Element, what: string): string | undefined {
  const { bytes, problems } = reader;
  const { start, end, tag } = element;
  switch (tag) {
    case TAG.utf8String: {
      const text = asciiText(bytes, start, end) ?? decodeUtf8(bytes.subarray(start, end));
      if (text !== undefined) return text;
      problems.push({ offset: start, severity: 'strict', message: `${what}: UTF8String is not UTF-8` });
      return LATIN1.decode(bytes.subarray(start, end));
    }
    case TAG.printableString:
    case TAG.ia5String:
    case TAG.numericString:
    case TAG.visibleString: {
      const text = asciiText(bytes, start, end);
      if (text !== undefined) {
        // X.680 §41.4. "*" and "&" stand in certificates of every age; every reader takes them.
        if (tag === TAG.printableString && !/^[A-Za-z0-9 '()+,./:=?*&-]*$/.test(text))
          problems.push({ offset: start, severity: 'strict', defect: 'character', message: `${what}: "${text}" is no PrintableString` });
        return text;
      }
      problems.push({
        offset: start,
        severity: 'strict',
        defect: 'character',
        message: `${what}: ${tagName(tag)} with bytes outside ASCII`,
      });
      return decodeUtf8(bytes.subarray(start, end)) ?? LATIN1.decode(bytes.subarray(start, end));
    }
    case TAG.teletexString:
      return LATIN1.decode(bytes.subarray(start, end));
    case TAG.bmpString:
    case TAG.universalString: {
      const width = tag === TAG.bmpString ? 2 : 4;
      if ((end - start) % width !== 0)
        problems.push({ offset: start, severity: 'strict', message: `${what}: ${tagName(tag)} of an uneven number of bytes` });
      let text = '';
      for (let i = start; i + width <= end; i += width) {
        let unit = 0;
        for (let j = 0; j < width; j++) unit = unit * 256 + (bytes[i + j] as number);
        text += unit > 0x10ffff ? '\ufffd' : width === 2 ? String.fromCharCode(unit) : String.fromCodePoint(unit);
      }
      return text;
    }
    default:
      return undefined;
  }
}

const TWO_DIGITS = /^\d+$/;

/**
 * Milliseconds since 1970 UTC of a UTCTime or GeneralizedTime element, NaN when it is none.
 * RFC 5280 §4.1.2.5 wants seconds, `Z` and no fraction; other BER forms are read and reported. Month 13 is an error, not next January.
 */
export function readTime(reader: DerReader, element: Element, what: string): number {
  const { problems } = reader;
  const fatal = (message: string): number => {
    problems.push({ offset: element.start, severity: 'fatal', message: `${what}: ${message}` });
    return Number.NaN;
  };
  if (element.tag !== TAG.utcTime && element.tag !== TAG.generalizedTime) return fatal(`expected a time, found ${tagName(element.tag)}`);
  const text = asciiText(reader.bytes, element.start, element.end) ?? '';
  const yearDigits = element.tag === TAG.utcTime ? 2 : 4;
  const match = /^(\d+?)(?:([.,]\d+))?(Z|[+-]\d{4})?$/.exec(text);
  const digits = match?.[1] ?? '';
  const count = digits.length - yearDigits;
  if (match === null || !TWO_DIGITS.test(digits) || (count !== 10 && count !== 8)) return fatal(`"${text}" is not a time`);
  const part = (i: number): number => Number(digits.slice(yearDigits + 2 * i, yearDigits + 2 * i + 2));
  const short = Number(digits.slice(0, yearDigits));
  const year = yearDigits === 4 ? short : short < 50 ? 2000 + short : 1900 + short;
  const [month, day, hour, minute] = [part(0), part(1), part(2), part(3)];
  const second = count === 10 ? part(4) : 0;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  if (month < 1 || month > 12) return fatal(`month ${month} in "${text}"`);
  if (day < 1 || day > days) return fatal(`day ${day} of month ${month} in "${text}"`);
  if (hour > 23 || minute > 59 || second > 59) return fatal(`time of day in "${text}"`);
  const odd = (severity: EncodingProblem['severity'], message: string, defect?: EncodingDefect): void => {
    problems.push({ offset: element.start, severity, message: `${what}: ${message}`, ...(defect === undefined ? {} : { defect }) });
  };
  if (match[3] !== 'Z') odd('strict', 'time without Z (RFC 5280 §4.1.2.5)');
  if (count === 8) odd('strict', 'time without seconds (RFC 5280 §4.1.2.5)', 'time-without-seconds');
  if (match[2] !== undefined) odd('strict', 'fraction of a second (RFC 5280 §4.1.2.5.2)');
  if (yearDigits === 4 && year < 2050 && year >= 1950)
    odd('notice', 'GeneralizedTime for a year before 2050 (RFC 5280 §4.1.2.5)', 'time-choice');
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  let ms = date.getTime();
  if (match[2] !== undefined) ms += Math.floor(Number(`0.${match[2].slice(1, 4)}`) * 1000);
  if (match[3] !== undefined && match[3] !== 'Z') {
    const offset = Number(match[3].slice(1, 3)) * 60 + Number(match[3].slice(3, 5));
    ms -= (match[3].startsWith('-') ? -offset : offset) * 60_000;
  }
  return ms;
}
