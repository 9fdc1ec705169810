import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, checkServerIdentity, type SecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { errnoOf } from '../errors.js';
import type { TranscriptDecoder } from '../tls/decoder.js';
import type { Failure } from './attempt.js';
import { failureOf } from './connect.js';
import { HANDSHAKE_DEFAULTS, type HandshakeRequest } from './handshake-request.js';
import { type HttpAnswer, HttpAnswerReader, requestText } from './http-answer.js';
import { type LoginAnswer, LoginDialogue } from './login-dialogue.js';
import { graceAfterTicketMs, holdRequestMs, type QuietWindowFacts, quietWindowMs, shortestWindowMs } from './quiet-window.js';
import type { Recorder } from './recorder.js';
import { TapStream } from './tap-stream.js';

/** What node's TLS and the clock saw of one connection; the recorder holds the bytes. */
export interface TlsSession {
  /** Why listening ended: something conclusive came, the window passed in silence, the connection ended, or time ran out. */
  ended: 'application-data' | 'http' | 'ticket' | 'quiet' | 'over' | 'timeout' | 'aborted' | 'too-much-data';
  error?: Failure & { reason?: string };
  /** On the recorder's clock. */
  secureConnectMs?: number;
  firstByteMs?: number;
  quietWindowMs?: number;
  http?: HttpAnswer & { roundTripMs: number; at: string };
  /** The first bytes that came unasked. */
  greeting?: Uint8Array;
  login?: LoginAnswer;
  authorizationError?: string;
  protocol?: string;
  cipher?: string;
  alpn?: string;
  resumed: boolean;
  /** The server's own certificate as node holds it, for when the transcript has none. */
  peerCertificate?: Uint8Array;
  ocspStaple?: Uint8Array;
  /** The latest session that can be resumed, with `keepSession`. */
  session?: Buffer;
}

/** More than this without a finished handshake, or after it, ends the look. */
const MAX_RECEIVED = 16 << 20;

/** Runs TLS over an open connection, listens on after `secureConnect`, and ends the connection. Never rejects. */
export function runTlsSession(
  below: Duplex,
  context: SecureContext,
  request: HandshakeRequest,
  recorder: Recorder,
  decoder: TranscriptDecoder,
  timing: { roundTripMs: number; timeoutMs: number },
): Promise<TlsSession> {
  return new Promise((resolve) => new SessionRun(below, context, request, recorder, decoder, timing, resolve).start());
}

class SessionRun {
  private readonly below: Duplex;
  private readonly context: SecureContext;
  private readonly request: HandshakeRequest;
  private readonly recorder: Recorder;
  private readonly decoder: TranscriptDecoder;
  private readonly timing: { roundTripMs: number; timeoutMs: number };
  private readonly resolve: (session: TlsSession) => void;
  private readonly session: TlsSession = { ended: 'over', resumed: false };
  private socket: TLSSocket | undefined;
  private facts: QuietWindowFacts | undefined;
  /** How long silence is waited for at first; undefined before that, and where a request waits for its answer. */
  private listeningMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private holdTimer: NodeJS.Timeout | undefined;
  private decoded = 0;
  private secretsGiven = 0;
  private settled = false;
  private reader: HttpAnswerReader | undefined;
  private login: LoginDialogue | undefined;
  /** TLS 1.3: in 1.2 the ticket comes within the handshake, and proves nothing more. */
  private ticketCame = false;
  private examined = 0;
  private requestSent: { ms: number; at: string } | undefined;

  constructor(
    below: Duplex,
    context: SecureContext,
    request: HandshakeRequest,
    recorder: Recorder,
    decoder: TranscriptDecoder,
    timing: { roundTripMs: number; timeoutMs: number },
    resolve: (session: TlsSession) => void,
  ) {
    this.below = below;
    this.context = context;
    this.request = request;
    this.recorder = recorder;
    this.decoder = decoder;
    this.timing = timing;
    this.resolve = resolve;
  }

  start(): void {
    // In TLS 1.2 the greeting may come in the same turn as `secureConnect`: the dialogue has to be there before it.
    if (this.request.login) this.login = new LoginDialogue(this.request.login, this.request.starttls !== undefined);
    this.arm(this.timing.timeoutMs, 'timeout');
    this.request.signal?.addEventListener('abort', this.abort, { once: true });
    const tap = new TapStream(this.below, this.recorder, () => this.received());
    let socket: TLSSocket;
    try {
      socket = tlsConnect(this.options(tap));
    } catch (error) {
      this.fail(error);
      this.below.destroy();
      return;
    }
    this.socket = socket;
    socket.on('keylog', (line: Buffer) => this.recorder.keyLog.push(line.toString('latin1').trimEnd()));
    socket.on('secureConnect', () => this.connected(socket));
    // Node hands each session over as a copy, certificate and all: only for those who resume it.
    if (this.request.keepSession) {
      socket.on('session', (session: Buffer) => {
        this.session.session = session;
      });
    }
    socket.on('OCSPResponse', (response: Buffer | null) => {
      if (response) this.session.ocspStaple = response;
    });
    socket.on('data', (chunk: Buffer) => this.data(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('end', () => this.over());
    socket.on('close', () => this.over());
    if (this.request.signal?.aborted) this.abort();
  }

  private options(tap: TapStream): ConnectionOptions {
    const { request } = this;
    const options: ConnectionOptions & { requestOCSP?: boolean } = {
      socket: tap.asDuplex(),
      secureContext: this.context,
      rejectUnauthorized: request.verify === true,
    };
    if (request.servername && !isIP(request.servername)) options.servername = request.servername;
    if (request.limits?.alpn?.length) options.ALPNProtocols = request.limits.alpn;
    if (request.session) options.session = request.session;
    if (request.requestOcsp) options.requestOCSP = true;
    const name = request.hostname ?? request.servername;
    if (request.verify && name) options.checkServerIdentity = (_host, certificate) => checkServerIdentity(name, certificate);
    else options.checkServerIdentity = () => undefined;
    // A look wants to see a weak group, not to refuse it.
    if (!request.verify) options.minDHSize = 1;
    return options;
  }

  private connected(socket: TLSSocket): void {
    const { session, request } = this;
    session.secureConnectMs = this.recorder.now();
    session.protocol = socket.getProtocol() ?? undefined;
    session.cipher = socket.getCipher()?.standardName;
    if (socket.alpnProtocol) session.alpn = socket.alpnProtocol;
    session.resumed = socket.isSessionReused();
    if ((request.verify || request.ca) && socket.authorizationError) session.authorizationError = String(socket.authorizationError);
    // Node is still within OpenSSL here: our own last flight has to leave before anything is read or decided.
    process.nextTick(() => {
      if (!this.settled) this.listenOn(socket);
    });
  }

  private listenOn(socket: TLSSocket): void {
    const { session, request } = this;
    // Only HTTP/1.1 can be spoken here; an HTTP/2 server speaks first anyway (SETTINGS).
    if (request.http && (session.alpn === undefined || session.alpn === 'http/1.1' || session.alpn === 'http/1.0')) {
      const hold = holdRequestMs(this.learn());
      session.quietWindowMs = hold + (request.httpTimeoutMs ?? HANDSHAKE_DEFAULTS.httpTimeoutMs);
      this.arm(session.quietWindowMs, 'quiet');
      this.holdTimer = setTimeout(() => this.sendRequest(socket), hold);
      return;
    }
    if (request.login) {
      session.quietWindowMs = request.httpTimeoutMs ?? HANDSHAKE_DEFAULTS.httpTimeoutMs;
      this.arm(session.quietWindowMs, 'quiet');
      if (this.login?.opening !== undefined) socket.write(this.login.opening);
      return;
    }
    // What the recording lost of a huge flight, node still has.
    if (this.recorder.truncated) this.learn();
    this.listeningMs = request.quietWindowMs ?? shortestWindowMs(this.timing.roundTripMs);
    this.arm(this.listeningMs, 'quiet');
  }

  /**
   * Reads what came so far, and what it says about how long to listen. As late as may be: decoding once, when everything is there, takes half
   * the CPU of decoding the server's flight and later its tickets.
   */
  private learn(): QuietWindowFacts {
    if (this.facts) return this.facts;
    this.decode();
    const { session, request } = this;
    const { messages } = this.decoder.transcript();
    const facts = {
      roundTripMs: this.timing.roundTripMs,
      tls13: session.protocol === 'TLSv1.3',
      certificateRequested: messages.some((m) => m.type === 'certificate_request'),
    };
    if (!messages.some((m) => m.type === 'certificate' && m.from === 'server'))
      session.peerCertificate = this.socket?.getPeerX509Certificate()?.raw;
    session.quietWindowMs ??= request.quietWindowMs ?? quietWindowMs(facts);
    this.facts = facts;
    return facts;
  }

  private sendRequest(socket: TLSSocket): void {
    if (this.settled || !this.request.http || socket.destroyed) return;
    this.reader = new HttpAnswerReader();
    this.requestSent = { ms: this.recorder.now(), at: new Date().toISOString() };
    socket.write(requestText(this.request.http));
  }

  /** Node has dealt with what the tap let through just now. */
  private received(): void {
    if (this.recorder.bytesReceived > MAX_RECEIVED) {
      this.finish('too-much-data');
      return;
    }
    if (this.settled || this.listeningMs === undefined || this.session.protocol !== 'TLSv1.3') return;
    if (this.request.quietWindowMs !== undefined || this.ticketCame || !this.sawTicket()) return;
    const grace = graceAfterTicketMs(this.learn());
    if (grace === 0) this.finish('ticket');
    else this.arm(grace, 'ticket');
  }

  /** Whether a session ticket stands among what came so far. */
  private sawTicket(): boolean {
    this.decode();
    const { messages } = this.decoder.transcript();
    for (; this.examined < messages.length && !this.ticketCame; this.examined++)
      this.ticketCame = messages[this.examined]?.type === 'new_session_ticket';
    return this.ticketCame;
  }

  private data(chunk: Buffer): void {
    this.session.firstByteMs ??= this.recorder.now();
    if (this.requestSent === undefined && this.session.login === undefined && this.login?.opening === undefined)
      this.session.greeting ??= chunk;
    if (this.login) {
      const { send, answer } = this.login.push(chunk);
      if (send !== undefined) this.socket?.write(send);
      if (answer !== undefined) {
        this.session.login = answer;
        this.finish('application-data');
      }
      return;
    }
    if (!this.reader) {
      // With a request still held back, the server spoke first: that is proof enough.
      if (!this.holdTimer || this.session.alpn === 'h2') this.finish('application-data');
      else this.reader = undefined;
      return;
    }
    if (this.reader.push(chunk)) this.finishHttp();
  }

  private finishHttp(): void {
    const answer = this.reader?.answer();
    if (answer && this.requestSent) {
      const roundTripMs = (this.session.firstByteMs ?? this.recorder.now()) - this.requestSent.ms;
      this.session.http = { ...answer, roundTripMs, at: this.requestSent.at };
      this.finish('http');
    } else this.finish('application-data');
  }

  private readonly abort = (): void => this.finish('aborted');

  private fail(error: unknown): void {
    if (this.settled) return;
    const failure: TlsSession['error'] = failureOf(error);
    if (failure && typeof error === 'object' && error !== null && 'reason' in error && typeof error.reason === 'string')
      failure.reason = error.reason;
    this.session.error ??= failure;
    // After the server's FIN node may add errors of its own making; the first one stands.
    if (errnoOf(error) !== 'ERR_TAP_CLOSED') this.over();
  }

  private over(): void {
    if (this.settled) return;
    if (this.reader?.answered) this.finishHttp();
    else this.finish(this.session.firstByteMs === undefined ? 'over' : 'application-data');
  }

  private arm(ms: number, ended: TlsSession['ended']): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (ended === 'quiet') this.quiet();
      else this.finish(ended);
    }, ms);
  }

  private quiet(): void {
    const waitedMs = this.facts ? undefined : this.listeningMs;
    const { tls13 } = this.learn();
    const restMs = waitedMs === undefined ? 0 : (this.session.quietWindowMs ?? 0) - waitedMs;
    if (restMs > 0) this.arm(restMs, 'quiet');
    else if (this.reader?.answered) this.finishHttp();
    else this.finish(tls13 && this.sawTicket() ? 'ticket' : 'quiet');
  }

  private decode(): void {
    const { keyLog } = this.recorder;
    for (; this.secretsGiven < keyLog.length; this.secretsGiven++) this.decoder.addSecret(keyLog[this.secretsGiven] as string);
    for (; this.decoded < this.recorder.events.length; this.decoded++)
      this.decoder.push(this.recorder.events[this.decoded] as (typeof this.recorder.events)[number]);
  }

  private finish(ended: TlsSession['ended']): void {
    if (this.settled) return;
    this.settled = true;
    this.session.ended = ended;
    clearTimeout(this.timer);
    clearTimeout(this.holdTimer);
    this.request.signal?.removeEventListener('abort', this.abort);
    const { socket, below } = this;
    // In TLS 1.3 only a ticket can be resumed; without one node hands out a session that no server takes.
    if (this.request.keepSession && this.session.protocol !== 'TLSv1.3') this.session.session ??= socket?.getSession();
    if (this.session.secureConnectMs !== undefined) this.learn();
    this.decode();
    this.resolve(this.session);
    if (!socket || socket.destroyed || this.session.secureConnectMs === undefined) {
      socket?.destroy();
      below.destroy();
      return;
    }
    // Goodbye in the protocol's way; whoever does not answer it is cut off.
    const cutOff = setTimeout(() => {
      socket.destroy();
      below.destroy();
    }, 50).unref();
    socket.once('close', () => {
      clearTimeout(cutOff);
      below.destroy();
    });
    socket.end();
  }
}
