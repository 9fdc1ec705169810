/** Text that is the encoding of something: bare base64 (once, twice...), base64url and hex dumps. */

const BASE64_TEXT = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Decodes text that is base64 and nothing else; undefined otherwise. Line breaks and blanks are allowed. */
export function decodeBase64Text(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '');
  if (digits.length < 16 || digits.startsWith('-----') || digits.length % 4 === 1 || !BASE64_TEXT.test(digits)) return undefined;
  return Buffer.from(digits, 'base64');
}

/** Decodes `30 82 01 0a`, `3082010a` or `30:82:01:0A`; undefined when the text is not hex of a SEQUENCE. */
export function decodeHexText(text: string): Uint8Array | undefined {
  if (!/^\s*(?:0x)?30[\s:]?8[0-4]/i.test(text)) return undefined;
  const digits = text.replace(/0x|[\s:,]+/gi, '');
  return digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

/** base64 of "-----BEGIN": how PEM looks inside a Secret. */
const PEM_IN_BASE64 = 'LS0tLS1CRUdJTi';

/** Runs of base64 in any text that begin like PEM or, unless `pemOnly`, like a DER structure of some size. */
export function* findEmbeddedBase64(text: string, pemOnly: boolean): Generator<{ bytes: Uint8Array; line: number; context: string }> {
  let line = 1;
  let counted = 0;
  for (const match of text.matchAll(/[A-Za-z0-9+/]{60,}={0,2}/g)) {
    const [run] = match;
    if (!run.startsWith(PEM_IN_BASE64) && (pemOnly || !/^MI[IGEHA-D]/.test(run))) continue;
    for (let at = text.indexOf('\n', counted); at >= 0 && at < match.index; at = text.indexOf('\n', at + 1)) line++;
    counted = match.index;
    const lead = text.slice(Math.max(text.lastIndexOf('\n', match.index) + 1, match.index - 80), match.index);
    const context = /([A-Za-z0-9_.-]{1,60})["']?\s*[:=]\s*["']?$/.exec(lead)?.[1] ?? '';
    yield { bytes: Buffer.from(run, 'base64'), line, context };
  }
}
