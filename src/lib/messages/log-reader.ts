/** Reads a log of any size in constant memory and hands on only the lines that may be about TLS. */
import type { PhraseIndex } from './phrase-index.js';

/** A phrase found in a line: its number in the index and its place in the line, in bytes. */
export interface Match {
  phrase: number;
  start: number;
  end: number;
}

/** A line that holds at least one phrase. `number` counts from 1. */
export type OnLine = (text: string, number: number, matches: readonly Match[]) => void;

const NEWLINE = 0x0a;
/** A longer line is read in pieces; no message is that long, and binary may have no line ends at all. */
const LONGEST_LINE = 64 * 1024;
/** What is looked at of one line, around its first match. */
const LONGEST_TEXT = 8 * 1024;
const MOST_MATCHES = 64;

export class LogReader {
  readonly #index: PhraseIndex;
  readonly #onLine: OnLine;
  readonly #decoder = new TextDecoder('utf-8');
  #rest: Uint8Array = new Uint8Array(0);
  #lines = 0;
  #bytes = 0;

  constructor(index: PhraseIndex, onLine: OnLine) {
    this.#index = index;
    this.#onLine = onLine;
  }

  /** Lines read so far, the last one included once `end` was called. */
  get lines(): number {
    return this.#lines;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next bytes, of any length, cut anywhere. */
  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    let data = chunk;
    if (this.#rest.length > 0) {
      data = new Uint8Array(this.#rest.length + chunk.length);
      data.set(this.#rest);
      data.set(chunk, this.#rest.length);
    }
    const lastEnd = data.lastIndexOf(NEWLINE);
    let complete = lastEnd + 1;
    // Without a line end in sight the line is cut, so that memory stays bounded.
    if (data.length - complete > LONGEST_LINE) complete = data.length;
    this.#read(data, complete);
    this.#rest = data.slice(complete);
  }

  /** Reads what is left: the last line needs no line end. */
  end(): void {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    if (rest.length > 0) this.#read(rest, rest.length);
  }

  #read(data: Uint8Array, length: number): void {
    const buffer = Buffer.from(data.buffer, data.byteOffset, length);
    let counted = 0;
    let lineStart = 0;
    let lineEnd = -1;
    let matches: Match[] = [];
    const flush = () => {
      if (matches.length === 0) return;
      const first = matches.reduce((least, m) => Math.min(least, m.start), lineEnd);
      const from = Math.max(lineStart, Math.min(first - LONGEST_TEXT / 4, lineEnd - LONGEST_TEXT));
      const to = Math.min(lineEnd, from + LONGEST_TEXT);
      const shown = matches
        .filter((m) => m.start >= from && m.end <= to)
        .map((m) => ({ phrase: m.phrase, start: m.start - from, end: m.end - from }));
      this.#onLine(this.#decoder.decode(buffer.subarray(from, to)), this.#lines + 1, shown);
      matches = [];
    };
    this.#index.search(buffer, length, (phrase, start, end) => {
      if (start >= lineEnd) {
        flush();
        // Lines are counted from match to match: cheaper than looking at every byte.
        for (let at = buffer.indexOf(NEWLINE, counted); at !== -1 && at < start; at = buffer.indexOf(NEWLINE, counted)) {
          this.#lines += 1;
          counted = at + 1;
        }
        lineStart = counted;
        const next = buffer.indexOf(NEWLINE, start);
        lineEnd = next === -1 ? length : next;
      }
      if (end <= lineEnd && matches.length < MOST_MATCHES) matches.push({ phrase, start, end });
    });
    flush();
    for (let at = buffer.indexOf(NEWLINE, counted); at !== -1; at = buffer.indexOf(NEWLINE, counted)) {
      this.#lines += 1;
      counted = at + 1;
    }
    if (counted < length) this.#lines += 1;
  }
}
