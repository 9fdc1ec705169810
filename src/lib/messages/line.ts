/** One line of a log: escapes undone, its own time found, whether it begins a record. Knows JSON, klog, logfmt, journald, syslog, container and access-log prefixes. */

/** Undoes what a logger did to the text: JSON and Go escapes, terminal colours. */
export function plainText(line: string): string {
  let text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (text.includes('\u001b')) text = text.replace(/\u001b\[[0-9;]{0,16}m/g, '');
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u00([0-9a-fA-F]{2})|([nrt"'\\/]))/g, (whole, hex: string | undefined, letter: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (letter === 'n' || letter === 'r') return '\n';
    if (letter === 't') return '\t';
    return letter === '\\' ? '\\' : (letter ?? whole);
  });
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const HEAD = 320;
/** Dates without a year, or in words, are the line's own only near its beginning: messages hold such dates too. */
const PREFIX = 48;

/** 2026-11-22T01:24:13.5Z, 2026-11-22 01:20:47,422, 2026/11/22 01:23:38, 2026.11.22 01:18:51, with or without a zone. */
const ISO =
  /(?<![0-9])(\d{4})[-/.](\d\d)[-/.](\d\d)[T ]{1,2}(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?(?![0-9])/;
/** [22/Nov/2026:03:00:24 +0000], 22-Nov-2026::01:38:22 */
const DAY_MONTH_YEAR =
  /(?<![0-9])(\d{1,2})[/ -](Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[/ -](\d{4})[: ]{1,2}(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?: ([+-]\d{4}))?/i;
/** Jun 21 17:49:09 (syslog), Sun Nov 22 01:19:44.085711 2026 (Apache) */
const MONTH_DAY =
  /(?<![A-Za-z])(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d{1,6})?(?: (\d{4})(?![0-9]))?/;
/** I1122 03:00:04.965532 */
const KLOG = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?/;
/** "ts":1795310415.48, 1795310409: …, time=1795310415 */
const EPOCH = /(?:"(?:ts|time|timestamp|@timestamp|t)":\s?"?|(?:^|\s)(?:ts|time|t)=|^)(1[0-9]{9})(?:\.(\d{1,9})|(\d{3}))?(?=["\s:,}]|$)/;

/** For the check that none of them can run away. */
export const TIME_EXPRESSIONS: readonly RegExp[] = [ISO, DAY_MONTH_YEAR, MONTH_DAY, KLOG, EPOCH];

/**
 * The time a line carries near its beginning, in milliseconds since 1970. A time without a zone is taken as UTC, one without a
 * year belongs to the latest year that does not put it more than a day after `now`.
 */
export function timeOf(line: string, now: Date): number | undefined {
  const head = line.length > HEAD ? line.slice(0, HEAD) : line;
  let first: RegExpExecArray | undefined;
  let read: ((match: RegExpExecArray, now: Date) => number | undefined) | undefined;
  for (const [expression, reader, furthest] of READERS) {
    const match = expression.exec(head);
    if (match === null || match.index > furthest || (first !== undefined && first.index <= match.index)) continue;
    first = match;
    read = reader;
  }
  return first === undefined ? undefined : read?.(first, now);
}

/** How to read each form, and how far into the line it may stand. The form that stands first is the line's own time. */
const READERS: ReadonlyArray<readonly [RegExp, (match: RegExpExecArray, now: Date) => number | undefined, furthest: number]> = [
  [ISO, (m) => utc(Number(m[1]), Number(m[2]), Number(m[3]), m[4], m[5], m[6], m[7], m[8]), HEAD],
  [DAY_MONTH_YEAR, (m) => utc(Number(m[3]), monthOf(m[2]), Number(m[1]), m[4], m[5], m[6], m[7], m[8]), HEAD],
  [KLOG, (m, now) => inYear(now, undefined, Number(m[1]), Number(m[2]), m[3], m[4], m[5]), 0],
  [MONTH_DAY, (m, now) => inYear(now, m[6], monthOf(m[1]), Number(m[2]), m[3], m[4], m[5]), PREFIX],
  [EPOCH, (m) => Number(m[1]) * 1000 + Number((m[2] ?? m[3] ?? '0').padEnd(3, '0').slice(0, 3)), HEAD],
];

const monthOf = (name: string | undefined) => MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1;

function utc(
  year: number,
  month: number,
  day: number,
  h?: string,
  m?: string,
  s?: string,
  fraction?: string,
  zone?: string,
): number | undefined {
  const ms = Date.UTC(year, month - 1, day, Number(h), Number(m), Number(s), Number((fraction ?? '0').padEnd(3, '0').slice(0, 3)));
  if (Number.isNaN(ms)) return undefined;
  const offset = zone === undefined ? null : /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  return offset === null ? ms : ms - (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000;
}

function inYear(now: Date, year: string | undefined, month: number, day: number, h?: string, m?: string, s?: string): number | undefined {
  if (year !== undefined) return utc(Number(year), month, day, h, m, s);
  const this_ = utc(now.getUTCFullYear(), month, day, h, m, s);
  return this_ !== undefined && this_ > now.getTime() + 86_400_000 ? utc(now.getUTCFullYear() - 1, month, day, h, m, s) : this_;
}

/** A date inside a message: Go's RFC 3339, Java's "Sat Nov 21 21:06:52 UTC 2026", Bouncy Castle's 20261121210652GMT+00:00. */
export function parseMessageTime(text: string): number | undefined {
  const compact = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)GMT/.exec(text);
  if (compact !== null) return utc(Number(compact[1]), Number(compact[2]), Number(compact[3]), compact[4], compact[5], compact[6]);
  const java = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d\d):(\d\d):(\d\d) ([A-Z0-9:+-]{1,10}) (\d{4})$/.exec(text);
  // Zones by abbreviation are ambiguous; only those that mean UTC are believed.
  if (java !== null)
    return /^(?:UTC|GMT|Z)$/.test(java[6] as string)
      ? utc(Number(java[7]), monthOf(java[1]), Number(java[2]), java[3], java[4], java[5])
      : undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whether a line goes on with the record above it: indented, or one of the ways traces and error objects go on. */
export function continues(line: string): boolean {
  return /^(?:\s|Caused by:|Suppressed:|\.\.\. \d|at |during handling|the above exception|[})\]]|- |\* |! |=> |"|')/i.test(line);
}
