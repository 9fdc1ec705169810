import { readInput } from '../../io/files.js';
import { localNow } from '../../io/local-clock.js';
import type { PreflightReport, TargetResult } from '../../preflight/expectation.js';
import { type FoldPolicy, foldResults } from '../../preflight/fold.js';
import { readResultLines } from '../../preflight/result-lines.js';

/**
 * Folds the results of several runs.
 * @param paths NDJSON files, or `-`
 * @throws TlsmedicError for a file that cannot be read or is damaged elsewhere than at its end
 */
export async function mergeResults(paths: readonly string[], policy: FoldPolicy): Promise<PreflightReport> {
  const results: TargetResult[] = [];
  const warnings: string[] = [];
  for (const path of paths) {
    const read = readResultLines(Buffer.from(await readInput(path)).toString('utf8'), path === '-' ? 'standard input' : path);
    results.push(...read.results);
    if (read.truncated) warnings.push(`the last line of ${path} was cut off and left out`);
    if (read.results.length === 0) warnings.push(`${path} holds no result`);
  }
  return foldResults(results, policy, new Date(localNow()).toISOString(), warnings);
}
