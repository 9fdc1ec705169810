/** What `tlsmedic explain` answers: the causes that a text speaks of, each with who has to act, what it could be instead, and what to run. */
import type { Alternative, Cause, Confidence, EvidenceItem, Fix, Party } from '../cause.js';
import { classOf } from '../cause.js';
import { fittingFixes } from '../diagnose/cause-of.js';
import { fillTemplates, type PlaceholderValues } from '../diagnose/meta.js';
import { metaOf } from '../diagnose/registry.js';
import { durationInWords, utcTime } from '../time-text.js';
import { alertOf } from '../tls/alerts.js';
import type { Captured } from './captures.js';
import type { Told } from './explain.js';
import type { Code, Side, Stack } from './pattern.js';
import { proofCommands } from './proof-command.js';

/** An alert that the text speaks of (RFC 8446 §6). */
export interface ExplainedAlert {
  number: number;
  name: string;
  /** Which end sent it. */
  sentBy: 'client' | 'server';
  /** What the sender says with it. */
  meaning: string;
  /** Who sends it in practice, and what makes them. */
  sentWhen: string;
}

export interface ExplainedCause extends Cause {
  /** Which end printed the text; not the end that has to act. */
  side: Side;
  /** Nothing in the text tells which end printed it; `client` is the likelier. */
  sideGuessed?: true;
  /** Whose words they are. */
  stack: Stack;
  /** Line of the first occurrence, from 1. */
  line: number;
  count: number;
  /** Times of the first and the last occurrence by the text's own clock, ISO 8601; absent when its lines carry none. */
  first?: string;
  last?: string;
  alert?: ExplainedAlert;
  captured: Captured;
  /** The line itself, shortened. */
  said: string;
  /** What to run to prove it, or to find out which of the alternatives it is. */
  run: Fix[];
}

export interface Explanation {
  schema: 'tlsmedic/explanation@1';
  /** No TLS failure in the text. */
  ok: boolean;
  at: string;
  /** `-`, a file name, or `text`. */
  source: string;
  lines: number;
  bytes: number;
  causes: ExplainedCause[];
}

const VAGUE_TITLES: Readonly<Record<string, string>> = {
  'expired-or-not-yet-valid': 'a certificate is outside its validity window, and the text does not tell at which end of it',
  'unknown-authority': 'no path to a trust anchor was found, and the text does not tell why',
  'handshake-failure': 'the handshake failed, and the text does not tell why',
};
const VAGUE_PARTIES: Readonly<Record<string, Party>> = {
  'expired-or-not-yet-valid': 'server',
  'unknown-authority': 'server',
  'handshake-failure': 'server',
};

/** A line of a log may be long; this much of it is kept. */
const SAID = 400;
/** Two clocks this far apart are not the same moment read twice. */
const SKEW_MS = 5 * 60_000;
const MOST_ALTERNATIVES = 8;
/** Alerts by which a verifier refuses the other end's certificate. */
const CERTIFICATE_ALERTS: ReadonlySet<number> = new Set([42, 43, 44, 45, 46, 48]);

/** The title of a code, also of those that only a text gives. */
export function titleOf(code: Code): string {
  return metaOf(code)?.title ?? VAGUE_TITLES[code] ?? code;
}

/** Puts what a text told into the document's shape. `now` is this machine's clock. */
export function explanationOf(told: readonly Told[], about: { source: string; lines: number; bytes: number; now: Date }): Explanation {
  const causes = told.map((one) => explainedCause(one, about.now));
  return {
    schema: 'tlsmedic/explanation@1',
    ok: causes.length === 0,
    at: about.now.toISOString(),
    source: about.source,
    lines: about.lines,
    bytes: about.bytes,
    causes,
  };
}

/** One cause in the document's shape. */
export function explainedCause(told: Told, now: Date): ExplainedCause {
  const clock = clockHint(told, now);
  const code = clock?.code ?? told.code;
  const also = [...(clock?.code === undefined ? [] : [told.code]), ...(clock?.also ?? []), ...told.also].filter(
    (c, i, all) => c !== code && all.indexOf(c) === i,
  );
  const meta = metaOf(code);
  const values = valuesOf(told.captured);
  return {
    class: classOf(code),
    code,
    party: partyOf(code, told.side),
    confidence: confidenceOf(told, also.length),
    summary: summaryOf(told, code),
    evidence: evidenceOf(told, clock),
    fixes: meta === undefined ? [] : fillTemplates(fittingFixes(meta), values),
    alternatives: also.slice(0, MOST_ALTERNATIVES).map((c): Alternative => ({ class: classOf(c), code: c, why: titleOf(c) })),
    side: told.side,
    ...(told.sideGuessed ? { sideGuessed: true as const } : {}),
    stack: told.stack,
    line: told.line,
    count: told.count,
    ...(told.firstAt === undefined ? {} : { first: new Date(told.firstAt).toISOString() }),
    ...(told.lastAt === undefined ? {} : { last: new Date(told.lastAt).toISOString() }),
    ...alertPart(told),
    captured: told.captured,
    said: told.sample.length > SAID ? `${told.sample.slice(0, SAID)}…` : told.sample,
    run: proofCommands(code, also, told.side, told.captured),
  };
}

/** A text never proves anything by itself: the named reason is likely, the rest possible. */
function confidenceOf(told: Told, alternatives: number): Confidence {
  if (told.weight === 'exact') return 'likely';
  return told.weight === 'told' && alternatives <= 3 ? 'likely' : 'possible';
}

function partyOf(code: Code, side: Side): Party {
  if (side === 'startup') return 'local';
  return metaOf(code)?.party ?? VAGUE_PARTIES[code] ?? 'server';
}

function alertPart(told: Told): { alert?: ExplainedAlert } {
  if (told.alert === undefined || told.side === 'startup') return {};
  const { number, received } = told.alert;
  const description = alertOf(number);
  if (description === undefined) return {};
  const sentBy = (told.side === 'client') === received ? 'server' : 'client';
  return { alert: { number, name: description.name, sentBy, meaning: description.meaning, sentWhen: description.sentWhen } };
}

/** One sentence with the names and numbers in it. */
function summaryOf(told: Told, code: Code): string {
  const { captured, side } = told;
  const alert = alertPart(told).alert;
  if (code === 'local-clock-skew' && captured.currentTime !== undefined) {
    return `the clock of the machine that wrote this (${utcTime(Date.parse(captured.currentTime))}) is ahead of this machine's: the certificate may be fine`;
  }
  if (captured.notAfter !== undefined && (code === 'expired' || code === 'client-cert-expired')) {
    const ago =
      captured.currentTime === undefined
        ? ''
        : `, ${durationInWords((Date.parse(captured.currentTime) - Date.parse(captured.notAfter)) / 1000)} before the text was written`;
    return `${code === 'client-cert-expired' ? "the client's certificate" : 'a certificate'} ran out on ${utcTime(Date.parse(captured.notAfter))}${ago}`;
  }
  if (captured.notBefore !== undefined && code === 'not-yet-valid')
    return `a certificate begins only on ${utcTime(Date.parse(captured.notBefore))}`;
  if (code === 'san-mismatch' && captured.wanted !== undefined) {
    return captured.names === undefined
      ? `the certificate is not for ${captured.wanted}`
      : `the certificate is for ${captured.names}, not for ${captured.wanted}`;
  }
  if (code === 'stale-trust-bundle' && captured.candidate !== undefined)
    return `a trusted authority has the issuer's name "${captured.candidate}" but another key: the trust bundle is older than the authority`;
  if (code === 'weak-signature' && captured.algorithm !== undefined)
    return `a certificate is signed with ${captured.algorithm}, which is refused`;
  if (side === 'startup' && captured.file !== undefined) return `${titleOf(code)}: ${captured.file}`;
  if (alert !== undefined && CERTIFICATE_ALERTS.has(alert.number)) {
    return `the ${alert.sentBy} refused the ${alert.sentBy === 'client' ? 'server' : 'client'}'s certificate, alert ${alert.number} ${alert.name}: ${alert.meaning}`;
  }
  if (alert !== undefined) return `the ${alert.sentBy} sent alert ${alert.number} ${alert.name}: ${alert.meaning}`;
  return titleOf(code);
}

interface ClockHint {
  code?: Code;
  also?: Code[];
  evidence: EvidenceItem;
}

/**
 * What "current time T is after N" says against this machine's clock: a T in the future is a clock ahead; an N still to come, likewise.
 * A T long past is only an old log.
 */
function clockHint(told: Told, now: Date): ClockHint | undefined {
  const { currentTime, notAfter, notBefore } = told.captured;
  const theirs = currentTime === undefined ? undefined : Date.parse(currentTime);
  const source = "this machine's clock";
  if (theirs !== undefined && theirs - now.getTime() > SKEW_MS) {
    const evidence: EvidenceItem = { fact: 'clock of the text ahead by', value: durationInWords((theirs - now.getTime()) / 1000), source };
    const stillValid = notAfter !== undefined && Date.parse(notAfter) > now.getTime();
    return stillValid ? { code: 'local-clock-skew', also: [], evidence } : { also: ['local-clock-skew'], evidence };
  }
  if (notBefore !== undefined && Date.parse(notBefore) <= now.getTime()) {
    const evidence: EvidenceItem = {
      fact: 'valid by now, since',
      value: durationInWords((now.getTime() - Date.parse(notBefore)) / 1000),
      source,
    };
    return { also: ['local-clock-skew'], evidence };
  }
  if (notAfter !== undefined && Date.parse(notAfter) > now.getTime())
    return {
      also: ['local-clock-skew'],
      evidence: { fact: 'still valid by now, for', value: durationInWords((Date.parse(notAfter) - now.getTime()) / 1000), source },
    };
  return undefined;
}

function evidenceOf(told: Told, clock: ClockHint | undefined): EvidenceItem[] {
  const source = `line ${told.line}`;
  const items: EvidenceItem[] = [{ fact: 'said', value: told.sample.slice(0, SAID), source }];
  if (told.alert !== undefined) items.push({ fact: 'alert', value: told.alert.number, source });
  for (const [fact, value] of Object.entries(told.captured)) if (value !== undefined) items.push({ fact, value, source });
  if (clock !== undefined) items.push(clock.evidence);
  return items;
}

/** Captured values in the places of a fix's command. */
function valuesOf(captured: Captured): PlaceholderValues {
  return {
    host: captured.host,
    port: captured.port,
    name: captured.wanted ?? captured.host,
    file: captured.file,
    protocol: captured.starttls,
  };
}
