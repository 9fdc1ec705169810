/** Sequential reading of a big-endian layout, as Java's DataInput; every read is checked against the end. */
export class BinaryCursor {
  readonly bytes: Uint8Array;
  position: number;
  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }
  /** @throws RangeError past the end, as all reads */
  take(length: number): Uint8Array {
    if (length < 0 || this.position + length > this.bytes.length)
      throw new RangeError(`${length} bytes wanted at ${this.position}, ${this.bytes.length - this.position} left`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }
  uint8(): number {
    return this.take(1)[0] as number;
  }
  uint32(): number {
    const at = this.take(4);
    return new DataView(at.buffer, at.byteOffset).getUint32(0);
  }
  /** Java's modified UTF-8; aliases are ASCII nearly always. */
  text(): string {
    const at = this.take(2);
    return Buffer.from(this.take(((at[0] as number) << 8) | (at[1] as number))).toString('utf8');
  }
}
