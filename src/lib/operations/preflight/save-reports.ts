import { appendFileSync } from 'node:fs';
import { isCauseCode } from '../../cause.js';
import { metaOf } from '../../diagnose/registry.js';
import { PUBLIC_FILE, writeFileAtomic } from '../../io/files.js';
import type { PreflightReport } from '../../preflight/expectation.js';
import { renderGithubSummary } from '../../report/github-actions.js';
import { renderGitlabCodeQuality } from '../../report/gitlab-code-quality.js';
import { toJson } from '../../report/json.js';
import { renderJunit } from '../../report/junit.js';
import { renderPrometheus } from '../../report/prometheus.js';
import { renderSarif } from '../../report/sarif.js';
import { VERSION } from '../../version.js';

export interface ReportFiles {
  junit?: string | undefined;
  sarif?: string | undefined;
  gitlab?: string | undefined;
  /** For node_exporter's textfile collector. */
  prometheus?: string | undefined;
  /** GITHUB_STEP_SUMMARY. */
  githubSummary?: string | undefined;
  /** The preflight file, for findings that point into it. */
  configPath?: string;
}

/** Writes the reports that were asked for. They are made anew by every run, so earlier ones are replaced. */
export function savePreflightReports(report: PreflightReport, files: ReportFiles): void {
  const write = (path: string, text: string) => writeFileAtomic(path, text, { mode: PUBLIC_FILE, force: true });
  if (files.junit !== undefined) write(files.junit, renderJunit(report));
  if (files.sarif !== undefined) {
    const titleOf = (code: string) => (isCauseCode(code) ? metaOf(code)?.title : undefined);
    const place = files.configPath === undefined ? {} : { configPath: files.configPath };
    write(files.sarif, `${toJson(renderSarif(report, { version: VERSION, titleOf, ...place }))}\n`);
  }
  if (files.gitlab !== undefined) write(files.gitlab, `${toJson(renderGitlabCodeQuality(report, files.configPath))}\n`);
  if (files.prometheus !== undefined) write(files.prometheus, renderPrometheus(report));
  if (files.githubSummary !== undefined && files.githubSummary !== '') appendFileSync(files.githubSummary, renderGithubSummary(report));
}
