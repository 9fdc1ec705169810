/** Times and durations as people read them. The time "now" is always an argument. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const two = (n: number) => String(n).padStart(2, '0');

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const YEAR = 365.25 * DAY;

/**
 * A duration in words, never more than two units: `0.4 s`, `48 s`, `3 min`, `3 h 12 min`, `23 h`, `4 days 6 h`, `90 days`, `4 years`.
 * @param seconds its sign is ignored
 */
export function durationInWords(seconds: number): string {
  const s = Math.abs(seconds);
  if (!Number.isFinite(s)) return 'forever';
  if (s < 10) return `${Number(s.toFixed(s < 1 ? 2 : 1))} s`;
  if (s < MINUTE) return `${Math.floor(s)} s`;
  if (s < HOUR) return pair(s, MINUTE, 'min', 1, 's', 10);
  if (s < DAY) return pair(s, HOUR, 'h', MINUTE, 'min', Number.POSITIVE_INFINITY);
  const days = Math.floor(s / DAY);
  if (s < 14 * DAY) {
    const hours = Math.floor((s - days * DAY) / HOUR);
    return hours === 0 || days >= 7 ? plural(days, 'day') : `${plural(days, 'day')} ${hours} h`;
  }
  if (s < 2 * YEAR) return plural(days, 'day');
  return plural(Math.floor(s / YEAR + 0.01), 'year');
}

function pair(s: number, large: number, largeName: string, small: number, smallName: string, smallUpTo: number): string {
  const whole = Math.floor(s / large);
  const rest = Math.floor((s - whole * large) / small);
  return rest === 0 || whole >= smallUpTo ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`;
}

function plural(n: number, unit: string): string {
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}

/** `3 h 12 min ago`, `in 4 days`, `now`: where `at` lies seen from `now` (both milliseconds since 1970 UTC). */
export function relativeTime(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds < 0 ? `${durationInWords(seconds)} ago` : `in ${durationInWords(seconds)}`;
}

/** `21 Nov 2026 23:51 UTC`, with seconds when asked. */
export function utcTime(ms: number, precision: 'minute' | 'second' = 'minute'): string {
  if (!Number.isFinite(ms)) return 'unreadable time';
  const date = new Date(ms);
  const seconds = precision === 'second' ? `:${two(date.getUTCSeconds())}` : '';
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}${seconds} UTC`;
}

/** `21 Nov 2026`. */
export function utcDay(ms: number): string {
  if (!Number.isFinite(ms)) return 'unreadable time';
  const date = new Date(ms);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/**
 * A validity window as short as it stays unambiguous: hours matter for short-lived certificates and near an edge, the year only when it
 * is not this year's. `21 Nov 00:03 → 22 Nov 00:03 UTC`, `3 Jan 2026 → 3 Jan 2031`.
 */
export function utcRange(from: number, to: number, now: number, arrow = '→'): string {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return `${utcDay(from)} ${arrow} ${utcDay(to)}`;
  const short = to - from < 14 * DAY * 1000 || Math.abs(to - now) < 2 * DAY * 1000 || Math.abs(from - now) < 2 * DAY * 1000;
  if (!short) return `${utcDay(from)} ${arrow} ${utcDay(to)}`;
  const year = new Date(now).getUTCFullYear();
  const withYear = new Date(from).getUTCFullYear() !== year || new Date(to).getUTCFullYear() !== year;
  const moment = (ms: number) => {
    const full = utcTime(ms).replace(/ UTC$/, '');
    return withYear ? full : full.replace(/ \d+ (\d\d:\d\d)$/, ' $1');
  };
  return `${moment(from)} ${arrow} ${moment(to)} UTC`;
}

/** ISO 8601 in UTC, as the contract's JSON has it; null for a time that could not be read. */
export function isoTime(ms: number): string | null {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: MINUTE, min: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, mo: 30 * DAY, y: 365 * DAY };
const UNIT_WORDS: Record<string, string> = {
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  mins: 'min',
  minute: 'min',
  minutes: 'min',
  hour: 'h',
  hours: 'h',
  hr: 'h',
  hrs: 'h',
  day: 'd',
  days: 'd',
  week: 'w',
  weeks: 'w',
  month: 'mo',
  months: 'mo',
  year: 'y',
  years: 'y',
  yr: 'y',
  yrs: 'y',
};

/**
 * Reads a duration: `24h`, `90d`, `1h30m`, `1 hour 30 minutes`, `PT1H30M`, `P1Y`, or bare seconds (`90`). `m` is minutes, `mo` months of 30 days,
 * `y` years of 365 days.
 * @returns seconds, or undefined when the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  const iso = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i.exec(trimmed);
  if (iso !== null) {
    const [y, mo, w, d, h, m, s] = iso.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return y * 365 * DAY + mo * 30 * DAY + w * 7 * DAY + d * DAY + h * HOUR + m * MINUTE + s;
  }
  if (trimmed.length > 64 || !/^(\d+(\.\d+)?\s*[a-z]+\s*)+$/i.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, word] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const name = (word ?? '').toLowerCase();
    const unit = UNITS[name] ?? UNITS[UNIT_WORDS[name] ?? ''];
    if (unit === undefined) return undefined;
    total += Number(amount) * unit;
  }
  return total;
}

/** A duration as it can be typed again: `90d`, `1h30m`, `45s`. */
export function formatDuration(seconds: number): string {
  let rest = Math.round(seconds);
  if (rest === 0) return '0s';
  let out = '';
  for (const [unit, size] of [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', 1],
  ] as const) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n > 0) out += `${n}${unit}`;
  }
  return out;
}

/**
 * Reads a moment: ISO 8601 (`2026-11-22`, `2026-11-22T03:04Z`; UTC when no zone is given), `@1700000000` (seconds since 1970), `now`,
 * or a distance from now (`+30d`, `-1h`).
 * @returns milliseconds since 1970 UTC, or undefined when the text is no moment
 */
export function parseMoment(text: string, now: number): number | undefined {
  const trimmed = text.trim();
  if (trimmed === 'now') return now;
  if (/^@\d{1,12}$/.test(trimmed)) return Number(trimmed.slice(1)) * 1000;
  if (/^[+-]\d/.test(trimmed)) {
    const seconds = parseDuration(trimmed.slice(1));
    return seconds === undefined ? undefined : now + (trimmed.startsWith('-') ? -1 : 1) * seconds * 1000;
  }
  const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i.exec(trimmed);
  if (iso === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = iso;
  const offset = /^z$/i.test(zone) ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${offset}`);
  if (!Number.isFinite(ms)) return undefined;
  // Date.parse takes 31 February for 3 March: a day that does not exist is a mistake, not a date.
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day) ? ms : undefined;
}
