import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { TLSSocket } from 'node:tls';
import type { Cause } from '../../cause.js';
import { errnoOf, messageOf } from '../../errors.js';
import { TranscriptDecoder } from '../../tls/decoder.js';
import { readClientHello } from '../../tls/handshake-messages.js';
import { opensslWords } from '../../tls/openssl-words.js';
import type { ClientHello, Transcript } from '../../tls/transcript.js';
import type { Certificate } from '../../x509/certificate.js';
import { parseCertificate } from '../../x509/parse-certificate.js';
import type { RefusalStyle } from '../servers/refusal.js';
import { replaceCertificates } from '../wire/flight-rewriter.js';
import type { Intervention } from '../wire/server-wire.js';
import { ServerWire } from '../wire/server-wire.js';
import { assessClient } from './assess-client.js';
import type { ServerLimits } from './assess-negotiation.js';
import { assessNegotiation } from './assess-negotiation.js';
import { assessDeparture, assessRefusal } from './assess-refusal.js';
import type { LoadedCredentials } from './credentials.js';
import type { AlertSeen, ConnectionEvent, ConnectionOutcome, PeerIdentity } from './events.js';
import type { Faults } from './faults.js';
import {
  alertIn,
  alertsIn,
  clientChainIn,
  clientFinished,
  endsWithGoodbye,
  negotiatedIn,
  plaintextCause,
  sawOurCertificate,
} from './handshake-facts.js';
import { identityOf, offerOf, sentCertificate } from './offer.js';

/** Handshake bytes kept for reading; a longer handshake is none. */
const RECORDING_LIMIT = 256 * 1024;

/** What all connections of a moment share. */
export interface ConnectionTerms {
  credentials: LoadedCredentials;
  context: SecureContext;
  clientAuth: 'none' | 'optional' | 'required';
  style: RefusalStyle;
  limits: ServerLimits;
  faults: Faults;
  /** DER of what is shown in place of the certificates; the key stays (`--fault key-mismatch`, `malformed`). */
  shownInstead?: readonly Uint8Array[];
  handshakeTimeoutMs: number;
}

/** What becomes of a connection once its handshake is through. */
export interface Admitted {
  socket: TLSSocket;
  id: number;
  identity: PeerIdentity | null;
  event: ConnectionEvent;
  /** Requests so far, counted by whoever answers them. */
  requests: number;
  /** Set by whoever answers: the client sent its FIN, nothing more will come. */
  clientEnded?: () => void;
  /** Set when the imitated stack refuses above TLS: every request is answered with this. */
  refusal?: { status: number; body: string };
}

/**
 * One client: records the handshake below TLS, judges the client by our own validation, admits or refuses it, and tells once what happened,
 * also when the handshake failed half way.
 */
export function serveConnection(
  raw: Socket,
  id: number,
  terms: ConnectionTerms,
  tell: (event: ConnectionEvent) => void,
  admit: (admitted: Admitted) => void,
): void {
  new Connection(raw, id, terms, tell, admit).begin();
}

class Connection {
  private readonly startedAt = Date.now();
  private readonly startedMs = performance.now();
  private readonly remote: string;
  private decoder: TranscriptDecoder | undefined = new TranscriptDecoder();
  private recorded = 0;
  private hello: ClientHello | undefined;
  private socket: TLSSocket | undefined;
  private wire: ServerWire | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastFromClient: Buffer = Buffer.alloc(0);
  private told = false;
  private accepted: ConnectionEvent | undefined;
  private admitted: Admitted | undefined;
  private error: { code: string; message: string } | undefined;

  private readonly raw: Socket;
  private readonly id: number;
  private readonly terms: ConnectionTerms;
  private readonly tellEvent: (event: ConnectionEvent) => void;
  private readonly admit: (admitted: Admitted) => void;

  constructor(
    raw: Socket,
    id: number,
    terms: ConnectionTerms,
    tell: (event: ConnectionEvent) => void,
    admit: (admitted: Admitted) => void,
  ) {
    this.raw = raw;
    this.id = id;
    this.terms = terms;
    this.tellEvent = tell;
    this.admit = admit;
    this.remote = `${raw.remoteAddress ?? '?'}:${raw.remotePort ?? '?'}`;
  }

  begin(): void {
    const { faults, handshakeTimeoutMs, shownInstead } = this.terms;
    this.raw.on('error', (error) => this.note(error));
    this.timer = setTimeout(() => this.timeOut(), handshakeTimeoutMs);
    this.timer.unref();
    if (faults.plaintext === true) {
      this.answerInClear();
      return;
    }
    const rewrite = shownInstead === undefined ? undefined : replaceCertificates(shownInstead)();
    const wire = new ServerWire(this.raw, {
      bytes: (from, chunk) => this.record(from, chunk),
      clientHello: (message) => this.greet(message),
      notTls: (first) => this.refusePlaintext(first),
      // TLS waits for the rest of a handshake for ever: a client that has gone is gone.
      ended: () => setTimeout(() => (this.accepted === undefined ? wire.destroy() : this.admitted?.clientEnded?.()), 50).unref(),
      ...(rewrite === undefined ? {} : { rewrite }),
    });
    this.wire = wire;
    wire.on('error', (error) => this.note(error));
    wire.on('close', () => {
      this.socket?.destroy();
      this.finish();
      this.hungUpAfterwards();
    });
  }

  private record(from: 'client' | 'server', chunk: Buffer): void {
    if (from === 'client') this.lastFromClient = chunk;
    if (this.decoder === undefined) return;
    this.recorded += chunk.length;
    if (this.recorded > RECORDING_LIMIT) this.decoder = undefined;
    else this.decoder.push({ ms: performance.now() - this.startedMs, from, kind: 'bytes', bytes: chunk });
  }

  /** Reads the ClientHello, then lets TLS have it, or does what `--fault` says. */
  private greet(message: Buffer): Intervention | undefined {
    try {
      this.hello = readClientHello(message.subarray(4)).hello;
    } catch (error) {
      this.note(error); // TLS will refuse it too; then its words are told
    }
    const { onHello, delayMs } = this.terms.faults;
    if (onHello !== undefined) {
      this.tell('fault', []);
      return onHello;
    }
    this.secure();
    return delayMs === undefined ? undefined : { do: 'wait', ms: delayMs };
  }

  private secure(): void {
    const wire = this.wire as ServerWire;
    const { context, clientAuth, limits, faults } = this.terms;
    const socket = new TLSSocket(wire, {
      isServer: true,
      secureContext: context,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: false,
      ...(limits.alpn.length === 0 ? {} : { ALPNProtocols: [...limits.alpn] }),
    });
    this.socket = socket;
    wire.gate = clientAuth !== 'none' || faults.late !== undefined;
    socket.on('keylog', (line: Buffer) => {
      wire.keylog(line);
      this.decoder?.addSecret(line.toString('latin1').trim());
    });
    socket.on('error', (error) => {
      this.note(error);
      wire.release();
    });
    socket.once('secure', () => this.established(socket, wire));
  }

  private established(socket: TLSSocket, wire: ServerWire): void {
    clearTimeout(this.timer);
    const { faults, clientAuth, credentials, style } = this.terms;
    const chain = this.clientChain();
    const assessed = assessClient(chain, { mode: clientAuth, anchors: credentials.clientAnchors, crls: credentials.crls }, Date.now());
    const version = socket.getProtocol() === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3';
    const late = faults.late;
    if (late !== undefined) {
      this.tell('fault', []);
      if (late.do === 'alert') wire.refuse(late.description);
      else wire.hangUp(late.do === 'reset' ? 'reset' : 'fin');
      return;
    }
    const refusal = assessed.fault === undefined ? undefined : style.refuse(assessed.fault, version);
    if (refusal?.kind === 'alert') wire.refuse(refusal.description);
    else if (refusal?.kind === 'hang-up') wire.hangUp(refusal.how);
    const event = this.tell(assessed.cause === undefined ? 'accepted' : 'refused', assessed.cause === undefined ? [] : [assessed.cause]);
    if (event === undefined || (refusal !== undefined && refusal.kind !== 'http')) return;
    wire.release();
    this.accepted = event;
    this.watchForLateRefusal(socket);
    const identity = chain?.[0] === undefined ? null : identityOf(parseCertificate(chain[0]));
    this.admitted = {
      socket,
      id: this.id,
      requests: 0,
      identity: assessed.cause === undefined ? identity : null,
      event,
      ...(refusal?.kind === 'http' ? { refusal } : {}),
    };
    this.admit(this.admitted);
  }

  /** A client may refuse our certificate when the handshake is through for us: by an alert on the open connection. */
  private watchForLateRefusal(socket: TLSSocket): void {
    socket.once('error', (error) => {
      const alert = alertIn(error);
      if (alert === undefined || this.accepted?.outcome !== 'accepted') return;
      const cause = assessRefusal(this.shown(), alert);
      this.tellEvent({
        ...this.accepted,
        outcome: 'refused-by-client',
        alerts: [alert],
        causes: cause === undefined ? [] : [cause],
        error: opensslWords(messageOf(error)),
      });
      this.accepted = undefined;
    });
  }

  /** Node checks the certificate only after the handshake and then hangs up without an alert: tells of a client that left without a request. */
  private hungUpAfterwards(): void {
    const { accepted } = this;
    if (accepted?.outcome !== 'accepted' || this.admitted === undefined || this.admitted.requests > 0) return;
    this.accepted = undefined;
    const goodbye = endsWithGoodbye(this.lastFromClient);
    const cause = assessDeparture(this.shown(), { finished: true, goodbye, reset: this.error?.code === 'ECONNRESET' });
    this.tellEvent({
      ...accepted,
      outcome: cause === undefined || cause.confidence === 'possible' ? 'abandoned' : 'refused-by-client',
      causes: cause === undefined ? [] : [cause],
      error: goodbye
        ? 'the client said goodbye after the handshake without a request, as a health check does'
        : 'the client hung up after the handshake without a request or a goodbye',
    });
  }

  /** The client's certificates as sent; what node kept when the recording does not reach that far. */
  private clientChain(): Uint8Array[] | undefined {
    const leaf = this.socket?.getPeerCertificate()?.raw as Buffer | undefined;
    return clientChainIn(this.transcript()) ?? (leaf === undefined ? undefined : [leaf]);
  }

  private refusePlaintext(first: Buffer): void {
    const cause = plaintextCause(first);
    this.tell('not-tls', [cause]);
    const body = 'This port speaks TLS. Call it with https://.\n';
    if (cause.code === 'plaintext-http')
      this.raw.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    else this.raw.end();
    setTimeout(() => this.raw.destroy(), 200).unref();
  }

  /** `--fault plaintext`: HTTP where TLS is expected. */
  private answerInClear(): void {
    this.raw.once('data', () => this.raw.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
    this.raw.once('end', () => this.raw.end());
    this.raw.once('close', () => clearTimeout(this.timer));
    this.tell('fault', []);
  }

  private timeOut(): void {
    this.error = { code: 'handshake-timeout', message: `no complete handshake within ${this.terms.handshakeTimeoutMs / 1000} s` };
    this.raw.destroy();
  }

  private note(error: unknown): void {
    this.error ??= { code: errnoOf(error) ?? 'error', message: messageOf(error) };
  }

  /** The connection is over: tells what happened, unless that was told. */
  private finish(): void {
    clearTimeout(this.timer);
    if (this.told) return;
    const alerts = this.alerts();
    const byClient = alerts.find(({ from, number }) => from === 'client' && number !== 0);
    const negotiation =
      this.hello === undefined || this.error === undefined ? undefined : assessNegotiation(this.hello, this.terms.limits, this.error.code);
    if (negotiation !== undefined) this.tell('failed', [negotiation]);
    else if (byClient !== undefined) {
      const cause = assessRefusal(this.shown(), byClient);
      this.tell('refused-by-client', cause === undefined ? [] : [cause]);
    } else if (sawOurCertificate(this.transcript()) && this.error?.code !== 'handshake-timeout') {
      const cause = assessDeparture(this.shown(), {
        finished: clientFinished(this.transcript()),
        goodbye: false,
        reset: this.error?.code === 'ECONNRESET',
      });
      this.tell('refused-by-client', cause === undefined ? [] : [cause]);
    } else this.tell(this.error?.code.startsWith('ERR_SSL') === true ? 'failed' : 'abandoned', []);
  }

  private shown(): Parameters<typeof assessRefusal>[0] {
    const { credentials } = this.terms;
    return { chain: credentials.chain, servername: this.hello?.servername, roots: credentials.roots, at: Date.now() };
  }

  private transcript(): Transcript | undefined {
    return this.decoder?.transcript();
  }

  private alerts(): AlertSeen[] {
    return alertsIn(this.transcript(), this.error);
  }

  private tell(outcome: ConnectionOutcome, causes: Cause[]): ConnectionEvent | undefined {
    if (this.told) return undefined;
    this.told = true;
    const chain = this.clientChain();
    const parsed: Certificate[] | undefined = chain?.slice(0, 16).map(parseCertificate);
    const leaf = parsed?.[0];
    const event: ConnectionEvent = {
      schema: 'tlsmedic/serve-event@1',
      event: 'connection',
      at: new Date(this.startedAt).toISOString(),
      id: this.id,
      remote: this.remote,
      outcome,
      offered: this.hello === undefined ? null : offerOf(this.hello),
      negotiated: negotiatedIn(this.transcript()),
      served: this.terms.credentials.chain.map(({ certificate }) => certificate.subject.text || certificate.fingerprint),
      clientChain: parsed?.map(sentCertificate) ?? null,
      identity: leaf === undefined ? null : identityOf(leaf),
      alerts: this.alerts(),
      causes,
      error: this.error === undefined ? null : opensslWords(this.error.message),
      ms: Math.round((performance.now() - this.startedMs) * 10) / 10,
    };
    this.decoder = undefined;
    this.tellEvent(event);
    return event;
  }
}
