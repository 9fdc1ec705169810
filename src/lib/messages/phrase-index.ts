/**
 * Finds any of many phrases in bytes, in one pass that leaps over most of them: Wu and Manber's multi-pattern search
 * with blocks of three bytes. A line that is not about TLS costs less than a nanosecond a byte.
 *
 * Letters match in either case; blank, `_` and `-` match one another, so that "certificate has expired",
 * `CERTIFICATE_HAS_EXPIRED` and "self-signed"/"self signed" are one phrase each.
 */

const BLOCK = 3;
const SHORTEST = 6;

/** A byte as phrases compare it: lower case, and one blank for the three word separators. */
const FOLD = new Uint8Array(256).map((_, byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 0x20;
  return byte === 0x5f || byte === 0x2d ? 0x20 : byte;
});

/** Folds a text for comparing; the length in bytes stays. */
export function foldPhrase(text: string): Uint8Array {
  return new TextEncoder().encode(text).map((byte) => FOLD[byte] as number);
}

/** One occurrence of a phrase: its number in the list given to the index, and where it starts and ends. */
export type OnMatch = (phrase: number, start: number, end: number) => void;

export class PhraseIndex {
  readonly #phrases: readonly Uint8Array[];
  /** How far to move on after seeing a block (indexed by three times five bits); 0: a phrase may begin here. */
  readonly #shift: Uint8Array;
  /** Phrases whose first `#window` bytes end with a block. */
  readonly #ending = new Map<number, number[]>();
  readonly #window: number;

  /** Phrases need six bytes; a shorter one would make every leap short. */
  constructor(phrases: readonly string[]) {
    this.#phrases = phrases.map(foldPhrase);
    for (const [i, phrase] of this.#phrases.entries()) {
      if (phrase.length < SHORTEST) throw new RangeError(`phrase too short to search for: ${JSON.stringify(phrases[i])}`);
    }
    this.#window = this.#phrases.reduce((least, phrase) => Math.min(least, phrase.length), 64);
    const furthest = this.#window - BLOCK + 1;
    this.#shift = new Uint8Array(1 << 15).fill(furthest);
    for (const [number, phrase] of this.#phrases.entries()) {
      for (let end = BLOCK; end <= this.#window; end++) {
        for (const slot of slotsOf(phrase, end - BLOCK)) {
          const shift = this.#window - end;
          if (shift < (this.#shift[slot] as number)) this.#shift[slot] = shift;
          if (shift === 0) {
            const list = this.#ending.get(slot);
            if (list === undefined) this.#ending.set(slot, [number]);
            else if (!list.includes(number)) list.push(number);
          }
        }
      }
    }
  }

  /** Calls `onMatch` for every occurrence that starts in [from, to) and ends within `bytes`, by ascending start. */
  search(bytes: Uint8Array, from: number, to: number, onMatch: OnMatch): void {
    const shift = this.#shift;
    const reach = this.#window - 1;
    const last = Math.min(bytes.length, to + reach);
    let at = from + reach;
    while (at < last) {
      const slot = (((bytes[at - 2] as number) & 31) << 10) | (((bytes[at - 1] as number) & 31) << 5) | ((bytes[at] as number) & 31);
      const leap = shift[slot] as number;
      if (leap > 0) {
        at += leap;
        continue;
      }
      this.#verify(bytes, at - reach, slot, onMatch);
      at += 1;
    }
  }

  #verify(bytes: Uint8Array, start: number, slot: number, onMatch: OnMatch): void {
    for (const number of this.#ending.get(slot) ?? []) {
      const phrase = this.#phrases[number] as Uint8Array;
      if (start + phrase.length > bytes.length) continue;
      let i = 0;
      while (i < phrase.length && FOLD[bytes[start + i] as number] === phrase[i]) i++;
      if (i === phrase.length) onMatch(number, start, start + i);
    }
  }
}

/** Every slot that a folded block may occupy: each separator in it may stand as blank, `_` or `-`. */
function slotsOf(phrase: Uint8Array, at: number): number[] {
  let slots = [0];
  for (let i = 0; i < BLOCK; i++) {
    const byte = phrase[at + i] as number;
    const low = byte === 0x20 ? [0x20 & 31, 0x5f & 31, 0x2d & 31] : [byte & 31];
    slots = slots.flatMap((slot) => low.map((bits) => (slot << 5) | bits));
  }
  return slots;
}
