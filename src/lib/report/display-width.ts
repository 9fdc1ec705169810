/** How many terminal columns a text takes: colour sequences and combining marks none, East Asian wide and emoji two. */

/** Colour sequences of our own (SGR); a peer's never get here, they were escaped. */
const SGR = /\x1b\[[0-9;]*m/g;
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const ASCII_ONLY = /^[\x20-\x7e]*$/;

/** Ranges of East_Asian_Width W and F (Unicode Annex 11), coarse at the block edges. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Columns of one character (code point). */
export function characterWidth(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x300) return codePoint < 0x20 ? 0 : 1;
  if (ZERO.test(character)) return 0;
  for (const [from, to] of WIDE) if (codePoint >= from && codePoint <= to) return 2;
  return 1;
}

/** The text without our own colour sequences. */
export function stripStyle(text: string): string {
  return text.includes('\x1b') ? text.replace(SGR, '') : text;
}

/** Columns of a text of one line. */
export function displayWidth(text: string): number {
  const bare = stripStyle(text);
  if (ASCII_ONLY.test(bare)) return bare.length;
  let width = 0;
  for (const character of bare) width += characterWidth(character);
  return width;
}
