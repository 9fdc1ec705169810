/** One inspection on one line, for thousands of them. */
import { CAUSE_CLASSES } from '../cause.js';
import type { Inspection } from '../inspection/inspection.js';
import { verdictOf } from '../inspection/verdict.js';
import { escapeForTerminal } from './escape.js';
import type { View } from './view.js';

/** `✗ web.pem: 1 certificate: …` with the class and code of the first cause. Not wrapped: a line is a file, for grep. */
export function renderInspectionLine(inspection: Inspection, { style }: View): string {
  const { level, contents, statement } = verdictOf(inspection);
  const [symbol, paint] =
    level === 'ok' ? [style.symbol.ok, style.ok] : level === 'warn' ? [style.symbol.warn, style.warn] : [style.symbol.fail, style.fail];
  const label = inspection.inventory.inputs[0]?.label ?? '';
  const [cause] = inspection.judgement.causes;
  const code = cause === undefined ? '' : style.dim(`  ${cause.class}/${cause.code} (${CAUSE_CLASSES[cause.class].exit})`);
  return `${paint(symbol)} ${escapeForTerminal(label)}: ${escapeForTerminal(statement === '' ? contents : `${contents}: ${statement}`)}${code}`;
}
