import type { Duplex } from 'node:stream';
import { errnoOf } from '../errors.js';
import type { Recorder } from './recorder.js';

/**
 * Stands between node's TLS and the connection below, and lets the recorder see every byte. Not a stream of its own: node's TLS takes anything
 * that behaves like one, and a second set of stream buffers in between would cost more than the decoding does.
 */
export class TapStream {
  /** node looks at it to refuse object streams. */
  readonly readableObjectMode = false;
  private readonly below: Duplex;
  private readonly recorder: Recorder;
  private reader: ((chunk: Buffer) => void) | undefined;
  /** What node writes between cork and uncork. */
  private gathered: { chunk: Buffer; done: (error?: Error | null) => void }[] | undefined;

  /** @param received called after node's TLS has been given what came */
  constructor(below: Duplex, recorder: Recorder, received: () => void) {
    this.below = below;
    this.recorder = recorder;
    below.on('data', (chunk: Buffer) => {
      recorder.bytes('server', chunk);
      this.reader?.(chunk);
      received();
    });
    below.on('end', () => recorder.fin('server'));
    below.on('error', (error) => recorder.error(errnoOf(error) ?? 'error'));
  }

  /** As `tls.connect` wants it: it takes any duplex, and uses only what stands here. */
  asDuplex(): Duplex {
    return this as unknown as Duplex;
  }

  get destroyed(): boolean {
    return this.below.destroyed;
  }

  get readable(): boolean {
    return this.below.readable;
  }

  get writable(): boolean {
    return this.below.writable;
  }

  on(event: string, listener: (...values: unknown[]) => void): this {
    if (event === 'data') this.reader = listener;
    else this.below.on(event, listener);
    return this;
  }

  once(event: string, listener: (...values: unknown[]) => void): this {
    this.below.once(event, listener);
    return this;
  }

  removeListener(event: string, listener: (...values: unknown[]) => void): this {
    if (event === 'data') this.reader = undefined;
    else this.below.removeListener(event, listener);
    return this;
  }

  pause(): this {
    this.below.pause();
    return this;
  }

  resume(): this {
    this.below.resume();
    return this;
  }

  /**
   * A flight with a client certificate is several buffers and has to leave in one piece: a server that refuses at the first of them hangs up,
   * and what is written after that is answered by a reset, which overtakes the alert.
   */
  cork(): void {
    this.gathered = [];
  }

  uncork(): void {
    const pieces = this.gathered ?? [];
    this.gathered = undefined;
    // A corked stream buffers what it is given, which costs more than writing it: node corks around single buffers as well.
    const several = pieces.length > 1;
    if (several) this.below.cork();
    for (const { chunk, done } of pieces) this.below.write(chunk, done);
    if (several) this.below.uncork();
  }

  write(chunk: Buffer, done: (error?: Error | null) => void): boolean {
    this.recorder.bytes('client', chunk);
    if (this.gathered === undefined) return this.below.write(chunk, done);
    this.gathered.push({ chunk, done });
    return true;
  }

  end(done?: () => void): void {
    this.below.end(done);
  }

  destroy(error?: Error): void {
    this.below.destroy(error);
  }
}
