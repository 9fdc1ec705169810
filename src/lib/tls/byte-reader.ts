/** Reads the big-endian integers and length-prefixed vectors of the TLS presentation language (RFC 8446 §3.4). */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  uint8(): number {
    return this.uint(1);
  }

  uint16(): number {
    return this.uint(2);
  }

  uint24(): number {
    return this.uint(3);
  }

  uint32(): number {
    return this.uint(4);
  }

  /** The next `length` bytes as a view. Throws `ShortMessage` when there are fewer. */
  take(length: number): Uint8Array {
    if (length > this.left) throw new ShortMessage(this.offset, length, this.left);
    const part = this.bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return part;
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

  private uint(length: number): number {
    if (length > this.left) throw new ShortMessage(this.offset, length, this.left);
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + (this.bytes[this.offset + i] as number);
    this.offset += length;
    return value;
  }
}

/** A vector says that it is longer than what follows. */
export class ShortMessage extends RangeError {
  override readonly name = 'ShortMessage';

  constructor(offset: number, wanted: number, left: number) {
    super(`at byte ${offset}: ${wanted} bytes announced, ${left} left`);
  }
}

/** A list of uint16; an odd last byte is ignored. */
export function uint16List(bytes: Uint8Array): number[] {
  const list: number[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) list.push(((bytes[i] as number) << 8) | (bytes[i + 1] as number));
  return list;
}
