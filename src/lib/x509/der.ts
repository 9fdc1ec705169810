import type { EncodingDefect, EncodingProblem } from './certificate.js';

/**
 * A reader of DER (X.690 §8, §10) that never throws: what it cannot read it reports with the offset of the first wrong byte, and what
 * is BER but not DER it reads and reports. It works on offsets into one array, so that every report points into the same file.
 */

/** Identifier octets that X.509 uses. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

const TAG_NAMES = new Map<number, string>([
  [0x01, 'BOOLEAN'],
  [0x02, 'INTEGER'],
  [0x03, 'BIT STRING'],
  [0x04, 'OCTET STRING'],
  [0x05, 'NULL'],
  [0x06, 'OBJECT IDENTIFIER'],
  [0x0a, 'ENUMERATED'],
  [0x0c, 'UTF8String'],
  [0x12, 'NumericString'],
  [0x13, 'PrintableString'],
  [0x14, 'TeletexString'],
  [0x16, 'IA5String'],
  [0x17, 'UTCTime'],
  [0x18, 'GeneralizedTime'],
  [0x1a, 'VisibleString'],
  [0x1c, 'UniversalString'],
  [0x1e, 'BMPString'],
  [0x30, 'SEQUENCE'],
  [0x31, 'SET'],
]);

/** What an identifier octet stands for, for people: `SEQUENCE`, `[0]`, `[APPLICATION 3]`. */
export function tagName(tag: number): string {
  const known = TAG_NAMES.get(tag);
  if (known !== undefined) return known;
  const kind = tag >> 6;
  const number = tag & 0x1f;
  if (kind === 2) return `[${number}]`;
  if (kind === 1) return `[APPLICATION ${number}]`;
  if (kind === 3) return `[PRIVATE ${number}]`;
  return `${tag & 0x20 ? 'constructed ' : ''}tag ${number}`;
}

/** One tag-length-value. All numbers are offsets into the array it was read from. */
export interface Element {
  /** The identifier octet: class, constructed bit and tag number. */
  readonly tag: number;
  readonly offset: number;
  /** The contents, `start` inclusive to `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** First offset after the element: `end`, but for an indefinite length. */
  readonly next: number;
}

/** Deeper nesting than this is refused: real certificates stay under 16. */
export const MAX_DEPTH = 48;

/**
 * The element at `offset`, reading no further than `limit`; undefined when there is none, the reason being in `problems`.
 * `what` names the field for the message.
 */
export function readElement(
  bytes: Uint8Array,
  offset: number,
  limit: number,
  problems: EncodingProblem[],
  what: string,
): Element | undefined {
  if (offset >= limit) {
    problems.push({ offset, severity: 'fatal', message: `${what}: nothing left to read` });
    return undefined;
  }
  const tag = bytes[offset] as number;
  let at = offset + 1;
  if ((tag & 0x1f) === 0x1f) {
    // High tag numbers: none in X.509; skip the number so that a walk can go on.
    let octets = 0;
    while (at < limit && ((bytes[at] as number) & 0x80) !== 0 && octets < 8) {
      at++;
      octets++;
    }
    at++;
  }
  if (at >= limit) {
    problems.push({ offset, severity: 'fatal', message: `${what}: cut off after its tag` });
    return undefined;
  }
  const first = bytes[at++] as number;
  let length = first;
  if (first === 0x80) {
    const end = (tag & 0x20) === 0 ? -1 : endOfIndefinite(bytes, at, limit);
    if (end < 0) {
      problems.push({ offset, severity: 'fatal', message: `${what}: indefinite length without an end` });
      return undefined;
    }
    problems.push({ offset, severity: 'strict', defect: 'ber', message: `${what}: indefinite length (BER, not allowed in DER)` });
    return { tag, offset, start: at, end, next: end + 2 };
  }
  if (first > 0x80) {
    const octets = first & 0x7f;
    if (octets > 6 || at + octets > limit) {
      problems.push({ offset: at - 1, severity: 'fatal', message: `${what}: length of ${octets} octets cannot be read` });
      return undefined;
    }
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + i] as number);
    if (length < 0x80 || bytes[at] === 0)
      problems.push({ offset: at - 1, severity: 'strict', defect: 'ber', message: `${what}: length not in its shortest form` });
    at += octets;
  }
  if (length > limit - at) {
    problems.push({ offset, severity: 'fatal', message: `${what}: says ${length} bytes, but only ${limit - at} are there` });
    return undefined;
  }
  return { tag, offset, start: at, end: at + length, next: at + length };
}

/** Offset of the end-of-contents octets that close an indefinite length, -1 when missing. Iterative: nesting costs no stack. */
function endOfIndefinite(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  let open = 1;
  while (at + 1 < limit) {
    const tag = bytes[at] as number;
    const first = bytes[at + 1] as number;
    if (tag === 0 && first === 0) {
      if (--open === 0) return at;
      at += 2;
    } else if (first === 0x80) {
      if (++open > MAX_DEPTH) return -1;
      at += 2;
    } else if (first > 0x80) {
      const octets = first & 0x7f;
      if (octets > 4 || at + 2 + octets > limit) return -1;
      let length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[at + 2 + i] as number);
      at += 2 + octets + length;
    } else {
      at += 2 + first;
    }
  }
  return -1;
}

/** A cursor over the elements inside one constructed value. After an unreadable element it is at its end. */
export class DerReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly problems: EncodingProblem[];
  readonly depth: number;
  position: number;

  constructor(bytes: Uint8Array, position: number, end: number, problems: EncodingProblem[], depth = 0) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    this.problems = problems;
    this.depth = depth;
  }

  get more(): boolean {
    return this.position < this.end;
  }

  /** Tag of the next element, -1 at the end. */
  get tag(): number {
    return this.position < this.end ? (this.bytes[this.position] as number) : -1;
  }

  /** The next element, whatever it is. */
  next(what: string): Element | undefined {
    const element = readElement(this.bytes, this.position, this.end, this.problems, what);
    this.position = element === undefined ? this.end : element.next;
    return element;
  }

  /** The next element when it has this tag; otherwise a problem, and the cursor stays. */
  take(tag: number, what: string): Element | undefined {
    const found = this.tag;
    if (found === tag) return this.next(what);
    this.problems.push({
      offset: this.position,
      severity: 'fatal',
      message: found < 0 ? `${what}: missing` : `${what}: expected ${tagName(tag)}, found ${tagName(found)}`,
    });
    return undefined;
  }

  /** The next element when it has this tag, else nothing and no complaint. */
  optional(tag: number, what: string): Element | undefined {
    return this.tag === tag ? this.next(what) : undefined;
  }

  /** A cursor inside a constructed element. */
  into(element: Element): DerReader {
    if (this.depth >= MAX_DEPTH) {
      this.problems.push({ offset: element.offset, severity: 'fatal', message: `nested deeper than ${MAX_DEPTH} levels` });
      return new DerReader(this.bytes, element.end, element.end, this.problems, this.depth);
    }
    return new DerReader(this.bytes, element.start, element.end, this.problems, this.depth + 1);
  }

  /** `take`, then `into`; an empty cursor when the element is not there. */
  open(tag: number, what: string): DerReader {
    const element = this.take(tag, what);
    return element === undefined ? new DerReader(this.bytes, this.end, this.end, this.problems, this.depth) : this.into(element);
  }

  /** Reports what is left over. `defect`: what sort of place it is in. */
  finish(what: string, defect?: EncodingDefect): void {
    if (!this.more) return;
    const left = this.end - this.position;
    const message = `${what}: ${left} byte${left === 1 ? '' : 's'} too many`;
    this.problems.push({ offset: this.position, severity: 'strict', message, ...(defect === undefined ? {} : { defect }) });
  }

  view(element: Element): Uint8Array {
    return this.bytes.subarray(element.start, element.end);
  }

  /** The element with its tag and length. */
  whole(element: Element): Uint8Array {
    return this.bytes.subarray(element.offset, element.next);
  }
}

/** A cursor over all of an array, with its own list of problems. */
export function derReader(bytes: Uint8Array, problems: EncodingProblem[] = []): DerReader {
  return new DerReader(bytes, 0, bytes.length, problems);
}

/** One line of a dump: an element and how deep it lies. */
export interface WalkStep {
  element: Element;
  depth: number;
}

/**
 * Every element in the order of the file, as `openssl asn1parse` lists them. Stops at the first unreadable element (then in `problems`).
 * Iterative, and at most `limit` elements.
 */
export function* walkDer(bytes: Uint8Array, problems: EncodingProblem[] = [], limit = 1_000_000): Generator<WalkStep> {
  const ends: { end: number; next: number }[] = [{ end: bytes.length, next: bytes.length }];
  let at = 0;
  for (let count = 0; count < limit; count++) {
    let top = ends.at(-1);
    while (top !== undefined && at >= top.end) {
      at = top.next;
      ends.pop();
      top = ends.at(-1);
    }
    if (top === undefined) return;
    const element = readElement(bytes, at, top.end, problems, `element at ${at}`);
    if (element === undefined) return;
    yield { element, depth: ends.length - 1 };
    if ((element.tag & 0x20) !== 0 && ends.length <= MAX_DEPTH) {
      ends.push({ end: element.end, next: element.next });
      at = element.start;
    } else {
      at = element.next;
    }
  }
}
