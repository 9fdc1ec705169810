import { grouped } from '../grouped.js';
import { characterWidth, displayWidth, stripStyle } from './display-width.js';
import type { View } from './view.js';

export { displayWidth };

/** Fills with blanks on the right up to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** Fills with blanks on the left up to `width` columns. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** At most `width` columns; what is cut off is shown by an ellipsis. Colour is dropped from a text that has to be cut. */
export function truncate(text: string, width: number, view: View): string {
  if (displayWidth(text) <= width) return text;
  const { ellipsis } = view.style.symbol;
  const room = width - displayWidth(ellipsis);
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  let out = '';
  let used = 0;
  for (const character of stripStyle(text)) {
    used += characterWidth(character);
    if (used > room) break;
    out += character;
  }
  return out + ellipsis;
}

/** Long identifiers keep both ends: `9f1c02…44a0`. */
export function truncateMiddle(text: string, width: number, view: View): string {
  if (displayWidth(text) <= width) return text;
  const { ellipsis } = view.style.symbol;
  const characters = [...text];
  const room = Math.max(2, width - displayWidth(ellipsis));
  const head = Math.ceil(room / 2);
  return characters.slice(0, head).join('') + ellipsis + characters.slice(characters.length - (room - head)).join('');
}

/**
 * Breaks a text at blanks into lines of at most `width` columns; words longer than a line stand alone and stay whole
 * (a command or an address must be copyable). Line feeds in the text are kept as breaks.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let used = 0;
    for (const word of paragraph.split(/ +/)) {
      const columns = displayWidth(word);
      if (line !== '' && used + 1 + columns > width) {
        lines.push(line);
        line = '';
        used = 0;
      }
      line = line === '' ? word : `${line} ${word}`;
      used = used === 0 ? columns : used + 1 + columns;
    }
    lines.push(line);
  }
  return lines;
}

/** Wraps behind a label: the label stands on the first line, the others are indented under its end. */
export function hanging(label: string, text: string, width: number): string {
  const indent = displayWidth(label);
  const lines = wrap(text, Math.max(20, width - indent));
  return lines.map((line, index) => (index === 0 ? label + line : ' '.repeat(indent) + line)).join('\n');
}

/** Puts `by` in front of every line that is not empty. */
export function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : by + line))
    .join('\n');
}

/** A bar of `width` columns filled to `fraction` (0 to 1). */
export function bar(fraction: number, width: number, view: View): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return view.style.symbol.barFull.repeat(full) + view.style.symbol.barEmpty.repeat(width - full);
}

/** `1 certificate`, `3 certificates`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${grouped(n)} ${n === 1 ? singular : plural}`;
}
