import { TlsmedicError } from '../errors.js';
import { type Check, EXPECTATIONS, type PreflightRun, type TargetResult } from './expectation.js';

/** What a results file held. */
export interface ReadResults {
  results: TargetResult[];
  /** What the sums at the end of each run say of it. */
  runs: PreflightRun[];
  /** Lines that were cut off, as a killed run leaves its last one: they are left out, and `--resume` checks those targets again. */
  cutOff: number[];
}

/**
 * Reads results as NDJSON. A run that was killed may have left half a line at its end, which is dropped, also where the lines of the next run
 * were written behind it; any other damage is an error.
 * @throws TlsmedicError `bad-results` (input) with the line
 */
export function readResultLines(text: string, label: string): ReadResults {
  const lines = text.split('\n');
  const results: TargetResult[] = [];
  const runs: PreflightRun[] = [];
  const cutOff: number[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    let value = parseLine(line);
    if (value === undefined) {
      // Half a line, or half a line with the first line of the next run right behind it.
      const next = line.indexOf(LINE_START, 1);
      const torn = next === -1 ? line : line.slice(0, next);
      if (!LINE_START.startsWith(torn.slice(0, LINE_START.length))) throw bad(label, index + 1, 'is no JSON document');
      cutOff.push(index + 1);
      value = next === -1 ? undefined : parseLine(line.slice(next));
      if (value === undefined) continue;
    }
    const schema = (value as { schema?: unknown } | null)?.schema;
    // The sums that end a run's output tell whether it came to its end.
    if (schema === 'tlsmedic/preflight@1') {
      const { run } = value as { run?: unknown };
      if (isRun(run)) runs.push(run);
      continue;
    }
    if (!isTargetResult(value)) throw bad(label, index + 1, `is no preflight result (schema ${JSON.stringify(schema) ?? 'missing'})`);
    results.push(value);
  }
  return { results, runs, cutOff };
}

/** How every line of a run begins. */
const LINE_START = '{"schema":"tlsmedic/preflight';

function isRun(value: unknown): value is PreflightRun {
  if (typeof value !== 'object' || value === null) return false;
  const { list, expected, complete, shard, policy } = value as Record<string, unknown>;
  const part = shard as { index?: unknown; count?: unknown } | undefined;
  return (
    typeof list === 'string' &&
    Number.isInteger(expected) &&
    typeof complete === 'boolean' &&
    typeof policy === 'object' &&
    policy !== null &&
    (part === undefined || (Number.isInteger(part?.index) && Number.isInteger(part?.count) && Number(part.count) <= 1_000_000))
  );
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isTargetResult(value: unknown): value is TargetResult {
  if (typeof value !== 'object' || value === null) return false;
  const r = value as Record<string, unknown>;
  return (
    r.schema === 'tlsmedic/preflight-result@1' &&
    typeof r.name === 'string' &&
    typeof r.input === 'string' &&
    typeof r.at === 'string' &&
    (r.status === 'passed' || r.status === 'failed' || r.status === 'unchecked') &&
    Array.isArray(r.fingerprints) &&
    r.fingerprints.every((f) => typeof f === 'string') &&
    Array.isArray(r.checks) &&
    r.checks.every(isCheck)
  );
}

function isCheck(value: unknown): value is Check {
  if (typeof value !== 'object' || value === null) return false;
  const c = value as Record<string, unknown>;
  return (
    (EXPECTATIONS as readonly unknown[]).includes(c.expectation) &&
    typeof c.summary === 'string' &&
    ['passed', 'failed', 'unchecked', 'allowed'].includes(String(c.status))
  );
}

function bad(label: string, line: number, what: string): TlsmedicError {
  return new TlsmedicError('bad-results', `${label}: line ${line} ${what}`, {
    kind: 'input',
    why: 'results are read as NDJSON, one document a line, as `tlsmedic preflight --json` writes them',
    next: ['run tlsmedic preflight --json again for that part'],
  });
}
