import type { ConnectionEvent, ListeningEvent, ReloadEvent, RequestEvent, SentCertificate, ServeEvent } from '../lab/serve/events.js';
import { escapeForTerminal } from './escape.js';
import { count, hanging } from './layout.js';
import type { View } from './view.js';

/** What `serve` prints for each event. One paragraph a connection: first line who and how it ended, below it what was offered and sent. */
export function renderServeEvent(event: ServeEvent, view: View): string {
  switch (event.event) {
    case 'listening':
      return listening(event, view);
    case 'connection':
      return connection(event, view);
    case 'request':
      return request(event, view);
    case 'reload':
      return reload(event, view);
    case 'closing':
      return `${view.style.dim('closed')} after ${count(event.connections, 'connection')}, ${event.refused} not accepted, ${count(event.requests, 'request')}`;
  }
}

/** How to call a server that made its own certificates. */
export function renderTryIt(place: { host: string; port: number }, files: { ca: string; cert: string; key: string }, view: View): string {
  const { style } = view;
  const name = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  const folder = files.ca.slice(0, files.ca.lastIndexOf('/'));
  const credentials = `--cert ${name(files.cert)} --key ${name(files.key)}`;
  return [
    `${style.dim('try it:')} ${style.command(`cd ${folder}`)}`,
    ` ${style.command(`curl --cacert ${name(files.ca)} ${credentials} https://localhost:${place.port}`)}`,
    ` ${style.command(`tlsmedic diagnose localhost:${place.port} --ca ${name(files.ca)} ${credentials}`)}`,
    style.dim('Ctrl-C ends it; these files go with it'),
  ].join('\n');
}

function listening(event: ListeningEvent, view: View): string {
  const { style } = view;
  const host = event.host.includes(':') ? `[${event.host}]` : event.host;
  const lines = [
    `${style.bold(`serving https://${host}:${event.port}`)}  ${event.versions.join(', ')}; client certificates: ${event.clientAuth}`,
  ];
  const [leaf, ...rest] = event.certificates;
  if (leaf !== undefined) {
    lines.push(labelled('shows', `${safe(leaf.subject || leaf.fingerprint)}  until ${leaf.notAfter ?? '?'}`, view));
    lines.push(labelled('names', safe(leaf.names.join(', ') || 'none'), view));
    if (rest.length > 0) lines.push(labelled('chain', rest.map(({ subject }) => safe(subject)).join(' < '), view));
  }
  return lines.join('\n');
}

function connection(event: ConnectionEvent, view: View): string {
  const { style } = view;
  const lines = [verdict(event, view)];
  for (const cause of event.causes) {
    // Where several explanations fit, nobody is told to act.
    const word =
      cause.confidence === 'possible'
        ? ' (possible)'
        : `${cause.confidence === 'likely' ? ' (likely)' : ''}; the ${cause.party} has to act`;
    lines.push(hanging('    ', `${safe(cause.summary)}${word}`, view.width));
  }
  if (event.error !== null && event.causes.length === 0) lines.push(labelled('error', safe(event.error), view));
  for (const { from, name, number } of event.alerts)
    if (number !== 0) lines.push(labelled('alert', `${safe(name)} (${number}), sent by the ${from}`, view));
  // A client that went away again was described when it came.
  if (event.outcome === 'abandoned' && event.negotiated !== null && !view.verbose) return lines.join('\n');
  lines.push(...offered(event, view));
  if (event.clientChain !== null) lines.push(labelled('sent', chain(event.clientChain), view));
  const fix = event.causes[0]?.fixes[0];
  if (fix !== undefined) {
    lines.push(labelled('fix', safe(fix.title), view));
    if (fix.command !== undefined) lines.push(`             ${style.command(safe(fix.command))}`);
  }
  return lines.join('\n');
}

const OUTCOMES: Record<Exclude<ConnectionEvent['outcome'], 'accepted'>, string> = {
  refused: 'REFUSED',
  'refused-by-client': 'REFUSED BY THE CLIENT',
  failed: 'FAILED',
  'not-tls': 'NOT TLS',
  abandoned: 'abandoned',
  fault: 'fault played',
};

function verdict(event: ConnectionEvent, view: View): string {
  const { style } = view;
  const place = `#${event.id} ${safe(event.remote)}`;
  if (event.outcome === 'accepted') {
    const { negotiated, identity } = event;
    const who =
      identity === null
        ? 'no client certificate'
        : safe(identity.spiffeId ?? identity.commonName ?? identity.dns[0] ?? identity.fingerprint.slice(0, 16));
    const how =
      negotiated === null
        ? ''
        : [negotiated.version, negotiated.group ?? '', negotiated.alpn ?? '', negotiated.resumed ? 'resumed' : '']
            .filter((part) => part !== '')
            .join(' ');
    return `${style.ok(`${style.symbol.ok} ${place}`)}  ${style.bold(who)}  ${how}  ${style.dim(`${event.ms} ms`)}`;
  }
  const mild = event.outcome === 'fault' || event.outcome === 'abandoned';
  const cause = event.causes[0];
  const text = `${mild ? style.symbol.warn : style.symbol.fail} ${place} ${OUTCOMES[event.outcome]}`;
  return `${mild ? style.warn(text) : style.fail(text)}${cause === undefined || cause.confidence === 'possible' ? '' : `  ${style.bold(`${cause.class}/${cause.code}`)}`}`;
}

function offered(event: ConnectionEvent, view: View): string[] {
  const { offered: offer } = event;
  if (offer === null) return [];
  const first = `${offer.versions.map(safe).join(', ')}; SNI ${safe(offer.servername ?? 'none')}; ALPN ${safe(offer.alpn.join(', ') || 'none')}; JA4 ${offer.ja4}`;
  const lines = [labelled('offered', first, view)];
  const lists: [string, readonly string[]][] = [
    ['suites', offer.cipherSuites],
    ['groups', offer.groups],
    ['schemes', offer.signatureSchemes],
  ];
  if (view.verbose)
    return [
      ...lines,
      ...[...lists, ['extras', offer.extensions] as const].map(([label, names]) =>
        labelled(label, `${names.length}: ${names.map(safe).join(', ')}`, view),
      ),
    ];
  // Accepted clients in one line more, the others with enough to compare.
  if (event.outcome === 'accepted')
    return [
      ...lines,
      labelled(
        '',
        [
          ...lists.map(([label, names]) => `${names.length} ${label}${names[0] === undefined ? '' : ` (${safe(names[0])} first)`}`),
          `agreed on ${event.negotiated?.cipher ?? '?'}`,
        ].join(', '),
        view,
      ),
    ];
  return [...lines, ...lists.map(([label, names]) => labelled(label, some(names, 3), view))];
}

/** The first few of a list, and how many there are. */
function some(names: readonly string[], most: number): string {
  if (names.length === 0) return 'none';
  const rest = names.length - most;
  return `${names.slice(0, most).map(safe).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function chain(certificates: readonly SentCertificate[]): string {
  if (certificates.length === 0) return 'no client certificate, though one was asked for';
  return certificates.map((one) => safe(one.subject || one.names[0] || one.fingerprint.slice(0, 16))).join(' < ');
}

function request(event: RequestEvent, view: View): string {
  const { style } = view;
  const line = `  #${event.connection} ${safe(event.method)} ${safe(event.path)} ${event.status}`;
  if (event.authorization.allowed)
    return event.authorization.why === 'no rules were given' ? line : `${line} ${style.dim(safe(event.authorization.why))}`;
  return `${style.warn(`${style.symbol.warn}${line.slice(1)}`)} ${event.status === 403 ? 'TLS was fine; authorization: ' : ''}${safe(event.authorization.why)}`;
}

function reload(event: ReloadEvent, view: View): string {
  const { style } = view;
  if (event.result === 'kept-old') {
    return hanging(
      `${style.warn(`${style.symbol.warn} not reloaded`)} `,
      `${safe(event.problem ?? '')}; the old ones stay in force`,
      view.width,
    );
  }
  const leaf = event.certificates[0];
  const what =
    leaf === undefined ? event.files.map(safe).join(', ') : `${safe(leaf.subject || leaf.fingerprint)} until ${leaf.notAfter ?? '?'}`;
  return `${style.ok(`${style.symbol.ok} reloaded`)} ${what}; ${count(event.openConnections, 'open connection')} undisturbed`;
}

function labelled(label: string, text: string, view: View): string {
  return hanging(`    ${view.style.dim(label.padEnd(8))} `, text, view.width);
}

function safe(text: string): string {
  return escapeForTerminal(text);
}
