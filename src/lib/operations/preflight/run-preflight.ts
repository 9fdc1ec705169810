import { isIP } from 'node:net';
import { readInput, readText } from '../../io/files.js';
import { localNow } from '../../io/local-clock.js';
import { parseTarget } from '../../observe/target.js';
import { nameOf, readConfig } from '../../preflight/config-file.js';
import type { PreflightConfig, TargetEntry } from '../../preflight/config-schema.js';
import { expiredDeviations } from '../../preflight/deviation.js';
import type { Check, PreflightReport, TargetResult } from '../../preflight/expectation.js';
import { foldResults } from '../../preflight/fold.js';
import { runPool } from '../../preflight/pool.js';
import { readResultLines } from '../../preflight/result-lines.js';
import { type CheckContext, checkJob, type Job } from './check-target.js';
import { pathsOf } from './file.js';
import { MaterialReader } from './material.js';
import { inShard, type Shard } from './shard.js';

export interface PreflightOptions {
  /** The file; `-` is standard input. Left out when `config` is given. */
  configPath?: string;
  config?: PreflightConfig;
  concurrency?: number;
  /** At once for one host. */
  perHost?: number;
  /** Starts a second for one host; unlimited when left out. */
  ratePerHost?: number;
  retries?: number;
  shard?: Shard;
  /** Results of an earlier run, as NDJSON: their targets are not checked again. */
  resume?: string;
  /** Keep of each result only what the sums need: every result goes out through `onResult`, and memory must not grow with their details. */
  sumsOnly?: boolean;
  onResult?(result: TargetResult, progress: { done: number; total: number }): void;
  signal?: AbortSignal;
}

/**
 * Checks every target of a file and folds the results.
 * @throws TlsmedicError `bad-config`, `unreadable` file, `bad-results`: before anything is checked
 */
export async function runPreflight(options: PreflightOptions): Promise<PreflightReport> {
  const { configPath, signal } = options;
  const { config, lines } =
    options.config === undefined ? await load(configPath ?? 'tlsmedic.yaml') : { config: options.config, lines: [] };
  const reader = new MaterialReader(configPath);
  const earlier =
    options.resume === undefined ? { results: [], truncated: false } : readResultLines(readText(options.resume), options.resume);
  const all = jobsOf(config, lines, reader).filter((job) => options.shard === undefined || inShard(job.name, options.shard));
  const known = new Set(earlier.results.map(({ name }) => name));
  const wanted = new Set(all.map(({ name }) => name));
  const jobs = all.filter(({ name }) => !known.has(name));
  const policy = {
    sharedCertificates: config.policy?.sharedCertificates ?? 'allow',
    unchecked: config.policy?.unchecked ?? 'fail',
  } as const;
  const context: CheckContext = {
    reader,
    deviations: config.allow ?? [],
    retries: options.retries ?? config.defaults?.retries ?? 1,
    sleep,
    ...(signal === undefined ? {} : { signal }),
  };
  // Results of targets that the file no longer names are of no concern.
  const results: TargetResult[] = earlier.results.filter(({ name }) => wanted.has(name));
  const limits = {
    concurrency: options.concurrency ?? 32,
    perKey: options.perHost ?? 8,
    gapMs: options.ratePerHost === undefined ? 0 : 1000 / options.ratePerHost,
  };
  for await (const result of runPool(
    jobs,
    hostOf,
    (job) => checkJob(job, context),
    limits,
    { now: () => performance.now(), sleep },
    signal,
  )) {
    results.push(options.sumsOnly === true ? withoutDetails(result) : result);
    options.onResult?.(result, { done: results.length, total: all.length });
  }
  const warnings = warningsOf(config, options, {
    skipped: all.length - jobs.length,
    truncated: earlier.truncated,
    missing: all.length - results.length,
  });
  const report = foldResults(results, policy, new Date(localNow()).toISOString(), warnings);
  // A part of the targets may be empty; the other parts have them all.
  if (options.shard !== undefined && all.length === 0) return { ...report, ok: true, exitStatus: 0 };
  // A run that was stopped has not checked everything, whatever it found.
  return results.length < all.length && report.exitStatus === 0 ? { ...report, ok: false, exitStatus: 1 } : report;
}

/** What the fold of a run looks at. */
function withoutDetails(result: TargetResult): TargetResult {
  const checks = result.checks
    .filter(({ status }) => status !== 'passed')
    .map(({ expectation, status, class: cls, cause }): Check => {
      const of = cause?.class ?? cls;
      return { expectation, status, summary: '', ...(of === undefined ? {} : { class: of }) };
    });
  return { ...result, checks, fingerprints: result.fingerprints.slice(0, 1), retries: [] };
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

async function load(path: string): ReturnType<typeof readConfig> {
  const text = path === '-' ? Buffer.from(await readInput('-')).toString('utf8') : readText(path);
  return readConfig(text, path === '-' ? 'standard input' : path);
}

/** One job for each endpoint and each file; defaults are laid under each entry. */
function jobsOf(config: PreflightConfig, lines: readonly number[], reader: MaterialReader): Job[] {
  return config.targets.flatMap((own, index): Job[] => {
    const entry = withDefaults(own, config.defaults);
    const line = lines[index] === undefined ? {} : { line: lines[index] };
    if (entry.endpoint !== undefined) return [{ name: nameOf(own), entry, kind: 'endpoint', input: entry.endpoint, ...line }];
    const { paths, problems } = pathsOf(entry, reader);
    const single = paths.length === 1 && problems.length === 0 && own.name !== undefined;
    return [
      ...paths.map(
        (path): Job => ({
          name: single ? (own.name ?? path) : own.name === undefined ? path : `${own.name} ${path}`,
          entry,
          kind: 'file',
          input: path,
          ...line,
        }),
      ),
      ...problems.map(({ path, message }): Job => ({ name: path, entry, kind: 'file', input: path, problem: message, ...line })),
    ];
  });
}

function withDefaults(own: TargetEntry, defaults: PreflightConfig['defaults']): TargetEntry {
  const { retries: _, expect, ...settings } = defaults ?? {};
  const entry = { ...settings, ...own, expect: { ...expect, ...own.expect } };
  // Whoever names a list wants it looked at.
  if (entry.crl !== undefined) entry.expect.revocation ??= 'fail-open';
  return entry;
}

/** Jobs of one host take turns; files need not. */
function hostOf(job: Job): string {
  if (job.kind === 'file') return job.name;
  const { host } = parseHost(job.entry.connect ?? job.input);
  return host;
}

function parseHost(input: string): { host: string } {
  try {
    return parseTarget(input);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { host: isIP(input) ? input : input.slice(0, 253) };
  }
}

function warningsOf(
  config: PreflightConfig,
  { resume }: PreflightOptions,
  run: { skipped: number; truncated: boolean; missing: number },
): string[] {
  const warnings = expiredDeviations(config.allow ?? [], localNow()).map(
    ({ target, until, reason }) => `the deviation of ${target} ended on ${until} and counts again (${reason})`,
  );
  if (run.truncated) warnings.push(`the last line of ${resume} was cut off; its target was checked again`);
  if (run.missing > 0) warnings.push(`stopped: ${run.missing} targets were not checked; go on with --resume`);
  return warnings;
}
