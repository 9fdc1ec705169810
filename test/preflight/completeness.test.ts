import { describe, expect, it } from 'vitest';
import { missingParts } from '../../src/lib/preflight/completeness.js';
import type { PreflightRun, TargetResult } from '../../src/lib/preflight/expectation.js';
import { foldResults } from '../../src/lib/preflight/fold.js';
import { readResultLines } from '../../src/lib/preflight/result-lines.js';

/** A merge is green only when every target of every list is there: parts that are cut off, missing, foreign or overlapping. */

const policy = { sharedCertificates: 'allow', unchecked: 'fail' } as const;
const at = '2026-11-22T03:00:00.000Z';

function result(name: string, list = 'L', digest = `${name}-1`): TargetResult {
  return {
    schema: 'tlsmedic/preflight-result@1',
    name,
    input: name,
    kind: 'endpoint',
    digest,
    list,
    at,
    status: 'passed',
    checks: [{ expectation: 'trusted', status: 'passed', summary: 'ok' }],
    fingerprints: [],
    attempts: 1,
    retries: [],
    durationMs: 1,
  };
}

/** What a run or shard prints. */
function part(names: readonly string[], shard?: PreflightRun['shard'], list = 'L', complete = true): string {
  const results = names.map((name) => result(name, list));
  const run: PreflightRun = { list, ...(shard === undefined ? {} : { shard }), expected: names.length, complete, policy };
  const sums = { ...foldResults(results, policy, at), results: [], run };
  return [...results, sums].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function merged(...texts: string[]) {
  const read = texts.map((text) => readResultLines(text, 'part'));
  const results = read.flatMap((one) => one.results);
  return foldResults(
    results,
    policy,
    at,
    [],
    missingParts(
      results,
      read.flatMap(({ runs }) => runs),
    ),
  );
}

const first = part(['a', 'b'], { index: 1, count: 3 });
const second = part(['c'], { index: 2, count: 3 });
const third = part([], { index: 3, count: 3 });

describe('a merge', () => {
  it('is green with every shard, in any order, twice over, an empty one included', () => {
    expect(merged(first, second, third)).toMatchObject({ exitStatus: 0, targets: 3, missing: [] });
    expect(merged(third + second + first + second)).toMatchObject({ exitStatus: 0, targets: 3 });
    expect(merged(part(['a', 'b', 'c']))).toMatchObject({ exitStatus: 0, targets: 3 });
  });

  it('is not green without a shard, whichever, and names it', () => {
    for (const [parts, index] of [
      [[second, third], 1],
      [[first, third], 2],
      [[first, second], 3],
    ] as const) {
      const report = merged(...parts);
      expect(report.exitStatus).toBe(1);
      expect(report.missing.join()).toContain(`part ${index} of 3 is missing`);
    }
  });

  it('is not green with a part that is cut off, at any byte', () => {
    for (let cut = 0; cut < first.length; cut += 1) {
      // Only the line feed at the very end may be missing.
      const whole = cut === first.length - 1;
      expect(merged(first.slice(0, cut), second, third).exitStatus, `cut at ${cut}`).toBe(whole ? 0 : 1);
    }
  });

  it('is not green when a line in the middle has gone, or the run was stopped', () => {
    const [one, , ...rest] = first.split('\n');
    const report = merged([one, ...rest].join('\n'), second, third);
    expect(report).toMatchObject({ exitStatus: 1, missing: ['1 of 3 results are not there'] });
    expect(merged(part(['a'], undefined, 'L', false)).exitStatus).toBe(1);
  });

  it('does not take the shard of another list, or of another division, for the one that is missing', () => {
    expect(merged(first, second, part(['x'], { index: 3, count: 3 }, 'M')).missing).toHaveLength(2);
    expect(merged(first, second, part(['x'], { index: 3, count: 4 })).exitStatus).toBe(1);
    // Two complete lists are two reports in one.
    expect(merged(first, second, third, part(['x'], undefined, 'M'))).toMatchObject({ exitStatus: 0, targets: 4 });
  });

  it('keeps both verdicts when two lists call different targets by one name', () => {
    const bad = { ...result('a', 'M', 'other'), status: 'failed' as const, at: '2026-11-21T03:00:00.000Z' };
    const report = foldResults([bad, result('a')], policy, at);
    expect(report).toMatchObject({ targets: 2, failed: 1 });
  });

  it('takes the rest of a resumed run behind the cut, in one file too', () => {
    // Killed within the second line; the resumed run prints what is left, and sums of everything.
    const rest = part(['b', 'c']).replace('"expected":2', '"expected":3');
    for (let cut = first.indexOf('\n') + 1; cut < first.indexOf('\n', first.indexOf('\n') + 1); cut += 1) {
      const torn = first.slice(0, cut);
      expect(merged(torn, rest), `cut at ${cut}`).toMatchObject({ exitStatus: 0, targets: 3 });
      expect(merged(torn + rest), `cut at ${cut}, appended`).toMatchObject({ exitStatus: 0, targets: 3 });
    }
  });
});
