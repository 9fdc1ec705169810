/**
 * A bounded tree reader for BER (X.690 §8), which PKCS#7 and PKCS#12 may be written in: indefinite lengths and strings in pieces,
 * as Java, NSS and S/MIME tools do. Certificates have their own strict reader; this one is for what lies around them.
 */

export interface BerNode {
  /** First identifier octet: class, constructed bit and number. */
  tag: number;
  /** Offset of the identifier octet. */
  offset: number;
  /** Identifier, length and contents (and end-of-contents octets, when the length is indefinite). */
  raw: Uint8Array;
  contents: Uint8Array;
  /** Only for constructed nodes. */
  children: BerNode[];
}

const MAX_DEPTH = 32;
const MAX_NODES = 200_000;

/** Thrown inside this folder alone; the readers turn it into a `damaged` item. */
export class BerError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

interface Header {
  tag: number;
  contentsAt: number;
  /** Undefined for the indefinite form. */
  length: number | undefined;
}

function readHeader(bytes: Uint8Array, at: number, end: number): Header {
  const tag = bytes[at];
  let next = at + 1;
  if (tag === undefined || next >= end) throw new BerError('the data ends inside a tag or length', at);
  if ((tag & 0x1f) === 0x1f) throw new BerError('a tag number above 30, which nothing of PKI uses', at);
  const first = bytes[next++] as number;
  if (first < 0x80) return { tag, contentsAt: next, length: first };
  if (first === 0x80) return { tag, contentsAt: next, length: undefined };
  const octets = first & 0x7f;
  if (octets > 4) throw new BerError(`a length of ${octets} octets`, at + 1);
  if (next + octets > end) throw new BerError('the data ends inside a length', at + 1);
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + (bytes[next++] as number);
  return { tag, contentsAt: next, length };
}

/**
 * Reads one element and everything in it.
 * @throws BerError with the offset of the first wrong byte
 */
export function readBer(bytes: Uint8Array, at = 0): BerNode {
  let count = 0;
  const read = (start: number, end: number, depth: number): BerNode => {
    if (++count > MAX_NODES || depth > MAX_DEPTH) throw new BerError('nested too deeply or too many elements', start);
    const { tag, contentsAt, length } = readHeader(bytes, start, end);
    const constructed = (tag & 0x20) !== 0;
    if (length !== undefined && contentsAt + length > end) {
      throw new BerError(`an element of ${length} bytes where ${end - contentsAt} are left`, start);
    }
    if (length === undefined && !constructed) throw new BerError('an indefinite length on a primitive element', start);
    const children: BerNode[] = [];
    let next = contentsAt;
    let contentsEnd = contentsAt + (length ?? 0);
    if (constructed && length !== undefined) {
      while (next < contentsEnd) next = push(children, read(next, contentsEnd, depth + 1));
    } else if (length === undefined) {
      while (!(bytes[next] === 0 && bytes[next + 1] === 0)) {
        if (next >= end) throw new BerError('an indefinite length without its end', start);
        next = push(children, read(next, end, depth + 1));
      }
      contentsEnd = next;
      next += 2;
    } else {
      next = contentsEnd;
    }
    return { tag, offset: start, raw: bytes.subarray(start, next), contents: bytes.subarray(contentsAt, contentsEnd), children };
  };
  const push = (children: BerNode[], child: BerNode): number => {
    children.push(child);
    return child.offset + child.raw.length;
  };
  return read(at, bytes.length, 0);
}

/** The octets of an OCTET STRING, in one piece or several (X.690 §8.7). */
export function octetsOf(node: BerNode): Uint8Array {
  if ((node.tag & 0x20) === 0) return node.contents;
  return Buffer.concat(node.children.map((child) => octetsOf(child)));
}

/** Dotted text of an OBJECT IDENTIFIER; empty when it is none. */
export function oidOf(node: BerNode | undefined): string {
  if (node === undefined || node.tag !== 0x06 || node.contents.length === 0 || node.contents.length > 64) return '';
  const arcs: number[] = [];
  let value = 0;
  for (const octet of node.contents) {
    value = value * 128 + (octet & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 256) return '';
    if ((octet & 0x80) === 0) {
      arcs.push(value);
      value = 0;
    }
  }
  const first = arcs[0] ?? 0;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...arcs.slice(1)].join('.');
}

/** A small non-negative INTEGER; undefined for anything else. */
export function integerOf(node: BerNode | undefined): number | undefined {
  if (node === undefined || node.tag !== 0x02 || node.contents.length === 0 || node.contents.length > 6) return undefined;
  if (((node.contents[0] as number) & 0x80) !== 0) return undefined;
  return node.contents.reduce((value, octet) => value * 256 + octet, 0);
}
