import { Duplex } from 'node:stream';
import { errnoOf } from '../errors.js';
import type { Recorder } from './recorder.js';

/** Stands between node's TLS and the connection below, and lets the recorder see every byte. */
export class TapStream extends Duplex {
  private readonly below: Duplex;
  private readonly recorder: Recorder;

  constructor(below: Duplex, recorder: Recorder) {
    super({ allowHalfOpen: true, emitClose: true });
    this.below = below;
    this.recorder = recorder;
    below.on('data', (chunk: Buffer) => {
      recorder.bytes('server', chunk);
      if (!this.push(chunk)) below.pause();
    });
    below.on('end', () => {
      recorder.fin('server');
      this.push(null);
    });
    below.on('error', (error) => {
      recorder.error(errnoOf(error) ?? 'error');
      this.destroy(error);
    });
    below.on('close', () => this.destroy());
  }

  override _read(): void {
    this.below.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.recorder.bytes('client', chunk);
    this.below.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const whole = Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.recorder.bytes('client', whole);
    this.below.write(whole, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.below.destroyed) done();
    else this.below.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.below.destroy();
    done(error);
  }
}
