import type { PreflightRun, TargetResult } from './expectation.js';

/**
 * What lines from several runs lack of the whole. A run that was killed leaves fewer lines and no sums, and a shard that was never started
 * leaves nothing at all: without this, a report of the rest would be green.
 * @returns one sentence for each thing that is missing
 */
export function missingParts(results: readonly TargetResult[], runs: readonly PreflightRun[]): string[] {
  if (runs.length === 0)
    return ['no run came to its end: the last line of each, with the sums, is missing, so nobody can tell which targets were not checked'];
  const missing: string[] = [];
  const lists = [...new Set([...runs.map(({ list }) => list), ...results.map(({ list }) => list ?? '')])];
  for (const list of lists) {
    const which = lists.length === 1 ? '' : ` of the list ${list === '' ? 'without a digest' : list}`;
    const own = runs.filter((run) => run.list === list);
    if (own.length === 0) {
      missing.push(`the run${which} did not come to its end: the line with its sums is missing`);
      continue;
    }
    const found = expectedOf(own);
    if ('lacks' in found) {
      missing.push(`${found.lacks}${which}`);
      continue;
    }
    const names = new Set(results.filter((result) => (result.list ?? '') === list).map(({ name }) => name));
    if (names.size < found.expected) missing.push(`${found.expected - names.size} of ${found.expected} results${which} are not there`);
  }
  return missing;
}

/** How many results there ought to be, by a run of the whole or by all shards of one division. */
function expectedOf(runs: readonly PreflightRun[]): { expected: number } | { lacks: string } {
  const whole = runs.find(({ shard, complete }) => shard === undefined && complete);
  if (whole !== undefined) return { expected: whole.expected };
  const counts = [...new Set(runs.flatMap(({ shard }) => shard?.count ?? []))];
  let nearest: { count: number; absent: number[] } | undefined;
  for (const count of counts) {
    const parts = new Map<number, number>();
    for (const { shard, complete, expected } of runs) if (shard?.count === count && complete) parts.set(shard.index, expected);
    const absent = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !parts.has(index));
    if (absent.length === 0) return { expected: [...parts.values()].reduce((sum, n) => sum + n, 0) };
    if (nearest === undefined || absent.length < nearest.absent.length) nearest = { count, absent };
  }
  if (nearest === undefined) return { lacks: 'the run was stopped before it had checked everything' };
  const { absent, count } = nearest;
  const names = `${absent.slice(0, 10).join(', ')}${absent.length > 10 ? ', …' : ''}`;
  return {
    lacks: `${absent.length === 1 ? 'part' : 'parts'} ${names} of ${count} ${absent.length === 1 ? 'is' : 'are'} missing or did not come to an end`,
  };
}
