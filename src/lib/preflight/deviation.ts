import { parseMoment } from '../time-text.js';
import type { Deviation } from './config-schema.js';
import type { Check } from './expectation.js';
import { fitsPattern } from './wildcard.js';

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

/** The deviation in force that lets a target share its certificate: `expectation: shared-certificates`, always named. */
export function sharingAllowed(name: string, deviations: readonly Deviation[], now: number): { until: string; reason: string } | undefined {
  const admitted = deviations.find(
    (d) => d.expectation === 'shared-certificates' && fitsPattern(name, d.target) && (parseMoment(d.until, now) ?? 0) > now,
  );
  return admitted === undefined ? undefined : { until: admitted.until, reason: admitted.reason };
}

/** Deviations that fit no target: a misspelt name admits nothing, and one that stays behind hides the next failure of that name. */
export function unfitDeviations(deviations: readonly Deviation[], names: readonly string[]): Deviation[] {
  return deviations.filter((d) => !names.some((name) => fitsPattern(name, d.target)));
}

function covers(deviation: Deviation, check: Check): boolean {
  if (deviation.expectation !== undefined && deviation.expectation !== check.expectation) return false;
  return deviation.code === undefined || deviation.code === check.cause?.code;
}

/** Deviations whose day has come: worth a line, since somebody believed them to be in force. */
export function expiredDeviations(deviations: readonly Deviation[], now: number): Deviation[] {
  return deviations.filter((d) => (parseMoment(d.until, now) ?? 0) <= now);
}
