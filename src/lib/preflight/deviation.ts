import { parseMoment } from '../time-text.js';
import type { Deviation } from './config-schema.js';
import type { Check } from './expectation.js';

/** Whether a name fits a pattern in which `*` stands for anything. Linear: no regular expression is made from the file. */
export function fitsPattern(name: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts[parts.length - 1] ?? '';
  if (parts.length === 1) return name === pattern;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/**
 * Turns failures that the file admits into `allowed`, with the day from which they count again. A deviation whose day has come admits nothing.
 * @param now milliseconds since 1970 UTC
 */
export function applyDeviations(name: string, checks: readonly Check[], deviations: readonly Deviation[], now: number): Check[] {
  return checks.map((check) => {
    if (check.status !== 'failed') return check;
    const admitted = deviations.find((d) => fitsPattern(name, d.target) && covers(d, check) && (parseMoment(d.until, now) ?? 0) > now);
    return admitted === undefined ? check : { ...check, status: 'allowed', allowed: { until: admitted.until, reason: admitted.reason } };
  });
}

function covers(deviation: Deviation, check: Check): boolean {
  if (deviation.expectation !== undefined && deviation.expectation !== check.expectation) return false;
  return deviation.code === undefined || deviation.code === check.cause?.code;
}

/** Deviations whose day has come: worth a line, since somebody believed them to be in force. */
export function expiredDeviations(deviations: readonly Deviation[], now: number): Deviation[] {
  return deviations.filter((d) => (parseMoment(d.until, now) ?? 0) <= now);
}
