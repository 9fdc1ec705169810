import type { IssueBatchDocument, IssueDocument } from '../ca/documents.js';
import { grouped } from '../grouped.js';
import { durationInWords, relativeTime, utcTime } from '../time-text.js';
import { escapeForTerminal } from './escape.js';
import { bar, count, hanging, padEnd } from './layout.js';
import { type Places, pathToType, shortPath } from './short-path.js';
import type { View } from './view.js';

const LABEL = 12;

function row(label: string, text: string, view: View): string {
  return hanging(`  ${view.style.dim(padEnd(label, LABEL - 2))}`, text, view.width);
}

const PROFILE_TEXT = { server: 'server', client: 'client', peer: 'server and client (peer)', 'ocsp-responder': 'OCSP responder' } as const;

const FILE_TEXT: Record<keyof IssueDocument['files'], string> = {
  certificate: 'certificate, then its intermediates',
  key: 'private key (0600)',
  bundle: 'trust bundle for the other side',
  crl: 'revocation lists',
  keyStore: 'PKCS#12 key store (0600)',
  trustStore: 'PKCS#12 trust store for Java',
  passphrase: 'passphrase of both (0600)',
  secret: 'Kubernetes Secret (holds the key, 0600)',
  json: 'certificate, key and bundle as JSON (0600)',
};

/** What `issue` prints. */
export function renderIssue(document: IssueDocument, view: View, places: Places): string {
  const { style } = view;
  const [now, notBefore, notAfter] = [document.at, document.notBefore, document.notAfter].map(Date.parse) as [number, number, number];
  const primary = document.names[0]?.name.replace(/^[A-Za-z]+:/, '') ?? document.commonName ?? 'certificate';
  const title = escapeForTerminal(primary);
  const lines: string[] = [];
  if (document.fault === null) {
    const when =
      notBefore > now
        ? `valid from ${utcTime(notBefore)} for ${durationInWords((notAfter - notBefore) / 1000)}`
        : `valid for ${durationInWords(Math.round((notAfter - now) / 60_000) * 60)}, to ${utcTime(notAfter)}`;
    lines.push(`${style.ok(`${style.symbol.ok} issued`)} ${style.bold(title)}, ${when}`);
  } else {
    lines.push(
      hanging(
        `${style.warn(style.symbol.warn)} `,
        `${style.warn(`issued ${title}, broken on purpose:`)} ${document.fault.summary} ${style.dim(`(${document.fault.name})`)}`,
        view.width,
      ),
    );
  }
  lines.push('');
  lines.push(row('names', document.names.map(({ name }) => escapeForTerminal(name)).join(', '), view));
  lines.push(row('for', `${PROFILE_TEXT[document.profile]}, ${document.keyType}, by ${escapeForTerminal(document.issuer)}`, view));
  if (document.fault !== null) {
    if (notAfter < now || notBefore > now)
      lines.push(
        row(
          'valid',
          `${utcTime(notBefore)} ${style.symbol.arrowRight} ${utcTime(notAfter)} ${style.dim(`(${notAfter < now ? `ran out ${relativeTime(notAfter, now)}` : `begins ${relativeTime(notBefore, now)}`})`)}`,
          view,
        ),
      );
    lines.push(row('expect', document.fault.symptom, view));
  }
  if (document.request !== null) {
    lines.push(row('taken', escapeForTerminal(document.request.taken.join('; ')), view));
    if (document.request.left.length > 0) lines.push(row('left out', escapeForTerminal(document.request.left.join('; ')), view));
  }
  lines.push(...fileLines(document, view, places));
  for (const warning of document.warnings) lines.push(hanging(style.warn(`${style.symbol.warn} `), escapeForTerminal(warning), view.width));
  const next = nextCommand(document, primary, places);
  if (next !== undefined) lines.push('', `  ${style.dim('next')}  ${style.command(next)}`);
  return lines.join('\n');
}

function fileLines(document: IssueDocument, view: View, places: Places): string[] {
  const order: (keyof IssueDocument['files'])[] = [
    'certificate',
    'key',
    'keyStore',
    'trustStore',
    'passphrase',
    'secret',
    'json',
    'bundle',
    'crl',
  ];
  const files = order.flatMap((what) =>
    document.files[what] === undefined ? [] : [{ what, path: shortPath(document.files[what], places) }],
  );
  const width = Math.max(...files.map(({ path }) => path.length));
  return files.map(({ what, path }, i) => {
    const line = `  ${view.style.dim(padEnd(i === 0 ? 'files' : '', LABEL - 2))}${padEnd(path, width)}`;
    const text = `  ${FILE_TEXT[what]}`;
    return line.length + text.length <= view.width + 20 && LABEL + width + text.length <= view.width
      ? line + view.style.dim(text)
      : line.trimEnd();
  });
}

/** The command that shows whether a peer would accept the certificate. */
function nextCommand(document: IssueDocument, primary: string, places: Places): string | undefined {
  const { certificate, bundle, crl, secret, keyStore } = document.files;
  if (secret !== undefined) return `kubectl apply -f ${pathToType(secret, places)}`;
  if (keyStore !== undefined)
    return `tlsmedic inspect ${pathToType(keyStore, places)}${document.files.passphrase === undefined ? '' : ` --passphrase-file ${pathToType(document.files.passphrase, places)}`}`;
  if (certificate === undefined) return undefined;
  // A chain that is good in itself: what is wrong shows beside the key.
  if ((document.fault?.name === 'key-mismatch' || document.fault?.name === 'wrong-order') && document.files.key !== undefined) {
    return `tlsmedic inspect ${pathToType(certificate, places)} ${pathToType(document.files.key, places)}`;
  }
  const kind = document.names[0]?.name.split(':')[0];
  const identity = kind === 'DNS' || kind === 'IP' ? ` --hostname ${primary.replace(/^\*\./, 'any.')}` : '';
  return `tlsmedic verify-chain ${pathToType(certificate, places)} --ca ${pathToType(bundle, places)}${identity}${crl === undefined ? '' : ` --crl ${pathToType(crl, places)}`}`;
}

/** What `issue --batch` prints. */
export function renderIssueBatch(document: IssueBatchDocument, view: View, places: Places): string {
  const { style } = view;
  const { failed, issued, skipped } = document;
  const done = `${count(issued, 'certificate')} in ${durationInWords(document.seconds)}${skipped > 0 ? `, ${grouped(skipped)} were there already` : ''}`;
  const lines = [
    failed.length === 0
      ? `${style.ok(`${style.symbol.ok} issued`)} ${done}`
      : `${style.fail(`${style.symbol.fail} ${count(failed.length, 'row')} of ${grouped(document.rows)} failed`)}; issued ${done}`,
    '',
  ];
  for (const { line, name, message, next } of failed.slice(0, 20)) {
    lines.push(
      hanging(
        `  ${style.fail(`line ${line}`)}  `,
        `${name === '' || message.includes(name) ? '' : `${escapeForTerminal(name)}: `}${escapeForTerminal(message)}${next[0] === undefined ? '' : style.dim(` (${escapeForTerminal(next[0])})`)}`,
        view.width,
      ),
    );
  }
  if (failed.length > 20) lines.push(`  ${style.dim(`and ${grouped(failed.length - 20)} more: --json lists all`)}`);
  lines.push(row('files', `${shortPath(document.directory, places)}/`, view));
  if (failed.length > 0)
    lines.push(
      '',
      `  ${style.dim('next')}  mend the rows of ${shortPath(document.file, places)} and run it again: what is done is skipped`,
    );
  return lines.join('\n');
}

/** The line that moves on standard error while a batch runs. */
export function renderProgress(done: number, of: number, view: View): string {
  const text = ` ${done.toLocaleString('en-US')} of ${count(of, 'certificate')}`;
  return `issuing ${bar(done / of, Math.max(10, view.width - text.length - 12), view)}${text}`;
}
