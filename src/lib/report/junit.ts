import type { Check, PreflightReport, TargetResult } from '../preflight/expectation.js';
import { escapeForTerminal } from './escape.js';
import { escapeXml } from './xml.js';

/**
 * JUnit XML (the dialect that Jenkins, GitLab and GitHub readers share): a suite for each target, a case for each expectation.
 * What could not be checked is an error, not a skip: readers show skipped cases as green.
 */
export function renderJunit(report: PreflightReport): string {
  const suites = [
    ...report.results.map(suite),
    ...(report.shared.length === 0 ? [] : [sharedSuite(report)]),
    ...(report.missing.length === 0 ? [] : [missingSuite(report.missing)]),
  ];
  const sum = (key: 'tests' | 'failures' | 'errors') => suites.reduce((total, s) => total + s[key], 0);
  const seconds = report.results.reduce((total, r) => total + r.durationMs, 0) / 1000;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tlsmedic preflight" tests="${sum('tests')}" failures="${sum('failures')}" errors="${sum('errors')}" time="${seconds.toFixed(3)}">`,
    ...suites.map((s) => s.xml),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Suite {
  tests: number;
  failures: number;
  errors: number;
  xml: string;
}

function suite(result: TargetResult): Suite {
  const failures = result.checks.filter((c) => c.status === 'failed').length;
  const errors = result.checks.filter((c) => c.status === 'unchecked').length;
  const tests = result.checks.length;
  const skipped = result.checks.filter((c) => c.status === 'allowed').length;
  const time = (result.durationMs / 1000).toFixed(3);
  const attributes = `name="${attribute(result.name)}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}" time="${time}" timestamp="${attribute(result.at.replace(/(?:\.\d+)?Z$/, ''))}"`;
  return {
    tests,
    failures,
    errors,
    xml: [`  <testsuite ${attributes}>`, ...result.checks.map((c) => testcase(result, c)), '  </testsuite>'].join('\n'),
  };
}

function testcase(result: TargetResult, check: Check): string {
  const open = `    <testcase classname="${attribute(result.name)}" name="${attribute(check.expectation)}"`;
  if (check.status === 'passed') return `${open}/>`;
  const type = check.cause === undefined ? (check.class ?? check.expectation) : `${check.cause.class}/${check.cause.code}`;
  const message = `message="${attribute(check.summary)}" type="${attribute(type)}"`;
  const fixes = (check.cause?.fixes ?? []).map((f) => (f.command === undefined ? f.title : `${f.title}: ${f.command}`));
  const body = attribute([check.summary, ...fixes].join('\n'), 'newline');
  if (check.status === 'failed') return `${open}>\n      <failure ${message}>${body}</failure>\n    </testcase>`;
  if (check.status === 'unchecked') return `${open}>\n      <error ${message}>${body}</error>\n    </testcase>`;
  return `${open}>\n      <skipped message="${attribute(`allowed until ${check.allowed?.until ?? '?'}: ${check.allowed?.reason ?? ''} (${check.summary})`)}"/>\n    </testcase>`;
}

function sharedSuite(report: PreflightReport): Suite {
  const cases = report.shared.map(
    ({ fingerprint, of, targets }) =>
      `    <testcase classname="policy" name="no shared ${of} ${fingerprint.slice(0, 16)}">\n      <failure message="${attribute(`${targets.join(', ')} serve the same ${of}`)}" type="deployment"/>\n    </testcase>`,
  );
  const tests = cases.length;
  return {
    tests,
    failures: tests,
    errors: 0,
    xml: [
      `  <testsuite name="policy" tests="${tests}" failures="${tests}" errors="0" skipped="0" time="0.000">`,
      ...cases,
      '  </testsuite>',
    ].join('\n'),
  };
}

/** Targets that nobody looked at have no suite of their own: without this one a reader would show green. */
function missingSuite(missing: readonly string[]): Suite {
  const cases = missing.map(
    (text, index) =>
      `    <testcase classname="run" name="complete ${index + 1}">\n      <error message="${attribute(text)}" type="incomplete"/>\n    </testcase>`,
  );
  const tests = cases.length;
  return {
    tests,
    failures: 0,
    errors: tests,
    xml: [
      `  <testsuite name="run" tests="${tests}" failures="0" errors="${tests}" skipped="0" time="0.000">`,
      ...cases,
      '  </testsuite>',
    ].join('\n'),
  };
}

function attribute(text: string, allow?: 'newline'): string {
  return escapeXml(escapeForTerminal(text, allow));
}
