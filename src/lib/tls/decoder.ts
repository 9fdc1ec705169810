import { alertName } from './alerts.js';
import { ByteQueue } from './byte-queue.js';
import { type CipherSuite, cipherSuiteOf } from './cipher-suites.js';
import { HANDSHAKE_TYPES, type HelloFacts, readClientHello, readHandshakeBody, readServerHello } from './handshake-messages.js';
import { KeyLog } from './keylog.js';
import { type OpenedRecord, type RecordOpener, Tls13Opener, tls12Openers } from './record-protection.js';
import type { RecordedEvent, Recording } from './recording.js';
import type { AlertDetail, Transcript, TranscriptDetail, TranscriptMessage } from './transcript.js';
import { SSL_30, TLS_12, TLS_13 } from './versions.js';

/** Record content types (RFC 8446 §5.1). */
const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;

/** Bounds against hostile peers: beyond them the decoder stops and says so. */
const LIMITS = { messages: 5000, handshakeMessage: 1 << 20, record: 16384 + 2048 } as const;

type From = 'client' | 'server';

/** State of one direction. */
interface Direction {
  /** Bytes that are not a whole record yet. */
  pending: ByteQueue;
  /** Handshake bytes that are not a whole message yet. */
  handshake: ByteQueue;
  /** TLS 1.2: after ChangeCipherSpec. */
  protected: boolean;
  opener: RecordOpener | undefined;
  /** TLS 1.3: which traffic secret opens the next record. */
  phase: 'handshake' | 'application';
  stopped: boolean;
}

/**
 * Reads recorded bytes as TLS, with the secrets of the key log where records are encrypted. Feed events in order with `push`;
 * `transcript` gives what is known so far. Never throws on what a peer sent: what cannot be read stands in the transcript as such.
 */
export class TranscriptDecoder {
  private readonly messages: TranscriptMessage[] = [];
  private readonly gaps = new Set<string>();
  private readonly keyLog = new KeyLog();
  private readonly directions: Record<From, Direction> = { client: newDirection(), server: newDirection() };
  private bytesSent = 0;
  private bytesReceived = 0;
  private clientRandom: Uint8Array = new Uint8Array(32);
  private clientRandomHex = '';
  private server: HelloFacts | undefined;
  private suite: CipherSuite | undefined;
  private openers: { serverRandom: Uint8Array; both: Record<From, RecordOpener> | undefined } | undefined;
  private ms = 0;
  private readonly untilCertificate: boolean;

  /**
   * @param untilCertificate TLS 1.3: read no further than the server's Certificate when it was not preceded by a CertificateRequest. Opening the rest,
   * which tells nothing of the peer, is most of the work.
   */
  constructor({ untilCertificate = false }: { untilCertificate?: boolean } = {}) {
    this.untilCertificate = untilCertificate;
  }

  /** A key log line. Give it before the records it opens. */
  addSecret(line: string): void {
    this.keyLog.add(line);
  }

  push(event: RecordedEvent): void {
    this.ms = event.ms;
    switch (event.kind) {
      case 'bytes':
        this.count(event.from, event.bytes.length);
        this.records(event.from, event.bytes);
        break;
      case 'preface':
        this.count(event.from, event.bytes.length);
        this.add(event.from, false, event.bytes.length, { type: 'preface', text: event.text });
        break;
      case 'fin':
        this.unfinished(event.from);
        this.add(event.from, false, 0, { type: 'fin' });
        break;
      case 'error':
        this.add(event.from, false, 0, { type: 'tcp_error', code: event.code });
        break;
    }
  }

  transcript(): Transcript {
    return { messages: this.messages, gaps: [...this.gaps], bytesSent: this.bytesSent, bytesReceived: this.bytesReceived };
  }

  private count(from: From, length: number): void {
    if (from === 'client') this.bytesSent += length;
    else this.bytesReceived += length;
  }

  private add(from: From, encrypted: boolean, length: number, detail: TranscriptDetail): void {
    if (this.messages.length >= LIMITS.messages) {
      this.gaps.add(`stopped after ${LIMITS.messages} messages`);
      this.directions.client.stopped = true;
      this.directions.server.stopped = true;
      return;
    }
    this.messages.push({ ms: this.ms, from, encrypted, length, ...detail });
  }

  private unfinished(from: From): void {
    const { pending, handshake, stopped } = this.directions[from];
    if (stopped) return;
    if (pending.length > 0) this.gaps.add(`the ${from} ended within a record, ${pending.length} bytes into it`);
    if (handshake.length > 0) this.gaps.add(`the ${from} ended within a handshake message, ${handshake.length} bytes into it`);
  }

  private records(from: From, chunk: Uint8Array): void {
    const direction = this.directions[from];
    if (direction.stopped) return;
    const { pending } = direction;
    pending.push(chunk);
    while (!direction.stopped && pending.length >= 1) {
      const type = pending.at(0);
      const plausible = type >= CONTENT.changeCipherSpec && type <= CONTENT.heartbeat && (pending.length < 2 || pending.at(1) === 3);
      if (!plausible) {
        const { length } = pending;
        this.add(from, false, length, { type: 'not_tls', first: pending.take(length).slice(0, 64) });
        direction.stopped = true;
        break;
      }
      if (pending.length < 5) break;
      const length = (pending.at(3) << 8) | pending.at(4);
      if (length > LIMITS.record) {
        this.add(from, false, length, { type: 'malformed', message: `record of ${length} bytes; 16384 and some overhead are allowed` });
        direction.stopped = true;
        break;
      }
      if (pending.length < 5 + length) break;
      const version = (pending.at(1) << 8) | pending.at(2);
      pending.skip(5);
      this.record(from, type, version, pending.take(length));
    }
    if (direction.stopped) pending.clear();
  }

  private record(from: From, type: number, version: number, body: Uint8Array): void {
    const direction = this.directions[from];
    if (this.server?.version === TLS_13) {
      if (type === CONTENT.applicationData) this.protectedRecord(from, this.open13(from, type, version, body), body.length);
      else this.content(from, type, body, false);
    } else if (direction.protected && type !== CONTENT.changeCipherSpec) {
      this.protectedRecord(from, this.open12(from, type, version, body), body.length, type);
    } else this.content(from, type, body, false);
  }

  private protectedRecord(from: From, opened: OpenedRecord | undefined, length: number, clearType?: number): void {
    if (opened) this.content(from, opened.contentType, opened.plaintext, true);
    // TLS 1.2 leaves the content type in clear: application data is known as such without a key.
    else if (clearType === CONTENT.applicationData) this.add(from, true, length, { type: 'application_data', bytes: length });
    else this.add(from, true, length, { type: 'undecryptable', bytes: length });
  }

  /** TLS 1.3. When the secret of the present phase does not fit, the other one may: its authentication tag proves it. */
  private open13(from: From, type: number, version: number, body: Uint8Array): OpenedRecord | undefined {
    const direction = this.directions[from];
    if (!this.suite?.protection) {
      this.gaps.add(`no way to open records of cipher suite 0x${(this.server?.cipherSuite ?? 0).toString(16).padStart(4, '0')}`);
      return undefined;
    }
    direction.opener ??= this.opener13(from, direction.phase);
    const opened = direction.opener?.open(type, version, body);
    if (opened) return opened;
    const otherPhase = direction.phase === 'handshake' ? 'application' : 'handshake';
    const other = this.opener13(from, otherPhase);
    const openedByOther = other?.open(type, version, body);
    if (openedByOther) {
      direction.opener = other;
      direction.phase = otherPhase;
      return openedByOther;
    }
    this.gaps.add(
      direction.opener || other
        ? `records of the ${from} do not open with the logged secrets`
        : `no secret in the key log for the ${from}'s encrypted records`,
    );
    return undefined;
  }

  private opener13(from: From, phase: Direction['phase']): RecordOpener | undefined {
    const side = from === 'client' ? 'CLIENT' : 'SERVER';
    const secret = this.keyLog.find(
      phase === 'handshake' ? `${side}_HANDSHAKE_TRAFFIC_SECRET` : `${side}_TRAFFIC_SECRET_0`,
      this.clientRandomHex,
    );
    return secret && this.suite ? new Tls13Opener(this.suite, secret) : undefined;
  }

  private open12(from: From, type: number, version: number, body: Uint8Array): OpenedRecord | undefined {
    const opened = this.directions[from].opener?.open(type, version, body);
    if (!opened && this.directions[from].opener) this.gaps.add(`records of the ${from} do not open with the logged master secret`);
    return opened;
  }

  private content(from: From, type: number, body: Uint8Array, encrypted: boolean): void {
    if (type === CONTENT.handshake) this.handshake(from, body, encrypted);
    else if (type === CONTENT.alert) this.alert(from, body, encrypted);
    else if (type === CONTENT.changeCipherSpec) this.changeCipherSpec(from, encrypted);
    else if (type === CONTENT.applicationData) this.add(from, encrypted, body.length, { type: 'application_data', bytes: body.length });
    else this.add(from, encrypted, body.length, { type: 'malformed', message: `record of content type ${type}` });
  }

  private alert(from: From, body: Uint8Array, encrypted: boolean): void {
    if (body.length !== 2) {
      this.add(from, encrypted, body.length, { type: 'malformed', message: `alert of ${body.length} bytes` });
      return;
    }
    const number = body[1] as number;
    const level: AlertDetail['level'] = body[0] === 1 ? 'warning' : body[0] === 2 ? 'fatal' : 'unknown';
    this.add(from, encrypted, 2, { type: 'alert', alert: { level, number, name: alertName(number) } });
  }

  private changeCipherSpec(from: From, encrypted: boolean): void {
    this.add(from, encrypted, 1, { type: 'change_cipher_spec' });
    const server = this.server;
    // In TLS 1.3 it is a dummy for middleboxes (RFC 8446 §D.4).
    if (!server || server.version >= TLS_13 || server.version < SSL_30) return;
    const direction = this.directions[from];
    direction.protected = true;
    direction.opener = undefined;
    const masterSecret = this.keyLog.find('CLIENT_RANDOM', this.clientRandomHex);
    if (!masterSecret || !this.suite || server.version === SSL_30) {
      this.gaps.add(masterSecret ? 'no way to open records of this cipher suite or version' : 'no master secret in the key log');
      return;
    }
    // Both directions come from one key block; a renegotiation brings new randoms and so a new one.
    if (this.openers?.serverRandom !== server.random) {
      const { suite, clientRandom } = this;
      const { version, random: serverRandom, encryptThenMac } = server;
      this.openers = { serverRandom, both: tls12Openers({ suite, version, masterSecret, clientRandom, serverRandom, encryptThenMac }) };
    }
    direction.opener = this.openers.both?.[from];
    if (!direction.opener) this.gaps.add(`no way to open records of ${this.suite.name}`);
  }

  private handshake(from: From, body: Uint8Array, encrypted: boolean): void {
    const direction = this.directions[from];
    const { handshake } = direction;
    handshake.push(body);
    while (handshake.length >= 4 && !direction.stopped) {
      const length = (handshake.at(1) << 16) | (handshake.at(2) << 8) | handshake.at(3);
      if (length > LIMITS.handshakeMessage) {
        this.add(from, encrypted, length, { type: 'malformed', message: `handshake message of ${length} bytes announced` });
        this.gaps.add(`stopped at a handshake message of ${length} bytes`);
        direction.stopped = true;
        break;
      }
      if (handshake.length < 4 + length) break;
      const type = handshake.at(0);
      handshake.skip(4);
      this.message(from, type, handshake.take(length), encrypted);
    }
    if (direction.stopped) handshake.clear();
  }

  private message(from: From, type: number, body: Uint8Array, encrypted: boolean): void {
    let detail: TranscriptDetail;
    try {
      detail = this.readMessage(from, type, body);
    } catch (error) {
      // The codec throws ShortMessage for lengths that do not add up; anything else would be a fault of ours and shall be seen.
      if (!(error instanceof RangeError)) throw error;
      detail = { type: 'malformed', message: `handshake message ${type}: ${error.message}` };
    }
    this.add(from, encrypted, body.length + 4, detail);
    if (this.server?.version !== TLS_13) return;
    if (this.untilCertificate && from === 'server' && detail.type === 'certificate') this.stopUnlessClientIsAsked();
    const direction = this.directions[from];
    if (detail.type === 'finished') {
      direction.phase = 'application';
      direction.opener = undefined;
    } else if (detail.type === 'key_update' && direction.opener instanceof Tls13Opener) direction.opener.update();
  }

  /** RFC 8446 §4.3.2: the CertificateRequest comes before the server's own Certificate. */
  private stopUnlessClientIsAsked(): void {
    if (this.messages.some(({ type }) => type === 'certificate_request')) return;
    this.directions.client.stopped = true;
    this.directions.server.stopped = true;
  }

  private readMessage(from: From, type: number, body: Uint8Array): TranscriptDetail {
    if (type === HANDSHAKE_TYPES.client_hello && from === 'client') {
      const { hello, random } = readClientHello(body);
      this.clientRandom = random;
      this.clientRandomHex = Buffer.from(random).toString('hex');
      return { type: 'client_hello', hello };
    }
    if (type === HANDSHAKE_TYPES.server_hello && from === 'server') {
      const { hello, facts } = readServerHello(body);
      // After a HelloRetryRequest nothing is encrypted yet, but its version already rules the next records.
      this.server = facts;
      this.suite = cipherSuiteOf(facts.cipherSuite);
      return { type: facts.helloRetryRequest ? 'hello_retry_request' : 'server_hello', hello };
    }
    return readHandshakeBody(type, body, this.server?.version ?? TLS_12, this.suite?.keyExchange ?? 'unknown');
  }
}

function newDirection(): Direction {
  return { pending: new ByteQueue(), handshake: new ByteQueue(), protected: false, opener: undefined, phase: 'handshake', stopped: false };
}

/** The whole transcript of a recording, secrets first, so that every record that can be opened is. */
export function decodeTranscript(recording: Recording): Transcript {
  const decoder = new TranscriptDecoder();
  for (const line of recording.keyLog) decoder.addSecret(line);
  for (const event of recording.events) decoder.push(event);
  const transcript = decoder.transcript();
  if (recording.truncated) transcript.gaps.push('recording stopped at its limit');
  return transcript;
}
