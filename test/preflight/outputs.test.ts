import { describe, expect, it } from 'vitest';
import type { Check, TargetResult } from '../../src/lib/preflight/expectation.js';
import { foldResults } from '../../src/lib/preflight/fold.js';
import { renderGithubAnnotations, renderGithubSummary } from '../../src/lib/report/github-actions.js';
import { renderGitlabCodeQuality } from '../../src/lib/report/gitlab-code-quality.js';
import { renderJunit } from '../../src/lib/report/junit.js';
import { renderPreflight } from '../../src/lib/report/preflight-text.js';
import { renderSarif } from '../../src/lib/report/sarif.js';
import { plainView } from '../../src/lib/report/view.js';

const at = '2026-11-22T03:00:00.000Z';
/** What a hostile certificate may put into a name: markup, a workflow command, an escape sequence, a direction override. */
const HOSTILE = 'x"]]><b>&\n::error::owned\u001b[2K\u202e%0A|`';

const expired: Check = {
  expectation: 'trusted',
  status: 'failed',
  summary: `the certificate of ${HOSTILE} ran out 3 h ago`,
  class: 'expiry',
  cause: {
    class: 'expiry',
    code: 'expired',
    party: 'server',
    confidence: 'certain',
    summary: HOSTILE,
    evidence: [],
    fixes: [{ title: 'issue a new one', command: 'tlsmedic issue ledger' }],
    alternatives: [],
  },
};

function result(name: string, extra: Partial<TargetResult> = {}): TargetResult {
  return {
    schema: 'tlsmedic/preflight-result@1',
    name,
    input: name,
    kind: 'endpoint',
    at,
    status: 'passed',
    checks: [{ expectation: 'trusted', status: 'passed', summary: 'ok' }],
    fingerprints: [],
    attempts: 1,
    retries: [],
    durationMs: 12,
    line: 4,
    ...extra,
  };
}

const report = foldResults(
  [
    result('ok:1', { notAfter: '2026-12-22T03:00:00.000Z' }),
    result(`bad:2 ${HOSTILE}`, { status: 'failed', checks: [expired], notAfter: '2026-11-22T00:00:00.000Z' }),
    result('dark:3', { status: 'unchecked', checks: [{ expectation: 'reachable', status: 'unchecked', summary: 'no answer in 5 s' }] }),
    result('known:4', { checks: [{ ...expired, status: 'allowed', allowed: { until: '2026-12-01', reason: 'CHG-7' } }] }),
  ],
  { sharedCertificates: 'forbid', unchecked: 'fail' },
  at,
);

describe('the text for people', () => {
  it('says the verdict with the numbers in its first line and keeps to the width', () => {
    const text = renderPreflight(report, plainView());
    expect(text.split('\n')[0]).toBe('✗ 1 of 4 targets failed: 1 expiry; 2 passed, 1 could not be checked, 1 deviation allowed');
    expect(text).toContain('tlsmedic issue ledger');
    expect(text).toMatch(/known:4 .*allowed/);
  });
  it('lets nothing of a peer through to the terminal', () => {
    expect(renderPreflight(report, plainView())).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });
  it('says ok only for a run in which everything passed', () => {
    const fine = foldResults([result('a')], { sharedCertificates: 'forbid', unchecked: 'fail' }, at);
    expect(renderPreflight(fine, plainView()).split('\n')[0]).toBe('✓ 1 target passed');
    const dark = foldResults([result('a', { status: 'unchecked' })], { sharedCertificates: 'forbid', unchecked: 'fail' }, at);
    expect(renderPreflight(dark, plainView()).split('\n')[0]).toMatch(/^\? 1 of 1 target could not be checked/);
  });
});

describe('JUnit', () => {
  const xml = renderJunit(report);
  it('counts failures and errors, and what was not checked is an error', () => {
    expect(xml).toMatch(/<testsuites name="tlsmedic preflight" tests="4" failures="1" errors="1" time="0\.048">/);
    expect(xml).toContain('<skipped message="allowed until 2026-12-01: CHG-7');
  });
  it('stays well-formed whatever a name holds', () => {
    expect(xml).not.toContain(HOSTILE);
    expect(xml).not.toContain('\u001b');
    // Outside tags there is no bare markup character left.
    expect(xml.replaceAll(/<\/?[a-z]+( [a-z]+="[^"<>]*")*\/?>|<\?xml[^>]*\?>/g, '')).not.toMatch(/[<>]/);
  });
});

describe('SARIF', () => {
  const sarif = renderSarif(report, { version: '1.2.3', configPath: 'ci/my checks.yaml', titleOf: () => undefined }) as {
    runs: {
      results: {
        ruleId: string;
        level: string;
        suppressions?: object[];
        locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[];
      }[];
      tool: { driver: { rules: { id: string }[] } };
    }[];
  };
  it('has a result for each failure at its line, with suppressed deviations', () => {
    const run = sarif.runs[0];
    expect(run?.results.map((r) => [r.ruleId, r.level])).toEqual([
      ['expiry/expired', 'error'],
      ['preflight/reachable', 'warning'],
      ['expiry/expired', 'note'],
    ]);
    expect(run?.results[0]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'ci/my%20checks.yaml' },
      region: { startLine: 4 },
    });
    expect(run?.results[2]?.suppressions).toHaveLength(1);
    expect(run?.tool.driver.rules.map((r) => r.id)).toEqual(['expiry/expired', 'preflight/reachable']);
  });
});

describe('GitHub', () => {
  it('writes one line for each annotation, and a name cannot start a command of its own', () => {
    const lines = renderGithubAnnotations(report, 'tlsmedic.yaml');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^::(error|warning) file=tlsmedic\.yaml,line=4,title=[^\n]*$/);
    expect(lines.join('')).not.toContain('\u001b');
  });
  it('keeps a summary table in one row for each target', () => {
    const rows = renderGithubSummary(report)
      .split('\n')
      .filter((l) => l.startsWith('| ') && !l.startsWith('| target'));
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row.match(/\|/g)).toHaveLength(5);
    expect(rows.join('')).not.toContain('<b>');
  });
});

describe('a step summary of ten thousand targets', () => {
  it('stays below what GitHub takes, with the failures', () => {
    const [failing] = report.results.filter(({ status }) => status === 'failed');
    const results = Array.from({ length: 10_000 }, (_, i) => ({
      ...(i === 9999 ? failing : report.results.find(({ status }) => status === 'passed')),
      name: `t${i}.${'x'.repeat(200)}`,
    })) as typeof report.results;
    const text = renderGithubSummary({ ...report, results });
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    expect(text).toContain('t9999.');
    expect(text).toMatch(/and \d+ more targets/);
  });
});

describe('GitLab', () => {
  it('lists each failure with a fingerprint that stays', () => {
    const list = renderGitlabCodeQuality(report, 'tlsmedic.yaml') as { fingerprint: string; location: object; severity: string }[];
    expect(list.map((entry) => entry.severity)).toEqual(['critical', 'major']);
    expect(list).toEqual(renderGitlabCodeQuality({ ...report, at: '2027-01-01T00:00:00.000Z' }, 'tlsmedic.yaml'));
  });
});
