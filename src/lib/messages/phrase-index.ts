/**
 * Finds any of many phrases in bytes, in one pass that leaps over most of them: Wu and Manber's multi-pattern search
 * with blocks of three bytes. A line that is not about TLS costs a few nanoseconds a byte.
 *
 * Letters match in either case; blank, `_` and `-` match one another, so that "certificate has expired",
 * `CERTIFICATE_HAS_EXPIRED` and "self-signed"/"self signed" are one phrase each.
 *
 * What is searched for is not the beginning of a phrase but that window of six bytes in it that ordinary text resembles least:
 * "error: " begins a thousand lines of a log, "rtificat" hardly any.
 */

const BLOCK = 3;
const WINDOW = 6;
const SLOTS = 1 << 15;

/** A byte as phrases compare it: lower case, and one blank for the three word separators. */
const FOLD = new Uint8Array(256).map((_, byte) => {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 0x20;
  return byte === 0x5f || byte === 0x2d ? 0x20 : byte;
});

/** Folds a text for comparing; the length in bytes stays. */
function foldPhrase(text: string): Uint8Array {
  return new TextEncoder().encode(text).map((byte) => FOLD[byte] as number);
}

/** One occurrence of a phrase: its number in the list given to the index, and where it starts and ends. */
export type OnMatch = (phrase: number, start: number, end: number) => void;

export class PhraseIndex {
  readonly #phrases: readonly Uint8Array[];
  /** Where the window stands in each phrase. */
  readonly #offsets: number[] = [];
  /** How far to move on after seeing a block (indexed by three times five bits); 0: a window may end here. */
  readonly #shift = new Uint8Array(SLOTS).fill(WINDOW - BLOCK + 1);
  /** Whether a window begins with a block: most of what ends like one does not. */
  readonly #begins = new Uint8Array(SLOTS);
  /** Phrases by their window: where leaping stops, one look tells the few that may stand there from the many that end alike. */
  readonly #windows = new Map<number, number[]>();

  /**
   * @param phrases of six bytes at least
   * @param ordinary a text as it is mostly found, for choosing the windows
   */
  constructor(phrases: readonly string[], ordinary: string) {
    this.#phrases = phrases.map(foldPhrase);
    const frequency = frequencies(ordinary);
    const shortFirst = this.#phrases
      .map((_, i) => i)
      .sort((a, b) => (this.#phrases[a] as Uint8Array).length - (this.#phrases[b] as Uint8Array).length);
    for (const number of shortFirst) {
      const phrase = this.#phrases[number] as Uint8Array;
      if (phrase.length < WINDOW) throw new RangeError(`phrase too short to search for: ${JSON.stringify(phrases[number])}`);
      const offset = this.#cheapestWindow(phrase, frequency);
      this.#offsets[number] = offset;
      this.#enter(phrase, offset, number);
    }
  }

  /** The window that makes the fewest blocks of ordinary text stop the leaps; blocks that stop them already cost nothing. */
  #cheapestWindow(phrase: Uint8Array, frequency: Uint16Array): number {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let offset = 0; offset + WINDOW <= phrase.length; offset++) {
      let cost = 0;
      for (let end = BLOCK; end <= WINDOW; end++) {
        const slot = slotOf(phrase, offset + end - BLOCK);
        const gained = (this.#shift[slot] as number) - (WINDOW - end);
        if (gained > 0) cost += gained * (frequency[slot] as number);
        if (end === WINDOW) cost += (frequency[slot] as number) / 4;
      }
      if (cost < least) {
        least = cost;
        best = offset;
      }
    }
    return best;
  }

  #enter(phrase: Uint8Array, offset: number, number: number): void {
    for (let end = BLOCK; end <= WINDOW; end++) {
      for (const slot of slotsOf(phrase, offset + end - BLOCK)) {
        const shift = WINDOW - end;
        if (shift < (this.#shift[slot] as number)) this.#shift[slot] = shift;
      }
    }
    for (const slot of slotsOf(phrase, offset)) this.#begins[slot] = 1;
    const window = windowOf(phrase, offset);
    const list = this.#windows.get(window);
    if (list === undefined) this.#windows.set(window, [number]);
    else list.push(number);
  }

  /** Calls `onMatch` for every occurrence in the first `length` bytes, roughly by ascending place (never a later line before an earlier one). */
  search(bytes: Uint8Array, length: number, onMatch: OnMatch): void {
    const shift = this.#shift;
    const begins = this.#begins;
    let at = WINDOW - 1;
    while (at < length) {
      const slot = (((bytes[at - 2] as number) & 31) << 10) | (((bytes[at - 1] as number) & 31) << 5) | ((bytes[at] as number) & 31);
      const leap = shift[slot] as number;
      if (leap > 0) {
        at += leap;
        continue;
      }
      const window = at - WINDOW + 1;
      if (begins[slotOf(bytes, window)] === 1) this.#verify(bytes, length, window, onMatch);
      at += 1;
    }
  }

  #verify(bytes: Uint8Array, length: number, window: number, onMatch: OnMatch): void {
    const list = this.#windows.get(windowOf(bytes, window));
    if (list === undefined) return;
    for (const number of list) {
      const phrase = this.#phrases[number] as Uint8Array;
      const offset = this.#offsets[number] as number;
      const start = window - offset;
      const end = start + phrase.length;
      if (start < 0 || end > length) continue;
      let i = 0;
      while (i < phrase.length && FOLD[bytes[start + i] as number] === phrase[i]) i++;
      if (i === phrase.length) onMatch(number, start, end);
    }
  }
}

const slotOf = (bytes: Uint8Array, at: number) =>
  (((bytes[at] as number) & 31) << 10) | (((bytes[at + 1] as number) & 31) << 5) | ((bytes[at + 2] as number) & 31);

/** Six bytes as phrases compare them, five bits each. */
const windowOf = (bytes: Uint8Array, at: number) =>
  ((low(bytes, at) << 25) |
    (low(bytes, at + 1) << 20) |
    (low(bytes, at + 2) << 15) |
    (low(bytes, at + 3) << 10) |
    (low(bytes, at + 4) << 5) |
    low(bytes, at + 5)) >>>
  0;
const low = (bytes: Uint8Array, at: number) => (FOLD[bytes[at] as number] as number) & 31;

/** How often each block occurs in a text; one at least. */
function frequencies(text: string): Uint16Array {
  const counts = new Uint16Array(SLOTS).fill(1);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at + BLOCK <= bytes.length; at++) {
    const slot = slotOf(bytes, at);
    counts[slot] = (counts[slot] as number) + 16;
  }
  return counts;
}

/** Every slot that a folded block may occupy: each separator in it may stand as blank, `_` or `-`. */
function slotsOf(phrase: Uint8Array, at: number): number[] {
  if (phrase[at] !== 0x20 && phrase[at + 1] !== 0x20 && phrase[at + 2] !== 0x20) return [slotOf(phrase, at)];
  let slots = [0];
  for (let i = 0; i < BLOCK; i++) {
    const byte = phrase[at + i] as number;
    const low = byte === 0x20 ? [0x20 & 31, 0x5f & 31, 0x2d & 31] : [byte & 31];
    slots = slots.flatMap((slot) => low.map((bits) => (slot << 5) | bits));
  }
  return slots;
}
