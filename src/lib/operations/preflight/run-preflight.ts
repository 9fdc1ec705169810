import { readInput, readText } from '../../io/files.js';
import { localNow } from '../../io/local-clock.js';
import { readConfig } from '../../preflight/config-file.js';
import type { PreflightConfig } from '../../preflight/config-schema.js';
import { expiredDeviations, unfitDeviations } from '../../preflight/deviation.js';
import type { Check, PreflightReport, PreflightRun, TargetResult } from '../../preflight/expectation.js';
import { foldResults } from '../../preflight/fold.js';
import { HostGate } from '../../preflight/host-gate.js';
import { runPool } from '../../preflight/pool.js';
import { type ReadResults, readResultLines } from '../../preflight/result-lines.js';
import { type CheckContext, checkJob } from './check-target.js';
import { addressProblem, digestOf, hostOf, jobsOf } from './jobs.js';
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
  /** Seconds for each network step, in place of what the file says. */
  timeoutSeconds?: number;
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
  const earlier = options.resume === undefined ? undefined : readResultLines(readText(options.resume), options.resume);
  const whole = jobsOf(config, lines, reader, options.timeoutSeconds);
  const list = digestOf(whole.map(({ name, digest }) => [name, digest]));
  const all = whole.filter((job) => options.shard === undefined || inShard(job.name, options.shard));
  // A result is good for what was asked then: a target that was changed since is checked again.
  const identity = ({ name, digest }: { name: string; digest?: string }) => `${name}\0${digest ?? ''}`;
  const wanted = new Set(all.map(identity));
  const taken = (earlier?.results ?? []).filter((result) => wanted.has(identity(result)));
  const known = new Set(taken.map(identity));
  const jobs = all.filter((job) => !known.has(identity(job)));
  const policy = {
    sharedCertificates: config.policy?.sharedCertificates ?? 'allow',
    unchecked: config.policy?.unchecked ?? 'fail',
  } as const;
  const clock = { now: () => performance.now(), sleep };
  const gapMs = options.ratePerHost === undefined ? 0 : 1000 / options.ratePerHost;
  const perHost = options.perHost ?? 8;
  const context: CheckContext = {
    reader,
    list,
    gate: new HostGate({ atOnce: perHost, gapMs }, clock),
    deviations: config.allow ?? [],
    retries: options.retries ?? config.defaults?.retries ?? 1,
    sleep,
    ...(signal === undefined ? {} : { signal }),
  };
  // Results of targets that the file no longer names are of no concern.
  const results: TargetResult[] = [...new Map(taken.map((result) => [identity(result), result])).values()];
  const limits = { concurrency: options.concurrency ?? 32, perKey: perHost, gapMs };
  for await (const result of runPool(jobs, hostOf, (job) => checkJob(job, context), limits, clock, signal)) {
    if (result === undefined) continue;
    results.push(options.sumsOnly === true ? withoutDetails(result) : result);
    options.onResult?.(result, { done: results.length, total: all.length });
  }
  const absent = all.length - results.length;
  const report = foldResults(
    results,
    policy,
    new Date(localNow()).toISOString(),
    [
      ...deviationWarnings(
        config,
        whole.map(({ name }) => name),
      ),
      ...(earlier === undefined ? [] : resumeWarnings(options.resume ?? '', earlier, taken, all.length)),
    ],
    absent === 0 ? [] : [`stopped: ${absent} of ${all.length} targets were not checked; go on with --resume`],
  );
  const run: PreflightRun = {
    list,
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    expected: all.length,
    complete: absent === 0,
    policy,
  };
  // A part of the targets may be empty; the other parts have them all.
  if (options.shard !== undefined && all.length === 0) return { ...report, run, ok: true, exitStatus: 0 };
  return { ...report, run };
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
  return readConfig(text, path === '-' ? 'standard input' : path, addressProblem);
}

function deviationWarnings({ allow = [] }: PreflightConfig, names: readonly string[]): string[] {
  const over = expiredDeviations(allow, localNow());
  return [
    ...over.map(({ target, until, reason }) => `the deviation of ${target} ended on ${until} and counts again (${reason})`),
    ...unfitDeviations(allow, names).map(
      ({ target, reason }) => `the deviation of ${target} fits no target (${reason}): correct it or take it out`,
    ),
  ];
}

function resumeWarnings(file: string, earlier: ReadResults, taken: readonly TargetResult[], total: number): string[] {
  const oldest = taken.map(({ at }) => at).sort()[0];
  const changed = earlier.results.length - taken.length;
  return [
    ...(oldest === undefined ? [] : [`${taken.length} of ${total} results were taken over from ${file}, the oldest of ${oldest}`]),
    ...(changed > 0 ? [`${changed} results of ${file} are of other targets or expectations than now: not taken over`] : []),
    ...(earlier.cutOff.length > 0 ? [`line ${earlier.cutOff.join(', ')} of ${file} was cut off; its target was checked again`] : []),
  ];
}
