import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { alertName } from '../../tls/alerts.js';
import { ByteQueue } from '../../tls/byte-queue.js';
import { clientHelloRecord, type HelloOffer } from '../../tls/client-hello.js';
import { HANDSHAKE_TYPES, readServerHello } from '../../tls/handshake-messages.js';
import type { ServerHello } from '../../tls/transcript.js';
import { connect } from '../connect.js';
import type { HandshakeRequest } from '../handshake-request.js';
import { needsPreface, speakPreface } from '../preface/preface.js';
import { Recorder } from '../recorder.js';

/** What a server answers to one ClientHello. */
export type HelloAnswer =
  | { kind: 'hello'; hello: ServerHello /** Group of a ServerKeyExchange, when it was waited for. */; keyExchangeGroup?: number }
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
  const record = clientHelloRecord({ ...offer, servername: target.servername, random: randomBytes(64) });
  try {
    return await answerOf(stream, record, timeoutMs, target.signal, awaitKeyExchange);
  } finally {
    stream.destroy();
    tcp.value.destroy();
  }
}

function answerOf(
  stream: Duplex,
  record: Uint8Array,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  awaitKeyExchange: boolean,
): Promise<HelloAnswer> {
  return new Promise((resolve) => {
    const reader = new AnswerReader(awaitKeyExchange);
    const end = (answer: HelloAnswer) => {
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
class AnswerReader {
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
        // ECParameters: named_curve(3), then the group (RFC 8422 §5.4).
        if (body[0] === 3) this.hello.keyExchangeGroup = ((body[1] ?? 0) << 8) | (body[2] ?? 0);
        return this.hello;
      } else if (type === HANDSHAKE_TYPES.server_hello_done) return this.hello;
    }
    return undefined;
  }
}
