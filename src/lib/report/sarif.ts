import { createHash } from 'node:crypto';
import type { Check, PreflightReport, TargetResult } from '../preflight/expectation.js';
import { DEFAULT_LIST, placeOf } from './result-place.js';

/** Where a finding is shown: the preflight file, or the certificate file itself. Paths relative to the repository. */
export interface SarifContext {
  version: string;
  /** Path of the preflight file, `tlsmedic.yaml`; absent for runs without one. */
  configPath?: string;
  /** Title of a code, for the rule's description. */
  titleOf: (code: string) => string | undefined;
}

/** SARIF 2.1.0 for code scanning: a result for each failed or unchecked expectation, at the line of its target in the file. */
export function renderSarif(report: PreflightReport, context: SarifContext): object {
  const findings = report.results.flatMap((result) =>
    result.checks.filter((c) => c.status !== 'passed').map((check) => ({ result, check })),
  );
  const shared = report.shared.map(({ of, targets, fingerprint }) => ({
    ruleId: 'deployment/shared-identity',
    level: 'error',
    message: { text: `${targets.join(', ')} serve the same ${of} ${fingerprint.slice(0, 16)}` },
    locations: [location(context.configPath ?? DEFAULT_LIST, 1)],
    partialFingerprints: { 'tlsmedic/v1': fingerprint },
  }));
  const ruleIds = [...new Set([...findings.map(({ check }) => ruleOf(check)), ...shared.map((s) => s.ruleId)])].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tlsmedic', version: context.version, rules: ruleIds.map((id) => rule(id, context)) } },
        invocations: [
          {
            executionSuccessful: report.unchecked === 0 && report.missing.length === 0,
            exitCode: report.exitStatus,
            endTimeUtc: report.at,
            ...(report.missing.length === 0
              ? {}
              : { toolExecutionNotifications: report.missing.map((text) => ({ level: 'error', message: { text } })) }),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: [...findings.map(({ result, check }) => finding(result, check, context)), ...shared],
      },
    ],
  };
}

function ruleOf(check: Check): string {
  return check.cause === undefined ? `${check.class ?? 'preflight'}/${check.expectation}` : `${check.cause.class}/${check.cause.code}`;
}

function rule(id: string, context: SarifContext): object {
  const code = id.slice(id.indexOf('/') + 1);
  const title = context.titleOf(code) ?? code.replaceAll('-', ' ');
  return { id, name: code, shortDescription: { text: title }, help: { text: `tlsmedic explain ${code}` } };
}

function finding(result: TargetResult, check: Check, context: SarifContext): object {
  const fixes = (check.cause?.fixes ?? []).map((f) => (f.command === undefined ? f.title : `${f.title}: ${f.command}`));
  const { path, line } = placeOf(result, context.configPath);
  return {
    ruleId: ruleOf(check),
    level: check.status === 'failed' ? 'error' : check.status === 'unchecked' ? 'warning' : 'note',
    message: { text: [`${result.name}: ${check.summary}`, ...fixes].join('\n') },
    locations: [location(path ?? DEFAULT_LIST, line)],
    partialFingerprints: {
      'tlsmedic/v1': createHash('sha256')
        .update(`${result.name}\0${check.expectation}\0${ruleOf(check)}`)
        .digest('hex'),
    },
    ...(check.allowed === undefined
      ? {}
      : { suppressions: [{ kind: 'external', justification: `until ${check.allowed.until}: ${check.allowed.reason}` }] }),
  };
}

function location(path: string, line: number): object {
  const uri = path.split(/[\\/]/).map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line } } };
}
