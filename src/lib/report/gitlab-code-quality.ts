import { createHash } from 'node:crypto';
import type { PreflightReport, TargetResult } from '../preflight/expectation.js';
import { DEFAULT_LIST, placeOf } from './result-place.js';

/** GitLab's Code Quality report (a JSON list): one entry for each expectation that did not pass. */
export function renderGitlabCodeQuality(report: PreflightReport, configPath: string | undefined): object[] {
  return report.results.flatMap((result) =>
    result.checks
      .filter((check) => check.status === 'failed' || check.status === 'unchecked')
      .map((check) => {
        const name = check.cause === undefined ? check.expectation : check.cause.code;
        return {
          description: `${result.name}: ${check.summary}`,
          check_name: name,
          fingerprint: createHash('sha256').update(`${result.name}\0${check.expectation}\0${name}`).digest('hex'),
          severity: check.status === 'failed' ? 'critical' : 'major',
          location: locationOf(result, configPath),
        };
      }),
  );
}

function locationOf(result: TargetResult, configPath: string | undefined): object {
  const { path, line } = placeOf(result, configPath ?? DEFAULT_LIST);
  return { path, lines: { begin: line } };
}
