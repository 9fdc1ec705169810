/** Text out of bytes: byte order marks, UTF-16 and what is no text at all. */

export interface TextForm {
  text: string;
  /** Set when the bytes are not plain ASCII or UTF-8 without a mark. */
  encoding?: 'UTF-8 with byte order mark' | 'UTF-16LE' | 'UTF-16BE';
}

const LATIN1 = new TextDecoder('latin1');
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether every other byte of the start is zero, as in UTF-16 text of ASCII characters. */
function zeroBytesAt(bytes: Uint8Array, parity: 0 | 1): boolean {
  const end = Math.min(bytes.length & ~1, 64);
  if (end < 8) return false;
  for (let i = 0; i < end; i++) if ((bytes[i] === 0) !== (i % 2 === parity)) return false;
  return true;
}

/** Decodes text; undefined when the bytes are binary. */
export function textOf(bytes: Uint8Array): TextForm | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { text: LATIN1.decode(bytes.subarray(3)), encoding: 'UTF-8 with byte order mark' };
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || zeroBytesAt(bytes, 1)) {
    return {
      text: Buffer.from(bytes)
        .toString('utf16le')
        .replace(/^\ufeff/, ''),
      encoding: 'UTF-16LE',
    };
  }
  if ((bytes[0] === 0xfe && bytes[1] === 0xff) || zeroBytesAt(bytes, 0)) {
    return {
      text: Buffer.from(bytes.subarray(0, bytes.length & ~1))
        .swap16()
        .toString('utf16le')
        .replace(/^\ufeff/, ''),
      encoding: 'UTF-16BE',
    };
  }
  let wide = false;
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] as number;
    if (octet >= 0x80) wide = true;
    // Zero and most control characters do not occur in text; a trailing zero of a C string does.
    else if (octet < 0x09 || (octet > 0x0d && octet < 0x20 && octet !== 0x1b)) {
      if (octet === 0 && i > bytes.length - 4) continue;
      return undefined;
    }
  }
  if (!wide) return { text: LATIN1.decode(bytes) };
  try {
    return { text: STRICT_UTF8.decode(bytes) };
  } catch {
    return { text: LATIN1.decode(bytes) }; // a comment in Latin-1 between PEM blocks, or noise: later readers decide
  }
}
