/** Many certificates in one table, the first to expire on top. */
import type { Inspection } from '../inspection/inspection.js';
import type { FoundCertificate } from '../inspection/inventory.js';
import { nameOfCertificate } from '../inspection/judgement.js';
import { durationInWords, relativeTime, utcDay } from '../time-text.js';
import { keyInWords } from './certificate-card.js';
import { escapeForTerminal } from './escape.js';
import { displayWidth, truncate, truncateMiddle } from './layout.js';
import { table } from './table.js';
import type { View } from './view.js';

/** More rows than this are counted, unless `--verbose` asks for them. */
export const MAX_ROWS = 1000;

function remaining(found: FoundCertificate, at: number, view: View): string {
  const { notAfter, notBefore } = found.certificate;
  const { style } = view;
  if (!Number.isFinite(notAfter)) return style.fail('unreadable');
  if (notAfter < at) return style.fail(`expired ${relativeTime(notAfter, at)}`);
  if (notBefore > at) return style.fail(`begins ${relativeTime(notBefore, at)}`);
  const used = (at - notBefore) / (notAfter - notBefore);
  const text = `${durationInWords((notAfter - at) / 1000)} left`;
  return used > 0.9 ? style.fail(text) : used > 2 / 3 ? style.warn(text) : text;
}

/** The table with its heading. */
export function certificateTable(distinct: readonly FoundCertificate[], inspection: Inspection, view: View): string {
  const sorted = [...distinct].sort((a, b) => a.certificate.notAfter - b.certificate.notAfter);
  const shown = sorted.slice(0, view.verbose ? sorted.length : MAX_ROWS);
  const facts = shown.map((found) => ({
    name: escapeForTerminal(nameOfCertificate(found)),
    time: remaining(found, inspection.at, view),
    until: utcDay(found.certificate.notAfter),
    role: found.role === 'leaf' ? 'leaf' : found.role === 'root' ? 'root CA' : 'CA',
    key: keyInWords(found.certificate.publicKey),
    where: escapeForTerminal(found.where.text),
  }));
  const widest = (column: keyof (typeof facts)[number]): number =>
    Math.max(column.length, ...facts.map((row) => displayWidth(row[column])));
  // Names and places share what the short columns leave; in a narrow terminal the date and the key make room for them.
  const narrow =
    widest('name') + widest('time') + widest('until') + widest('role') + widest('key') + widest('where') + 10 > view.width &&
    view.width < 100;
  const columns = narrow ? (['name', 'time', 'role', 'where'] as const) : (['name', 'time', 'until', 'role', 'key', 'where'] as const);
  const short = columns.filter((column) => column !== 'name' && column !== 'where').reduce((sum, column) => sum + widest(column) + 2, 0);
  const room = Math.max(24, view.width - short - 2);
  const half = Math.floor(room / 2);
  const nameWidth = Math.max(half, room - widest('where'));
  const placeWidth = Math.max(half, room - widest('name'));
  const rows = facts.map((row) =>
    columns.map((column) =>
      column === 'name'
        ? truncate(row.name, nameWidth, view)
        : column === 'where'
          ? truncateMiddle(row.where, placeWidth, view)
          : row[column],
    ),
  );
  const more =
    sorted.length > shown.length ? `\n${view.style.dim(`and ${sorted.length - shown.length} more that expire later: --json has all`)}` : '';
  return (
    table(
      columns.map((heading) => ({ heading })),
      rows,
      view,
    ) + more
  );
}
