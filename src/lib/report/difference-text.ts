/** What changed between two inputs, for people: minus is what was, plus is what is. */
import type { CertificateChange, Difference, FieldChange } from '../inspection/difference.js';
import type { FoundCertificate } from '../inspection/inventory.js';
import { nameOfCertificate } from '../inspection/judgement.js';
import { durationInWords, relativeTime } from '../time-text.js';
import { escapeForTerminal } from './escape.js';
import { count, hanging, padEnd } from './layout.js';
import type { View } from './view.js';

function verdict(difference: Difference, labels: { before: string; after: string }, view: View): string {
  const { style } = view;
  const { same, changed, added, removed, reordered, unchanged } = difference;
  const both = `${escapeForTerminal(labels.before)} and ${escapeForTerminal(labels.after)}`;
  if (same && !reordered)
    return style.ok(
      style.bold(hanging(`${style.symbol.ok} `, `${both} hold the same ${count(unchanged.length, 'certificate')}`, view.width)),
    );
  if (same)
    return style.warn(
      style.bold(
        hanging(`${style.symbol.warn} `, `${both} hold the same ${count(unchanged.length, 'certificate')} in another order`, view.width),
      ),
    );
  const sameLeaf = unchanged.some(({ after }) => after.role === 'leaf');
  const parts = [
    sameLeaf ? 'the end entity certificate is the same' : undefined,
    changed.length > 0 ? `${changed.length} changed` : undefined,
    added.length > 0 ? `${added.length} added` : undefined,
    removed.length > 0 ? `${removed.length} gone` : undefined,
    unchanged.length > 0 && !sameLeaf ? `${unchanged.length} the same` : undefined,
  ].filter((part) => part !== undefined);
  return style.warn(style.bold(hanging(`${style.symbol.warn} `, `${both} differ: ${parts.join(', ')}`, view.width)));
}

function fieldLines(change: FieldChange, view: View): string[] {
  const { style } = view;
  const label = `   ${style.dim(padEnd(change.field, 26))}`;
  const lines: string[] = [];
  const put = (sign: string, text: string, paint: (text: string) => string): void => {
    lines.push(hanging(`${lines.length === 0 ? label : ' '.repeat(29)}${paint(sign)} `, paint(escapeForTerminal(text)), view.width));
  };
  if (change.added !== undefined || change.removed !== undefined) {
    for (const item of change.removed ?? []) put('-', item, style.fail);
    for (const item of change.added ?? []) put('+', item, style.ok);
    return lines;
  }
  put('-', change.before ?? '(absent)', style.fail);
  put('+', change.after ?? '(absent)', style.ok);
  return lines;
}

function changeLines(change: CertificateChange, at: number, view: View): string {
  const { style } = view;
  const { before, after, sameKey, changes } = change;
  const lines = [
    `${style.bold(escapeForTerminal(nameOfCertificate(after)))}  ${style.dim(`${escapeForTerminal(before.where.text)} ${style.symbol.arrowRight} ${escapeForTerminal(after.where.text)}`)}`,
  ];
  for (const item of changes) lines.push(...fieldLines(item, view));
  const key = sameKey ? 'the key is the same' : 'the key is another one';
  const moved = (after.certificate.notAfter - before.certificate.notAfter) / 1000;
  const later = !Number.isFinite(moved) || moved === 0 ? '' : `; ends ${durationInWords(moved)} ${moved > 0 ? 'later' : 'EARLIER'}`;
  lines.push(
    `   ${style.dim(`${key}${later}; ${after.certificate.notAfter < at ? 'expired' : 'expires'} ${relativeTime(after.certificate.notAfter, at)}`)}`,
  );
  return lines.join('\n');
}

function lone(sign: string, found: FoundCertificate, paint: (text: string) => string, view: View): string {
  const { certificate } = found;
  return hanging(
    `${paint(sign)} `,
    `${paint(escapeForTerminal(nameOfCertificate(found)))}  ${view.style.dim(`${escapeForTerminal(found.where.text)}, serial ${certificate.serial}`)}`,
    view.width,
  );
}

/** The screen of `inspect --diff`. */
export function renderDifference(
  difference: Difference,
  labels: { before: string; after: string },
  notes: readonly string[],
  at: number,
  view: View,
): string {
  const { style } = view;
  const sections = [verdict(difference, labels, view)];
  if (notes.length > 0)
    sections.push(notes.map((note) => hanging(`  ${style.warn(style.symbol.warn)} `, escapeForTerminal(note), view.width)).join('\n'));
  sections.push(...difference.changed.map((change) => changeLines(change, at, view)));
  const alone = [
    ...difference.removed.map((found) => lone('-', found, style.fail, view)),
    ...difference.added.map((found) => lone('+', found, style.ok, view)),
  ];
  if (alone.length > 0) sections.push(alone.join('\n'));
  return sections.join('\n\n');
}
