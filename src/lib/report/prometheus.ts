import type { Check, PreflightReport, TargetResult } from '../preflight/expectation.js';
import { escapeForTerminal } from './escape.js';

interface Metric {
  name: string;
  help: string;
  /** One sample of a target, or nothing where it does not apply. */
  of: (result: TargetResult, now: number) => number | undefined;
}

/**
 * Names as they are in use already: seed rules (`cert_expiry_seconds`, `cert_age_seconds`) and ssl_exporter (`ssl_cert_not_after`). Ages count from
 * the run; who scrapes a file that nobody renews compares with the timestamps and with `tlsmedic_preflight_timestamp_seconds`.
 */
const METRICS: readonly Metric[] = [
  {
    name: 'tlsmedic_preflight_target_ok',
    help: '1 when everything expected of the target holds',
    of: ({ status }) => Number(status === 'passed'),
  },
  {
    name: 'tlsmedic_preflight_target_unchecked',
    help: '1 when something expected of the target could not be checked',
    of: ({ checks }) => Number(checks.some(({ status }) => status === 'unchecked')),
  },
  {
    name: 'ssl_cert_not_after',
    help: 'end of the end entity certificate, seconds since 1970',
    of: ({ validity }) => seconds(validity?.notAfter),
  },
  {
    name: 'ssl_cert_not_before',
    help: 'begin of the end entity certificate, seconds since 1970',
    of: ({ validity }) => seconds(validity?.notBefore),
  },
  {
    name: 'cert_expiry_seconds',
    help: 'time left of the end entity certificate when it was looked at; negative when it is over',
    of: ({ validity }, now) => difference(seconds(validity?.notAfter), now),
  },
  {
    name: 'cert_age_seconds',
    help: 'age of the end entity certificate when it was looked at',
    of: ({ validity }, now) => difference(now, seconds(validity?.notBefore)),
  },
  {
    name: 'cert_lifetime_remaining_ratio',
    help: 'share of the lifetime that is left, 0 to 1',
    of: ({ validity }, now) => {
      const [from, to] = [seconds(validity?.notBefore), seconds(validity?.notAfter)];
      if (from === undefined || to === undefined || to <= from) return undefined;
      return Math.max(0, Math.min(1, (to - now) / (to - from)));
    },
  },
  {
    name: 'served_matches_file',
    help: '1 when the certificate served is the one in the file',
    of: ({ checks }) => holds(checks.find(({ expectation }) => expectation === 'served-certificate')),
  },
  {
    name: 'mtls_enforced',
    help: '1 when every client that must be refused was refused',
    of: ({ checks }) => holds(checks.find(({ expectation }) => expectation === 'mtls')),
  },
  { name: 'clock_skew_seconds', help: "the server's clock minus ours", of: ({ clockOffsetSeconds }) => clockOffsetSeconds },
];

/** Metrics of a run in the text format of Prometheus, for the textfile collector. */
export function renderPrometheus(report: PreflightReport): string {
  const lines: string[] = [];
  const head = (name: string, help: string) => lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`);
  for (const { name, help, of } of METRICS) {
    const samples = report.results.flatMap((result) => {
      const value = of(result, Date.parse(result.at) / 1000);
      return value === undefined
        ? []
        : [`${name}${labels({ service: result.service ?? result.name, target: result.name, kind: result.kind })} ${value}`];
    });
    if (samples.length === 0) continue;
    head(name, help);
    lines.push(...samples);
  }
  head('tlsmedic_preflight_failed_targets', 'targets that failed, by class of their first failure');
  for (const [cls, count] of Object.entries(report.classes))
    lines.push(`tlsmedic_preflight_failed_targets${labels({ class: cls })} ${count}`);
  if (Object.keys(report.classes).length === 0) lines.push('tlsmedic_preflight_failed_targets 0');
  const sums: readonly [string, string, number][] = [
    ['tlsmedic_preflight_targets', 'targets that were looked at', report.targets],
    ['tlsmedic_preflight_unchecked_targets', 'targets of which something could not be checked', report.unchecked],
    ['tlsmedic_preflight_ok', '1 when the run was green', Number(report.ok)],
    ['tlsmedic_preflight_timestamp_seconds', 'when the run ended, seconds since 1970', Date.parse(report.at) / 1000],
  ];
  for (const [name, help, value] of sums) {
    head(name, help);
    lines.push(`${name} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}

function holds(check: Check | undefined): number | undefined {
  return check === undefined || check.status === 'unchecked' ? undefined : Number(check.status === 'passed');
}

function seconds(iso: string | undefined): number | undefined {
  const ms = Date.parse(iso ?? '');
  return Number.isFinite(ms) ? ms / 1000 : undefined;
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.round(a - b);
}

function labels(of: Record<string, string>): string {
  return `{${Object.entries(of)
    .map(([key, value]) => `${key}="${escapeForTerminal(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)
    .join(',')}}`;
}
