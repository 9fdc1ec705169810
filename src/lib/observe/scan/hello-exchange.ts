import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { alertName } from '../../tls/alerts.js';
import { ByteQueue } from '../../tls/byte-queue.js';
import { cipherSuiteOf } from '../../tls/cipher-suites.js';
import { clientHelloRecord, type HelloOffer } from '../../tls/client-hello.js';
import { HANDSHAKE_TYPES, readServerHello } from '../../tls/handshake-messages.js';
import { isSsl2ServerHello, SSL2_HEADER, ssl2ClientHello } from '../../tls/ssl2-hello.js';
import type { ServerHello } from '../../tls/transcript.js';
import { TLS_12 } from '../../tls/versions.js';
import { connect } from '../connect.js';
import type { HandshakeRequest } from '../handshake-request.js';
import { needsPreface, speakPreface } from '../preface/preface.js';
import { Recorder } from '../recorder.js';

/** What a server answers to one ClientHello. */
export type HelloAnswer =
  | {
      kind: 'hello';
      hello: ServerHello;
      /** Group and signature scheme of a ServerKeyExchange, when it was waited for and came. */
      keyExchangeGroup?: number;
      keyExchangeScheme?: number;
    }
  | { kind: 'alert'; number: number; name: string }
  | { kind: 'closed' | 'silent' | 'not-tls' | 'unreachable' };

/** More than this is no ServerHello. */
const MAX_ANSWER = 64 * 1024;

/** Connects, sends the hello, reads the first answer (up to TLS 1.2 the ServerKeyExchange too, when asked), hangs up. */
export async function exchangeHello(
  target: HandshakeRequest,
  offer: Omit<HelloOffer, 'random' | 'servername'>,
  timeoutMs: number,
  awaitKeyExchange = false,
): Promise<HelloAnswer> {
  const record = clientHelloRecord({ ...offer, servername: target.servername, random: randomBytes(64) });
  return exchange(target, record, new AnswerReader(awaitKeyExchange), timeoutMs);
}

/** The same with the CLIENT-HELLO of SSL 2.0; `hello` in the answer means that the server speaks it. */
export async function exchangeSsl2Hello(target: HandshakeRequest, timeoutMs: number): Promise<HelloAnswer | { kind: 'ssl2' }> {
  return exchange(target, ssl2ClientHello(randomBytes(16)), new Ssl2AnswerReader(), timeoutMs);
}

/** Reads an answer as it comes; `hello` is what is known if the connection ends before all of it is there. */
interface Reader<T> {
  hello: HelloAnswer | undefined;
  push(chunk: Uint8Array): T | undefined;
}

async function exchange<T>(target: HandshakeRequest, record: Uint8Array, reader: Reader<T>, timeoutMs: number): Promise<T | HelloAnswer> {
  const tcp = await connect({
    address: target.proxy?.host ?? target.address,
    port: target.proxy?.port ?? target.port,
    timeoutMs,
    ...(target.socketPath === undefined ? {} : { socketPath: target.socketPath }),
    ...(target.signal ? { signal: target.signal } : {}),
  });
  if (tcp.status !== 'completed') return { kind: 'unreachable' };
  let stream: Duplex = tcp.value;
  if (needsPreface(target)) {
    const preface = await speakPreface(tcp.value, target, new Recorder(), timeoutMs);
    if (!preface.ok) return { kind: 'unreachable' };
    stream = preface.stream;
  }
  try {
    return await answerOf(stream, record, timeoutMs, target.signal, reader);
  } finally {
    stream.destroy();
    tcp.value.destroy();
  }
}

function answerOf<T>(
  stream: Duplex,
  record: Uint8Array,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  reader: Reader<T>,
): Promise<T | HelloAnswer> {
  return new Promise((resolve) => {
    const end = (answer: T | HelloAnswer) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(answer);
    };
    const abort = () => end({ kind: 'silent' });
    const timer = setTimeout(() => end(reader.hello ?? { kind: 'silent' }), timeoutMs);
    stream.on('data', (chunk: Buffer) => {
      const answer = reader.push(chunk);
      if (answer) end(answer);
    });
    const closed = () => end(reader.hello ?? { kind: 'closed' });
    stream.on('end', closed);
    stream.on('error', closed);
    stream.on('close', closed);
    signal?.addEventListener('abort', abort, { once: true });
    stream.resume();
    stream.write(record);
  });
}

/** Reads records until the answer is there. */
class AnswerReader implements Reader<HelloAnswer> {
  hello: Extract<HelloAnswer, { kind: 'hello' }> | undefined;
  private readonly queue = new ByteQueue();
  private readonly handshake = new ByteQueue();
  private readonly awaitKeyExchange: boolean;

  constructor(awaitKeyExchange: boolean) {
    this.awaitKeyExchange = awaitKeyExchange;
  }

  push(chunk: Uint8Array): HelloAnswer | undefined {
    const { queue, handshake } = this;
    queue.push(chunk);
    if (queue.length + handshake.length > MAX_ANSWER) return this.hello ?? { kind: 'not-tls' };
    while (queue.length >= 5) {
      const type = queue.at(0);
      if ((type !== 21 && type !== 22) || queue.at(1) !== 3) return this.hello ?? { kind: 'not-tls' };
      const length = (queue.at(3) << 8) | queue.at(4);
      if (queue.length < 5 + length) return undefined;
      queue.skip(5);
      const body = queue.take(length);
      if (type === 21) {
        // A warning (such as unrecognized_name) is not yet the answer.
        if (body[0] === 1 && body[1] !== 0) continue;
        return this.hello ?? { kind: 'alert', number: body[1] ?? -1, name: alertName(body[1] ?? -1) };
      }
      handshake.push(body);
      const answer = this.messages();
      if (answer) return answer;
    }
    return undefined;
  }

  private messages(): HelloAnswer | undefined {
    const { handshake } = this;
    while (handshake.length >= 4) {
      const type = handshake.at(0);
      const size = (handshake.at(1) << 16) | (handshake.at(2) << 8) | handshake.at(3);
      if (size > MAX_ANSWER || (!this.hello && type !== HANDSHAKE_TYPES.server_hello)) return this.hello ?? { kind: 'not-tls' };
      if (handshake.length < 4 + size) return undefined;
      handshake.skip(4);
      const body = handshake.take(size);
      if (!this.hello) {
        try {
          this.hello = { kind: 'hello', hello: readServerHello(body).hello };
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          return { kind: 'not-tls' };
        }
        if (!this.awaitKeyExchange) return this.hello;
      } else if (type === HANDSHAKE_TYPES.server_key_exchange) {
        readKeyExchange(body, this.hello);
        return this.hello;
      } else if (type === HANDSHAKE_TYPES.server_hello_done) return this.hello;
    }
    return undefined;
  }
}

/** ECParameters with named_curve(3) and a point (RFC 8422 §5.4), or p, g and Ys (RFC 5246 §7.4.3); in TLS 1.2 the scheme of the signature follows. */
function readKeyExchange(body: Uint8Array, answer: Extract<HelloAnswer, { kind: 'hello' }>): void {
  const uint16 = (at: number) => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  const { keyExchange = '' } = cipherSuiteOf(answer.hello.cipherSuite) ?? {};
  let end = 0;
  if (keyExchange.startsWith('ECDHE')) {
    if (body[0] !== 3) return;
    answer.keyExchangeGroup = uint16(1);
    end = 4 + (body[3] ?? 0);
  } else if (keyExchange.startsWith('DHE')) for (let i = 0; i < 3; i++) end += 2 + uint16(end);
  else return;
  if (answer.hello.version === TLS_12 && end + 2 <= body.length) answer.keyExchangeScheme = uint16(end);
}

/** Reads the first record of an SSL 2.0 server; an alert of later versions is a no like any other. */
class Ssl2AnswerReader implements Reader<HelloAnswer | { kind: 'ssl2' }> {
  readonly hello: HelloAnswer | undefined;
  private readonly queue = new ByteQueue();

  push(chunk: Uint8Array): HelloAnswer | { kind: 'ssl2' } | undefined {
    this.queue.push(chunk);
    if (this.queue.length < SSL2_HEADER) return undefined;
    const first = this.queue.take(SSL2_HEADER);
    if (isSsl2ServerHello(first)) return { kind: 'ssl2' };
    if (first[0] === 21 && first[1] === 3) return { kind: 'closed' };
    return { kind: 'not-tls' };
  }
}
