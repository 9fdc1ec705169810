/**
 * Everything that a certificate, a peer or a file says passes through here before it reaches a terminal: a subject name may hold
 * an escape sequence that rewrites the line above it, or a bidirectional override that turns a name around (CVE-2021-42574).
 */

/** Invisible or direction-changing code points: soft hyphen, Arabic letter mark, zero-width, bidi marks, embeddings, overrides and isolates, line and paragraph separators, word joiner, BOM, interlinear, tags, variation-selector supplement, fillers. */
const HIDDEN =
  /[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\u{E0000}-\u{E0FFF}]/u;

/** Fast path: printable ASCII alone needs no work. */
const PLAIN = /^[\x20-\x7e]*$/;

function visible(codePoint: number): string {
  if (codePoint <= 0xff) return `\\x${codePoint.toString(16).padStart(2, '0')}`;
  return `\\u{${codePoint.toString(16)}}`;
}

/**
 * Text that is safe on a terminal and inside one line: C0 and C1 controls, DEL, lone surrogates and hidden or
 * direction-changing characters become visible escapes (`\n`, `\x1b`, `\u{202e}`); all other Unicode stays as it is.
 * Backslashes stay single: the result is for eyes, not for parsing.
 * `allow: 'newline'` keeps line feeds, for texts of several lines.
 */
export function escapeForTerminal(text: string, allow?: 'newline'): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  for (const character of text) {
    const codePoint = character.codePointAt(0) as number;
    if (codePoint >= 0x20 && codePoint < 0x7f) out += character;
    else if (codePoint === 0x0a) out += allow === 'newline' ? '\n' : '\\n';
    else if (codePoint === 0x0d) out += '\\r';
    else if (codePoint === 0x09) out += '\\t';
    else if (codePoint < 0xa0 || (codePoint >= 0xd800 && codePoint <= 0xdfff) || HIDDEN.test(character)) out += visible(codePoint);
    else if ((codePoint & 0xfffe) === 0xfffe || (codePoint >= 0xfdd0 && codePoint <= 0xfdef)) out += visible(codePoint);
    else out += character;
  }
  return out;
}
