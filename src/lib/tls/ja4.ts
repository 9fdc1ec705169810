import { createHash } from 'node:crypto';
import type { ClientHello } from './transcript.js';
import { isGrease } from './versions.js';

/*
 * JA4, the TLS client fingerprint of FoxIO (technical details published under BSD 3-Clause): three parts joined by `_`, the first readable,
 * the others hashes over what the ClientHello offers, sorted, so that a client that shuffles its extensions keeps its fingerprint.
 */

const SERVER_NAME = 0x0000;
const ALPN = 0x0010;

const VERSION_TEXT = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
  [0x0002, 's2'],
]);

/** JA4 of a ClientHello that came over TCP, `t13d1516h2_8daaf6152771_e5627efa2ab1`. GREASE counts for nothing. */
export function ja4(hello: ClientHello): string {
  const suites = hello.cipherSuites.filter(notGrease);
  const extensions = hello.extensions.filter(notGrease);
  const readable = [
    't',
    VERSION_TEXT.get(Math.max(0, ...hello.versions.filter(notGrease))) ?? '00',
    extensions.includes(SERVER_NAME) ? 'd' : 'i',
    twoDigits(suites.length),
    twoDigits(extensions.length),
    firstAndLast(hello.alpn[0]),
  ].join('');
  const hashed = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN);
  const schemes = hello.signatureSchemes.filter(notGrease).map(hex4).join(',');
  const tail = sortedHex(hashed) + (schemes === '' ? '' : `_${schemes}`);
  return `${readable}_${digest(sortedHex(suites))}_${hashed.length === 0 ? EMPTY : digest(tail)}`;
}

const EMPTY = '000000000000';

function notGrease(value: number): boolean {
  return !isGrease(value);
}

function twoDigits(count: number): string {
  return String(Math.min(99, count)).padStart(2, '0');
}

/** First and last character of the first ALPN name; of its hex text when either is no letter or digit. */
function firstAndLast(protocol: string | undefined): string {
  if (protocol === undefined || protocol === '') return '00';
  const ends = `${protocol.charAt(0)}${protocol.charAt(protocol.length - 1)}`;
  if (/^[A-Za-z0-9]{2}$/.test(ends)) return ends;
  const hex = Buffer.from(protocol, 'latin1').toString('hex');
  return `${hex.charAt(0)}${hex.charAt(hex.length - 1)}`;
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function sortedHex(values: readonly number[]): string {
  return values.map(hex4).sort().join(',');
}

/** The first twelve hex digits of SHA-256; twelve zeros for nothing. */
function digest(text: string): string {
  return text === '' ? EMPTY : createHash('sha256').update(text).digest('hex').slice(0, 12);
}
