import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { alertName } from '../tls/alerts.js';
import { cipherSuiteName } from '../tls/cipher-suites.js';
import { decodeTranscript, TranscriptDecoder } from '../tls/decoder.js';
import { groupName } from '../tls/groups.js';
import type { Recording } from '../tls/recording.js';
import { signatureSchemeName } from '../tls/signature-schemes.js';
import type { AlertDetail, Transcript, TranscriptMessage } from '../tls/transcript.js';
import { versionName } from '../tls/versions.js';
import type { Failure } from './attempt.js';
import { connect, failureOf } from './connect.js';
import { HANDSHAKE_DEFAULTS, type HandshakeRequest } from './handshake-request.js';
import type { HandshakeOutcome, HandshakeRecord } from './observation.js';
import { needsPreface, speakPreface } from './preface/preface.js';
import { proxyText } from './proxy/proxy-server.js';
import { Recorder } from './recorder.js';
import { secureContextFor } from './secure-context.js';
import { runTlsSession, type TlsSession } from './tls-session.js';

/**
 * The entry for everybody who needs a handshake. `await handshake({ why, experiment, address, port, servername })` makes one real
 * handshake, listens on past node's `secureConnect`, and gives the finished record; it never rejects for anything that the network or
 * the peer did. Verification is off unless `verify` is set. Records are independent: run several at once with Promise.all.
 */
export async function handshake(request: HandshakeRequest): Promise<HandshakeRecord> {
  return (await runHandshake(request)).record;
}

/** A record with what must not go into an observation. */
export interface HandshakeRun {
  record: HandshakeRecord;
  /** Bytes and secrets, for key log and capture files. */
  recording: Recording;
  /** For `HandshakeRequest.session`; with `keepSession` only. */
  session?: Buffer;
}

/** Like `handshake`, with the recording and the session. */
export async function runHandshake(request: HandshakeRequest): Promise<HandshakeRun> {
  const started = performance.now();
  const record = emptyRecord(request);
  const recorder = new Recorder(started);
  const finish = (outcome: HandshakeOutcome, error?: Failure): HandshakeRun => {
    record.outcome = outcome;
    if (error) record.error = error;
    record.timings.totalMs = performance.now() - started;
    return { record, recording: recorder };
  };

  // Before the connection: a key that does not fit must not cost the server a half-open handshake.
  let context: SecureContext;
  try {
    context = secureContextFor(request);
  } catch (error) {
    return finish('broken-off-here', failureOf(error));
  }

  const timeoutMs = request.timeoutMs ?? HANDSHAKE_DEFAULTS.timeoutMs;
  const tcp = await connect({
    address: request.proxy?.host ?? request.address,
    port: request.proxy?.port ?? request.port,
    ...(request.socketPath === undefined ? {} : { socketPath: request.socketPath }),
    timeoutMs: Math.min(timeoutMs, request.connectTimeoutMs ?? HANDSHAKE_DEFAULTS.connectTimeoutMs),
    ...(request.signal ? { signal: request.signal } : {}),
  });
  if (tcp.status !== 'completed') return finish('unreachable', tcp.status === 'failed' ? tcp.failure : undefined);
  record.timings.tcpMs = tcp.ms;

  const left = () => Math.max(1, timeoutMs - (performance.now() - started));
  const decoder = new TranscriptDecoder({ untilCertificate: request.omitTranscript === true });
  let connection: Duplex = tcp.value;
  let roundTripMs = tcp.ms;
  if (needsPreface(request)) {
    const began = performance.now();
    const preface = await speakPreface(tcp.value, request, recorder, left());
    record.timings.prefaceMs = performance.now() - began;
    if (preface.banner !== undefined) record.preface = preface.banner;
    if (!preface.ok) {
      for (const event of recorder.events) decoder.push(event);
      if (!request.omitTranscript) record.transcript = rebased(decoder.transcript(), recorder.events[0]?.ms ?? 0);
      return finish('preface-failed', preface.failure);
    }
    connection = preface.stream;
    // Behind a proxy the TCP round trip is the proxy's; its exchange went all the way.
    if (request.proxy) roundTripMs = Math.max(roundTripMs, record.timings.prefaceMs);
  }
  const session = await runTlsSession(connection, context, request, recorder, decoder, { roundTripMs, timeoutMs: left() });
  const { ended } = session;
  const wentOn = ended === 'application-data' || ended === 'http' || ended === 'ticket' || ended === 'quiet' ? ended : undefined;
  // Where it went wrong, every message and alert counts.
  const whole = request.omitTranscript === true && wentOn === undefined;
  const transcript = whole ? decodeTranscript(recorder) : decoder.transcript();
  if (recorder.truncated && !whole) transcript.gaps.push('recording stopped at its limit');
  const fatalAlert = fillFromTranscript(record, rebased(transcript, recorder.events[0]?.ms ?? 0));
  fillFromSession(record, session, recorder);
  record.outcome = outcomeOf(record, session, fatalAlert);
  if (record.outcome === 'accepted' && wentOn !== undefined) record.acceptance = wentOn;
  if (!request.omitTranscript) record.transcript = transcript;
  record.timings.totalMs = performance.now() - started;
  return { record, recording: recorder, ...(session.session ? { session: session.session } : {}) };
}

function emptyRecord(request: HandshakeRequest): HandshakeRecord {
  const sent: HandshakeRecord['sent'] = {
    address: request.address,
    port: request.port,
    limits: request.limits ?? {},
    client: request.clientIdentity ?? (request.client ? 'given' : 'none'),
    verify: request.verify === true,
    requestOcsp: request.requestOcsp === true,
    resumed: request.session !== undefined,
  };
  if (request.servername && !isIP(request.servername)) sent.servername = request.servername;
  if (request.proxy) sent.proxy = proxyText(request.proxy);
  if (request.starttls) sent.starttls = request.starttls;
  if (request.login) sent.login = request.login;
  if (request.http) sent.httpRequest = `${request.http.method ?? 'GET'} ${request.http.path}`;
  const record: HandshakeRecord = {
    id: request.id ?? 0,
    why: request.why,
    experiment: request.experiment,
    sent,
    at: new Date().toISOString(),
    timings: { totalMs: 0 },
    outcome: 'unreachable',
    secureConnect: false,
    chain: [],
    scts: [],
  };
  if (request.dnsMs !== undefined) record.timings.dnsMs = request.dnsMs;
  return record;
}

/** Shifts times so that the first byte of TLS, or of what came before it, is zero. */
function rebased(transcript: Transcript, zero: number): Transcript {
  for (const message of transcript.messages) message.ms = Math.round((message.ms - zero) * 1000) / 1000;
  return transcript;
}

/** Copies the facts out of the transcript. Gives whether the server sent an alert that ends the connection. */
function fillFromTranscript(record: HandshakeRecord, transcript: Transcript): boolean {
  let fatalAlert = false;
  const negotiated: NonNullable<HandshakeRecord['negotiated']> = { version: '', cipher: '', resumed: false };
  for (const message of transcript.messages) {
    switch (message.type) {
      case 'server_hello':
        negotiated.version = nodeVersion(message.hello.version);
        negotiated.cipher = cipherSuiteName(message.hello.cipherSuite);
        if (message.hello.group !== undefined) negotiated.group = groupName(message.hello.group);
        if (message.hello.alpn !== undefined) negotiated.alpn = message.hello.alpn;
        negotiated.resumed = message.hello.preSharedKeyAccepted;
        break;
      case 'encrypted_extensions':
        if (message.alpn !== undefined) negotiated.alpn = message.alpn;
        break;
      case 'server_key_exchange':
        if (message.group !== undefined) negotiated.group = groupName(message.group);
        if (message.signatureScheme !== undefined) negotiated.signatureScheme = signatureSchemeName(message.signatureScheme);
        break;
      case 'certificate_verify':
        if (message.from === 'server' && message.signatureScheme) negotiated.signatureScheme = signatureSchemeName(message.signatureScheme);
        break;
      case 'certificate':
        if (message.from === 'client') record.clientCertificatesSent = message.certificate.certificates.length;
        else {
          record.chain = message.certificate.certificates;
          record.scts = message.certificate.scts.map(({ list }) => list);
          const staple = message.certificate.ocsp.find(({ index }) => index === 0);
          if (staple) record.ocspStaple = staple.response;
        }
        break;
      case 'certificate_status':
        record.ocspStaple = message.response;
        break;
      case 'certificate_request':
        record.certificateRequest = {
          certificateAuthorities: message.request.certificateAuthorities,
          signatureSchemes: message.request.signatureSchemes.map(signatureSchemeName),
        };
        break;
      case 'alert':
        // The first fatal one counts: what follows it (GnuTLS sends a second) says less.
        if (!fatalAlert) fillAlert(record, message);
        if (message.from === 'server' && isFatal(message.alert, negotiated.version)) fatalAlert = true;
        break;
      case 'not_tls':
        if (message.from === 'server') record.notTls = message.first;
        break;
      default:
        break;
    }
  }
  if (negotiated.version) record.negotiated = negotiated;
  return fatalAlert;
}

/** TLS 1.3 has no warnings but close_notify and user_canceled, whatever the level byte says (RFC 8446 §6). */
function isFatal(alert: AlertDetail, version: string): boolean {
  if (alert.number === 0 || alert.number === 90) return false;
  return alert.level !== 'warning' || version === 'TLSv1.3';
}

/** Notes an alert that means something; close_notify is an orderly end and stays in the transcript alone. A fatal one replaces a warning. */
function fillAlert(record: HandshakeRecord, message: TranscriptMessage & { type: 'alert' }): void {
  const { number, name, level } = message.alert;
  if (number === 0) return;
  if (message.from === 'client') record.alertSent ??= { number, name };
  else if (!record.alertReceived || level !== 'warning') record.alertReceived = { number, name, afterSecureConnect: false };
}

function fillFromSession(record: HandshakeRecord, session: TlsSession, recorder: Recorder): void {
  const hello = recorder.clientHelloMs;
  if (hello !== undefined && recorder.firstAnswerMs !== undefined) record.timings.serverHelloMs = recorder.firstAnswerMs - hello;
  if (session.error) record.error = session.error;
  if (session.secureConnectMs !== undefined) {
    record.secureConnect = true;
    record.timings.handshakeMs = session.secureConnectMs - (hello ?? recorder.events[0]?.ms ?? 0);
    if (session.firstByteMs !== undefined) record.timings.firstByteMs = session.firstByteMs - session.secureConnectMs;
    if (session.quietWindowMs !== undefined) record.quietWindowMs = session.quietWindowMs;
    record.negotiated ??= { version: '', cipher: '', resumed: false };
    const { negotiated } = record;
    negotiated.version = session.protocol ?? negotiated.version;
    negotiated.cipher = session.cipher ?? negotiated.cipher;
    negotiated.resumed = session.resumed;
    if (session.alpn !== undefined) negotiated.alpn = session.alpn;
  }
  if (session.authorizationError) record.authorizationError = session.authorizationError;
  if (session.http) record.http = session.http;
  if (session.login) record.login = session.login;
  if (session.greeting) record.greeting = firstLine(session.greeting);
  if (record.chain.length === 0 && session.peerCertificate && !session.resumed) record.chain = [session.peerCertificate];
  if (!record.ocspStaple && session.ocspStaple) record.ocspStaple = session.ocspStaple;
  // An alert that stayed encrypted for us is still named by OpenSSL's error text.
  const number = /SSL alert number (\d+)/.exec(session.error?.message ?? '')?.[1];
  if (number !== undefined && !record.alertReceived)
    record.alertReceived = { number: Number(number), name: alertName(Number(number)), afterSecureConnect: false };
  if (record.alertReceived) record.alertReceived.afterSecureConnect = record.secureConnect;
}

/** The printable start of the first line, at most 200 characters. */
function firstLine(bytes: Uint8Array): string {
  const [line = ''] = Buffer.from(bytes.subarray(0, 200))
    .toString('latin1')
    .split(/[\r\n]/, 1);
  return line.replace(/[^\x20-\x7e]/g, '.');
}

function outcomeOf(record: HandshakeRecord, session: TlsSession, fatalAlert: boolean): HandshakeOutcome {
  const fatal = fatalAlert || /SSL alert number \d+/.test(session.error?.message ?? '');
  if (record.secureConnect) {
    if (fatal) return 'rejected-late';
    if (session.ended === 'over') return 'closed-late';
    return session.ended === 'too-much-data' ? 'broken-off-here' : 'accepted';
  }
  // What follows an alert in clear (vsftpd: "500 OOPS: SSL: cannot accept") does not unsay that TLS was spoken.
  if (fatal) return 'rejected';
  if (record.notTls) return 'not-tls';
  if (session.ended === 'timeout' || session.ended === 'aborted') {
    record.error ??= {
      code: session.ended,
      message: session.ended === 'timeout' ? 'connected, but the handshake did not end within the time-out' : 'interrupted',
    };
    return 'silent';
  }
  if (session.ended === 'too-much-data') {
    record.error ??= { code: 'too-much-data', message: 'the server sent more than any handshake needs' };
    return 'broken-off-here';
  }
  const code = session.error?.code;
  return code === undefined || code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED' ? 'closed' : 'broken-off-here';
}

/** node's spelling, `TLSv1.3`. */
function nodeVersion(version: number): string {
  return versionName(version).replace(/^TLS (\d\.\d)$/, (_, number: string) => `TLSv${number === '1.0' ? '1' : number}`);
}
