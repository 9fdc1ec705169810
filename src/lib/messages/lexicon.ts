/** Every pattern by its phrases, and which of them a line holds. */
import type { Hit } from './event.js';
import type { Match } from './log-reader.js';
import { ORDINARY_TEXT } from './ordinary-text.js';
import { keyOf, type Pattern } from './pattern.js';
import { PhraseIndex } from './phrase-index.js';
import { PATTERNS } from './stacks.js';

const EXCERPT = 300;
/** Of a line longer than a screen's, what stands before the words that matched is cut to this. */
const LEAD = 60;
const SHORT = 150;

export interface Lexicon {
  index: PhraseIndex;
  /** The patterns that a phrase is a candidate for. */
  candidates: Pattern[][];
}

let lexicon: Lexicon | undefined;

/** Built at first use: the index takes some milliseconds. */
export function theLexicon(): Lexicon {
  if (lexicon !== undefined) return lexicon;
  const numbers = new Map<string, number>();
  const phrases: string[] = [];
  const candidates: Pattern[][] = [];
  for (const pattern of PATTERNS) {
    for (const phrase of pattern.phrases) {
      const key = phrase.toLowerCase().replace(/[_-]/g, ' ');
      let number = numbers.get(key);
      if (number === undefined) {
        number = phrases.push(phrase) - 1;
        numbers.set(key, number);
        candidates.push([]);
      }
      candidates[number]?.push(pattern);
    }
  }
  lexicon = { index: new PhraseIndex(phrases, ORDINARY_TEXT), candidates };
  return lexicon;
}

/** The patterns whose phrase is here and whose expression agrees; a longer wording hides the shorter inside it. */
export function hitsOf({ candidates }: Lexicon, text: string, line: number, matches: readonly Match[]): Hit[] {
  const found: Array<{ hit: Hit; start: number; end: number }> = [];
  for (const { phrase, start, end } of matches) {
    for (const pattern of candidates[phrase] as Pattern[]) {
      if (found.some(({ hit }) => hit.pattern === pattern)) continue;
      let groups: Record<string, string> = {};
      if (pattern.text !== undefined) {
        const match = pattern.text.exec(text);
        if (match === null) continue;
        groups = Object.fromEntries(
          Object.entries(match.groups ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined),
        );
      }
      const meant = pattern.says.kind === 'table' ? pattern.says.of.get(keyOf(groups.key ?? '')) : pattern.says;
      if (meant === undefined) continue;
      found.push({ hit: { pattern, meant, line, excerpt: excerptOf(text, start), groups }, start, end: end + (groups.key?.length ?? 0) });
    }
  }
  return found
    .filter(
      (one) =>
        !found.some(
          (other) =>
            other.start <= one.start &&
            other.end >= one.end &&
            other.end - other.start > one.end - one.start &&
            other.hit.pattern.weight !== 'wrapper',
        ),
    )
    .map(({ hit }) => hit);
}

/** What is shown of a line: all of it, or in a long one from a little before the words that matched. */
function excerptOf(text: string, start: number): string {
  if (text.length <= SHORT) return text;
  const cut = start <= LEAD ? 0 : Math.max(0, Math.min(start - LEAD, text.length - SHORT));
  // Not in the middle of a word, unless it is a very long one.
  const blank = cut === 0 ? -1 : text.indexOf(' ', cut);
  const from = blank !== -1 && blank < cut + LEAD / 2 ? blank + 1 : cut;
  return `${from > 0 ? '…' : ''}${text.slice(from, from + EXCERPT)}${from + EXCERPT < text.length ? '…' : ''}`;
}
