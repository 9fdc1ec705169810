import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { rootCertificates, connect as tlsConnect } from 'node:tls';
import { opensslWords } from '../../tls/openssl-words.js';
import type { Failure } from '../attempt.js';
import { failureOf } from '../connect.js';
import type { HandshakeRequest } from '../handshake-request.js';
import { httpConnect } from '../proxy/http-connect.js';
import { proxyProtocolHeader } from '../proxy/proxy-protocol.js';
import type { ProxyServer } from '../proxy/proxy-server.js';
import { socks4a, socks5 } from '../proxy/socks.js';
import type { Recorder } from '../recorder.js';
import { startTlsOf } from '../starttls/starttls.js';
import { PrefaceFailed, PrefaceStream } from './preface-stream.js';

export type PrefaceResult = { ok: true; stream: Duplex; banner?: string } | { ok: false; failure: Failure; banner?: string };

/** Whether anything has to be said before TLS. */
export function needsPreface(request: HandshakeRequest): boolean {
  return request.proxy !== undefined || request.starttls !== undefined || request.proxyProtocol !== undefined;
}

/** Everything before TLS on a fresh connection: through the proxy, the PROXY header, then STARTTLS. */
export async function speakPreface(
  socket: Socket,
  request: HandshakeRequest,
  recorder: Recorder,
  timeoutMs: number,
): Promise<PrefaceResult> {
  const ends = performance.now() + timeoutMs;
  const left = () => Math.max(1, ends - performance.now());
  let stream: Duplex = socket;
  let talk: PrefaceStream | undefined;
  try {
    const { proxy } = request;
    if (proxy) {
      if (proxy.kind === 'https') stream = await secured(socket, proxy, left());
      talk = new PrefaceStream(stream, recorder, left(), request.signal);
      const speak = proxy.kind === 'socks5' ? socks5 : proxy.kind === 'socks4a' ? socks4a : httpConnect;
      await speak(talk, proxy, request.address, request.port);
      talk.release();
      talk = undefined;
    }
    if (request.proxyProtocol) {
      const header = proxyProtocolHeader(request.proxyProtocol, socket);
      recorder.preface('client', header, `PROXY protocol ${request.proxyProtocol} header`);
      stream.write(header);
    }
    let banner: string | undefined;
    if (request.starttls) {
      const startTls = startTlsOf(request.starttls);
      if (!startTls) throw new PrefaceFailed({ code: 'unknown-protocol', message: `STARTTLS in ${request.starttls} is not spoken here` });
      talk = new PrefaceStream(stream, recorder, left(), request.signal);
      await startTls(talk, request.servername ?? request.hostname ?? request.address);
      banner = talk.banner;
      talk.release();
    }
    return { ok: true, stream, ...(banner === undefined ? {} : { banner }) };
  } catch (error) {
    talk?.release();
    stream.on('error', ignore);
    stream.destroy();
    socket.destroy();
    const banner = talk?.banner;
    return {
      ok: false,
      failure: error instanceof PrefaceFailed ? error.failure : failureOf(error),
      ...(banner === undefined ? {} : { banner }),
    };
  }
}

/** The connection is given up already: nobody is left to tell. */
function ignore(): void {
  return;
}

/** Why TLS to the proxy failed, without OpenSSL's source lines. */
function proxyTlsFailure({ code, message }: Failure): Failure {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return { code: 'proxy-no-tls', message: 'the proxy speaks no TLS on this port' };
  const certificate = /CERT|ISSUER|SIGNED|ALTNAME|SIGNATURE/.test(code);
  return { code: certificate ? 'proxy-untrusted' : 'proxy-refused', message: `TLS with the proxy failed: ${opensslWords(message)}` };
}

/** TLS to the proxy itself, verified as any program would: credentials may go through it. */
function secured(socket: Socket, { host, ca }: ProxyServer, timeoutMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const trusted = ca ? { ca: [...rootCertificates, ...ca] } : {};
    const tls = tlsConnect({ socket, servername: /^[\d.]+$|:/.test(host) ? '' : host, host, ...trusted });
    const timer = setTimeout(() => {
      tls.destroy();
      reject(new PrefaceFailed({ code: 'timeout', message: 'no TLS handshake with the proxy in time' }));
    }, timeoutMs);
    tls.once('secureConnect', () => {
      clearTimeout(timer);
      tls.removeAllListeners('error');
      resolve(tls);
    });
    tls.once('error', (error) => {
      clearTimeout(timer);
      reject(new PrefaceFailed(proxyTlsFailure(failureOf(error))));
    });
  });
}
