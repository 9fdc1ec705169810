/**
 * One failure as a text tells it: the lines that belong together (a stack trace, an error and its echo), the patterns that match
 * in them, and which of those decides. The reason that a verifier names beats the other end's word for it, which beats
 * "handshake failed", which beats a broken connection.
 */
import { meaningOfReceivedAlert, meaningOfSentAlert } from './alert.js';
import { type Captured, captureSurroundings } from './captures.js';
import { type Meaning, meaningOfFault } from './fault.js';
import { parseMessageTime } from './line.js';
import type { Code, Meant, Pattern, Side, Stack, Weight } from './pattern.js';

/** A pattern that matched in a line. */
export interface Hit {
  pattern: Pattern;
  /** The pattern's meaning, a table's entry looked up. */
  meant: Meant;
  line: number;
  /** The line, or what stands about the words that matched in a long one. */
  excerpt: string;
  groups: Readonly<Record<string, string>>;
}

/** Lines that speak of one failure, with what matched in them. */
export interface EventLines {
  firstLine: number;
  lastLine: number;
  /** The lines that matched, joined, bounded. */
  text: string;
  /** When the first of the lines was written, ms since 1970. */
  at: number | undefined;
  hits: readonly Hit[];
}

/** What an event says, decided. */
export interface Said {
  code: Code;
  side: Side;
  /** Nothing in the text tells which end printed it: a client is the likelier one. */
  sideGuessed: boolean;
  stack: Stack;
  also: Code[];
  weight: Weight;
  line: number;
  lastLine: number;
  sample: string;
  at: number | undefined;
  alert: { number: number; received: boolean } | undefined;
  captured: Captured;
  /** Works out the sample and what was captured from the event's own line; present where they are those of an earlier line of its shape. */
  anew?: () => Said;
}

const RANK: Readonly<Record<Weight, number>> = { exact: 5, told: 4, vague: 3, transport: 2, wrapper: 1 };
const IMPRECISE: ReadonlySet<Code> = new Set<Code>(['expired-or-not-yet-valid', 'unknown-authority', 'handshake-failure']);

/** Why a client may have hung up on a server without a word: in TLS 1.3 its refusal is often lost. */
const SILENT_REFUSALS: readonly Code[] = ['unknown-authority', 'san-mismatch', 'expired'];

/** How much a weight decides; higher wins. */
export function rankOf(weight: Weight): number {
  return RANK[weight];
}

function meaningOf({ pattern, meant: says }: Hit, side: Side): Meaning {
  const meaning: Meaning =
    says.kind === 'peer'
      ? meaningOfFault(says.fault, side)
      : says.kind === 'alert'
        ? meaningOfReceivedAlert(says.number, side)
        : says.kind === 'sent'
          ? meaningOfSentAlert(says.number, side)
          : {
              code: says.code,
              also: side === 'server' && says.code === 'reset' ? [...says.also, ...SILENT_REFUSALS] : says.also,
              weight: 'exact',
            };
  return pattern.weight === undefined ? meaning : { ...meaning, weight: pattern.weight };
}

/**
 * Decides an event.
 * @param around which end the text about the event speaks for, where it tells
 * @param captures more of the same text, which may name the event's target; empty for none
 */
export function decide(event: EventLines, around: Side | undefined, captures: string): Said {
  const read = event.hits.map((hit) => {
    const told = hit.pattern.side ?? around;
    // Only a server asks for a certificate that may be missing; anything else a client is the likelier to print.
    const side = told ?? (hit.meant.kind === 'peer' && hit.meant.fault === 'no-certificate' ? 'server' : 'client');
    const meaning = meaningOf(hit, side);
    return { hit, side, guessed: told === undefined, meaning, rank: RANK[meaning.weight] * 2 + (IMPRECISE.has(meaning.code) ? 0 : 1) };
  });
  let best = read[0] as (typeof read)[number];
  for (const other of read) if (other.rank > best.rank) best = other;
  const also = new Set<Code>(best.meaning.also);
  for (const other of read)
    if (RANK[other.meaning.weight] >= RANK.vague && RANK[other.meaning.weight] >= RANK[best.meaning.weight] - 1)
      also.add(other.meaning.code);
  // On the other end the same words mean the other certificate.
  if (best.guessed) also.add(meaningOf(best.hit, 'server').code);
  also.delete(best.meaning.code);
  // An alert's number stands in another of the lines at times ("SSL alert number 48").
  const alertHit = read.find(({ hit }) => hit.meant.kind === 'alert' || hit.meant.kind === 'sent')?.hit.meant;
  const says = best.hit.meant;
  const told = says.kind === 'alert' || says.kind === 'sent' ? says : alertHit;
  return {
    code: best.meaning.code,
    side: best.side,
    sideGuessed: best.guessed,
    stack: best.hit.pattern.stack,
    also: [...also],
    weight: best.meaning.weight,
    line: event.firstLine,
    lastLine: event.lastLine,
    sample: best.hit.excerpt,
    at: event.at,
    alert: told?.kind === 'alert' || told?.kind === 'sent' ? { number: told.number, received: told.kind === 'alert' } : undefined,
    captured: captureAll(event, captures),
  };
}

function captureAll(event: EventLines, context: string): Captured {
  const captured: Captured = { ...(context === '' ? {} : captureSurroundings(context)), ...captureSurroundings(event.text) };
  for (const { groups } of event.hits) {
    const wanted = groups.wanted ?? groups.host2 ?? groups.ip;
    if (wanted !== undefined) captured.wanted = wanted;
    const names = groups.names ?? groups.list ?? groups.peer;
    if (names !== undefined && captured.names === undefined) captured.names = names.trim();
    if (groups.file !== undefined) captured.file = groups.file;
    if (groups.algorithm !== undefined) captured.algorithm = groups.algorithm;
    if (groups.candidate !== undefined) captured.candidate = groups.candidate;
    for (const [group, field] of [
      ['current', 'currentTime'],
      ['notAfter', 'notAfter'],
      ['notBefore', 'notBefore'],
    ] as const) {
      const time = groups[group] === undefined ? undefined : parseMessageTime(groups[group]);
      if (time !== undefined && captured[field] === undefined) captured[field] = new Date(time).toISOString();
    }
  }
  if (captured.host === undefined && captured.wanted !== undefined) captured.host = captured.wanted;
  return captured;
}

/** What a program says of one failure, it says at once. */
const SAME_STORY_MS = 2000;

/** Whether two neighbouring events tell of one failure: near each other, printed by the same end, of different weight, and one explains the other. */
export function belongTogether(earlier: Said, later: Said): boolean {
  if (later.line - earlier.lastLine > 3 || earlier.side !== later.side) return false;
  if (earlier.at !== undefined && later.at !== undefined && Math.abs(later.at - earlier.at) > SAME_STORY_MS) return false;
  // The same said twice, by the library and by the program around it.
  if (earlier.code === later.code && earlier.stack !== later.stack && earlier.at === later.at) return true;
  if (earlier.weight === later.weight) return false;
  if (earlier.captured.peer !== undefined && later.captured.peer !== undefined && earlier.captured.peer !== later.captured.peer)
    return false;
  const [strong, weak] = RANK[earlier.weight] > RANK[later.weight] ? [earlier, later] : [later, earlier];
  return RANK[weak.weight] <= RANK.vague || weak.also.includes(strong.code) || strong.also.includes(weak.code);
}
