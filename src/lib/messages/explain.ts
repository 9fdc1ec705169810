/** From a text, or a log of any size, to the causes it speaks of: counted, in order of weight, each with what it cannot rule out. */
import { capturePeer } from './captures.js';
import { belongTogether, decide, type EventLines, type Hit, rankOf, type Said } from './event.js';
import { hitsOf, theLexicon } from './lexicon.js';
import { continues, plainText, timeOf } from './line.js';
import { type KnownLine, LineMemory } from './line-memory.js';
import { LogReader, type Match } from './log-reader.js';
import { isInTheClear, isLookalike } from './lookalike.js';
import type { Side } from './pattern.js';
import { sideOf } from './side.js';

/** A failure that a text speaks of, once for all the times it does. */
export interface Told extends Said {
  count: number;
  /** ms since 1970, of the first and the last time the text says it; absent when its lines carry no times. */
  firstAt: number | undefined;
  lastAt: number | undefined;
}

/** A stack trace may put this many lines between its first line and its cause. */
const TRACE_GAP = 40;
const LONGEST_EVENT_TEXT = 12 * 1024;
/** Different failures told apart; beyond, hosts are no longer distinguished. */
const MOST_CAUSES = 256;
/** In a short text the lines about an event help to find out which end printed it, and what it was talking to. */
const CONTEXT = 16 * 1024;
const AROUND = 12;

/** An event that may go on. */
interface OpenEvent extends EventLines {
  /** What is known of its line, while that is its only one. */
  line: KnownLine | undefined;
  /** Works out the line's own hits, where `hits` are those of an earlier line of its shape. */
  own: (() => Hit[]) | undefined;
}

/**
 * Takes a text in pieces and keeps what it says. `now` serves times without a year only.
 *
 * Memory is bounded by the number of different failures, not by the length of the text.
 */
export class Explainer {
  readonly #now: Date;
  readonly #lexicon = theLexicon();
  readonly #reader: LogReader;
  readonly #told = new Map<string, Told>();
  readonly #memory = new LineMemory();
  /** The beginning of the text, for its surroundings; given up once the text is long. */
  #context = '';
  #short = true;
  #held: OpenEvent[] = [];
  #open: OpenEvent | undefined;
  #recent: OpenEvent | undefined;
  #previous: Said | undefined;

  constructor(now: Date) {
    this.#now = now;
    this.#reader = new LogReader(this.#lexicon.index, (text, number, matches) => this.#line(text, number, matches));
  }

  get lines(): number {
    return this.#reader.lines;
  }

  get bytes(): number {
    return this.#reader.bytes;
  }

  push(chunk: Uint8Array): void {
    if (this.#short) {
      this.#context += new TextDecoder().decode(chunk.subarray(0, CONTEXT));
      if (this.#reader.bytes + chunk.length > CONTEXT) {
        this.#short = false;
        this.#context = '';
        this.#settle();
      }
    }
    this.#reader.push(chunk);
  }

  /** Decides on what has come so far; the text may go on. An event cut in two by a pause is counted twice at worst. */
  pause(): void {
    this.#closeEvent();
    this.#settle();
    this.#settlePrevious();
  }

  /** Ends the text. */
  end(): void {
    this.#reader.end();
    this.#closeEvent();
    this.#settle();
    this.#settlePrevious();
  }

  /** What was said so far, heaviest first: named reasons, then vague ones, then broken connections; often before seldom, early before late. */
  causes(): Told[] {
    return [...this.#told.values()].sort((a, b) => tier(b) - tier(a) || oftenness(b) - oftenness(a) || a.line - b.line);
  }

  #line(raw: string, number: number, matches: readonly Match[]): void {
    const text = plainText(raw);
    const shape = this.#short ? undefined : this.#memory.shapeOf(text);
    const known = shape === undefined ? undefined : this.#memory.get(shape);
    const own = () => hitsOf(this.#lexicon, text, number, matches);
    const hits = known?.hits ?? this.#worthwhile(text, own);
    const line: KnownLine = known ?? { hits, said: new Map() };
    if (known === undefined && shape !== undefined) this.#memory.learn(shape, line);
    if (hits.length === 0) return;
    const at = timeOf(text, this.#now);
    const open = this.#open;
    const goesOn =
      open !== undefined && number - open.lastLine <= TRACE_GAP && (continues(raw) || (at === undefined && number - open.lastLine <= 3));
    if (open !== undefined && goesOn) {
      open.lastLine = number;
      open.hits = [...(open.own?.() ?? open.hits), ...(known === undefined ? hits : own())];
      open.line = undefined;
      open.own = undefined;
      if (open.text.length + text.length < LONGEST_EVENT_TEXT) open.text += `\n${text}`;
      return;
    }
    this.#closeEvent();
    this.#open = { firstLine: number, lastLine: number, text, at, hits, line, own: known === undefined ? undefined : own };
  }

  /** The hits of a line, none if it only looks like a TLS failure. */
  #worthwhile(text: string, own: () => Hit[]): Hit[] {
    if (isLookalike(text)) return [];
    const hits = own();
    return hits.every(({ pattern }) => pattern.weight === 'transport') && isInTheClear(text) ? [] : hits;
  }

  #closeEvent(): void {
    if (this.#open === undefined) return;
    // While the text may still turn out to be short, its events wait for all of the context.
    if (this.#short) this.#held.push(this.#open);
    else this.#decideInStream(this.#open);
    this.#open = undefined;
  }

  /** In a long log an event's surroundings are the one just before it, of the same moment; they tell the side and no more. */
  #decideInStream(event: OpenEvent): void {
    const recent = this.#recent;
    this.#recent = event;
    const near = recent !== undefined && event.firstLine - recent.lastLine <= 3 && sameMoment(recent.at, event.at);
    const side = sideOfEvent(event) ?? (near ? sideOfEvent(recent) : undefined);
    const { line, own, text } = event;
    const before = line?.said.get(side);
    if (before === undefined) {
      const said = decide({ ...event, hits: own?.() ?? event.hits }, side, '');
      // An address is no part of a line's shape: what is said of one is not said of the next.
      if (!isAddress(said.captured.host)) line?.said.set(side, said);
      this.#take(said);
      return;
    }
    const peer = before.captured.peer === undefined ? undefined : capturePeer(text);
    this.#take({
      ...before,
      line: event.firstLine,
      lastLine: event.lastLine,
      at: event.at,
      captured: peer === undefined ? before.captured : { ...before.captured, peer },
      ...(own === undefined ? {} : { anew: () => decide({ ...event, hits: own() }, side, '') }),
    });
  }

  #settle(): void {
    const held = this.#held;
    this.#held = [];
    if (this.#context === '') {
      for (const event of held) this.#decideInStream(event);
      return;
    }
    const lines = this.#context.split('\n');
    for (const [i, event] of held.entries()) {
      const before = held[i - 1];
      const after = held[i + 1];
      const floor = before === undefined || sameMoment(before.at, event.at) ? 0 : before.lastLine;
      const ceiling = after === undefined || sameMoment(after.at, event.at) ? lines.length + 1 : after.firstLine;
      const around = plainText(this.#around(event, lines, floor, ceiling));
      // A neighbour of the same moment helps to tell the side; the target that it names is its own.
      const alone = plainText(this.#around(event, lines, before?.lastLine ?? 0, after?.firstLine ?? lines.length + 1));
      this.#take(decide(event, sideOf(event.text) ?? sideOf(around), alone));
      this.#recent = event;
    }
  }

  /** The lines about an event that belong to no other one: a text without times is one story, in a log each moment is its own. */
  #around(event: EventLines, lines: readonly string[], floor: number, ceiling: number): string {
    const foreign = (line: string) => {
      const at = event.at === undefined ? undefined : timeOf(line, this.#now);
      return at !== undefined && !sameMoment(at, event.at);
    };
    let from = event.firstLine;
    while (from - 1 > floor && event.firstLine - from < AROUND && !foreign(lines[from - 2] ?? '')) from -= 1;
    let to = event.lastLine;
    while (to + 1 < ceiling && to - event.lastLine < AROUND && !foreign(lines[to] ?? '')) to += 1;
    return lines.slice(from - 1, to).join('\n');
  }

  #take(said: Said): void {
    const before = this.#previous;
    if (before !== undefined && belongTogether(before, said)) {
      const [strong, weak] = rankOf(before.weight) >= rankOf(said.weight) ? [before, said] : [said, before];
      this.#previous = {
        ...strong,
        line: before.line,
        lastLine: said.lastLine,
        at: before.at ?? said.at,
        captured: { ...weak.captured, ...strong.captured },
        alert: strong.alert ?? weak.alert,
      };
      return;
    }
    this.#settlePrevious();
    this.#previous = said;
  }

  #settlePrevious(): void {
    if (this.#previous === undefined) return;
    const { anew, ...said } = this.#previous;
    this.#previous = undefined;
    const general = `${said.side} ${said.code}`;
    const exact = `${general} ${said.stack} ${said.captured.host ?? ''}:${said.captured.port ?? ''} ${said.captured.file ?? ''}`;
    const key = this.#told.has(exact) || this.#told.size < MOST_CAUSES ? exact : general;
    const known = this.#told.get(key);
    if (known === undefined) {
      const fresh = anew?.();
      const own = fresh === undefined ? said : { ...said, sample: fresh.sample, captured: { ...said.captured, ...fresh.captured } };
      this.#told.set(key, { ...own, count: 1, firstAt: said.at, lastAt: said.at });
      return;
    }
    known.count += 1;
    if (said.at !== undefined) {
      known.firstAt = Math.min(known.firstAt ?? said.at, said.at);
      known.lastAt = Math.max(known.lastAt ?? said.at, said.at);
    }
  }
}

/** Which end an event tells to have printed it. */
function sideOfEvent({ line, text }: OpenEvent): Side | undefined {
  if (line === undefined) return sideOf(text);
  if (!('side' in line)) line.side = sideOf(text);
  return line.side;
}

function isAddress(host: string | undefined): boolean {
  return host !== undefined && /^[0-9.]+$/.test(host);
}

/** Written within a second of one another, by clocks that both lines show. */
function sameMoment(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1000;
}

function tier(told: Told): number {
  const rank = rankOf(told.weight);
  return rank >= rankOf('told') ? 3 : rank - 1;
}

/** Order of magnitude to base 4, so that a stray line does not stand before what happens all the time. */
function oftenness(told: Told): number {
  return Math.floor(Math.log(told.count) / Math.log(4));
}

/** Explains a text that is at hand as a whole. */
export function explainText(text: string, now: Date): Told[] {
  const explainer = new Explainer(now);
  explainer.push(new TextEncoder().encode(text));
  explainer.end();
  return explainer.causes();
}
