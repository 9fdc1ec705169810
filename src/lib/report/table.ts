import Table from 'cli-table3';
import { displayWidth, truncate } from './layout.js';
import type { View } from './view.js';

export interface Column {
  heading: string;
  align?: 'left' | 'right';
  /** Columns with a higher number give way first when the terminal is narrow; 0 (the default) is never cut below its heading. */
  yields?: number;
}

const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/**
 * Rows under headings, without borders (tables are for tabular facts; findings are paragraphs). Cells may hold colour but no
 * line feed; what came from outside must be escaped by the caller. Cells are cut with an ellipsis to fit `view.width`:
 * columns with the highest `yields` first. The only module that knows cli-table3, which colours into pipes unless told not to.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], view: View): string {
  const { style } = view;
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.heading), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  narrow(columns, widths, view.width);
  const drawn = new Table({
    head: columns.map((column, index) => style.dim(truncate(column.heading, widths[index] ?? 0, view))),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: NO_BORDER,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of rows) drawn.push(columns.map((_, index) => truncate(row[index] ?? '', widths[index] ?? 0, view)));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Narrows the columns that yield, the most willing first, until the row fits. */
function narrow(columns: readonly Column[], widths: number[], available: number): void {
  const gaps = Math.max(0, columns.length - 1) * 2;
  let excess = widths.reduce((sum, width) => sum + width, 0) + gaps - available;
  const order = columns
    .map((column, index) => ({ index, yields: column.yields ?? 0, least: Math.max(4, displayWidth(column.heading)) }))
    .sort((a, b) => b.yields - a.yields || (widths[b.index] ?? 0) - (widths[a.index] ?? 0));
  for (const { index, least } of order) {
    if (excess <= 0) return;
    const width = widths[index] ?? 0;
    const cut = Math.min(excess, Math.max(0, width - least));
    widths[index] = width - cut;
    excess -= cut;
  }
}
