import type { CaDocument, CaEnvDocument, CaRevokeDocument, CaTrustDocument, GenerationSummary } from '../ca/documents.js';
import { relativeTime, utcDay, utcTime } from '../time-text.js';
import { escapeForTerminal } from './escape.js';
import { count, hanging, padEnd, truncate, truncateMiddle } from './layout.js';
import { type Places, shortPath } from './short-path.js';
import { table } from './table.js';
import type { View } from './view.js';

const LABEL = 16;

function row(label: string, text: string, view: View): string {
  return hanging(`  ${view.style.dim(padEnd(label, LABEL - 2))}`, text, view.width);
}

/** What `ca init`, `ca show` and `ca rotate` print. */
export function renderCa(document: CaDocument, view: View, places: Places): string {
  const { style } = view;
  const folder = shortPath(document.folder, places);
  const name = escapeForTerminal(document.name);
  const [newest, ...older] = document.generations as [GenerationSummary, ...GenerationSummary[]];
  const lines: string[] = [];
  if (document.action === 'init')
    lines.push(`${style.ok(`${style.symbol.ok} made the authority`)} ${style.bold(name)} ${style.dim('in')} ${folder}`, '');
  else if (document.action === 'rotate')
    lines.push(
      `${style.ok(`${style.symbol.ok} rotated the authority`)} ${style.bold(name)}: generation ${newest.number} issues from now on`,
      '',
    );
  else lines.push(verdictOfShow(document, view, name, folder), '');

  lines.push(...generationLines(document, newest, view, places));
  lines.push(
    row(
      'trust',
      `${shortPath(document.files.bundle, places)}: ${style.dim(older.length === 0 ? 'what peers have to trust' : `${count(older.length + 1, 'root')}, old and new: give it to every peer`)}`,
      view,
    ),
  );
  if (document.constraints.permitted.length > 0)
    lines.push(row('permits only', escapeForTerminal(document.constraints.permitted.join(', ')), view));
  if (document.constraints.excluded.length > 0)
    lines.push(row('excludes', escapeForTerminal(document.constraints.excluded.join(', ')), view));
  if (document.spiffeTrustDomain !== null)
    lines.push(row('trust domain', `spiffe://${escapeForTerminal(document.spiffeTrustDomain)}`, view));
  for (const generation of older) {
    lines.push(
      row(
        `generation ${generation.number}`,
        `${escapeForTerminal(generation.root.commonName)}, to ${utcDay(Date.parse(generation.root.notAfter))} ${style.dim('(still in the bundle)')}`,
        view,
      ),
    );
  }
  if (document.action === 'show') lines.push(...issuedLines(document, view));
  for (const warning of document.warnings)
    lines.push(hanging(`${style.warn(`${style.symbol.warn} `)}`, escapeForTerminal(warning), view.width));
  lines.push('', ...nextLines(document, view, places));
  return lines.join('\n');
}

function verdictOfShow(document: CaDocument, view: View, name: string, folder: string): string {
  const { style } = view;
  const [newest] = document.generations as [GenerationSummary];
  const now = Date.parse(document.at);
  const ends = Math.min(Date.parse(newest.intermediate.notAfter), Date.parse(newest.root.notAfter));
  if (ends <= now)
    return `${style.fail(`${style.symbol.fail} the authority ${name} ran out ${relativeTime(ends, now)}`)} ${style.dim('in')} ${folder}`;
  return `${style.ok(style.symbol.ok)} ${style.bold(name)} ${style.ok('can issue')} until ${utcDay(ends)} ${style.dim('in')} ${folder}`;
}

function fingerprintRow(fingerprint: string, view: View): string {
  return row('', view.style.dim(`SHA-256 ${view.width >= 90 ? fingerprint : truncateMiddle(fingerprint, 40, view)}`), view);
}

function generationLines(
  document: CaDocument,
  { root, intermediate, keyType, bridged }: GenerationSummary,
  view: View,
  places: Places,
): string[] {
  const { style } = view;
  const inFolder = (path: string): string =>
    path.startsWith(document.folder) ? path.slice(document.folder.length + 1) : shortPath(path, places);
  const lines = [
    row('root', `${escapeForTerminal(root.commonName)}, ${keyType}, to ${utcDay(Date.parse(root.notAfter))}`, view),
    fingerprintRow(root.fingerprint, view),
  ];
  const where = `${inFolder(root.key.path)}${root.key.present ? '' : style.warn(' (not here now)')}`;
  if (root.key.protection === 'none')
    lines.push(row('its key', `${where}, ${style.warn('not encrypted')}: whoever reads it owns every peer that trusts the root`, view));
  else if (root.key.passphraseFile !== undefined) {
    lines.push(
      row(
        'its key',
        `${where}, encrypted; its passphrase was made up and is in ${shortPath(root.key.passphraseFile, places)}${document.action === 'show' ? '' : ': move it to your password manager'}`,
        view,
      ),
    );
  } else lines.push(row('its key', `${where}, encrypted with your passphrase; needed for rotation only`, view));
  lines.push(
    row('intermediate', `${escapeForTerminal(intermediate.commonName)}, to ${utcDay(Date.parse(intermediate.notAfter))}`, view),
    ...(document.action === 'show' ? [fingerprintRow(intermediate.fingerprint, view)] : []),
    row('its key', `${inFolder(intermediate.key.path)}, unencrypted (0600) so that issuing never asks: whoever reads it can issue`, view),
  );
  if (bridged) lines.push(row('bridge', 'the old root vouches for the new one; every chain carries it', view));
  return lines;
}

function issuedLines({ issued, at }: CaDocument, view: View): string[] {
  const { style } = view;
  const now = Date.parse(at);
  const parts = [
    `${issued.valid} valid`,
    `${issued.expired} expired`,
    `${issued.revoked} revoked`,
    ...(issued.faulty > 0 ? [`${issued.faulty} broken on purpose`] : []),
  ];
  const lines = [row('issued', issued.total === 0 ? 'nothing yet' : `${count(issued.total, 'certificate')}: ${parts.join(', ')}`, view)];
  if (issued.next.length === 0) return lines;
  const rows = issued.next.map(({ names, profile, notAfter, serial }) => [
    relativeTime(Date.parse(notAfter), now),
    escapeForTerminal(names.map((name) => name.replace(/^DNS:/, '')).join(' ')),
    profile,
    truncate(serial, 34, view),
  ]);
  lines.push(
    '',
    style.bold('expires next'),
    table([{ heading: 'expires' }, { heading: 'names', yields: 2 }, { heading: 'profile' }, { heading: 'serial', yields: 1 }], rows, view),
  );
  return lines;
}

function nextLines(document: CaDocument, view: View, { caDirFlag }: Places): string[] {
  const { style } = view;
  const commands: [string, string][] =
    document.action === 'init'
      ? [
          [`tlsmedic issue api.internal --out ./tls${caDirFlag}`, ''],
          [`eval "$(tlsmedic ca env${caDirFlag})"`, 'trust it in this shell'],
          [`tlsmedic ca trust install${caDirFlag}`, 'trust it on this machine'],
        ]
      : document.action === 'rotate'
        ? [
            [`tlsmedic ca trust install${caDirFlag}`, 'and give ca.crt to every peer'],
            [`tlsmedic issue NAME --force${caDirFlag}`, 'each at its own pace: old ones stay valid'],
          ]
        : [
            [
              document.warnings.some((warning) => warning.includes('ca rotate'))
                ? `tlsmedic ca rotate${caDirFlag}`
                : `tlsmedic issue NAME --out ./tls${caDirFlag}`,
              '',
            ],
          ];
  return commands.map(
    ([command, why], i) => `  ${style.dim(i === 0 ? 'next' : '    ')}  ${style.command(command)}${why === '' ? '' : `  ${style.dim(why)}`}`,
  );
}

/** What `ca trust` prints. */
export function renderCaTrust(document: CaTrustDocument, view: View, { caDirFlag }: Places): string {
  const { style } = view;
  const failed = document.stores.filter((store) => store.status === 'failed');
  const done = document.stores.filter((store) => ['trusted', 'installed', 'removed'].includes(store.status));
  const name = escapeForTerminal(document.root.commonName);
  const head =
    document.action === 'check'
      ? done.length > 0
        ? `${style.ok(`${style.symbol.ok} trusted`)} by ${done.map((store) => store.title).join(', ')}: ${name}`
        : `${style.warn(`${style.symbol.warn} not trusted`)} by any store of this machine: ${name}`
      : failed.length > 0
        ? `${style.fail(`${style.symbol.fail} could not ${document.action}`)} ${name} everywhere: ${failed.map((store) => store.title).join(', ')} failed`
        : document.dryRun
          ? `${style.bold(`would ${document.action}`)} ${name}; nothing was changed`
          : done.length > 0
            ? `${style.ok(`${style.symbol.ok} ${document.action === 'install' ? 'installed' : 'removed'}`)} ${name}`
            : `${style.ok(`${style.symbol.ok} nothing to do`)} for ${name}`;
  const lines = [head, ''];
  const symbols = {
    trusted: style.ok(style.symbol.ok),
    installed: style.ok(style.symbol.ok),
    removed: style.ok(style.symbol.ok),
    unchanged: style.ok(style.symbol.ok),
    'not-trusted': style.warn(style.symbol.warn),
    failed: style.fail(style.symbol.fail),
    'would-run': style.bold(style.symbol.arrowRight),
    absent: style.dim(style.symbol.unknown),
    unknown: style.dim(style.symbol.unknown),
  };
  const width = Math.max(...document.stores.map((store) => store.title.length));
  for (const store of document.stores) {
    lines.push(hanging(`  ${symbols[store.status]} ${padEnd(store.title, width)}  `, escapeForTerminal(store.detail), view.width));
    if (document.dryRun || store.status === 'failed')
      for (const command of store.commands) lines.push(`      ${style.command(escapeForTerminal(command))}`);
  }
  if (document.action === 'check' && done.length < document.stores.filter((store) => store.status !== 'absent').length) {
    lines.push(
      '',
      `  ${style.dim('next')}  ${style.command(`tlsmedic ca trust install${caDirFlag}`)}  ${style.dim(`or, in this shell only: eval "$(tlsmedic ca env${caDirFlag})"`)}`,
    );
  } else if (document.dryRun)
    lines.push('', `  ${style.dim('next')}  ${style.command(`tlsmedic ca trust ${document.action}${caDirFlag}`)}`);
  return lines.join('\n');
}

/** What `ca revoke` and `ca crl` print. */
export function renderCaRevoke(document: CaRevokeDocument, view: View, places: Places): string {
  const { style } = view;
  const lines: string[] = [];
  const fresh = document.revoked.filter((entry) => !entry.already);
  if (document.revoked.length === 0)
    lines.push(`${style.ok(`${style.symbol.ok} renewed the revocation list`)}: ${count(document.crl.entries, 'certificate')} on it`);
  else if (fresh.length === 0) lines.push(`${style.ok(style.symbol.ok)} revoked already: nothing changed`);
  else lines.push(`${style.ok(`${style.symbol.ok} revoked`)} ${count(fresh.length, 'certificate')}`);
  lines.push('');
  for (const { serial, names, reason, already } of document.revoked)
    lines.push(row(already ? 'was revoked' : reason, `${escapeForTerminal(names.join(' '))}  ${style.dim(serial)}`, view));
  lines.push(
    row(
      'list',
      `${shortPath(document.crl.path, places)}, ${count(document.crl.entries, 'entry', 'entries')}, good to ${utcTime(Date.parse(document.crl.nextUpdate))}`,
      view,
    ),
  );
  lines.push('', `  ${style.dim('next')}  give the list to whoever checks it; a CRL that nobody reads revokes nothing`);
  return lines.join('\n');
}

const EXPORT = {
  sh: (name: string, value: string) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  fish: (name: string, value: string) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  powershell: (name: string, value: string) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
  dotenv: (name: string, value: string) => `${name}=${JSON.stringify(value)}`,
} as const;
export type EnvSyntax = keyof typeof EXPORT;
export const ENV_SYNTAXES = Object.keys(EXPORT) as EnvSyntax[];

/** What `ca env` prints: lines to eval, each with what reads it. */
export function renderCaEnv(document: CaEnvDocument, syntax: EnvSyntax): string {
  return document.variables.map(({ name, value, for: reader }) => `# ${reader}\n${EXPORT[syntax](name, value)}`).join('\n');
}
