import type { PreflightReport } from '../preflight/expectation.js';
import { escapeForTerminal } from './escape.js';
import { headOf } from './preflight-text.js';

/** GitHub shows ten annotations of each kind for a step; the rest would be dropped in silence, so the last one counts them. */
const MOST_ANNOTATIONS = 10;

/** Workflow commands that mark each failure at its line of the file. */
export function renderGithubAnnotations(report: PreflightReport, configPath: string | undefined): string[] {
  const all = report.results.flatMap((result) =>
    result.checks
      .filter((check) => check.status === 'failed' || check.status === 'unchecked')
      .map((check) => {
        const title = check.cause === undefined ? check.expectation : `${check.cause.class}/${check.cause.code}`;
        const file = result.kind === 'file' ? result.input : configPath;
        const properties = [
          ...(file === undefined ? [] : [`file=${property(file)}`, `line=${result.kind === 'file' ? 1 : (result.line ?? 1)}`]),
          `title=${property(title)}`,
        ];
        return {
          kind: check.status === 'failed' ? 'error' : 'warning',
          text: `${properties.join(',')}::${message(`${result.name}: ${check.summary}`)}`,
        };
      }),
  );
  for (const { of, targets } of report.shared)
    all.push({ kind: 'error', text: `title=shared ${of}::${message(`${targets.join(', ')} serve the same ${of}`)}` });
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

/** Markdown for the step summary. */
export function renderGithubSummary(report: PreflightReport): string {
  const verdict = report.ok ? '✅' : '❌';
  const lines = [
    `### ${verdict} tlsmedic preflight: ${report.passed} of ${report.targets} passed`,
    '',
    '| target | verdict | certificate until | what |',
    '|---|---|---|---|',
    ...report.results.map((result) => {
      const mark = { passed: '✅ ok', failed: '❌ failed', unchecked: '❔ not checked' }[result.status];
      const head = headOf(result);
      const code = head?.cause === undefined ? '' : ` \`${head.cause.class}/${head.cause.code}\``;
      return `| ${cell(result.name)} | ${mark} | ${cell(result.notAfter ?? '')} | ${cell(head?.summary ?? '')}${code} |`;
    }),
  ];
  for (const { of, targets } of report.shared) lines.push('', `❌ shared ${of}: ${targets.map(cell).join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** A table cell: Markdown and HTML of a peer's string stay text. */
function cell(text: string): string {
  return escapeForTerminal(text).replace(/[\\`*_{}[\]<>()#+!|~&$]/g, (character) => `&#${character.charCodeAt(0)};`);
}
