import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDINARY_TEXT } from '../../src/lib/messages/ordinary-text.js';
import { PhraseIndex } from '../../src/lib/messages/phrase-index.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const fold = (text: string) => text.toLowerCase().replace(/[_-]/g, ' ');

function found(phrases: readonly string[], text: string): string[] {
  const matches: string[] = [];
  const bytes = bytesOf(text);
  new PhraseIndex(phrases, ORDINARY_TEXT).search(bytes, bytes.length, (phrase, start, end) => matches.push(`${phrase} ${start} ${end}`));
  return matches.sort();
}

/** The same by the simplest means there is. ASCII only, so that characters are bytes. */
function foundSlowly(phrases: readonly string[], text: string): string[] {
  const folded = fold(text);
  return phrases
    .flatMap((phrase, number) => {
      const places: string[] = [];
      for (let at = folded.indexOf(fold(phrase)); at !== -1; at = folded.indexOf(fold(phrase), at + 1))
        places.push(`${number} ${at} ${at + phrase.length}`);
      return places;
    })
    .sort();
}

describe('PhraseIndex', () => {
  it('finds a phrase in any case, with blanks for the separators', () => {
    const phrases = ['certificate has expired', 'self-signed certificate'];
    expect(found(phrases, 'x CERTIFICATE_HAS_EXPIRED y')).toEqual(['0 2 25']);
    expect(found(phrases, 'self signed certificate')).toEqual(['1 0 23']);
    expect(found(phrases, 'certificate has expire')).toEqual([]);
  });

  it('finds phrases that overlap, lie in one another, begin and end the text', () => {
    const phrases = ['handshake failure', 'alert handshake failure', 'failure alert handshake'];
    const text = 'alert handshake failure alert handshake';
    expect(found(phrases, text)).toEqual(foundSlowly(phrases, text));
  });

  it('finds what a plain search finds, whatever the phrases and the text', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'b', 'A', '-', '_', ' ', '0', 'p', 'P', '/', 'z'),
      minLength: 6,
      maxLength: 14,
    });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 12 }),
        fc.array(letters, { maxLength: 30 }),
        fc.array(fc.nat(11), { maxLength: 10 }),
        (phrases, noise, picks) => {
          const text = noise.map((piece, i) => piece + (phrases[(picks[i] ?? 0) % phrases.length] ?? '')).join('');
          expect(found(phrases, text)).toEqual(foundSlowly(phrases, text));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('refuses a phrase that is too short to leap over text for', () => {
    expect(() => new PhraseIndex(['tls: '], ORDINARY_TEXT)).toThrow(RangeError);
  });
});
