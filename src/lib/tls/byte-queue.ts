/** Chunks waiting to become a whole record or message. Copies each byte at most once, however small the chunks come. */
export class ByteQueue {
  private chunks: Uint8Array[] = [];
  /** How much of the first chunk is gone. */
  private offset = 0;
  /** Bytes waiting. */
  length = 0;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  /** The byte at `index` from the front; the caller knows that it is there. Meant for headers: small indices. */
  at(index: number): number {
    let rest = this.offset + index;
    for (const chunk of this.chunks) {
      if (rest < chunk.length) return chunk[rest] as number;
      rest -= chunk.length;
    }
    return 0;
  }

  /** Removes the first `count` bytes; the caller knows that they are there. */
  skip(count: number): void {
    this.length -= count;
    this.offset += count;
    let used = 0;
    for (let first = this.chunks[0]; first && this.offset >= first.length; first = this.chunks[used]) {
      this.offset -= first.length;
      used++;
    }
    if (used > 0) this.chunks.splice(0, used);
  }

  /** Removes and gives the first `count` bytes: a view when they lie in one chunk. */
  take(count: number): Uint8Array {
    const { offset } = this;
    const first = this.chunks[0];
    const bytes = first && first.length - offset >= count ? first.subarray(offset, offset + count) : this.copy(count);
    this.skip(count);
    return bytes;
  }

  clear(): void {
    this.chunks = [];
    this.offset = 0;
    this.length = 0;
  }

  private copy(count: number): Uint8Array {
    const out = new Uint8Array(count);
    let filled = 0;
    let { offset } = this;
    for (const chunk of this.chunks) {
      if (filled === count) break;
      const part = chunk.subarray(offset, offset + count - filled);
      out.set(part, filled);
      filled += part.length;
      offset = 0;
    }
    return out;
  }
}
