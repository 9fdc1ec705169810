import { metaOf } from '../diagnose/registry.js';
import type { ExplainedCause, Explanation } from '../messages/explanation.js';
import type { Side, Stack } from '../messages/pattern.js';
import { utcTime } from '../time-text.js';
import { escapeForTerminal } from './escape.js';
import { count, displayWidth, hanging, padEnd, truncate, wrap } from './layout.js';
import type { View } from './view.js';

const STACK_NAMES: Readonly<Record<Stack, string>> = {
  openssl: 'OpenSSL',
  boringssl: 'BoringSSL',
  go: 'Go',
  jsse: 'Java',
  bouncycastle: 'Bouncy Castle',
  node: 'Node.js',
  python: 'Python',
  rustls: 'rustls',
  gnutls: 'GnuTLS',
  nss: 'NSS',
  chromium: 'Chromium',
  schannel: 'Windows',
  securetransport: 'Apple',
  mbedtls: 'mbedTLS',
  wolfssl: 'wolfSSL',
  erlang: 'Erlang',
  curl: 'curl',
  wrapper: '',
  transport: '',
};

const PRINTED_BY: Readonly<Record<Side, string>> = {
  client: 'a client printed it',
  server: 'a server printed it',
  startup: 'printed before any handshake',
};

const ACTS: Readonly<Record<string, string>> = {
  server: 'the server has to act',
  client: 'the client has to act',
  network: 'the network between them has to be looked at',
  local: 'the program that printed it has to be given other files',
};

/** Causes beyond this are named in one line each. */
const FULL = 5;
const LABEL = 8;

/** The answer of `explain` for people: the weightiest cause first, each with side, alternatives, and the line that would prove it. */
export function renderExplanation(explanation: Explanation, view: View): string {
  const { style } = view;
  const { causes } = explanation;
  const read = explanation.source === 'text' ? '' : ` in ${count(explanation.lines, 'line')}`;
  if (causes.length === 0) {
    return `${style.ok(`${style.symbol.ok} no TLS failure`)}${read}: nothing here is worded as any TLS stack words a failure`;
  }
  const full = view.verbose ? causes : causes.slice(0, FULL);
  const parts = full.map((cause, i) => renderExplainedCause(cause, view, i > 0 && !view.verbose, explanation.lines === 1));
  const rest = causes.slice(full.length);
  if (rest.length > 0)
    parts.push(
      [
        `and ${count(rest.length, 'more cause')}: --verbose shows all of them`,
        ...rest.slice(0, 10).map((cause) => oneLine(cause, view)),
      ].join('\n'),
    );
  const codes = [...new Set(causes.map((c) => c.code))].filter((code) => metaOf(code) !== undefined);
  const first = codes[0] ?? causes[0]?.alternatives[0]?.code;
  const more = [
    causes.length > 1 ? `${count(causes.length, 'cause')}${read}` : '',
    first === undefined ? '' : `tlsmedic explain ${first}`,
  ].filter((part) => part !== '');
  if (more.length > 0) parts.push(style.dim(`more: ${more.join(` ${style.symbol.bullet} `)}`));
  return parts.join('\n\n');
}

/** One cause as a block; `brief` leaves out what the first block has said already, `only` the number of the one line there is. */
export function renderExplainedCause(cause: ExplainedCause, view: View, brief = false, only = false): string {
  const { style, width } = view;
  const head =
    cause.confidence === 'possible' && cause.alternatives.length > 0
      ? style.warn(`${style.symbol.warn} ${cause.code}`)
      : style.fail(`${style.symbol.fail} ${cause.code}`);
  const lines = headline(head, displayWidth(`  ${cause.code}: `), escapeForTerminal(cause.summary), width);
  lines.push(...wrap(where(cause, view, only), width - 2).map((line) => `  ${style.dim(line)}`));
  lines.push(row('said', truncate(escapeForTerminal(saidOf(cause)), (width - LABEL - 2) * (brief ? 2 : 4) - 8, view), view));
  if (cause.alert !== undefined && !brief) {
    lines.push(
      row(
        'alert',
        `${cause.alert.number} ${cause.alert.name}, sent by the ${cause.alert.sentBy}; such alerts come from ${escapeForTerminal(cause.alert.sentWhen)}`,
        view,
      ),
    );
  }
  const meta = metaOf(cause.code);
  if (meta !== undefined && !brief && cause.alternatives.length < 3) lines.push(row('why', meta.why, view));
  for (const hint of cause.evidence.filter(({ source }) => source === "this machine's clock"))
    lines.push(row('clock', `${hint.fact} ${String(hint.value)}, by ${hint.source}`, view));
  if (cause.alternatives.length > 0) {
    const shown = cause.alternatives.slice(0, brief ? 3 : 6);
    const column = Math.max(24, ...shown.map(({ code }) => code.length));
    shown.forEach((alternative, i) => {
      const lead = i === 0 ? label('or', view) : ' '.repeat(LABEL);
      lines.push(hanging(`  ${lead}${padEnd(alternative.code, column)} `, style.dim(alternative.why), width));
    });
    if (cause.alternatives.length > shown.length)
      lines.push(`  ${' '.repeat(LABEL)}${style.dim(`and ${cause.alternatives.length - shown.length} more`)}`);
  }
  cause.run.slice(0, brief ? 1 : 2).forEach(({ title, command }, i) => {
    const line = escapeForTerminal(command ?? title);
    const fits = LABEL + 2 + line.length + 3 + title.length <= width;
    lines.push(
      `  ${i === 0 ? label('run', view) : ' '.repeat(LABEL)}${style.command(line)}${fits && command !== undefined ? style.dim(`   ${escapeForTerminal(title)}`) : ''}`,
    );
    if (!fits && command !== undefined)
      lines.push(...wrap(escapeForTerminal(title), width - LABEL - 2).map((text) => `  ${' '.repeat(LABEL)}${style.dim(text)}`));
  });
  if (!brief && cause.confidence !== 'possible') {
    cause.fixes.slice(0, 2).forEach(({ title, command }, i) => {
      lines.push(hanging(`  ${i === 0 ? label('fix', view) : ' '.repeat(LABEL)}`, escapeForTerminal(title), width));
      if (command !== undefined) lines.push(`  ${' '.repeat(LABEL)}${style.command(escapeForTerminal(command))}`);
    });
  }
  return lines.join('\n');
}

/** A cause that was shown before, and goes on: how often, and since when. */
export function renderAgain(cause: ExplainedCause, view: View): string {
  const { style } = view;
  const target =
    cause.captured.host === undefined ? '' : ` ${cause.captured.host}${cause.captured.port === undefined ? '' : `:${cause.captured.port}`}`;
  return style.dim(
    truncate(
      `${style.symbol.bullet} ${cause.code}${escapeForTerminal(target)} again: ${count(cause.count, 'time')}${span(cause)}`,
      view.width,
      view,
    ),
  );
}

/** The verdict: its first line begins after the code, the others two columns in. */
function headline(head: string, used: number, summary: string, width: number): string[] {
  const [first = '', ...rest] = wrap(`${'_'.repeat(used - 2)} ${summary}`, width - 2);
  return [`${head}: ${first.slice(used - 1)}`, ...rest.map((line) => `  ${line}`)];
}

function label(text: string, view: View): string {
  return view.style.bold(padEnd(text, LABEL));
}

function row(name: string, text: string, view: View): string {
  return hanging(`  ${label(name, view)}`, text, view.width);
}

/** `expiry/expired · a client printed it (Go) · line 12 · 14 times, 22 Nov 01:24 to 03:12 UTC · likely; the server has to act` */
function where(cause: ExplainedCause, view: View, only: boolean): string {
  const stack = STACK_NAMES[cause.stack];
  const peer =
    cause.captured.peer === undefined || cause.side !== 'server' ? '' : ` about the client ${escapeForTerminal(cause.captured.peer)}`;
  const parts = [
    `${cause.class}/${cause.code}`,
    `${cause.sideGuessed === true ? 'printed by a client, it seems' : PRINTED_BY[cause.side]}${stack === '' ? '' : ` (${stack})`}${peer}`,
    ...(only ? [] : [`line ${cause.line.toLocaleString('en-US')}`]),
    ...(cause.count > 1
      ? [`${count(cause.count, 'time')}${span(cause)}`]
      : cause.first === undefined
        ? []
        : [utcTime(Date.parse(cause.first))]),
    `${cause.confidence}; ${ACTS[cause.party] ?? ''}`,
  ];
  return parts.join(` ${view.style.symbol.bullet} `);
}

function span(cause: ExplainedCause): string {
  if (cause.first === undefined || cause.last === undefined) return '';
  const [from, to] = [utcTime(Date.parse(cause.first)), utcTime(Date.parse(cause.last))];
  if (from === to) return `, ${to}`;
  // "22 Nov 2026 01:24 to 03:12 UTC": the day once.
  const day = from.replace(/ \d\d:\d\d UTC$/, '');
  return `, ${from.replace(/ UTC$/, '')} to ${to.startsWith(`${day} `) ? to.slice(day.length + 1) : to}`;
}

function saidOf(cause: ExplainedCause): string {
  return cause.said.replace(/\s+/g, ' ').trim();
}

function oneLine(cause: ExplainedCause, view: View): string {
  return truncate(
    `  ${cause.code}  ${escapeForTerminal(cause.summary)} (line ${cause.line}${cause.count > 1 ? `, ${cause.count} times` : ''})`,
    view.width,
    view,
  );
}
