import type { PreflightReport, TargetResult } from '../preflight/expectation.js';
import { escapeForTerminal } from './escape.js';
import { headOf } from './preflight-text.js';
import { placeOf } from './result-place.js';

/** GitHub shows ten annotations of each kind for a step; the rest would be dropped in silence, so the last one counts them. */
const MOST_ANNOTATIONS = 10;

/** Workflow commands that mark each failure at its line of the file. */
export function renderGithubAnnotations(report: PreflightReport, configPath: string | undefined): string[] {
  const all = report.results.flatMap((result) =>
    result.checks
      .filter((check) => check.status === 'failed' || check.status === 'unchecked')
      .map((check) => {
        const title = check.cause === undefined ? check.expectation : `${check.cause.class}/${check.cause.code}`;
        const { path, line } = placeOf(result, configPath);
        const properties = [...(path === undefined ? [] : [`file=${property(path)}`, `line=${line}`]), `title=${property(title)}`];
        return {
          kind: check.status === 'failed' ? 'error' : 'warning',
          text: `${properties.join(',')}::${message(`${result.name}: ${check.summary}`)}`,
        };
      }),
  );
  for (const { of, targets } of report.shared)
    all.push({ kind: 'error', text: `title=shared ${of}::${message(`${targets.join(', ')} serve the same ${of}`)}` });
  for (const text of report.missing) all.push({ kind: 'error', text: `title=incomplete::${message(text)}` });
  const lines: string[] = [];
  for (const kind of ['error', 'warning']) {
    const some = all.filter((a) => a.kind === kind);
    const shown = some.length > MOST_ANNOTATIONS ? some.slice(0, MOST_ANNOTATIONS - 1) : some;
    lines.push(...shown.map((a) => `::${kind} ${a.text}`));
    if (shown.length < some.length) lines.push(`::${kind} title=more::${some.length - shown.length} more: see the step summary`);
  }
  return lines;
}

/** Percent-encoding of the runner's command format: a peer's string must not be able to start a command of its own. */
function message(text: string): string {
  return escapeForTerminal(text, 'newline').replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** GitHub drops a step summary of more than 1 MiB altogether; some room is left for those of other commands. */
const SUMMARY_BYTES = 512 * 1024;

/** Markdown for the step summary: what has something to say first, as many rows as GitHub takes. */
export function renderGithubSummary(report: PreflightReport): string {
  const lines = [
    `### ${report.ok ? '✅' : '❌'} tlsmedic preflight: ${report.passed} of ${report.targets} passed`,
    ...report.missing.flatMap((text) => ['', `❌ ${cell(text)}`]),
    ...report.shared.flatMap(({ of, targets }) => ['', `❌ shared ${of}: ${targets.map(cell).join(', ')}`]),
    ...report.warnings.slice(0, 50).flatMap((text) => ['', `⚠️ ${cell(text)}`]),
    '',
    '| target | verdict | certificate until | what |',
    '|---|---|---|---|',
  ];
  const weight = { failed: 0, unchecked: 1, passed: 2 };
  const sorted = [...report.results].sort((a, b) => weight[a.status] - weight[b.status]);
  let room = SUMMARY_BYTES - lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  let shown = 0;
  for (const result of sorted) {
    const row = summaryRow(result);
    room -= Buffer.byteLength(row) + 1;
    if (room < 0) break;
    lines.push(row);
    shown += 1;
  }
  if (shown < sorted.length) lines.push('', `and ${sorted.length - shown} more targets`);
  return `${lines.join('\n')}\n`;
}

function summaryRow(result: TargetResult): string {
  const allowed = result.checks.some(({ status }) => status === 'allowed');
  const mark = { passed: allowed ? '⚠️ allowed' : '✅ ok', failed: '❌ failed', unchecked: '❔ not checked' }[result.status];
  const head = headOf(result);
  const code = head?.cause === undefined ? '' : ` \`${head.cause.class}/${head.cause.code}\``;
  const caveat = result.checks.find((check) => check.caveat !== undefined)?.caveat;
  return `| ${cell(result.name)} | ${mark} | ${cell(result.notAfter ?? '')} | ${cell(head?.summary ?? caveat ?? '')}${code} |`;
}

/** A table cell: Markdown and HTML of a peer's string stay text. */
function cell(text: string): string {
  return escapeForTerminal(text).replace(/[\\`*_{}[\]<>()#+!|~&$]/g, (character) => `&#${character.charCodeAt(0)};`);
}
