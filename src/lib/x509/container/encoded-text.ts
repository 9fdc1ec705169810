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
  const dump = decodeDump(text);
  if (dump !== undefined) return dump;
  if (!/^\s*(?:0x)?30[\s:]?8[0-4]/i.test(text)) return undefined;
  const digits = text.replace(/0x|[\s:,]+/gi, '');
  return digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

/** A dump with offsets, as `xxd` and `hexdump -C` print it. Undefined when the offsets do not follow each other (lines left out with `*`). */
function decodeDump(text: string): Uint8Array | undefined {
  if (!/^\s*0{4,16}:?\s/.test(text)) return undefined;
  const parts: Buffer[] = [];
  let length = 0;
  for (const line of text.split('\n')) {
    const match = /^\s*([0-9a-f]{4,16})(?:: |:? {2}|\s*$)(.*)$/i.exec(line);
    if (match === null) {
      if (line.trim() === '') continue;
      return undefined;
    }
    if (Number.parseInt(match[1] as string, 16) !== length) return undefined;
    // xxd ends the bytes with two blanks, hexdump with " |"; its two halves stand two blanks apart.
    const rest = match[2] as string;
    const digits = (rest.includes(' |') ? rest.slice(0, rest.indexOf(' |')) : (rest.split(/ {2}/)[0] ?? '')).replace(/\s+/g, '');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return undefined;
    parts.push(Buffer.from(digits, 'hex'));
    length += digits.length / 2;
  }
  return length === 0 ? undefined : Buffer.concat(parts);
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
