import { isIP } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { messageOf } from '../../errors.js';
import { serverHelloOf } from '../../tls/hello-of.js';
import { connect } from '../connect.js';
import { HANDSHAKE_DEFAULTS, type HandshakeRequest } from '../handshake-request.js';
import type { HandshakeRecord } from '../observation.js';
import { secureContextFor } from '../secure-context.js';
import type { RenegotiationFact } from './probe-facts.js';

/** renegotiation_info (RFC 5746). */
const RENEGOTIATION_INFO = 0xff01;

/** Whether the server renegotiates securely, and whether it lets a client start it. Tried on a connection of its own, TLS 1.2 only. */
export async function renegotiationFact(request: HandshakeRequest, first: HandshakeRecord): Promise<RenegotiationFact> {
  const hello = serverHelloOf(first.transcript?.messages ?? []);
  const secure = hello?.extensions.includes(RENEGOTIATION_INFO) === true;
  if (first.negotiated?.version === 'TLSv1.3') return { secure: true, why: 'TLS 1.3 has no renegotiation' };
  if (!secure) return { secure, clientInitiated: 'not-tried', why: 'the server does not signal secure renegotiation (RFC 5746)' };
  if (request.proxy || request.starttls || request.proxyProtocol)
    return { secure, clientInitiated: 'not-tried', why: 'only tried on direct connections' };
  return { secure, ...(await tryIt(request)) };
}

async function tryIt(request: HandshakeRequest): Promise<Pick<RenegotiationFact, 'clientInitiated' | 'why'>> {
  const timeoutMs = Math.min(3000, request.timeoutMs ?? HANDSHAKE_DEFAULTS.timeoutMs);
  const tcp = await connect({
    address: request.address,
    port: request.port,
    timeoutMs,
    ...(request.socketPath ? { socketPath: request.socketPath } : {}),
  });
  if (tcp.status !== 'completed') return { clientInitiated: 'not-tried', why: 'no second connection' };
  return new Promise((resolve) => {
    const { servername } = request;
    const socket = tlsConnect({
      socket: tcp.value,
      secureContext: secureContextFor({ ...request, limits: { ...request.limits, maxVersion: 'TLSv1.2' } }),
      rejectUnauthorized: false,
      ...(servername && !isIP(servername) ? { servername } : {}),
    });
    let asked = false;
    const end = (clientInitiated: 'accepted' | 'refused' | 'not-tried', why?: string) => {
      clearTimeout(timer);
      socket.destroy();
      tcp.value.destroy();
      resolve(why === undefined ? { clientInitiated } : { clientInitiated, why });
    };
    const timer = setTimeout(
      () => end(asked ? 'refused' : 'not-tried', asked ? 'no answer to it' : 'no second handshake in time'),
      timeoutMs,
    );
    socket.on('error', (error) => end(asked ? 'refused' : 'not-tried', messageOf(error)));
    socket.on('close', () => end(asked ? 'refused' : 'not-tried', 'the server closed the connection'));
    socket.once('secureConnect', () => {
      asked = true;
      socket.renegotiate({ rejectUnauthorized: false }, (error) =>
        end(error ? 'refused' : 'accepted', error ? messageOf(error) : undefined),
      );
    });
  });
}
