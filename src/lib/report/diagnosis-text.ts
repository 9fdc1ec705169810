import type { Cause, Party } from '../cause.js';
import type { ChainCertificate, Diagnosis, HandshakeDocument } from '../diagnose/diagnosis.js';
import { durationInWords, utcRange } from '../time-text.js';
import { escapeForTerminal as esc } from './escape.js';
import { hanging, indent, padEnd, truncate, wrap } from './layout.js';
import type { View } from './view.js';

/** The report for people: verdict first, then where it failed, the chain, proof, and what to type. */

const WHO: Record<Party, string> = {
  server: 'The server has to act.',
  client: 'The client has to act.',
  network: 'The network has to act.',
  local: 'This machine has to act.',
};

const CONFIDENCE: Record<Cause['confidence'], string> = { certain: 'Certain', likely: 'Likely', possible: 'Possible' };

/** The reason behind the confidence, where a finding gives one. */
function becauseOf(cause: Cause): string {
  const because = cause.evidence.find(({ fact }) => fact === 'confidence because' || fact === 'because')?.value;
  if (typeof because === 'string' && because !== '') return `${CONFIDENCE[cause.confidence]}: ${because}.`;
  if (cause.alternatives.length > 0)
    return `${CONFIDENCE[cause.confidence]}; it might also be ${cause.alternatives.map(({ code }) => code).join(' or ')}.`;
  return `${CONFIDENCE[cause.confidence]}.`;
}

export function renderDiagnosis(diagnosis: Diagnosis, view: View): string {
  const blocks = [
    headline(diagnosis, view),
    strip(diagnosis, view),
    chain(diagnosis, view),
    ...(diagnosis.causes[0] === undefined ? [] : [details(diagnosis, diagnosis.causes[0], view)]),
    ...(diagnosis.causes.length > 1 ? [alsoFound(diagnosis.causes.slice(1), view)] : []),
    warnings(diagnosis, view),
    coverage(diagnosis, view),
    ...(view.verbose ? [evidence(diagnosis, view), handshakes(diagnosis, view)] : []),
    next(diagnosis, view),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** One line a run, for `--watch`. */
export function renderDiagnosisLine(diagnosis: Diagnosis, view: View): string {
  const [first] = diagnosis.causes;
  const time = view.style.dim(diagnosis.at.slice(11, 19));
  if (first === undefined) return `${time} ${view.style.ok(`${view.style.symbol.ok} healthy`)}`;
  return truncate(`${time} ${view.style.fail(`${view.style.symbol.fail} ${esc(first.code)}`)}: ${esc(first.summary)}`, view.width, view);
}

/** Symbol, code and sentence; the code at the right edge where there is room. */
function headline(diagnosis: Diagnosis, view: View): string {
  const { style, width } = view;
  const [first] = diagnosis.causes;
  const host = esc(diagnosis.target.host);
  if (first === undefined) {
    const warned =
      diagnosis.warnings.length > 0
        ? `, with ${diagnosis.warnings.length === 1 ? 'a warning' : `${diagnosis.warnings.length} warnings`}`
        : '';
    const line = `${style.ok(`${style.symbol.ok} healthy:`)} nothing stands in the way of TLS with ${host}:${diagnosis.target.port}${warned}`;
    return line;
  }
  const tag = `${first.class}/${first.code}`;
  const sentence = `${esc(first.code)}: ${esc(first.summary)}`;
  const label = `${style.symbol.fail} `;
  const lines = wrap(sentence, width - 2);
  const head = lines.map((line, index) => (index === 0 ? style.fail(style.bold(label + line)) : style.fail(`  ${line}`)));
  const last = lines.at(-1) ?? '';
  const room = width - 2 - last.length - tag.length;
  if (room >= 2) head[head.length - 1] = `${head.at(-1)}${' '.repeat(room)}${style.dim(tag)}`;
  else head.push(style.dim(`  ${tag}`));
  const more = diagnosis.causes.length > 1 ? ` ${diagnosis.causes.length - 1} more below.` : '';
  return [...head, ...wrap(esc(`${WHO[first.party]} ${becauseOf(first)}${more}`), width - 2).map((line) => `  ${line}`)].join('\n');
}

/** The handshake as a strip, with the step that failed. */
function strip(diagnosis: Diagnosis, view: View): string {
  const { style, width } = view;
  const record = tellingHandshake(diagnosis);
  if (record === undefined) return '';
  const bar = style.unicode ? ' ── ' : ' -- ';
  const steps = stepsOf(diagnosis, record);
  const words = steps.map(({ text, state }) => {
    const mark = state === 'fail' ? ` ${style.symbol.fail}` : state === 'ok' ? '' : '';
    const shown = esc(text) + mark;
    return state === 'fail' ? style.fail(shown) : state === 'dim' ? style.dim(shown) : shown;
  });
  const lines: string[] = [];
  let line = '';
  let used = 0;
  steps.forEach((step, index) => {
    const length = step.text.length + (step.state === 'fail' ? 2 : 0);
    if (used > 0 && used + 4 + length > width - 2) {
      lines.push(line);
      line = `  ${words[index]}`;
      used = length + 2;
    } else {
      line = used === 0 ? (words[index] ?? '') : `${line}${style.dim(bar)}${words[index]}`;
      used += length + (used === 0 ? 0 : 4);
    }
  });
  lines.push(line);
  return indent(lines.join('\n'), '  ');
}

interface Step {
  text: string;
  state: 'ok' | 'fail' | 'dim';
}

/** The handshake that shows the failure best: a refused one, else the look. */
function tellingHandshake({ handshakes }: Diagnosis): HandshakeDocument | undefined {
  return handshakes.find(({ experiment }) => experiment === 'look') ?? handshakes[0];
}

const CERTIFICATE_CLASSES: ReadonlySet<string> = new Set([
  'expiry',
  'clock-skew',
  'unknown-authority',
  'san-mismatch',
  'invalid-certificate',
  'revocation',
  'deployment',
]);

function stepsOf(diagnosis: Diagnosis, record: HandshakeDocument): Step[] {
  const steps: Step[] = [];
  const [first] = diagnosis.causes;
  if (record.outcome === 'unreachable')
    return [{ text: `tcp to ${record.sent.address}:${record.sent.port}: ${record.error?.code ?? 'unreachable'}`, state: 'fail' }];
  if (record.timings.tcpMs !== undefined)
    steps.push({ text: `tcp ${record.timings.tcpMs.toFixed(record.timings.tcpMs < 10 ? 1 : 0)} ms`, state: 'ok' });
  if (record.sent.starttls !== undefined)
    steps.push({ text: `STARTTLS ${record.sent.starttls}`, state: record.outcome === 'preface-failed' ? 'fail' : 'ok' });
  if (record.outcome === 'preface-failed') return steps;
  steps.push({ text: `ClientHello${record.sent.servername === undefined ? ' without SNI' : ''}`, state: 'ok' });
  if (record.outcome === 'not-tls') return [...steps, { text: 'an answer that is no TLS', state: 'fail' }];
  const negotiated = record.negotiated ?? undefined;
  const shown = negotiated !== undefined && negotiated.cipher !== '';
  if (shown) steps.push({ text: `ServerHello ${negotiated?.version.replace('TLSv', 'TLS ') ?? ''}`, state: 'ok' });
  if (record.certificateRequest !== null) steps.push({ text: 'CertificateRequest', state: 'ok' });
  const badCertificate =
    diagnosis.chain.some(({ problems }) => problems.length > 0) &&
    first !== undefined &&
    (CERTIFICATE_CLASSES.has(first.class) || first.party === 'server');
  if (record.chain.length > 0) steps.push({ text: `Certificate (${record.chain.length})`, state: badCertificate ? 'fail' : 'ok' });
  if (record.clientCertificatesSent !== null)
    steps.push({
      text: record.clientCertificatesSent === 0 ? 'our Certificate: none' : `our Certificate (${record.clientCertificatesSent})`,
      state: first?.class === 'client-auth' ? 'fail' : 'ok',
    });
  if (record.secureConnect) steps.push({ text: 'Finished', state: 'ok' });
  if (record.alertReceived !== null && record.alertReceived !== undefined)
    steps.push({ text: `alert ${record.alertReceived.number} ${record.alertReceived.name} from the server`, state: 'fail' });
  else if (record.alertSent !== null && record.alertSent !== undefined)
    steps.push({ text: `alert ${record.alertSent.number} ${record.alertSent.name} from us`, state: 'fail' });
  else if (record.outcome === 'closed' || record.outcome === 'closed-late') steps.push({ text: 'connection ended', state: 'fail' });
  else if (record.outcome === 'silent') steps.push({ text: 'silence', state: 'fail' });
  else if (record.outcome === 'broken-off-here') steps.push({ text: record.error?.code ?? 'broken off here', state: 'fail' });
  const http =
    record.http ?? diagnosis.handshakes.find(({ http, sent }) => http !== null && sent.client === record.sent.client)?.http ?? null;
  if (http !== null)
    steps.push({
      text: `HTTP ${http.status}`,
      state: http.status >= 400 && (first?.class === 'client-auth' || first?.code === 'peer-clock-skew') ? 'fail' : 'dim',
    });
  return steps;
}

function chain(diagnosis: Diagnosis, view: View): string {
  const { style } = view;
  if (diagnosis.chain.length === 0) return '';
  const now = Date.parse(diagnosis.at);
  const nameWidth = Math.min(34, Math.max(...diagnosis.chain.map((one) => nameOf(one).length)));
  const lines = diagnosis.chain.map((one) => certificateLine(one, nameWidth, now, view));
  const best = diagnosis.paths[0];
  const anchor = best?.steps.find(({ role }) => role === 'anchor');
  if (anchor !== undefined && !diagnosis.chain.some(({ fingerprint }) => fingerprint === anchor.fingerprint))
    lines.push(`${style.symbol.anchor} ${esc(anchor.subject)} ${style.dim(`(${esc(anchor.source)})`)}`);
  else if (anchor !== undefined) lines.push(style.dim(`${style.symbol.anchor} trusted: ${esc(anchor.source)}`));
  else if (best?.missing !== undefined)
    lines.push(style.fail(`${style.symbol.fail} ${truncate(esc(best.missing.name), view.width - 40, view)}: not sent, not trusted`));
  return indent(lines.join('\n'), '  ');
}

function nameOf(certificate: ChainCertificate): string {
  const common = /CN=((?:[^,\\]|\\.)+)/.exec(certificate.subject)?.[0];
  return esc(common ?? certificate.names[0] ?? (certificate.subject || `serial ${certificate.serial}`));
}

function certificateLine(certificate: ChainCertificate, nameWidth: number, now: number, view: View): string {
  const { style, width } = view;
  const bad = certificate.problems.length > 0;
  const mark = bad ? style.fail(style.symbol.fail) : certificate.used ? style.ok(style.symbol.ok) : style.dim(style.symbol.bullet);
  const from = Date.parse(certificate.notBefore ?? '');
  const to = Date.parse(certificate.notAfter ?? '');
  const range = utcRange(from, to, now, style.unicode ? '→' : '->');
  const dates =
    to < now
      ? `expired ${durationInWords((now - to) / 1000)} ago`
      : from > now
        ? `begins in ${durationInWords((from - now) / 1000)}`
        : `valid ${durationInWords((to - now) / 1000)} more`;
  const others = certificate.problems.filter((code) => code !== 'expired' && code !== 'not-yet-valid' && !code.endsWith('-clock-skew'));
  const unused = certificate.used || bad ? [] : ['not needed'];
  const notes = [dates, ...others, ...unused].join(', ');
  const name = padEnd(truncate(nameOf(certificate), nameWidth, view), nameWidth);
  const line = `${certificate.index} ${mark} ${name}  ${range}`;
  const plainLength = 4 + nameWidth + 2 + range.length;
  const shown = bad ? style.fail(notes) : style.dim(notes);
  return plainLength + 2 + notes.length <= width - 2 ? `${line}  ${shown}` : `${line}\n      ${shown}`;
}

const LABEL = 8;

function details(diagnosis: Diagnosis, cause: Cause, view: View): string {
  const { style, width } = view;
  const lines: string[] = [];
  const why = diagnosis.explanations[cause.code];
  if (why !== undefined) lines.push(hanging(`  ${padEnd('why', LABEL)}`, why.why, width));
  cause.fixes.slice(0, view.verbose ? 99 : 4).forEach((fix, index) => {
    const label = `  ${padEnd(index === 0 ? `fix  ${index + 1}` : `     ${index + 1}`, LABEL)}`;
    lines.push(hanging(label, esc(fix.title), width));
    if (fix.command !== undefined) lines.push(`  ${' '.repeat(LABEL)}${style.command(esc(fix.command))}`);
  });
  const [proof] = why?.confirm ?? [];
  if (proof?.command !== undefined) lines.push(`  ${padEnd('proof', LABEL)}${style.command(esc(proof.command))}`);
  return lines.join('\n');
}

function alsoFound(causes: readonly Cause[], view: View): string {
  const { style, width } = view;
  const lines = causes.map((cause) =>
    style.fail(hanging(`  ${style.symbol.fail} `, `${esc(cause.code)}: ${esc(cause.summary)} (${cause.confidence})`, width)),
  );
  return ['  also wrong', ...lines].join('\n');
}

function warnings(diagnosis: Diagnosis, view: View): string {
  const { style, width } = view;
  return diagnosis.warnings
    .map((cause) => style.warn(hanging(`  ${style.symbol.warn} `, `${esc(cause.code)}: ${esc(cause.summary)}`, width)))
    .join('\n');
}

function coverage(diagnosis: Diagnosis, view: View): string {
  const { style, width } = view;
  const lines: string[] = [];
  if (diagnosis.ok || view.verbose)
    for (const item of diagnosis.checked) lines.push(hanging(`  ${style.ok(style.symbol.ok)} `, esc(item), width));
  const shown = diagnosis.ok || view.verbose ? diagnosis.notChecked : diagnosis.notChecked.slice(0, 3);
  for (const item of shown) lines.push(style.dim(hanging(`  ${style.symbol.unknown} not checked: `, esc(item), width)));
  const { environment } = diagnosis.given;
  const names = Object.keys(environment);
  if (names.length > 0)
    lines.push(style.dim(hanging('  ', `set here and able to change what other programs do: ${esc(names.join(', '))}`, width)));
  return lines.join('\n');
}

function evidence(diagnosis: Diagnosis, view: View): string {
  const { width, style } = view;
  const blocks = [...diagnosis.causes, ...diagnosis.warnings].map((cause) => {
    const facts = cause.evidence.map(({ fact, value, source }) =>
      hanging('    ', `${esc(fact)}: ${esc(String(value))} ${style.dim(`[${esc(source)}]`)}`, width),
    );
    return [
      `  ${esc(cause.code)} (${cause.confidence})`,
      ...facts,
      ...cause.alternatives.map(({ code, why }) => hanging('    ', `or ${code}: ${esc(why)}`, width)),
    ].join('\n');
  });
  const clocks = diagnosis.clock.readings.map(
    ({ source, offsetSeconds, uncertaintySeconds, error }) =>
      `    ${esc(source)}: ${error === null ? `${offsetSeconds} s ± ${uncertaintySeconds} s` : esc(error)}`,
  );
  return ['  evidence', ...blocks, ...(clocks.length > 0 ? ['  clocks, against this machine', ...clocks] : [])].join('\n');
}

function handshakes(diagnosis: Diagnosis, view: View): string {
  const { width, style } = view;
  const lines = diagnosis.handshakes.map((record) => {
    const how =
      record.alertReceived !== null && record.alertReceived !== undefined
        ? `alert ${record.alertReceived.number} ${record.alertReceived.name}`
        : (record.error?.code ?? record.acceptance ?? '');
    const http = record.http === null ? '' : `, HTTP ${record.http.status}`;
    return hanging(
      `  ${padEnd(String(record.id), 3)}`,
      `${esc(record.why)}: ${record.outcome}${how === '' ? '' : ` (${esc(how)})`}${http} ${style.dim(`${Math.round(record.timings.totalMs)} ms`)}`,
      width,
    );
  });
  const contacts = diagnosis.contacts.map(({ what, to, ok }) => `  asked ${what}: ${esc(to)}${ok ? '' : ' (no answer)'}`);
  return ['  every handshake made', ...lines, ...contacts].join('\n');
}

function next(diagnosis: Diagnosis, view: View): string {
  const { style } = view;
  const [first] = diagnosis.causes;
  const dot = ` ${style.symbol.bullet} `;
  const parts =
    first === undefined
      ? [`every handshake made: ${style.command('--verbose')}`, `as data: ${style.command('--json')}`]
      : [
          `more: ${style.command(`tlsmedic explain ${first.code}`)}`,
          ...(view.verbose ? [] : [`every handshake: ${style.command('--verbose')}`]),
          `for the ticket: ${style.command('--html report.html')}`,
        ];
  return style.dim(parts.join(dot));
}
