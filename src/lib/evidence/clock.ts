import type { ClockReading, Observation } from '../observe/observation.js';
import { durationInWords } from '../time-text.js';
import { agreement, around, halfWidth, type Interval, middle, overlap } from './interval.js';

/** What several readings of one kind of clock say: its offset from the local clock, in seconds. */
export interface ClockEstimate {
  /** That clock minus the local clock, seconds. */
  offset: Interval;
  /** Where it was read, in words. */
  sources: string[];
  /** Sources that contradict the majority. */
  outvoted: string[];
  /** Only a clock that may be wrong itself, such as the one of the file system. */
  weak?: boolean;
}

/** Clocks relative to the local one. Nothing is assumed: what was not read is absent. */
export interface ClockEvidence {
  /** The local clock when the observation began, milliseconds since 1970. */
  local: number;
  /** Independent clocks: SNTP, time sources given, a time service on this machine that says it is in step. */
  reference?: ClockEstimate;
  /** The clock of the server under test. */
  peer?: ClockEstimate;
  /** A moment that true time cannot lie before (an OCSP answer was produced then), milliseconds, with its source. */
  floor?: { at: number; source: string };
}

function estimateOf(readings: readonly ClockReading[]): ClockEstimate | undefined {
  const usable = readings.flatMap((reading) =>
    reading.reading.status === 'completed'
      ? [{ source: reading.source, at: around(reading.reading.value.offsetSeconds, reading.reading.value.uncertaintySeconds) }]
      : [],
  );
  const agreed = agreement(usable.map(({ at }) => at));
  if (agreed === undefined) return undefined;
  return {
    offset: agreed.region,
    sources: [...new Set(agreed.members.map((index) => usable[index]?.source ?? ''))],
    outvoted: usable.filter((_, index) => !agreed.members.includes(index)).map(({ source }) => source),
  };
}

/** Sums up the clock readings of an observation. */
export function readClocks(observation: Observation): ClockEvidence {
  const usable = observation.clocks.filter((clock) => clock.kind !== 'ocsp-produced-at' && clock.reading.status === 'completed');
  const of = (...kinds: ClockReading['of'][]) => usable.filter((clock) => kinds.includes(clock.of));
  // The file system's clock is the last resort: a file server may have a wrong one.
  const references = of('reference', 'local');
  const independent = references.filter(({ kind }) => kind !== 'file-system');
  const weak = independent.length === 0;
  const estimate = estimateOf(weak ? references : independent);
  const reference = estimate && { ...estimate, ...(weak && { weak }) };
  const peer = estimateOf(of('peer'));
  const local = Date.parse(observation.at);
  const floors = observation.clocks.flatMap((clock) =>
    clock.kind === 'ocsp-produced-at' && clock.reading.status === 'completed'
      ? [{ at: local + clock.reading.value.offsetSeconds * 1000, source: clock.source }]
      : [],
  );
  const floor = floors.reduce<{ at: number; source: string } | undefined>(
    (best, one) => (best === undefined || one.at > best.at ? one : best),
    undefined,
  );
  return { local, ...(reference && { reference }), ...(peer && { peer }), ...(floor && { floor }) };
}

/** Two clocks agree when their intervals touch, allowing `tolerance` seconds for delays that nobody measured. */
export function agrees(offset: Interval, tolerance = 2): boolean {
  return overlap(offset, { lo: -tolerance, hi: tolerance }) !== undefined;
}

/** `93 s ahead of`, with its uncertainty. */
export function offsetText(offset: Interval): string {
  const value = middle(offset);
  const width = halfWidth(offset);
  return `${durationInWords(value)}${width >= 0.05 ? ` ± ${durationInWords(width)}` : ''}`;
}
