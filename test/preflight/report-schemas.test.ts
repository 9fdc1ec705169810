import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/lib/preflight/expectation.js';
import { foldResults } from '../../src/lib/preflight/fold.js';
import { renderGitlabCodeQuality } from '../../src/lib/report/gitlab-code-quality.js';
import { renderJunit } from '../../src/lib/report/junit.js';
import { renderSarif } from '../../src/lib/report/sarif.js';

/**
 * The part of each format that the reports use, closed: a member that the format does not know, or knows otherwise, fails here.
 * SARIF: OASIS SARIF 2.1.0 §3; Code Quality: GitLab's subset of the Code Climate issue; JUnit: what Jenkins' xUnit plugin (junit-10.xsd) and GitLab read;
 * Ant's own schema wants more and knows no sums of all suites. test/interop/report-formats.slow.test.ts asks the schemas of the standards themselves.
 */

const closed = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const text = { type: 'string', minLength: 1 };
const list = (items: object) => ({ type: 'array', items });
const message = closed({ text });

const SARIF = closed({
  $schema: { type: 'string', pattern: '^https://' },
  version: { const: '2.1.0' },
  runs: list(
    closed({
      tool: closed({
        driver: closed({
          name: text,
          version: text,
          rules: { ...list(closed({ id: text, name: text, shortDescription: message, help: message })), uniqueItems: true },
        }),
      }),
      invocations: list(
        closed({
          executionSuccessful: { type: 'boolean' },
          exitCode: { type: 'integer' },
          endTimeUtc: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
        }),
      ),
      columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
      results: list(
        closed(
          {
            ruleId: text,
            level: { enum: ['none', 'note', 'warning', 'error'] },
            message,
            locations: list(
              closed({
                physicalLocation: closed({
                  artifactLocation: closed({ uri: { type: 'string', pattern: "^[A-Za-z0-9._~!$&'()*+,;=:@/%-]+$" } }),
                  region: closed({ startLine: { type: 'integer', minimum: 1 } }),
                }),
              }),
            ),
            partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
            suppressions: list(closed({ kind: { enum: ['inSource', 'external'] }, justification: text })),
          },
          ['ruleId', 'level', 'message', 'locations', 'partialFingerprints'],
        ),
      ),
    }),
  ),
});

const CODE_QUALITY = list(
  closed({
    description: text,
    check_name: text,
    fingerprint: { type: 'string', pattern: '^[0-9a-f]{32,}$' },
    severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
    location: closed({ path: text, lines: closed({ begin: { type: 'integer', minimum: 1 } }) }),
  }),
);

const failed: Check = {
  expectation: 'trusted',
  status: 'failed',
  summary: 'ran out & <3 h ago> "here"',
  class: 'expiry',
  cause: {
    class: 'expiry',
    code: 'expired',
    party: 'server',
    confidence: 'certain',
    summary: 'ran out',
    evidence: [],
    fixes: [{ title: 'issue', command: 'tlsmedic issue a' }],
    alternatives: [],
  },
};
const result = (name: string, checks: Check[]) => ({
  schema: 'tlsmedic/preflight-result@1' as const,
  name,
  input: name,
  kind: 'endpoint' as const,
  at: '2026-11-22T03:04:05.678Z',
  status: checks[0]?.status === 'failed' ? ('failed' as const) : ('passed' as const),
  checks,
  fingerprints: ['ab'.repeat(32)],
  attempts: 1,
  retries: [],
  durationMs: 12,
  line: 3,
});
const report = foldResults(
  [
    result('a:1', [failed]),
    result('b c:2', [{ expectation: 'reachable', status: 'unchecked', summary: 'no answer' }]),
    result('c:3', [{ ...failed, status: 'allowed', allowed: { until: '2999-01-01', reason: 'known' } }]),
    result('d:4', [{ expectation: 'trusted', status: 'passed', summary: 'fine' }]),
  ],
  { sharedCertificates: 'forbid', unchecked: 'fail' },
  '2026-11-22T03:04:06.000Z',
);

function problems(schema: object, document: unknown): string[] {
  const ajv = new Ajv({ allErrors: true, strict: true });
  const validate = ajv.compile(schema);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message: what, params }) => `${instancePath} ${what} ${JSON.stringify(params)}`);
}

describe('reports by the schema of their format', () => {
  it('SARIF 2.1.0', () => {
    const sarif = renderSarif(report, { version: '1.0.0', configPath: 'ci/my checks.yaml', titleOf: () => 'a title' }) as {
      runs: { results: { ruleId: string }[]; tool: { driver: { rules: { id: string }[] } } }[];
    };
    expect(problems(SARIF, sarif)).toEqual([]);
    // §3.27.5: a ruleId names a rule of the driver.
    const [run] = sarif.runs;
    const rules = new Set(run?.tool.driver.rules.map(({ id }) => id));
    expect(run?.results.filter(({ ruleId }) => !rules.has(ruleId))).toEqual([]);
    expect(problems(SARIF, { ...sarif, version: '2.0' })).not.toEqual([]);
  });

  it('GitLab code quality', () => {
    const entries = renderGitlabCodeQuality(report, 'tlsmedic.yaml') as { fingerprint: string }[];
    expect(problems(CODE_QUALITY, entries)).toEqual([]);
    expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(entries.length);
    expect(entries).toHaveLength(2);
  });

  it('JUnit', () => {
    const xml = renderJunit(report);
    const elements = [...xml.matchAll(/<([a-z]+)((?: [a-z]+="[^"<]*")*)\/?>/g)].map(([, name = '', attributes = '']) => ({
      name,
      attributes: Object.fromEntries([...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])) as Record<
        string,
        string
      >,
    }));
    const known: Record<string, readonly string[]> = {
      testsuites: ['name', 'tests', 'failures', 'errors', 'time'],
      testsuite: ['name', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp'],
      testcase: ['classname', 'name', 'time'],
      failure: ['message', 'type'],
      error: ['message', 'type'],
      skipped: ['message'],
    };
    for (const { name, attributes } of elements) {
      expect(Object.keys(known)).toContain(name);
      expect(Object.keys(attributes).filter((key) => !known[name]?.includes(key))).toEqual([]);
    }
    const suites = elements.filter(({ name }) => name === 'testsuite');
    const [all] = elements.filter(({ name }) => name === 'testsuites');
    for (const key of ['tests', 'failures', 'errors'])
      expect(Number(all?.attributes[key])).toBe(suites.reduce((sum, { attributes }) => sum + Number(attributes[key]), 0));
    // The schema has times without fractions.
    for (const { attributes } of suites.filter((suite) => suite.attributes.timestamp !== undefined))
      expect(attributes.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    // Every character is markup or escaped.
    expect(xml.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);)/);
  });
});
