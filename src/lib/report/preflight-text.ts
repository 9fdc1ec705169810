import type { Check, PreflightReport, TargetResult } from '../preflight/expectation.js';
import { durationInWords } from '../time-text.js';
import { escapeForTerminal } from './escape.js';
import { count, hanging } from './layout.js';
import { table } from './table.js';
import type { View } from './view.js';

/** More targets than this are not tabled one by one when they pass: the failures are what the reader came for. */
const TABLE_ROWS = 40;

/** The report of a preflight run for people: verdict with the numbers, a row for each target, then every failure with its fix. */
export function renderPreflight(report: PreflightReport, view: View): string {
  const { style } = view;
  const parts = [headline(report, view)];
  const troubled = report.results.filter(
    (r) => r.status !== 'passed' || r.checks.some((c) => c.status === 'allowed' || c.caveat !== undefined),
  );
  const shown = report.results.length <= TABLE_ROWS || view.verbose ? report.results : troubled.slice(0, TABLE_ROWS);
  if (shown.length > 0)
    parts.push(
      '',
      table(
        [{ heading: 'target', yields: 1 }, { heading: 'verdict' }, { heading: 'left', align: 'right' }, { heading: 'what', yields: 2 }],
        shown.map((r) => row(r, report.at, view)),
        view,
      ),
    );
  if (shown.length < report.results.length)
    parts.push(style.dim(`and ${count(report.results.length - shown.length, 'more target')}: --verbose lists all`));
  const detailed = view.verbose ? troubled : troubled.slice(0, TABLE_ROWS);
  for (const result of detailed) parts.push(...details(result, view));
  if (detailed.length < troubled.length)
    parts.push('', style.dim(`${count(troubled.length - detailed.length, 'more target')} with something to say: --verbose tells all`));
  for (const { fingerprint, of, targets } of report.shared) {
    parts.push(
      '',
      hanging(
        `${style.fail(`${style.symbol.fail} shared ${of}`)}  `,
        `${targets.map((t) => escapeForTerminal(t)).join(', ')} serve the same ${of} (${fingerprint.slice(0, 16)}): each service needs an identity of its own`,
        view.width,
      ),
    );
  }
  for (const lack of report.missing) parts.push('', hanging(`${style.fail(style.symbol.fail)} `, escapeForTerminal(lack), view.width));
  for (const warning of report.warnings)
    parts.push('', hanging(`${style.warn(style.symbol.warn)} `, escapeForTerminal(warning), view.width));
  return parts.join('\n');
}

function headline(report: PreflightReport, view: View): string {
  const { style } = view;
  const { symbol } = style;
  const rest = [
    report.passed > 0 ? `${report.passed} passed` : '',
    report.unchecked > 0 && report.failed > 0 ? `${report.unchecked} could not be checked` : '',
    report.allowed > 0 ? `${count(report.allowed, 'deviation')} allowed` : '',
  ].filter((part) => part !== '');
  const tail = rest.length === 0 ? '' : `; ${rest.join(', ')}`;
  if (report.targets === 0 && report.ok) return `${style.ok(symbol.ok)} no target belongs to this part`;
  if (report.targets === 0) return style.fail(`${symbol.fail} nothing was checked`);
  if (report.missing.length > 0 && report.failed === 0)
    return `${style.fail(`${symbol.fail} incomplete: not every target was checked`)}${tail}`;
  if (report.failed > 0) {
    const classes = Object.entries(report.classes).map(([name, n]) => `${n} ${name}`);
    return `${style.fail(`${symbol.fail} ${report.failed} of ${count(report.targets, 'target')} failed`)}: ${classes.join(', ')}${tail}`;
  }
  if (report.shared.length > 0)
    return `${style.fail(`${symbol.fail} ${count(report.shared.length, 'identity', 'identities')} shared between services`)}${tail}`;
  if (report.unchecked > 0)
    return `${style.warn(`${symbol.unknown} ${report.unchecked} of ${count(report.targets, 'target')} could not be checked`)}${tail}`;
  return (
    style.ok(`${symbol.ok} ${count(report.targets, 'target')} passed`) +
    (report.allowed > 0 ? `; ${count(report.allowed, 'deviation')} allowed` : '')
  );
}

function row(result: TargetResult, now: string, view: View): string[] {
  const { style } = view;
  const { symbol } = style;
  const allowed = result.checks.some((c) => c.status === 'allowed');
  const verdict = {
    passed: allowed ? style.warn(`${symbol.warn} allowed`) : style.ok(`${symbol.ok} ok`),
    failed: style.fail(`${symbol.fail} FAIL`),
    unchecked: style.warn(`${symbol.unknown} not checked`),
  }[result.status];
  const left = result.notAfter === undefined ? '' : remainingText(result.notAfter, now);
  const head = headOf(result);
  const open = result.checks.find((c) => c.caveat !== undefined);
  const caveat = open === undefined ? '' : style.dim(escapeForTerminal(`${open.expectation}: ${open.caveat ?? ''}`));
  const what = head === undefined ? caveat : escapeForTerminal(head.summary);
  return [escapeForTerminal(result.name), verdict, left, what];
}

function remainingText(notAfter: string, now: string): string {
  const seconds = (Date.parse(notAfter) - Date.parse(now)) / 1000;
  if (!Number.isFinite(seconds)) return '';
  return seconds < 0 ? `-${durationInWords(seconds)}` : durationInWords(seconds);
}

/** The check that a one-line view shows: the first failure, else the first that could not be looked at, else what is allowed. */
export function headOf(result: TargetResult): Check | undefined {
  return (['failed', 'unchecked', 'allowed'] as const)
    .map((status) => result.checks.find((c) => c.status === status))
    .find((c) => c !== undefined);
}

function details(result: TargetResult, view: View): string[] {
  const { style } = view;
  const { symbol } = style;
  const explained = new Set<string>();
  const lines = [
    '',
    style.bold(escapeForTerminal(result.name)) + (result.name === result.input ? '' : style.dim(`  ${escapeForTerminal(result.input)}`)),
  ];
  for (const check of result.checks) {
    if (check.status === 'passed') {
      if (check.caveat !== undefined)
        lines.push(hanging(`  ${style.dim(`${symbol.ok} ${check.expectation}`)}  `, escapeForTerminal(check.caveat), view.width));
      continue;
    }
    const label =
      check.status === 'failed'
        ? style.fail(`${symbol.fail} ${check.expectation}`)
        : check.status === 'allowed'
          ? style.warn(`${symbol.warn} ${check.expectation}`)
          : style.warn(`${symbol.unknown} ${check.expectation}`);
    const classAndCode = check.cause === undefined ? '' : ` ${style.dim(`(${check.cause.class}/${check.cause.code})`)}`;
    lines.push(hanging(`  ${label}  `, escapeForTerminal(check.summary) + classAndCode, view.width));
    if (check.allowed !== undefined)
      lines.push(
        hanging(
          '      ',
          `allowed until ${escapeForTerminal(check.allowed.until)}: ${escapeForTerminal(check.allowed.reason)}`,
          view.width,
        ),
      );
    // The same cause found in three ways is mended once.
    const code = check.cause?.code ?? '';
    if (check.status !== 'failed' || explained.has(code)) continue;
    explained.add(code);
    for (const fix of (check.cause?.fixes ?? []).slice(0, 2)) {
      lines.push(hanging(`      ${style.dim('fix')}  `, escapeForTerminal(fix.title), view.width));
      if (fix.command !== undefined) lines.push(`           ${style.command(escapeForTerminal(fix.command))}`);
    }
  }
  if (result.retries.length > 0)
    lines.push(style.dim(`  ${count(result.attempts, 'attempt')}: ${result.retries.map((r) => escapeForTerminal(r)).join('; ')}`));
  return lines;
}
