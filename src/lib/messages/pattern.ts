/**
 * A pattern: how one TLS stack words one fact. Patterns are data; what the fact means for whoever reads the
 * text depends on which end printed it, and is decided in fault.ts and alert.ts.
 */
import type { CauseCode, VagueCode } from '../cause.js';

/** Which end printed the text: `startup` for a program that could not load its own files, before any handshake. */
export type Side = 'client' | 'server' | 'startup';

/** The implementation whose words a text uses. */
export type Stack =
  | 'openssl'
  | 'boringssl'
  | 'go'
  | 'jsse'
  | 'bouncycastle'
  | 'node'
  | 'python'
  | 'rustls'
  | 'gnutls'
  | 'nss'
  | 'chromium'
  | 'schannel'
  | 'securetransport'
  | 'mbedtls'
  | 'wolfssl'
  | 'erlang'
  | 'curl'
  | 'wrapper'
  | 'transport';

export type Code = CauseCode | VagueCode;

/** What the printing end found wrong with the certificate (or the silence) of its peer. */
export type Fault =
  | 'expired'
  | 'not-yet-valid'
  | 'expired-or-not-yet-valid'
  | 'issuer-expired'
  | 'unknown-issuer'
  | 'leaf-only'
  | 'self-signed'
  | 'self-signed-in-chain'
  | 'distrusted-root'
  | 'same-name-other-key'
  | 'name'
  | 'no-san'
  | 'purpose'
  | 'not-a-ca'
  | 'path-length'
  | 'name-constraint'
  | 'weak-signature'
  | 'weak-key'
  | 'bad-signature'
  | 'malformed'
  | 'revoked'
  | 'revocation-unknown'
  | 'no-certificate'
  | 'refused'
  | 'verify-failed'
  | 'unnamed-alert';

/**
 * What a text says. `peer`: the printing end refused its peer's certificate. `alert`: it received that alert, so the
 * other end refused. `sent`: it sent that alert itself. `code`: the words mean one thing whoever prints them;
 * `also` names what they cannot rule out, most likely first.
 * `table`: what the group `key` of the expression stands for decides (see `tableOf`).
 */
export type Says = Meant | { kind: 'table'; of: ReadonlyMap<string, Meant> };

/** What a text says, once it is known. */
export type Meant =
  | { kind: 'peer'; fault: Fault }
  | { kind: 'alert'; number: number }
  | { kind: 'sent'; number: number }
  | { kind: 'code'; code: Code; also: readonly Code[] };

/**
 * How much a text decides when several speak of one failure: `exact` names the reason, `told` is the other end's
 * word for it, `vague` leaves several, `transport` is what remains when a connection broke, `wrapper` says only that something failed.
 */
export type Weight = 'exact' | 'told' | 'vague' | 'transport' | 'wrapper';

export interface Pattern {
  stack: Stack;
  /**
   * Literal texts, any of which makes the pattern a candidate. Letters match in either case; blank, `_` and `-` match
   * one another. Six bytes at least, so that the scan can leap.
   */
  phrases: readonly string[];
  /** When present it must match too; linear in the line's length. Its named groups are captures. */
  text?: RegExp;
  says: Says;
  /** Only where the words themselves tell which end speaks. */
  side?: Side;
  weight?: Weight;
}

/** The printing end refused its peer's certificate for this reason. */
export const peer = (fault: Fault): Meant => ({ kind: 'peer', fault });
/** An alert that was received. */
export const alert = (number: number): Meant => ({ kind: 'alert', number });
/** An alert that the printing end sent. */
export const sent = (number: number): Meant => ({ kind: 'sent', number });
/** One code, whoever prints it. */
export const code = (name: Code, ...also: Code[]): Meant => ({ kind: 'code', code: name, also });

/** Several wordings of one stack, each with what it says: the usual shape of a stack's file. */
export function patternsOf(
  stack: Stack,
  rows: ReadonlyArray<readonly [phrases: string | readonly string[], says: Says, more?: Partial<Pattern>]>,
): Pattern[] {
  return rows.map(([phrases, says, more]) => ({ stack, phrases: typeof phrases === 'string' ? [phrases] : phrases, says, ...more }));
}

/**
 * One pattern for a whole table of a stack's words: `before` is the source of what stands in front of the word, `after` of what follows.
 * The words become the group `key`, the longest first.
 */
export function tableOf(
  stack: Stack,
  phrases: readonly string[],
  [before, after]: readonly [before: string, after: string],
  rows: ReadonlyArray<readonly [key: string | number, meant: Meant]>,
  more: Partial<Pattern> = {},
): Pattern {
  const of = new Map(rows.map(([key, meant]) => [keyOf(String(key)), meant]));
  const words = rows
    .map(([key]) => String(key))
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/(?<!^)[ _-]/g, '[ _-]'));
  return { stack, phrases, text: new RegExp(`${before}(?<key>${words.join('|')})${after}`, 'i'), says: { kind: 'table', of }, ...more };
}

/** A key as tables hold it. */
export function keyOf(text: string): string {
  return text.toLowerCase().replace(/(?<!^)[_-]/g, ' ');
}
