import type { BundleComparison } from '../path/bundle-comparison.js';
import { utcDay } from '../time-text.js';
import { escapeForTerminal } from './escape.js';
import { count, hanging, padEnd } from './layout.js';
import { table } from './table.js';
import type { View } from './view.js';

/** The text of a bundle comparison: may the old bundle go, which certificates verify under which, what was added and dropped. */
export function renderBundleComparison(document: BundleComparison, view: View): string {
  const { style } = view;
  const { leaves, anchors } = document;
  const failing = leaves.filter(({ next }) => !next);
  const newOnly = leaves.filter(({ next, old }) => next && !old);
  const head = document.ready ? `${style.ok(style.symbol.ok)} ` : `${style.fail(style.symbol.fail)} `;
  const verdict = document.ready
    ? `ready: ${leaves.length === 1 ? 'the certificate verifies' : `all ${leaves.length} certificates verify`} under ${escapeForTerminal(document.next)}`
    : `not ready: ${failing.length} of ${count(leaves.length, 'certificate')} would fail under ${escapeForTerminal(document.next)}`;
  const lines = [hanging(head, style.bold(verdict), view.width), ''];
  const mark = (ok: boolean): string => (ok ? style.ok(`${style.symbol.ok} ok`) : style.fail(`${style.symbol.fail} FAIL`));
  const rows = leaves.map((leaf) => [
    escapeForTerminal(leaf.file),
    escapeForTerminal(leaf.subject),
    leaf.notAfter === null ? '?' : utcDay(Date.parse(leaf.notAfter)),
    mark(leaf.old),
    mark(leaf.next),
    mark(leaf.both),
  ]);
  lines.push(
    table(
      [
        { heading: 'file', yields: 2 },
        { heading: 'certificate', yields: 1 },
        { heading: 'until' },
        { heading: 'old' },
        { heading: 'next' },
        { heading: 'both' },
      ],
      rows,
      view,
    ),
    '',
  );
  const fact = (label: string, text: string): void => {
    lines.push(hanging(padEnd(`  ${label}`, 10), text, view.width));
  };
  fact('old', escapeForTerminal(document.old));
  fact('next', escapeForTerminal(document.next));
  const names = (list: readonly string[]): string =>
    list
      .slice(0, view.verbose ? undefined : 6)
      .map((name) => escapeForTerminal(name))
      .join('; ') + (list.length > 6 && !view.verbose ? `; and ${list.length - 6} more` : '');
  if (anchors.onlyNext.length > 0) fact('added', names(anchors.onlyNext));
  if (anchors.onlyOld.length > 0) fact('dropped', names(anchors.onlyOld));
  fact('kept', anchors.both.length === 0 ? 'none: the two bundles have no anchor in common' : names(anchors.both));
  for (const { file, causes } of failing.slice(0, 5))
    if (causes[0] !== undefined) fact('why', `${escapeForTerminal(file)}: ${causes[0].code}: ${escapeForTerminal(causes[0].summary)}`);
  if (newOnly.length > 0)
    fact(
      'note',
      `${count(newOnly.length, 'certificate')} already ${newOnly.length === 1 ? 'needs' : 'need'} the next bundle: whoever has only the old one refuses ${newOnly.length === 1 ? 'it' : 'them'}`,
    );
  const never = failing.filter(({ old, both }) => !old && !both);
  if (never.length > 0)
    fact(
      'note',
      `${count(never.length, 'certificate')} ${never.length === 1 ? 'verifies' : 'verify'} under no bundle: the rotation is not the reason`,
    );
  const advice = document.ready
    ? newOnly.length === leaves.length
      ? 'give every client the next bundle before these certificates are served'
      : 'the old bundle may go once every client has the next one'
    : never.length === failing.length
      ? 'see each: tlsmedic verify-chain FILE --ca BUNDLE'
      : 'trust both bundles at once until the failing certificates are issued anew';
  lines.push('', style.dim(`next: ${advice}`));
  return lines.join('\n');
}
