import type { Cause } from '../cause.js';
import type { ProbeDocument } from '../evidence/probe-document.js';
import type { ProbeFacts, SniAnswer } from '../observe/facts/probe-facts.js';
import type { HandshakeRecord } from '../observe/observation.js';
import { durationInWords, relativeTime, utcDay, utcRange } from '../time-text.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { escapeForTerminal } from './escape.js';
import { displayWidth, hanging, padEnd, truncate } from './layout.js';
import { scanLines } from './scan-text.js';
import { renderSequence } from './sequence.js';
import type { View } from './view.js';

const LABEL = 12;

/**
 * The text of a probe: verdict, sequence diagram, facts, chain, what stands against it, what to type next. `flags`: the caller's own, ready to be
 * pasted behind another command.
 */
export function renderProbe(document: ProbeDocument, view: View, flags = ''): string {
  const look = document.handshakes[0] as HandshakeRecord;
  const sections = [verdict(document, look, view)];
  if (look.transcript && look.transcript.messages.length > 0) sections.push(renderSequence(look, view).join('\n'));
  const facts = factLines(document, look, view);
  if (facts.length > 0) sections.push(facts.join('\n'));
  if (document.facts.scan) sections.push(scanLines(document.facts.scan, view).join('\n'));
  if (look.chain.length > 0) sections.push(chainLines(document, look, view).join('\n'));
  const against = causeLines(document, view);
  if (against.length > 0) sections.push(against.join('\n'));
  const gaps = document.notChecked.map((gap) => labelled('not checked', escapeForTerminal(gap), view));
  if (gaps.length > 0) sections.push(gaps.map((line) => view.style.dim(line)).join('\n'));
  sections.push(next(document, flags, view));
  return sections.join('\n\n');
}

function verdict(document: ProbeDocument, look: HandshakeRecord, view: View): string {
  const { style } = view;
  const name = escapeForTerminal(document.target.input);
  const [first, ...others] = document.causes;
  if (first) {
    const head =
      look.outcome === 'accepted' && first.code !== 'inconsistent-backends' && !first.summary.startsWith('the handshake is accepted');
    const sentence = `${head ? 'handshake accepted, but ' : ''}${escapeForTerminal(first.summary)}`;
    const more = others.length > 0 ? `, and ${others.length} more below` : '';
    return [
      hanging(style.fail(`${style.symbol.fail} `), style.bold(sentence), view.width),
      style.dim(`  ${first.class}/${first.code}, ${first.confidence}${more}`),
    ].join('\n');
  }
  if (wasInterrupted(look)) {
    const what = `interrupted after ${milliseconds(look.timings.totalMs)}, before ${name} had ${look.outcome === 'silent' ? 'answered' : 'been reached'}`;
    return hanging(style.warn(`${style.symbol.warn} `), style.bold(what), view.width);
  }
  if (look.outcome !== 'accepted') return hanging(style.fail(`${style.symbol.fail} `), style.bold(`${name}: ${look.outcome}`), view.width);
  const { negotiated } = look;
  const took = look.timings.handshakeMs === undefined ? '' : ` in ${milliseconds(look.timings.handshakeMs)}`;
  const checked =
    'notRun' in document.verification
      ? '; certificate not verified'
      : `; certificate valid for ${escapeForTerminal(document.target.hostname)} (trust: ${escapeForTerminal(document.verification.trust)})`;
  const answered = look.http === undefined || look.http.status < 400 ? '' : `; the answer is HTTP ${look.http.status}`;
  return hanging(
    style.ok(`${style.symbol.ok} `),
    style.bold(`accepted: ${negotiated?.version.replace('TLSv', 'TLS ') ?? 'TLS'} with ${name}${took}${checked}${answered}`),
    view.width,
  );
}

function milliseconds(ms: number): string {
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : durationInWords(ms / 1000);
}

function labelled(label: string, text: string, view: View): string {
  return hanging(`${padEnd(`  ${label}`, LABEL + 1)} `, text, view.width);
}

/** The user broke the look off. */
function wasInterrupted({ outcome, error }: HandshakeRecord): boolean {
  return outcome !== 'accepted' && error?.code === 'aborted';
}

function factLines(document: ProbeDocument, look: HandshakeRecord, view: View): string[] {
  const lines: string[] = [];
  const { negotiated, timings } = look;
  if (negotiated?.version) {
    const parts = [
      negotiated.version.replace('TLSv', 'TLS '),
      negotiated.cipher,
      negotiated.group,
      negotiated.signatureScheme,
      negotiated.alpn && `ALPN ${escapeForTerminal(negotiated.alpn)}`,
    ];
    lines.push(labelled('agreed', parts.filter((part) => part !== undefined && part !== '').join(', '), view));
  }
  const times: string[] = [];
  for (const [name, ms] of [
    ['dns', timings.dnsMs],
    ['tcp', timings.tcpMs],
    ['before tls', timings.prefaceMs],
    ['server hello', timings.serverHelloMs],
    ['tls', timings.handshakeMs],
    ['first byte', timings.firstByteMs],
  ] as const) {
    if (ms !== undefined) times.push(`${name} ${ms.toFixed(1)} ms`);
  }
  if (times.length > 0) lines.push(labelled('times', times.join(', '), view));
  if (look.outcome === 'accepted') lines.push(labelled('accepted', acceptanceText(look), view));
  if (look.http) lines.push(labelled('http', httpText(look.http), view));
  return [...lines, ...furtherFacts(document.facts, view)];
}

/** Statuses that are often taken for a fault of TLS, or are one of another connection. */
const HTTP_NOTES: Readonly<Record<number, string>> = {
  401: 'asks for credentials: not a matter of TLS',
  403: 'authorisation: not a matter of TLS',
  421: 'this connection is for another name',
  495: 'the client certificate is refused',
  496: 'a client certificate is required',
  525: "the proxy's own handshake with its origin failed",
  526: "the proxy does not accept its origin's certificate",
};

function httpText(http: NonNullable<HandshakeRecord['http']>): string {
  const note = HTTP_NOTES[http.status];
  const parts = [`${http.status} ${http.statusText}`.trim(), note, http.server, http.date && `Date: ${http.date}`];
  return parts
    .filter((part) => part !== undefined && part !== '')
    .map((part) => escapeForTerminal(part as string))
    .join(', ');
}

function acceptanceText(look: HandshakeRecord): string {
  switch (look.acceptance) {
    case 'http':
      return 'it answered an HTTP request';
    case 'application-data':
      return 'it sent application data';
    case 'ticket':
      return look.certificateRequest ? 'it sent a session ticket after our flight and no alert followed' : 'it sent a session ticket';
    default:
      return `no alert and no close within ${Math.round(look.quietWindowMs ?? 0)} ms after the handshake`;
  }
}

function furtherFacts(facts: ProbeFacts, view: View): string[] {
  const lines: string[] = [];
  const { clientAuth, sni, resumption, ocspStaple, renegotiation } = facts;
  if (clientAuth.mode !== 'unknown') {
    const names = clientAuth.certificateAuthorities.map((name) => escapeForTerminal(name));
    const shown = view.verbose ? names : names.slice(0, 4);
    const cas =
      clientAuth.mode === 'not-requested'
        ? ''
        : names.length === 0
          ? '; it names no CA, so any may do'
          : `; CA names: ${shown.join(' / ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
    lines.push(labelled('client cert', `${clientAuth.mode.replace('-', ' ')}: ${escapeForTerminal(clientAuth.why)}${cas}`, view));
    if (clientAuth.plaintextAccepted)
      lines.push(labelled('plaintext', view.style.warn('the same port serves the request without TLS'), view));
  }
  if (sni) lines.push(labelled('SNI', `without: ${sniText(sni.without)}; another name: ${sniText(sni.other)}`, view));
  if (resumption) lines.push(labelled('resumption', resumptionText(resumption), view));
  if (ocspStaple) lines.push(labelled('OCSP', stapleText(ocspStaple), view));
  if (renegotiation?.clientInitiated)
    lines.push(
      labelled(
        'renegotiate',
        `${renegotiation.secure ? 'secure (RFC 5746)' : 'insecure: RFC 5746 not signalled'}; by the client: ${renegotiation.clientInitiated.replace('-', ' ')}`,
        view,
      ),
    );
  for (const backend of facts.addresses ?? []) {
    const parts = [
      backend.problem === undefined ? backend.outcome : escapeForTerminal(backend.problem),
      backend.alert && `alert ${backend.alert}`,
      backend.problem === undefined && backend.error,
      backend.version?.replace('TLSv', 'TLS '),
      backend.fingerprint && `certificate ${backend.fingerprint.slice(0, 16)}`,
      `${backend.totalMs.toFixed(0)} ms`,
    ];
    lines.push(labelled('address', `${markOf(backend.problem, view)} ${backend.address}  ${parts.filter(Boolean).join(', ')}`, view));
  }
  const { repeat } = facts;
  const digits = String(repeat?.count ?? 0).length;
  for (const { answer, count, problem } of repeat?.answers ?? []) {
    const words = problem === undefined ? '' : `: ${escapeForTerminal(problem)}`;
    const share = `${String(count).padStart(digits)} of ${repeat?.count}`;
    lines.push(labelled('repeated', `${markOf(problem, view)} ${share}  ${escapeForTerminal(answer)}${words}`, view));
  }
  return lines;
}

function markOf(problem: string | undefined, { style }: View): string {
  return problem === undefined ? style.ok(style.symbol.ok) : style.fail(style.symbol.fail);
}

function sniText(answer: SniAnswer): string {
  if (answer.alert) return `alert ${answer.alert}`;
  if (answer.fingerprint === null) return answer.outcome;
  return answer.sameCertificate ? 'same certificate' : `another certificate (${answer.fingerprint.slice(0, 16)})`;
}

function resumptionText({ kind, resumed, ticketLifetimeSeconds, maxEarlyData }: NonNullable<ProbeFacts['resumption']>): string {
  if (kind === 'none') return 'not offered';
  const name = { psk: 'TLS 1.3 ticket', ticket: 'session ticket', 'session-id': 'session ID' }[kind];
  const life = ticketLifetimeSeconds ? `, good for ${durationInWords(ticketLifetimeSeconds)}` : '';
  const worked = resumed === undefined ? 'offered' : resumed ? 'resumed' : 'offered, but a second handshake was not resumed';
  return `${name} ${worked}${life}${maxEarlyData > 0 ? `; 0-RTT offered (${maxEarlyData} bytes)` : kind === 'psk' ? '; 0-RTT not offered' : ''}`;
}

function stapleText(staple: NonNullable<ProbeFacts['ocspStaple']>): string {
  if (!staple.stapled)
    return staple.outcome === 'accepted' ? 'nothing stapled' : `nothing stapled; asked for it, the server answered with: ${staple.outcome}`;
  const until = staple.nextUpdate ? `, until ${staple.nextUpdate.replace('.000Z', 'Z')}` : '';
  return `stapled: ${staple.status ?? 'unreadable'}${until}; ${staple.verified ? 'signature verified' : `not verified: ${escapeForTerminal(staple.why ?? 'unknown')}`}`;
}

function chainLines(document: ProbeDocument, look: HandshakeRecord, view: View): string[] {
  const { style } = view;
  const now = Date.parse(document.at);
  const steps = 'notRun' in document.verification ? [] : (document.verification.paths[0]?.steps ?? []);
  const lines = [style.bold(`chain as sent, ${look.chain.length} ${look.chain.length === 1 ? 'certificate' : 'certificates'}`)];
  const shown = view.verbose ? look.chain : look.chain.slice(0, 10);
  shown.forEach((der, index) => {
    const certificate = parseCertificate(der);
    const step = steps.find((candidate) => candidate.fingerprint === certificate.fingerprint);
    if (certificate.subject.text === '' && Number.isNaN(certificate.notAfter)) {
      lines.push(`  ${index} ${style.fail(style.symbol.fail)} cannot be read: ${der.length} bytes`);
      return;
    }
    const outside = now < certificate.notBefore || now > certificate.notAfter;
    const mark = step
      ? step.ok
        ? style.ok(style.symbol.ok)
        : style.fail(style.symbol.fail)
      : outside
        ? style.fail(style.symbol.fail)
        : style.dim(style.symbol.unknown);
    const when = outside
      ? now > certificate.notAfter
        ? `expired ${relativeTime(certificate.notAfter, now)}`
        : `not valid before ${relativeTime(certificate.notBefore, now)}`
      : utcRange(certificate.notBefore, certificate.notAfter, now, style.symbol.arrowRight);
    const subject = escapeForTerminal(certificate.subject.text) || '(no subject)';
    const room = Math.max(20, view.width - displayWidth(when) - 10);
    lines.push(
      `  ${index} ${mark} ${padEnd(truncate(subject, room, view), Math.min(room, 34))}  ${outside ? style.fail(when) : style.dim(when)}`,
    );
    if (view.verbose)
      lines.push(style.dim(`      issuer ${escapeForTerminal(certificate.issuer.text)}\n      sha256 ${certificate.fingerprint}`));
    else if (index === shown.length - 1)
      lines.push(style.dim(truncate(`      issued by ${escapeForTerminal(certificate.issuer.text)}`, view.width, view)));
  });
  if (shown.length < look.chain.length)
    lines.push(style.dim(`  ${style.symbol.ellipsis} ${look.chain.length - shown.length} more: --verbose`));
  return lines;
}

function causeLines(document: ProbeDocument, view: View): string[] {
  const { style } = view;
  const line = (cause: Cause, mark: string) =>
    hanging(
      `${mark} `,
      `${escapeForTerminal(cause.summary)}  ${style.dim(`${cause.class}/${cause.code}, ${cause.confidence}`)}`,
      view.width,
    );
  // The first stands above as the verdict.
  const lines = document.causes.slice(1).map((cause) => line(cause, style.fail(style.symbol.fail)));
  lines.push(...document.warnings.map((cause) => line(cause, style.warn(style.symbol.warn))));
  const fix = document.causes[0]?.fixes[0];
  if (fix) {
    lines.push(labelled('fix', escapeForTerminal(fix.title), view));
    if (fix.command) lines.push(`${' '.repeat(LABEL + 2)}${style.command(escapeForTerminal(fix.command))}`);
  }
  return lines;
}

function next(document: ProbeDocument, flags: string, view: View): string {
  const { style } = view;
  const target = `${escapeForTerminal(document.target.input)}${flags === '' ? '' : ` ${escapeForTerminal(flags)}`}`;
  const first = document.causes[0];
  const [label, ...commands] = first
    ? ['why:', `tlsmedic diagnose ${target}`, `tlsmedic explain ${first.code}`]
    : ['more:', `tlsmedic probe ${target} --verbose`, '--json', '--pcap FILE'];
  const line = commands.join(` ${style.symbol.bullet} `);
  const painted = commands.map((command) => style.command(command));
  // A command that is to be pasted is never broken.
  return displayWidth(line) + label.length + 1 <= view.width
    ? `${style.dim(label)} ${painted.join(style.dim(` ${style.symbol.bullet} `))}`
    : painted.map((command, index) => `${index === 0 ? style.dim(label) : ' '.repeat(label.length)} ${command}`).join('\n');
}

/** One line for one of many targets. */
export function renderProbeLine(document: ProbeDocument, view: View): string {
  const { style } = view;
  const look = document.handshakes[0] as HandshakeRecord;
  const name = escapeForTerminal(document.target.input);
  const first = document.causes[0];
  if (wasInterrupted(look)) return `${style.warn(style.symbol.warn)} ${padEnd(name, 28)}  interrupted`;
  if (first)
    return truncate(
      `${style.fail(style.symbol.fail)} ${padEnd(name, 28)}  ${first.class}/${first.code}: ${escapeForTerminal(first.summary)}`,
      view.width,
      view,
    );
  const leaf = look.chain[0];
  const until = leaf ? `, certificate until ${utcDay(parseCertificate(leaf).notAfter)}` : '';
  return truncate(
    `${style.ok(style.symbol.ok)} ${padEnd(name, 28)}  ${look.outcome}, ${look.negotiated?.version.replace('TLSv', 'TLS ') ?? 'no TLS'}${until}`,
    view.width,
    view,
  );
}
