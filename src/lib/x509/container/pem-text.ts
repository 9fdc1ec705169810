/**
 * A tolerant reader of PEM text (RFC 7468): finds every block wherever it stands and says what a strict reader would refuse.
 * What is refused was measured with OpenSSL 3 and Node 20; see the tests. Linear in the length of the text.
 */
import { CONTAINER_LIMITS } from './contained.js';

export interface PemFlaw {
  /** `refused`: OpenSSL, and so Node and nginx, does not read the block as it stands. */
  level: 'note' | 'refused';
  text: string;
}

export interface PemBlock {
  /** What the BEGIN line says: `CERTIFICATE`. */
  label: string;
  /** 1-based line of the BEGIN marker. */
  line: number;
  /** Header lines of RFC 1421 (`Proc-Type`, `DEK-Info`), by name. */
  headers: Map<string, string>;
  /** Decoded contents; as far as they go when `problem` is set. */
  der: Uint8Array;
  /** The block in its proper form, for OpenSSL to read encrypted keys from. */
  normalised: string;
  flaws: PemFlaw[];
  /** Why the contents cannot be trusted to be whole. */
  problem?: string;
}

interface Marker {
  start: number;
  end: number;
  type: 'BEGIN' | 'END';
  label: string;
  exact: boolean;
}

/** Also finds markers with a dash too few, long dashes of word processors and lower-case labels. */
const MARKER = /([-\u2010-\u2015]{2,5}) ?(BEGIN|END) ([A-Za-z0-9.#+ ]{1,40}?) ?([-\u2010-\u2015]{2,5})/g;

/** Markers in order, at most twice the number of items that fit. */
function* markersOf(text: string): Generator<Marker> {
  let count = 0;
  for (const match of text.matchAll(MARKER)) {
    if (++count > 2 * CONTAINER_LIMITS.items) return;
    const [whole, before, type, label, after] = match as unknown as [string, string, 'BEGIN' | 'END', string, string];
    const exact = before === '-----' && after === '-----' && whole === `-----${type} ${label}-----` && label === label.toUpperCase();
    yield { start: match.index, end: match.index + whole.length, type, label: label.toUpperCase(), exact };
  }
}

/** Counts line breaks as it goes, so that many blocks cost one pass. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    for (;;) {
      const next = text.indexOf('\n', at);
      if (next < 0 || next >= offset) return line;
      line++;
      at = next + 1;
    }
  };
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const HEADER_LINE = /^\s*([A-Za-z][A-Za-z0-9-]{0,40}):[ \t]*(.{0,200})$/;

/** The line break of the text as text: `\n` written as two characters, by JSON, YAML or an environment file. */
const ESCAPED_BREAK = /\\r\\n|\\n|\\r/g;

interface Body {
  headers: Map<string, string>;
  der: Uint8Array;
  problem?: string;
}

function decodeBody(raw: string, flaws: PemFlaw[], firstLine: number): Body {
  const headers = new Map<string, string>();
  let body = raw;
  if (raw.includes(':')) {
    const lines = raw.split(/\r?\n|\r/);
    let skip = 0;
    for (const line of lines) {
      const header = HEADER_LINE.exec(line);
      if (header !== null) headers.set((header[1] as string).toLowerCase(), (header[2] as string).trim());
      else if (line.trim() !== '') break;
      skip++;
    }
    body = lines.slice(skip).join('\n');
  } else if (/\S[ \t]*\r?\n[ \t]*\r?\n[ \t]*\S/.test(body)) {
    flaws.push({ level: 'refused', text: 'an empty line inside the block' });
  }
  let digits = body.replace(/[\s\u00a0\u200b\ufeff\0]+/g, '');
  if (!BASE64.test(digits)) {
    const wrong = /[^A-Za-z0-9+/=]|=(?=[A-Za-z0-9+/])/.exec(digits);
    const at = wrong === null ? digits.length : wrong.index;
    if (/^[A-Za-z0-9_-]*={0,2}$/.test(digits)) {
      flaws.push({ level: 'refused', text: 'base64url characters (- and _) instead of + and /' });
      digits = digits.replaceAll('-', '+').replaceAll('_', '/');
    } else {
      const line = firstLine + (raw.slice(0, raw.indexOf(digits[at] ?? '\n')).match(/\n/g)?.length ?? 0);
      const found = digits[at] === undefined ? 'too many "=" at the end' : `the character "${digits[at]}"`;
      return { headers, der: Buffer.from(digits.slice(0, at), 'base64'), problem: `line ${line}: ${found} is not base64` };
    }
  }
  const padding = digits.endsWith('==') ? 2 : digits.endsWith('=') ? 1 : 0;
  const length = digits.length - padding;
  if (length % 4 === 1)
    return { headers, der: Buffer.from(digits, 'base64'), problem: `${length} base64 characters: one is missing or too many` };
  if ((length + padding) % 4 !== 0) flaws.push({ level: 'refused', text: 'the "=" at the end of the base64 is missing' });
  return { headers, der: Buffer.from(digits, 'base64') };
}

/** What of the BEGIN and END lines a strict reader would not accept. */
function checkMarkers(text: string, begin: Marker, end: Marker | undefined, flaws: PemFlaw[]): void {
  const refused = (message: string): void => {
    flaws.push({ level: 'refused', text: message });
  };
  if (!begin.exact || end?.exact === false) {
    const written = text.slice(begin.start, begin.end);
    if (/[a-z]/.test(written)) refused('the label is not in capitals');
    else refused('the BEGIN and END lines need exactly five plain dashes on each side');
  }
  const before = text[begin.start - 1];
  if (before !== undefined && before !== '\n') {
    const lineStart = text.lastIndexOf('\n', begin.start - 1) + 1;
    const lead = text.slice(Math.max(lineStart, begin.start - 120), begin.start);
    if (before === '\r') refused('line breaks of old Macintosh (CR alone)');
    else if (lead.endsWith('-----')) refused('no line break between the END line before it and its BEGIN line');
    else if (lead.trim() === '') refused('the BEGIN line is indented');
    else refused('text stands in front of BEGIN on the same line');
  }
  const after = text[begin.end];
  if (after !== undefined && after !== '\n' && after !== '\r' && !/^[ \t\u00a0]*\r?\n/.test(text.slice(begin.end, begin.end + 80))) {
    refused('no line break after the BEGIN line');
  } else if (after === '\r' && text[begin.end + 1] !== '\n') {
    refused('line breaks of old Macintosh (CR alone)');
  }
  if (end !== undefined && flaws.length === 0 && text[end.start - 1] !== '\n') {
    refused(
      /\n[ \t]+$/.test(text.slice(Math.max(0, end.start - 40), end.start))
        ? 'the END line is indented'
        : 'no line break before the END line',
    );
  }
}

/** The lines up to the first that cannot be base64. */
function base64Lines(raw: string): string {
  const lines = raw.split('\n');
  const stop = lines.findIndex((line) => !/^[A-Za-z0-9+/=\\]*$/.test(line.trim()));
  return (stop < 0 ? lines : lines.slice(0, stop)).join('\n');
}

function readBlock(text: string, begin: Marker, end: Marker | undefined, stop: number, line: number): PemBlock {
  const flaws: PemFlaw[] = [];
  checkMarkers(text, begin, end, flaws);
  let raw = text.slice(begin.end, end?.start ?? stop);
  let problem: string | undefined;
  if (end === undefined) problem = `no "-----END ${begin.label}-----": cut off`;
  else if (end.label !== begin.label) problem = `begins as ${begin.label} and ends as ${end.label}`;
  // Without its END line, what follows the base64 is not part of the block.
  if (end === undefined) raw = base64Lines(raw);
  if (raw.includes('\\')) {
    const unescaped = raw.replace(ESCAPED_BREAK, '\n');
    if (unescaped !== raw) flaws.splice(0, flaws.length, { level: 'refused', text: 'line breaks written as \\n' });
    raw = unescaped;
  }
  const body = decodeBody(raw, flaws, line);
  problem ??= body.problem;
  const headerText = [...body.headers]
    .map(([name, value]) => `${name === 'dek-info' ? 'DEK-Info' : name === 'proc-type' ? 'Proc-Type' : name}: ${value}\n`)
    .join('');
  return {
    label: begin.label,
    line,
    headers: body.headers,
    der: body.der,
    get normalised() {
      const base64 = Buffer.from(body.der)
        .toString('base64')
        .replace(/.{64}(?=.)/g, '$&\n');
      return `-----BEGIN ${begin.label}-----\n${headerText === '' ? '' : `${headerText}\n`}${base64}\n-----END ${begin.label}-----\n`;
    },
    flaws,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Every block of the text in order. An END line without its BEGIN is given as a block with a problem. */
export function* readPemText(text: string): Generator<PemBlock> {
  const lineOf = lineCounter(text);
  let begin: Marker | undefined;
  for (const marker of markersOf(text)) {
    if (marker.type === 'BEGIN') {
      if (begin !== undefined) yield readBlock(text, begin, undefined, marker.start, lineOf(begin.start));
      begin = marker;
    } else if (begin !== undefined) {
      yield readBlock(text, begin, marker, marker.start, lineOf(begin.start));
      begin = undefined;
    } else {
      const problem = `"-----END ${marker.label}-----" without its BEGIN line: the start is cut off`;
      yield {
        label: marker.label,
        line: lineOf(marker.start),
        headers: new Map(),
        der: new Uint8Array(0),
        normalised: '',
        flaws: [],
        problem,
      };
    }
  }
  if (begin !== undefined) yield readBlock(text, begin, undefined, text.length, lineOf(begin.start));
}

/** Whether it is worth looking for blocks at all. */
export function mayHoldPem(text: string): boolean {
  return text.includes('BEGIN ') || text.includes('-----END ');
}
