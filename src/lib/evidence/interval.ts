/** Closed intervals of numbers, for clock arithmetic: a clock is never read exactly. */
export interface Interval {
  lo: number;
  hi: number;
}

export function interval(lo: number, hi: number): Interval {
  return lo <= hi ? { lo, hi } : { lo: hi, hi: lo };
}

export function around(value: number, uncertainty: number): Interval {
  return { lo: value - Math.abs(uncertainty), hi: value + Math.abs(uncertainty) };
}

export function middle(of: Interval): number {
  return (of.lo + of.hi) / 2;
}

export function halfWidth(of: Interval): number {
  return (of.hi - of.lo) / 2;
}

/** The whole of `a` lies before the whole of `b`. */
export function before(a: Interval, b: Interval): boolean {
  return a.hi < b.lo;
}

export function overlap(a: Interval, b: Interval): Interval | undefined {
  const lo = Math.max(a.lo, b.lo);
  const hi = Math.min(a.hi, b.hi);
  return lo <= hi ? { lo, hi } : undefined;
}

/**
 * The region in which most of the intervals agree (Marzullo's algorithm, as NTP uses it to leave out clocks that are wrong).
 * Of equally large majorities the narrower region wins, then the earlier.
 */
export function agreement(intervals: readonly Interval[]): { region: Interval; members: number[] } | undefined {
  let best: { region: Interval; members: number[] } | undefined;
  for (const start of intervals) {
    const members = intervals.flatMap((other, index) => (other.lo <= start.lo && start.lo <= other.hi ? [index] : []));
    const region = { lo: start.lo, hi: Math.min(...members.map((index) => (intervals[index] as Interval).hi)) };
    if (
      best === undefined ||
      members.length > best.members.length ||
      (members.length === best.members.length && region.hi - region.lo < best.region.hi - best.region.lo)
    )
      best = { region, members };
  }
  return best;
}
