import type { Cause } from '../cause.js';
import type { ChainCertificate, Diagnosis, HandshakeDocument } from '../diagnose/diagnosis.js';
import { durationInWords, utcTime } from '../time-text.js';
import { DIAGNOSIS_STYLE } from './diagnosis-style.js';
import { escapeHtml as esc, tag } from './html.js';
import { sequenceRows } from './sequence.js';

/**
 * The diagnosis as one self-contained page for an incident ticket: no script, nothing loaded from anywhere, everything escaped. A
 * Content-Security-Policy in the page itself holds it to that.
 */
export function renderDiagnosisHtml(diagnosis: Diagnosis): string {
  const { target } = diagnosis;
  const title = `${target.host}:${target.port}: ${diagnosis.causes[0]?.code ?? 'healthy'}`;
  const body = [
    verdict(diagnosis),
    ...diagnosis.causes.map((cause, index) => causeSection(diagnosis, cause, index)),
    list(
      'Warnings',
      diagnosis.warnings.map((cause) => `${tag('b', {}, esc(cause.code))} ${esc(cause.summary)}`),
      'warn',
    ),
    sequence(diagnosis),
    chain(diagnosis),
    clocks(diagnosis),
    handshakes(diagnosis),
    list('Checked and in order', diagnosis.checked.map(esc), 'ok'),
    list('Not checked', diagnosis.notChecked.map(esc), 'dim'),
    footer(diagnosis),
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${esc(title)}</title>`,
    `<style>${DIAGNOSIS_STYLE}</style>`,
    '</head>',
    '<body><main>',
    ...body.filter((part) => part !== ''),
    '</main></body></html>',
    '',
  ].join('\n');
}

const WHO = { server: 'the server', client: 'the client', network: 'the network', local: 'this machine' } as const;

function verdict(diagnosis: Diagnosis): string {
  const { target, causes } = diagnosis;
  const [first] = causes;
  const where = `${esc(target.host)}:${target.port}`;
  const when = tag(
    'p',
    { class: 'dim' },
    `${where} &#183; ${esc(utcTime(Date.parse(diagnosis.at), 'second'))}${target.addresses.length > 0 ? ` &#183; ${esc(target.addresses.join(', '))}` : ''}`,
  );
  if (first === undefined)
    return tag('header', { class: 'ok' }, tag('h1', {}, `&#10003; healthy: nothing stands in the way of TLS with ${where}`), when);
  const acting = `${WHO[first.party]} has to act`;
  return tag(
    'header',
    { class: 'fail' },
    tag('h1', {}, `&#10007; ${esc(first.code)}: ${esc(first.summary)}`),
    tag(
      'p',
      {},
      `${acting[0]?.toUpperCase()}${acting.slice(1)} &#183; ${first.confidence} &#183; ${tag('code', {}, `${first.class}/${first.code}`)}`,
    ),
    when,
  );
}

function causeSection(diagnosis: Diagnosis, cause: Cause, index: number): string {
  const explanation = diagnosis.explanations[cause.code];
  const heading = index === 0 ? 'Why, and what to do' : `Also wrong: ${esc(cause.code)} (${cause.confidence})`;
  return tag(
    'section',
    {},
    tag('h2', {}, heading),
    index === 0 ? '' : tag('p', { class: 'fail-text' }, esc(cause.summary)),
    explanation === undefined ? '' : tag('p', {}, esc(explanation.why)),
    tag(
      'ol',
      {},
      ...cause.fixes.map((fix) => tag('li', {}, esc(fix.title), fix.command === undefined ? '' : tag('pre', {}, esc(fix.command)))),
    ),
    explanation?.confirm[0]?.command === undefined
      ? ''
      : `${tag('h3', {}, 'See it for yourself')}${tag('pre', {}, esc(explanation.confirm[0].command))}`,
    tag('h3', {}, 'Evidence'),
    tag(
      'table',
      {},
      ...cause.evidence.map(({ fact, value, source }) =>
        tag('tr', {}, tag('th', {}, esc(fact)), tag('td', { class: 'mono' }, esc(String(value))), tag('td', { class: 'dim' }, esc(source))),
      ),
    ),
    cause.alternatives.length === 0
      ? ''
      : tag(
          'p',
          { class: 'dim' },
          `It might also be: ${cause.alternatives.map(({ code, why }) => `${tag('code', {}, code)}, ${esc(why)}`).join('; ')}`,
        ),
  );
}

function list(heading: string, items: readonly string[], tone: string): string {
  return items.length === 0
    ? ''
    : tag('section', { class: tone }, tag('h2', {}, heading), tag('ul', {}, ...items.map((item) => tag('li', {}, item))));
}

/** The handshake that shows the failure: the look, or, where the server refuses the client above TLS, the one whose request it answers so. */
function tellingHandshake({ handshakes, causes }: Diagnosis): HandshakeDocument | undefined {
  const look =
    handshakes.find(({ experiment, transcript }) => experiment === 'look' && transcript !== null) ??
    handshakes.find(({ transcript }) => transcript !== null);
  if (look === undefined || look.outcome !== 'accepted' || !(causes[0]?.class === 'client-auth' || causes[0]?.party === 'client'))
    return look;
  const refused = handshakes.find(
    ({ http, sent, transcript }) => transcript !== null && http !== null && http.status >= 400 && sent.client === look.sent.client,
  );
  return refused ?? look;
}

/** That handshake, message by message. */
function sequence(diagnosis: Diagnosis): string {
  const record = tellingHandshake(diagnosis);
  if (record === undefined) return '';
  const { transcript, timings, secureConnect, outcome, error, http } = record;
  const rows = sequenceRows({
    timings,
    secureConnect,
    outcome,
    ...(transcript !== null && { transcript }),
    ...(error !== null && { error }),
  });
  return tag(
    'section',
    {},
    tag('h2', {}, 'The handshake'),
    tag('p', { class: 'dim' }, `handshake ${record.id}: ${esc(record.why)}, with ${esc(record.sent.address)}:${record.sent.port}`),
    tag(
      'table',
      { class: 'sequence' },
      tag('tr', {}, tag('th', {}, 'client'), tag('th', {}, 'ms'), tag('th', {}, 'server')),
      ...rows.map((row) =>
        'remark' in row
          ? tag('tr', { class: row.tone === 'good' ? 'ok-text' : 'fail-text' }, tag('td', { colspan: 3 }, esc(row.remark)))
          : tag(
              'tr',
              { class: row.text.tone === 'bad' ? 'fail-text' : '' },
              tag('td', {}, row.from === 'client' ? `${words(row.text)} &#8594;` : ''),
              tag('td', { class: 'ms' }, row.ms.toFixed(1)),
              tag('td', {}, row.from === 'server' ? `&#8592; ${words(row.text)}` : ''),
            ),
      ),
      http === null
        ? ''
        : tag(
            'tr',
            { class: http.status >= 400 ? 'fail-text' : '' },
            tag('td', {}, `${tag('b', {}, 'GET')} over TLS &#8594;`),
            tag('td', { class: 'ms' }, (timings.firstByteMs ?? timings.totalMs).toFixed(1)),
            tag('td', {}, `&#8592; ${tag('b', {}, `HTTP ${http.status}`)} ${esc(http.statusText)}`),
          ),
    ),
  );
}

function words(text: { title: string; details: readonly string[] }): string {
  return `${tag('b', {}, esc(text.title))}${text.details.length === 0 ? '' : ` ${esc(text.details.join(', '))}`}`;
}

/** Chain as sent, with each lifetime as a bar on one common scale. */
function chain(diagnosis: Diagnosis): string {
  if (diagnosis.chain.length === 0) return '';
  const now = Date.parse(diagnosis.at);
  const anchor = diagnosis.paths[0]?.steps.find(({ role }) => role === 'anchor');
  return tag(
    'section',
    {},
    tag('h2', {}, 'The chain, as sent'),
    ...diagnosis.chain.map((certificate) => card(certificate, now)),
    anchor === undefined
      ? ''
      : tag(
          'p',
          {},
          `&#9875; trust anchor: ${tag('b', {}, esc(anchor.subject))} ${tag('span', { class: 'dim' }, `(${esc(anchor.source)})`)}`,
        ),
  );
}

function card(certificate: ChainCertificate, now: number): string {
  const from = Date.parse(certificate.notBefore ?? '');
  const to = Date.parse(certificate.notAfter ?? '');
  const bad = certificate.problems.length > 0;
  const row = (name: string, value: string) => tag('tr', {}, tag('th', {}, name), tag('td', { class: 'mono' }, esc(value)));
  return tag(
    'article',
    { class: bad ? 'fail' : 'ok' },
    tag(
      'h3',
      {},
      `${certificate.index} ${bad ? '&#10007;' : '&#10003;'} ${esc(certificate.subject || certificate.names[0] || certificate.serial)}`,
    ),
    bad ? tag('p', { class: 'fail-text' }, esc(certificate.problems.join(', '))) : '',
    lifetime(from, to, now),
    tag(
      'table',
      {},
      row('issuer', certificate.issuer),
      row('names', certificate.names.join(', ') || 'none'),
      row('valid', `${certificate.notBefore ?? '?'} to ${certificate.notAfter ?? '?'}`),
      row('key', certificate.key),
      row('signature', certificate.signature),
      row('serial', certificate.serial),
      row('SHA-256', certificate.fingerprint),
    ),
  );
}

/** A bar for the lifetime, and a mark for the moment of the diagnosis, which may lie outside. */
function lifetime(from: number, to: number, now: number): string {
  if (!(to > from) || !Number.isFinite(now)) return '';
  const span = to - from;
  const left = Math.min(from, now);
  const right = Math.max(to, now);
  const margin = (right - left) * 0.03;
  const scale = (at: number) => Math.round(((at - left + margin) / (right - left + 2 * margin)) * 10_000) / 100;
  const used = Math.min(Math.max(now - from, 0), span);
  const words =
    now > to
      ? `ran out ${durationInWords((now - to) / 1000)} ago`
      : now < from
        ? `begins in ${durationInWords((from - now) / 1000)}`
        : `${Math.round((used / span) * 100)} % used, ${durationInWords((to - now) / 1000)} left`;
  return `${tag('div', { class: 'bar', role: 'img', 'aria-label': words }, tag('i', { style: `left:${scale(from)}%;width:${scale(to) - scale(from)}%` }), tag('u', { style: `left:${scale(from)}%;width:${scale(from + used) - scale(from)}%` }), tag('s', { style: `left:${scale(now)}%` }))}${tag('p', { class: 'dim' }, esc(words))}`;
}

function clocks({ clock }: Diagnosis): string {
  if (clock.readings.length === 0) return '';
  return tag(
    'section',
    {},
    tag('h2', {}, 'Clocks, against this machine'),
    tag(
      'table',
      {},
      tag('tr', {}, ...['clock', 'whose', 'offset', 'uncertainty'].map((name) => tag('th', {}, name))),
      ...clock.readings.map(({ source, of, offsetSeconds, uncertaintySeconds, error }) =>
        tag(
          'tr',
          {},
          tag('td', {}, esc(source)),
          tag('td', {}, esc(of)),
          tag('td', { class: 'mono' }, error === null ? `${offsetSeconds} s` : esc(error)),
          tag('td', { class: 'mono' }, uncertaintySeconds === null ? '' : `&#177; ${uncertaintySeconds} s`),
        ),
      ),
    ),
  );
}

function handshakes({ handshakes, contacts }: Diagnosis): string {
  if (handshakes.length === 0) return '';
  const how = (record: HandshakeDocument) =>
    [
      record.outcome,
      record.alertReceived ? `alert ${record.alertReceived.number} ${record.alertReceived.name}` : record.error?.code,
      record.http === null ? undefined : `HTTP ${record.http.status}`,
    ]
      .filter((part) => part !== undefined)
      .join(', ');
  return tag(
    'section',
    {},
    tag('h2', {}, 'Every handshake that was made'),
    tag(
      'table',
      {},
      tag('tr', {}, ...['', 'what was changed', 'address', 'what came of it', 'ms'].map((name) => tag('th', {}, name))),
      ...handshakes.map((record) =>
        tag(
          'tr',
          {},
          tag('td', { class: 'mono' }, String(record.id)),
          tag('td', {}, esc(record.why)),
          tag('td', { class: 'mono' }, esc(record.sent.address)),
          tag('td', {}, esc(how(record))),
          tag('td', { class: 'mono' }, String(Math.round(record.timings.totalMs))),
        ),
      ),
    ),
    contacts.length === 0
      ? ''
      : tag(
          'p',
          { class: 'dim' },
          `Asked besides: ${contacts.map(({ what, to, ok }) => `${esc(what)} at ${esc(to)}${ok ? '' : ' (no answer)'}`).join('; ')}`,
        ),
  );
}

function footer(diagnosis: Diagnosis): string {
  const { trust, client, environment } = diagnosis.given;
  const set = Object.keys(environment);
  return tag(
    'footer',
    { class: 'dim' },
    `Trusted: ${esc(trust)}. `,
    client === null ? '' : `Client certificate: ${esc(client.certificate)}. `,
    set.length === 0 ? '' : `Set where this was made: ${esc(set.join(', '))}. `,
    'Made by tlsmedic; nothing in this page is loaded from anywhere.',
  );
}
