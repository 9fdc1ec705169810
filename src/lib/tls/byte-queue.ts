/** Chunks waiting to become a whole record or message. Copies each byte at most once, however small the chunks come. */
export class ByteQueue {
  private chunks: Uint8Array[] = [];
  /** Bytes waiting. */
  length = 0;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  /** The byte at `index` from the front; the caller knows that it is there. Meant for headers: small indices. */
  at(index: number): number {
    let rest = index;
    for (const chunk of this.chunks) {
      if (rest < chunk.length) return chunk[rest] as number;
      rest -= chunk.length;
    }
    return 0;
  }

  /** Removes and gives the first `count` bytes: a view when they lie in one chunk. */
  take(count: number): Uint8Array {
    const first = this.chunks[0] ?? new Uint8Array(0);
    this.length -= count;
    if (first.length > count) {
      this.chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    if (first.length === count) {
      this.chunks.shift();
      return first;
    }
    const out = new Uint8Array(count);
    let filled = 0;
    let used = 0;
    for (const chunk of this.chunks) {
      const part = chunk.subarray(0, count - filled);
      out.set(part, filled);
      filled += part.length;
      if (part.length < chunk.length) {
        this.chunks[used] = chunk.subarray(part.length);
        break;
      }
      used++;
      if (filled === count) break;
    }
    this.chunks.splice(0, used);
    return out;
  }

  clear(): void {
    this.chunks = [];
    this.length = 0;
  }
}
