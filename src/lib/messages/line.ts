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

/**
 * The time a line carries near its beginning, in milliseconds since 1970. A time without a zone is taken as UTC, one without a
 * year belongs to the latest year that does not put it more than a day after `now`.
 */
export function timeOf(line: string, now: Date): number | undefined {
  const head = line.length > HEAD ? line.slice(0, HEAD) : line;
  const iso = ISO.exec(head);
  if (iso !== null) return utc(Number(iso[1]), Number(iso[2]), Number(iso[3]), iso[4], iso[5], iso[6], iso[7], iso[8]);
  const dmy = DAY_MONTH_YEAR.exec(head);
  if (dmy !== null) return utc(Number(dmy[3]), monthOf(dmy[2]), Number(dmy[1]), dmy[4], dmy[5], dmy[6], dmy[7], dmy[8]);
  const klog = KLOG.exec(head);
  if (klog !== null) return inYear(now, undefined, Number(klog[1]), Number(klog[2]), klog[3], klog[4], klog[5]);
  const syslog = MONTH_DAY.exec(head);
  if (syslog !== null) return inYear(now, syslog[6], monthOf(syslog[1]), Number(syslog[2]), syslog[3], syslog[4], syslog[5]);
  const epoch = EPOCH.exec(head);
  if (epoch !== null) return Number(epoch[1]) * 1000 + Number((epoch[2] ?? epoch[3] ?? '0').padEnd(3, '0').slice(0, 3));
  return undefined;
}

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
