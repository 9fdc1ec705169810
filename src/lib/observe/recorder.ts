import type { RecordedEvent, Recording } from '../tls/recording.js';

/** What one connection may cost us: a handshake needs some 10 kB. Beyond, recording stops, the connection goes on. */
const LIMITS = { bytes: 1 << 20, events: 20_000 } as const;

/** Notes what passes between us and the peer, and when. Decoding comes later. */
export class Recorder implements Recording {
  readonly events: RecordedEvent[] = [];
  readonly keyLog: string[] = [];
  truncated = false;
  /** Bytes seen from the server, recorded or not. */
  bytesReceived = 0;
  /** The first byte of the client's TLS, and the first answer to it, on the recorder's clock. */
  clientHelloMs: number | undefined;
  firstAnswerMs: number | undefined;
  private readonly started: number;
  private recordedBytes = 0;

  constructor(started = performance.now()) {
    this.started = started;
  }

  /** Milliseconds since recording began. */
  now(): number {
    return performance.now() - this.started;
  }

  bytes(from: 'client' | 'server', bytes: Uint8Array): void {
    const ms = this.now();
    if (from === 'client') this.clientHelloMs ??= ms;
    else {
      this.firstAnswerMs ??= ms;
      this.bytesReceived += bytes.length;
    }
    this.keep({ ms, from, kind: 'bytes', bytes }, bytes.length);
  }

  /** Something said before TLS. `text` is what people shall see of it. */
  preface(from: 'client' | 'server', bytes: Uint8Array, text: string): void {
    this.keep({ ms: this.now(), from, kind: 'preface', bytes, text }, bytes.length);
  }

  fin(from: 'client' | 'server'): void {
    this.events.push({ ms: this.now(), from, kind: 'fin' });
  }

  error(code: string): void {
    this.events.push({ ms: this.now(), from: 'server', kind: 'error', code });
  }

  private keep(event: RecordedEvent, length: number): void {
    if (this.recordedBytes + length > LIMITS.bytes || this.events.length >= LIMITS.events) {
      this.truncated = true;
      return;
    }
    this.recordedBytes += length;
    this.events.push(event);
  }
}
