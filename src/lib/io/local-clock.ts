/**
 * The clock of this machine as the whole tool sees it. TLSMEDIC_CLOCK_OFFSET (seconds, may be negative or broken) shifts it, so that tests,
 * worlds and demonstrations can have a wrong clock without touching the machine's own. Nothing else in the tool asks for the time of day.
 */
export function localNow(): number {
  return Date.now() + clockOffsetMs();
}

/** The shift in force, milliseconds; 0 unless TLSMEDIC_CLOCK_OFFSET is a number. */
export function clockOffsetMs(): number {
  const seconds = Number(process.env.TLSMEDIC_CLOCK_OFFSET ?? '0');
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : 0;
}
