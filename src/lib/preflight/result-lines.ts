import { TlsmedicError } from '../errors.js';
import { type Check, EXPECTATIONS, type TargetResult } from './expectation.js';

/** What a results file held. */
export interface ReadResults {
  results: TargetResult[];
  /** Whether the last line was cut off, as a killed run leaves it: it is left out, and `--resume` checks that target again. */
  truncated: boolean;
}

/**
 * Reads results as NDJSON. A run that was killed may have left half a line at the end, which is dropped; damage anywhere else is an error.
 * @throws TlsmedicError `bad-results` (input) with the line
 */
export function readResultLines(text: string, label: string): ReadResults {
  const lines = text.split('\n');
  const results: TargetResult[] = [];
  const last = lines.length - 1;
  let truncated = false;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const value = parseLine(line);
    if (value === undefined) {
      if (index === last) {
        truncated = true;
        continue;
      }
      throw bad(label, index + 1, 'is no JSON document');
    }
    const schema = (value as { schema?: unknown }).schema;
    // The summary document that ends a run's output says nothing that its lines do not say.
    if (schema === 'tlsmedic/preflight@1') continue;
    if (!isTargetResult(value)) throw bad(label, index + 1, `is no preflight result (schema ${JSON.stringify(schema) ?? 'missing'})`);
    results.push(value);
  }
  return { results, truncated };
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
