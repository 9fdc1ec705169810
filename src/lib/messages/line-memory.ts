/**
 * Remembers what lines of one shape say. A log of failures says the same few sentences all day, with other times, addresses and connection numbers:
 * what a sentence means is worked out once. Bounded; only what cannot change a line's meaning is left out of its shape.
 */
import type { Hit, Said } from './event.js';
import type { Side } from './pattern.js';

/** What is known of a shape. */
export interface KnownLine {
  /** None for a line that says nothing about TLS. */
  hits: readonly Hit[];
  /** Which end it tells to have printed it; `undefined` once it is known that it does not tell, absent before. */
  side?: Side | undefined;
  /** What an event of this line alone says, by the end that printed it. */
  said: Map<Side | undefined, Said>;
}

/** Beyond, everything is forgotten and learnt anew: a log that has more shapes than this does not repeat itself. */
const MOST_SHAPES = 2048;
/** Longer lines seldom repeat. */
const LONGEST_LINE = 2048;

/**
 * Times, IPv4 addresses with their ports, numbers of connections and processes, identifiers. Nothing else that is made of digits: alerts and error codes are
 * told apart by their numbers.
 */
const VARIABLE =
  /\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?|\*\d{1,12} |\[\d{4,10}\]|<0\.\d{1,9}\.\d{1,9}>|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** For the check that none of them can run away. */
export const SHAPE_EXPRESSIONS: readonly RegExp[] = [new RegExp(VARIABLE.source)];

/** The line without what varies in it; undefined for one not worth remembering. */
function shapeOf(text: string): string | undefined {
  return text.length > LONGEST_LINE ? undefined : text.replace(VARIABLE, '\u0001');
}

/** So many lines in a row that are new, over and above those that were known, and remembering is given up for a while. */
const PATIENCE = 64;
const PAUSE = 1024;

export class LineMemory {
  readonly #known = new Map<string, KnownLine>();
  #patience = PATIENCE;
  #pause = 0;

  /** The shape to look up and to learn; undefined where it is not worth it: the line is long, or lines do not repeat themselves here. */
  shapeOf(text: string): string | undefined {
    if (this.#pause > 0) {
      this.#pause -= 1;
      return undefined;
    }
    return shapeOf(text);
  }

  get(shape: string): KnownLine | undefined {
    const known = this.#known.get(shape);
    if (known !== undefined) this.#patience = Math.min(PATIENCE, this.#patience + 1);
    else if (--this.#patience === 0) {
      this.#patience = PATIENCE / 4;
      this.#pause = PAUSE;
    }
    return known;
  }

  learn(shape: string, line: KnownLine): void {
    if (this.#known.size >= MOST_SHAPES) this.#known.clear();
    this.#known.set(shape, line);
  }
}
