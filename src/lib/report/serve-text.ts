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
  const credentials = `--cert ${files.cert} --key ${files.key}`;
  return [
    `  ${style.dim('try')}   ${style.command(`curl --cacert ${files.ca} ${credentials} https://localhost:${place.port}/`)}`,
    `        ${style.command(`tlsmedic diagnose localhost:${place.port} --ca ${files.ca} ${credentials}`)}`,
    `        ${style.dim('Ctrl-C ends it; these files go with it')}`,
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
    lines.push(hanging('    ', safe(cause.summary), view.width));
    const word = cause.confidence === 'certain' ? '' : `, ${cause.confidence}`;
    lines.push(`    ${style.dim(`${cause.class}/${cause.code}${word}; the ${cause.party} has to act`)}`);
  }
  if (event.error !== null && event.causes.length === 0) lines.push(labelled('error', safe(event.error), view));
  for (const { from, name, number } of event.alerts)
    if (number !== 0) lines.push(labelled('alert', `${safe(name)} (${number}), sent by the ${from}`, view));
  lines.push(...offered(event, view));
  if (event.clientChain !== null) lines.push(labelled('sent', chain(event.clientChain), view));
  const fix = event.causes[0]?.fixes[0];
  if (fix !== undefined) {
    lines.push(labelled('fix', safe(fix.title), view));
    if (fix.command !== undefined) lines.push(`             ${style.command(safe(fix.command))}`);
  }
  return lines.join('\n');
}

function verdict(event: ConnectionEvent, view: View): string {
  const { style } = view;
  const place = `#${event.id} ${safe(event.remote)}`;
  const took = style.dim(`${event.ms} ms`);
  if (event.outcome === 'accepted') {
    const { negotiated, identity } = event;
    const who =
      identity === null
        ? 'no client certificate'
        : safe(identity.spiffeId ?? identity.commonName ?? identity.dns[0] ?? identity.fingerprint.slice(0, 16));
    const how =
      negotiated === null
        ? ''
        : `${negotiated.version} ${negotiated.cipher} ${negotiated.group ?? ''} ${negotiated.alpn ?? 'no ALPN'}${negotiated.resumed ? ' resumed' : ''}`;
    return `${style.ok(`${style.symbol.ok} accepted`)} ${place}  ${how.replace(/ +/g, ' ')}  ${style.bold(who)}  ${took}`;
  }
  const words: Record<Exclude<ConnectionEvent['outcome'], 'accepted'>, string> = {
    refused: 'REFUSED by this server',
    'refused-by-client': 'REFUSED by the client',
    failed: 'FAILED',
    'not-tls': 'NOT TLS',
    abandoned: 'abandoned',
    fault: 'fault played',
  };
  const text = `${event.outcome === 'fault' || event.outcome === 'abandoned' ? style.symbol.warn : style.symbol.fail} ${words[event.outcome]}`;
  return `${event.outcome === 'fault' || event.outcome === 'abandoned' ? style.warn(text) : style.fail(text)} ${place}  ${took}`;
}

function offered(event: ConnectionEvent, view: View): string[] {
  const { offered: offer } = event;
  if (offer === null) return [];
  const some = (names: readonly string[], most: number): string => {
    const shown = view.verbose ? names : names.slice(0, most);
    const rest = names.length - shown.length;
    return `${shown.map(safe).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  };
  const lines = [
    labelled(
      'offered',
      `${offer.versions.map(safe).join(', ')}; SNI ${safe(offer.servername ?? 'none')}; ALPN ${safe(offer.alpn.join(', ') || 'none')}; JA4 ${offer.ja4}`,
      view,
    ),
    labelled('suites', `${offer.cipherSuites.length}: ${some(offer.cipherSuites, 3)}`, view),
    labelled('groups', some(offer.groups, 5), view),
    labelled('schemes', `${offer.signatureSchemes.length}: ${some(offer.signatureSchemes, 3)}`, view),
  ];
  if (view.verbose) lines.push(labelled('extras', some(offer.extensions, 99), view));
  return lines;
}

function chain(certificates: readonly SentCertificate[]): string {
  if (certificates.length === 0) return 'no client certificate, though one was asked for';
  return certificates.map((one) => safe(one.subject || one.names[0] || one.fingerprint.slice(0, 16))).join(' < ');
}

function request(event: RequestEvent, view: View): string {
  const { style } = view;
  const line = `  #${event.connection} ${safe(event.method)} ${safe(event.path)} ${event.status}`;
  if (event.authorization.allowed) return `${line} ${style.dim(safe(event.authorization.why))}`;
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
