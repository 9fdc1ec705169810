import { readInput } from '../../io/files.js';
import { localNow } from '../../io/local-clock.js';
import { missingParts } from '../../preflight/completeness.js';
import type { PreflightReport, PreflightRun, TargetResult } from '../../preflight/expectation.js';
import { type FoldPolicy, foldResults } from '../../preflight/fold.js';
import { readResultLines } from '../../preflight/result-lines.js';

/** Runs of ten thousand targets bring some ten MiB each. */
const READ_LIMIT = 1024 * 1024 * 1024;

/**
 * Folds the results of several runs or shards, by the policy of the runs. What is missing from the whole makes the report incomplete.
 * @param paths NDJSON files, or `-`
 * @param policy what the caller wants otherwise than the runs
 * @throws TlsmedicError for a file that cannot be read or is damaged elsewhere than at the end of a run
 */
export async function mergeResults(paths: readonly string[], policy: Partial<FoldPolicy>): Promise<PreflightReport> {
  const results: TargetResult[] = [];
  const runs: PreflightRun[] = [];
  const warnings: string[] = [];
  for (const path of new Set(paths)) {
    const label = path === '-' ? 'standard input' : path;
    const read = readResultLines(Buffer.from(await readInput(path, READ_LIMIT)).toString('utf8'), label);
    for (const result of read.results) results.push(result);
    runs.push(...read.runs);
    if (read.cutOff.length > 0) warnings.push(`line ${read.cutOff.join(', ')} of ${label} was cut off and left out`);
    if (read.results.length === 0 && read.runs.length === 0) warnings.push(`${label} holds no result`);
  }
  const lists = new Set(runs.map(({ list }) => list));
  if (lists.size > 1) warnings.push(`the parts belong to ${lists.size} different lists of targets`);
  return foldResults(results, policyOf(runs, policy), new Date(localNow()).toISOString(), warnings, missingParts(results, runs));
}

/** The strictest of the runs' own policies, where the caller does not say. */
function policyOf(runs: readonly PreflightRun[], { sharedCertificates, unchecked }: Partial<FoldPolicy>): FoldPolicy {
  const forbid = runs.some(({ policy }) => policy.sharedCertificates === 'forbid');
  const allow = runs.length > 0 && runs.every(({ policy }) => policy.unchecked === 'allow');
  return { sharedCertificates: sharedCertificates ?? (forbid ? 'forbid' : 'allow'), unchecked: unchecked ?? (allow ? 'allow' : 'fail') };
}
