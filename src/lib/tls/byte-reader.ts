/**
 * Reads the big-endian integers and length-prefixed vectors of the TLS presentation language (RFC 8446 §3.4). A vector that holds further
 * structure is read by a reader of its own over the same bytes: a view for each would be most of what decoding costs.
 */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly end: number;
  private offset: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  uint8(): number {
    const at = this.skip(1);
    return this.bytes[at] as number;
  }

  uint16(): number {
    const { bytes } = this;
    const at = this.skip(2);
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  }

  uint24(): number {
    const { bytes } = this;
    const at = this.skip(3);
    return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  }

  uint32(): number {
    const { bytes } = this;
    const at = this.skip(4);
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    return high * 0x10000 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }

  /** The next `length` bytes as a view. Throws `ShortMessage` when there are fewer. */
  take(length: number): Uint8Array {
    const at = this.skip(length);
    return this.bytes.subarray(at, at + length);
  }

  /** opaque<0..2^8-1> */
  vector8(): Uint8Array {
    return this.take(this.uint8());
  }

  /** opaque<0..2^16-1> */
  vector16(): Uint8Array {
    return this.take(this.uint16());
  }

  /** opaque<0..2^24-1> */
  vector24(): Uint8Array {
    return this.take(this.uint24());
  }

  /** A reader of the next `length` bytes. Throws `ShortMessage` when there are fewer. */
  part(length: number): ByteReader {
    const at = this.skip(length);
    return new ByteReader(this.bytes, at, at + length);
  }

  /** uint16 values<0..2^8-1>: a list with its length in bytes before it; an odd last byte is ignored. */
  list8(): number[] {
    return this.list(this.uint8());
  }

  /** uint16 values<0..2^16-1> */
  list16(): number[] {
    return this.list(this.uint16());
  }

  private list(length: number): number[] {
    const { bytes } = this;
    const at = this.skip(length);
    const list: number[] = [];
    for (let i = at; i + 1 < at + length; i += 2) list.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
    return list;
  }

  /** Goes past the next `length` bytes and gives where they begin. Throws `ShortMessage` when there are fewer. */
  skip(length: number): number {
    const at = this.offset;
    if (length > this.end - at) throw new ShortMessage(at, length, this.end - at);
    this.offset = at + length;
    return at;
  }
}

/** A vector says that it is longer than what follows. */
export class ShortMessage extends RangeError {
  override readonly name = 'ShortMessage';

  constructor(offset: number, wanted: number, left: number) {
    super(`at byte ${offset}: ${wanted} bytes announced, ${left} left`);
  }
}
