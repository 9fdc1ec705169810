import type { Duplex } from 'node:stream';
import type { Failure } from '../attempt.js';
import { failureOf } from '../connect.js';
import type { Recorder } from '../recorder.js';

/** No preface of any protocol comes near this; a server that talks on and on is cut off. */
const MAX_BYTES = 64 * 1024;

/** A preface that did not lead to TLS: refused, ended or timed out. `failure.code` is ours, in kebab-case, or an errno. */
export class PrefaceFailed extends Error {
  override readonly name = 'PrefaceFailed';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The server answered, but not with a yes. Proxies have codes of their own: `proxy-wants-credentials`, `proxy-policy`... */
export function refused(message: string, code = 'preface-refused'): PrefaceFailed {
  return new PrefaceFailed({ code, message });
}

/** What a proxy or STARTTLS exchange needs of a connection: lines, counted bytes, and an end by which all must be done. Everything is recorded. */
export class PrefaceStream {
  /** What the server said first, for people. */
  banner: string | undefined;
  private readonly below: Duplex;
  private readonly recorder: Recorder;
  private buffer: Buffer = Buffer.alloc(0);
  private received = 0;
  private failure: PrefaceFailed | undefined;
  private wake: (() => void) | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly signal: AbortSignal | undefined;

  constructor(below: Duplex, recorder: Recorder, timeoutMs: number, signal?: AbortSignal) {
    this.below = below;
    this.recorder = recorder;
    this.signal = signal;
    this.timer = setTimeout(
      () => this.fail({ code: 'timeout', message: `no end of the exchange before TLS within ${Math.round(timeoutMs)} ms` }),
      timeoutMs,
    );
    below.on('data', this.onData);
    below.on('end', this.onEnd);
    below.on('error', this.onError);
    signal?.addEventListener('abort', this.onAbort, { once: true });
    if (signal?.aborted) this.onAbort();
  }

  /** Sends bytes; `text` is what the transcript shows of them (never a credential). */
  write(bytes: Uint8Array | string, text: string): void {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    this.recorder.preface('client', text.includes('credentials') ? new Uint8Array(0) : data, text);
    this.below.write(data);
  }

  /** One line without its end, which may be CRLF or LF. */
  async line(): Promise<string> {
    const line = (await this.through(Buffer.from('\n'))).toString('latin1').replace(/\r?\n$/, '');
    this.heard(line);
    return line;
  }

  /** Exactly `count` bytes. */
  async take(count: number, text?: string): Promise<Buffer> {
    while (this.buffer.length < count) await this.more();
    const part = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(count);
    if (text !== undefined) this.recorder.preface('server', part, text);
    return part;
  }

  /** Bytes up to and with the first that end with `mark`. */
  async through(mark: Buffer): Promise<Buffer> {
    let at = this.buffer.indexOf(mark);
    while (at < 0) {
      await this.more();
      at = this.buffer.indexOf(mark);
    }
    return this.take(at + mark.length);
  }

  /** Notes what the server said. */
  heard(text: string, bytes: Uint8Array = Buffer.from(`${text}\r\n`, 'latin1')): void {
    this.banner ??= text;
    this.recorder.preface('server', bytes, text);
  }

  /** Hands the connection back, with bytes that came too early put back in front. */
  release(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener('abort', this.onAbort);
    this.below.off('data', this.onData);
    this.below.off('end', this.onEnd);
    this.below.off('error', this.onError);
    this.below.pause();
    if (this.buffer.length > 0) this.below.unshift(this.buffer);
    this.buffer = Buffer.alloc(0);
  }

  private async more(): Promise<void> {
    if (this.failure) throw this.failure;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    if (this.failure) throw this.failure;
  }

  private readonly onData = (chunk: Buffer): void => {
    this.received += chunk.length;
    if (this.received > MAX_BYTES) this.fail({ code: 'too-much-data', message: 'the server said more before TLS than any protocol does' });
    else this.buffer = this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk]);
    this.awake();
  };

  private readonly onEnd = (): void => {
    this.recorder.fin('server');
    this.fail({ code: 'closed', message: 'the connection was closed before TLS began' });
  };

  private readonly onError = (error: Error): void => {
    const failure = failureOf(error);
    this.recorder.error(failure.code);
    this.fail(failure);
  };

  private readonly onAbort = (): void => this.fail({ code: 'aborted', message: 'interrupted' });

  private fail(failure: Failure): void {
    this.failure ??= new PrefaceFailed(failure);
    this.awake();
  }

  private awake(): void {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }
}
