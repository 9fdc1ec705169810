import type { HandshakeRecord } from '../observe/observation.js';
import { opensslWords } from '../tls/openssl-words.js';
import type { TranscriptMessage } from '../tls/transcript.js';
import { TLS_13 } from '../tls/versions.js';
import { escapeForTerminal } from './escape.js';
import { displayWidth, padEnd, truncate, wrap } from './layout.js';
import { type MessageText, messageText } from './message-text.js';
import type { View } from './view.js';

/** One row of the diagram: a message, or a remark between messages. */
export type SequenceRow =
  | { ms: number; from: 'client' | 'server'; text: MessageText }
  | { ms: number; remark: string; tone: 'good' | 'bad' };

/** What the diagram needs of a handshake. */
export type SequenceSource = Pick<HandshakeRecord, 'transcript' | 'timings' | 'secureConnect' | 'outcome' | 'error'>;

/**
 * The rows of a handshake's sequence diagram, for any renderer. Escaped for a terminal. Unless `complete`, the ChangeCipherSpec that
 * TLS 1.3 sends for middleboxes is left out: it means nothing.
 */
export function sequenceRows(record: SequenceSource, { complete = false }: { complete?: boolean } = {}): SequenceRow[] {
  const rows: SequenceRow[] = [];
  const messages = record.transcript?.messages ?? [];
  const hello = messages.find((message) => message.type === 'client_hello');
  const connectedAt = record.secureConnect && hello ? hello.ms + (record.timings.handshakeMs ?? 0) : undefined;
  let marked = connectedAt === undefined;
  let finishedSeen = false;
  const tls13 = messages.some((message) => message.type === 'server_hello' && message.hello.version === TLS_13);
  const hidden = complete ? new Map<TranscriptMessage, number>() : featureLines(messages);
  for (const message of messages) {
    const skipped = hidden.get(message);
    if (skipped !== undefined) {
      if (skipped > 0) {
        const title = `(${skipped} more ${skipped === 1 ? 'line' : 'lines'})`;
        rows.push({ ms: message.ms, from: 'server', text: { title, details: [], tone: 'quiet' } });
      }
      continue;
    }
    if (!marked && finishedSeen && message.from === 'server' && message.ms > (connectedAt as number)) {
      rows.push({ ms: connectedAt as number, remark: 'here the client says "connected"', tone: 'good' });
      marked = true;
    }
    if (message.type === 'finished') finishedSeen = true;
    if (message.type === 'change_cipher_spec' && tls13 && !complete) continue;
    rows.push({ ms: message.ms, from: message.from, text: messageText(message) });
  }
  if (!marked) rows.push({ ms: connectedAt as number, remark: 'here the client says "connected"', tone: 'good' });
  const end = endRemark(record);
  if (end) rows.push(end);
  return rows;
}

/** A reply longer than this (the features of a mail server) is shortened to its first and last line and what it says of STARTTLS. */
const LONG_REPLY = 4;

/** Lines of long replies that are left out; the first of each gap says how many, the others zero. */
function featureLines(messages: readonly TranscriptMessage[]): Map<TranscriptMessage, number> {
  const hidden = new Map<TranscriptMessage, number>();
  const isLine = (message: TranscriptMessage | undefined) => message?.type === 'preface' && message.from === 'server';
  for (let from = 0; from < messages.length; from += 1) {
    let to = from;
    while (isLine(messages[to])) to += 1;
    let gap: TranscriptMessage | undefined;
    for (const line of to - from > LONG_REPLY ? messages.slice(from + 1, to - 1) : []) {
      if (line.type === 'preface' && /STARTTLS/i.test(line.text)) gap = undefined;
      else {
        gap ??= line;
        hidden.set(line, 0);
        hidden.set(gap, (hidden.get(gap) ?? 0) + 1);
      }
    }
    from = Math.max(from, to);
  }
  return hidden;
}

const SILENCE: Readonly<Record<string, string>> = {
  aborted: 'interrupted here, no answer so far',
  deadline: 'no further answer until the deadline',
};

function endRemark(record: SequenceSource): SequenceRow | undefined {
  const ms = record.timings.totalMs;
  switch (record.outcome) {
    case 'rejected-late':
      return { ms, remark: 'rejected after the client thought it was done', tone: 'bad' };
    case 'closed-late':
      return { ms, remark: 'closed without an alert after the client thought it was done', tone: 'bad' };
    case 'silent':
      return { ms, remark: SILENCE[record.error?.code ?? ''] ?? 'no further answer until the time-out', tone: 'bad' };
    case 'broken-off-here':
      return {
        ms,
        remark: `broken off here: ${escapeForTerminal(opensslWords(record.error?.message ?? record.error?.code ?? 'unknown'))}`,
        tone: 'bad',
      };
    default:
      return undefined;
  }
}

/** Columns of the arrow with the milliseconds in its middle. */
const ARROW = 14;

/**
 * The sequence diagram for a terminal: the client's messages left, the server's right, milliseconds since the first byte in the middle.
 * Messages of one flight share the time of their first.
 */
export function renderSequence(record: HandshakeRecord, view: View): string[] {
  const { style } = view;
  const left = Math.min(40, Math.max(12, Math.floor((view.width - ARROW - 2) * 0.4)));
  const right = view.width - left - ARROW - 2;
  const { address, port, proxy } = record.sent;
  const server = `server ${address.includes(':') && !address.startsWith('unix:') ? `[${address}]` : address}${port ? `:${port}` : ''}${proxy ? ' by proxy' : ''}`;
  const lines = [
    `${style.bold(padEnd('client', left))} ${style.dim(padEnd('      ms', ARROW))} ${style.bold(truncate(escapeForTerminal(server), right, view))}`,
  ];
  let last = '';
  for (const row of sequenceRows(record, { complete: view.verbose })) {
    if ('remark' in row) {
      const mark = row.tone === 'good' ? style.ok(style.symbol.ok) : style.fail(style.symbol.fail);
      wrap(row.remark, view.width - 4).forEach((line, index) => {
        lines.push(`${index === 0 ? `${mark} ` : '  '}${style.dim(line)}`);
      });
      continue;
    }
    const flight = `${row.from} ${row.ms.toFixed(1)}`;
    const time = flight === last ? '' : row.ms.toFixed(1);
    last = flight;
    const arrow = arrowText(row.from, time, view);
    const width = row.from === 'client' ? left : right;
    const cells = cellLines(row.text, width, view);
    cells.forEach((cell, index) => {
      const middle = index === 0 ? arrow : ' '.repeat(ARROW);
      lines.push((row.from === 'client' ? `${padEnd(cell, left)} ${middle}` : `${' '.repeat(left)} ${middle} ${cell}`).trimEnd());
    });
  }
  return lines;
}

function arrowText(from: 'client' | 'server', time: string, view: View): string {
  const { horizontal, arrowRight, arrowLeft } = view.style.symbol;
  const head = from === 'client' ? arrowRight : arrowLeft;
  const line = horizontal.repeat(2);
  const fill = ARROW - displayWidth(head) - 4;
  const middle =
    time === ''
      ? horizontal.repeat(fill)
      : ` ${time} `.padStart(Math.ceil((fill + time.length + 2) / 2), horizontal).padEnd(fill, horizontal);
  return view.style.dim(from === 'client' ? `${line}${middle}${line}${head}` : `${head}${line}${middle}${line}`);
}

/** Title and details in a column: on one line when they fit, else wrapped under the title. */
function cellLines(text: MessageText, width: number, view: View): string[] {
  const { style } = view;
  const paint =
    text.tone === 'bad' ? style.fail : text.tone === 'good' ? style.ok : text.tone === 'quiet' ? style.dim : (plain: string) => plain;
  const title = paint(truncate(text.title, width, view));
  const details = text.details.join(', ');
  if (details === '') return [title];
  if (displayWidth(text.title) + 2 + displayWidth(details) <= width) return [`${title}  ${style.dim(details)}`];
  const rest = wrap(details, width - 2).map((line) => `  ${style.dim(truncate(line, width - 2, view))}`);
  const most = view.verbose ? rest.length : 3;
  return [title, ...rest.slice(0, most), ...(rest.length > most ? [`  ${style.dim(style.symbol.ellipsis)}`] : [])];
}
