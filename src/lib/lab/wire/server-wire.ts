import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { TlsRecord } from './records.js';
import { alertBody, CONTENT, plainRecord, RecordReader } from './records.js';
import { TrafficKeys } from './traffic-keys.js';

/** Handshake message types that the wire has to know (RFC 8446 §4, RFC 5246 §7.4). */
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const HELLO_RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

export interface WireEvents {
  /** Bytes as they crossed the wire, before anything was withheld or rewritten. */
  bytes?(from: 'client' | 'server', chunk: Buffer): void;
  /**
   * The whole first ClientHello message (handshake header included) before TLS sees it. Whatever is returned happens in place
   * of the handshake.
   */
  clientHello?(message: Buffer): Intervention | undefined;
  /** The client's first bytes are no TLS. */
  notTls?(first: Buffer): void;
  /** The client sent FIN. */
  ended?(): void;
  /** Rewrites the server's records on their way out; the returned bytes go in their place. */
  rewrite?(record: TlsRecord, wire: ServerWire): Buffer;
}

export type Intervention =
  | { do: 'alert'; description: number }
  | { do: 'close' }
  | { do: 'reset' }
  | { do: 'stall' }
  | { do: 'wait'; ms: number };

/**
 * A duplex below a TLS server and above its TCP socket. It sees all bytes, can withhold what the server says after the client's
 * second flight (`gate`), and can put an alert of choice in its place, encrypted with the server's own keys: so an imitated stack
 * refuses a client exactly as the original does on the wire.
 */
export class ServerWire extends Duplex {
  readonly raw: Socket;
  /** Withhold the server's answer to the client's second flight until `release` or `refuse`. */
  gate = false;
  private readonly events: WireEvents;
  private readonly fromClient = new RecordReader();
  private readonly fromServer = new RecordReader();
  private readonly secrets = new Map<string, Buffer>();
  private withheld: Buffer[] | undefined;
  private hello: Buffer | undefined = Buffer.alloc(0);
  private suite = 0;
  private tls13 = false;
  private ended = false;

  constructor(raw: Socket, events: WireEvents = {}) {
    super({ allowHalfOpen: true });
    this.raw = raw;
    this.events = events;
    raw.on('data', (chunk: Buffer) => this.receive(chunk));
    raw.on('end', () => {
      this.push(null);
      this.events.ended?.();
    });
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => this.destroy());
  }

  /** A line of the key log: `LABEL CLIENT_RANDOM SECRET`. */
  keylog(line: Buffer): void {
    const [label, , secret] = line.toString('latin1').trim().split(' ');
    if (label !== undefined && secret !== undefined) this.secrets.set(label, Buffer.from(secret, 'hex'));
  }

  /** Secret of the key log by label, for rewriting encrypted records. */
  secret(label: string): Buffer | undefined {
    return this.secrets.get(label);
  }

  /** IANA number of the suite in the server's ServerHello, 0 before it. */
  get cipherSuite(): number {
    return this.suite;
  }

  get isTls13(): boolean {
    return this.tls13;
  }

  /** Lets the withheld answer go: the client is accepted. */
  release(): void {
    this.gate = false;
    const held = this.withheld;
    this.withheld = undefined;
    for (const chunk of held ?? []) {
      this.events.bytes?.('server', chunk);
      this.raw.write(chunk);
    }
  }

  /** Drops the withheld answer and sends a fatal alert in its place, then FIN. */
  refuse(description: number): void {
    this.withheld = [];
    this.gate = true;
    this.endRaw(this.alertRecord(description));
  }

  /** Drops the withheld answer and closes without a word. */
  hangUp(how: 'fin' | 'reset'): void {
    this.withheld = [];
    this.gate = true;
    if (how === 'reset') this.raw.resetAndDestroy();
    else this.endRaw();
  }

  /** A fatal alert as the wire wants it at this point: encrypted once TLS 1.3 application keys are in force, else in clear. */
  private alertRecord(description: number): Buffer {
    const secret = this.secrets.get('SERVER_TRAFFIC_SECRET_0');
    if (this.tls13 && secret !== undefined) return new TrafficKeys(this.suite, secret).seal(CONTENT.alert, alertBody(description));
    return plainRecord(CONTENT.alert, alertBody(description));
  }

  private endRaw(last?: Buffer): void {
    if (this.ended) return;
    this.ended = true;
    if (this.raw.destroyed) return;
    // The client may still be sending: reading on keeps the kernel from answering with RST, which would overtake the alert.
    if (last !== undefined) {
      this.events.bytes?.('server', last);
      this.raw.write(last);
    }
    this.raw.end();
    setTimeout(() => this.destroy(), 500).unref();
  }

  private receive(chunk: Buffer): void {
    this.events.bytes?.('client', chunk);
    if (this.ended) return;
    if (this.hello !== undefined) {
      this.gatherHello(chunk);
      return;
    }
    this.watchClient(chunk);
    this.pass(chunk);
  }

  /** Collects the first ClientHello whole, so that an intervention comes before TLS has seen a byte. */
  private gatherHello(chunk: Buffer): void {
    this.hello = Buffer.concat([this.hello ?? Buffer.alloc(0), chunk]);
    const gathered = this.hello;
    const records = new RecordReader();
    const seen = records.read(gathered);
    if (records.notTls !== undefined) {
      this.hello = undefined;
      this.events.notTls?.(records.notTls);
      if (!this.ended) this.pass(gathered);
      return;
    }
    const message = Buffer.concat(seen.filter((r) => r.type === CONTENT.handshake).map((r) => r.body));
    const complete = message.length >= 4 && message.length >= 4 + message.readUIntBE(1, 3);
    const hopeless = gathered.length > 65536 || seen.some((r) => r.type !== CONTENT.handshake);
    if (!complete && !hopeless) return;
    this.hello = undefined;
    const intervention = complete ? this.events.clientHello?.(message) : undefined;
    if (intervention === undefined) this.passFirst(gathered);
    else if (intervention.do === 'alert') this.endRaw(plainRecord(CONTENT.alert, alertBody(intervention.description)));
    else if (intervention.do === 'close') this.endRaw();
    else if (intervention.do === 'reset') this.raw.resetAndDestroy();
    else if (intervention.do === 'wait') setTimeout(() => this.passFirst(gathered), intervention.ms).unref();
  }

  private passFirst(gathered: Buffer): void {
    this.watchClient(gathered);
    this.pass(gathered);
  }

  private pass(chunk: Buffer): void {
    if (this.destroyed || this.readableEnded) return;
    if (!this.push(chunk)) this.raw.pause();
  }

  /** Closes the gate before the client's second flight reaches TLS; a second ClientHello after HelloRetryRequest is still the first. */
  private watchClient(chunk: Buffer): void {
    for (const record of this.fromClient.read(chunk)) {
      if (!this.gate || this.withheld !== undefined || this.suite === 0) continue;
      const answers = record.type === CONTENT.applicationData || (record.type === CONTENT.handshake && record.body[0] !== CLIENT_HELLO);
      if (answers) this.withheld = [];
    }
  }

  override _read(): void {
    this.raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const records = this.fromServer.read(chunk);
    for (const record of records) this.watchServer(record);
    if (this.withheld !== undefined) {
      this.withheld.push(chunk);
      callback();
      return;
    }
    const rewrite = this.events.rewrite;
    const out = rewrite === undefined ? chunk : Buffer.concat(records.map((record) => rewrite(record, this)));
    this.events.bytes?.('server', out);
    if (this.ended || this.raw.destroyed || !this.raw.writable) callback();
    else if (out.length === 0) callback();
    else this.raw.write(out, callback);
  }

  private watchServer(record: TlsRecord): void {
    if (record.type !== CONTENT.handshake || record.body[0] !== SERVER_HELLO || this.suite !== 0) return;
    const body = record.body;
    if (body.length < 40 || body.toString('hex', 6, 38) === HELLO_RETRY_RANDOM) return;
    const suiteAt = 39 + (body[38] ?? 0);
    if (body.length < suiteAt + 2) return;
    this.suite = body.readUInt16BE(suiteAt);
    this.tls13 = this.suite >> 8 === 0x13;
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.ended || this.raw.destroyed || this.withheld !== undefined) callback();
    else this.raw.end(callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.raw.destroy();
    callback(error);
  }
}
