import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { performServerHandshake } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Decision } from './authorization.js';
import { nameOf } from './authorization.js';
import type { Admitted } from './connection.js';
import type { ConnectionEvent, PeerIdentity, RequestEvent } from './events.js';

/** Answers of the echo: what this server saw of the caller, over HTTP/1.1 and HTTP/2. */
export interface EchoOptions {
  authorize(identity: PeerIdentity | null, path: string): Decision;
  tell(event: RequestEvent): void;
  /** A connection without a request for so long is closed. */
  idleTimeoutMs: number;
}

interface Answer {
  status: number;
  body: string;
  type: string;
}

/** Speaks HTTP on admitted connections; knows all that are open, for an orderly end. */
export class Echo {
  private readonly http1: Server;
  private readonly admitted = new WeakMap<TLSSocket, Admitted>();
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<TLSSocket>();
  private readonly options: EchoOptions;
  private closing = false;
  requests = 0;

  constructor(options: EchoOptions) {
    this.options = options;
    this.http1 = createHttpServer({ keepAliveTimeout: options.idleTimeoutMs, requestTimeout: options.idleTimeoutMs }, (request, response) =>
      this.answerHttp1(request, response),
    );
    this.http1.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
  }

  take(admitted: Admitted): void {
    const { socket } = admitted;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.setTimeout(this.options.idleTimeoutMs, () => socket.destroy());
    this.admitted.set(socket, admitted);
    if (socket.alpnProtocol === 'h2') this.takeHttp2(admitted);
    else this.http1.emit('connection', socket);
  }

  get open(): number {
    return this.sockets.size;
  }

  /** No further requests on open connections; those under way are answered. */
  close(): void {
    this.closing = true;
    for (const session of this.sessions) session.close();
    this.http1.closeIdleConnections();
    // Connections handed over by hand are unknown to closeIdleConnections: the ones that wait for a request end here.
    for (const socket of this.sockets) if (!this.busy.has(socket) && socket.alpnProtocol !== 'h2') socket.end();
  }

  destroy(): void {
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
  }

  private readonly busy = new Set<TLSSocket>();

  private answerHttp1(request: IncomingMessage, response: ServerResponse): void {
    const socket = request.socket as TLSSocket;
    const admitted = this.admitted.get(socket);
    if (admitted === undefined) {
      socket.destroy();
      return;
    }
    this.busy.add(socket);
    response.on('close', () => this.busy.delete(socket));
    request.resume();
    const answer = this.answer(admitted, request.method ?? 'GET', request.url ?? '/', 'HTTP/1.1', request.headers);
    response.statusCode = answer.status;
    response.setHeader('Content-Type', answer.type);
    response.setHeader('Content-Length', Buffer.byteLength(answer.body));
    if (this.closing || admitted.refusal !== undefined) response.setHeader('Connection', 'close');
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  private takeHttp2(admitted: Admitted): void {
    // node clears this flag only for sockets that a tls.Server accepted; http2 would wait for a second handshake.
    (admitted.socket as unknown as { secureConnecting: boolean }).secureConnecting = false;
    const session = performServerHandshake(admitted.socket, { settings: { maxConcurrentStreams: 64 } });
    this.sessions.add(session);
    session.on('close', () => this.sessions.delete(session));
    session.on('error', () => session.destroy());
    // A client that leaves while the session is being set up: its end may have come before the session listened, which then waits for ever.
    admitted.clientEnded = () => {
      session.close();
      setTimeout(() => session.destroy(), 1000).unref();
    };
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on('error', () => stream.destroy());
      const method = String(headers[':method'] ?? 'GET');
      const answer = this.answer(admitted, method, String(headers[':path'] ?? '/'), 'HTTP/2', headers);
      stream.resume();
      stream.respond({ ':status': answer.status, 'content-type': answer.type }, { endStream: method === 'HEAD' });
      if (method !== 'HEAD') stream.end(answer.body);
    });
  }

  private answer(admitted: Admitted, method: string, url: string, http: string, headers: IncomingHttpHeaders): Answer {
    this.requests += 1;
    admitted.requests += 1;
    const path = url.split('?', 1)[0] ?? '/';
    const decision =
      admitted.refusal === undefined
        ? this.options.authorize(admitted.identity, path)
        : { allowed: false, why: 'refused by its certificate', roles: [] };
    const status = admitted.refusal?.status ?? (decision.allowed ? 200 : 403);
    this.options.tell({
      schema: 'tlsmedic/serve-event@1',
      event: 'request',
      at: new Date().toISOString(),
      connection: admitted.id,
      method: method.slice(0, 32),
      path: path.slice(0, 1024),
      status,
      authorization: { allowed: decision.allowed, why: decision.why, roles: decision.roles },
      identity: admitted.identity === null ? null : nameOf(admitted.identity),
    });
    if (admitted.refusal !== undefined) return { status, body: admitted.refusal.body, type: 'text/html' };
    return {
      status,
      body: `${JSON.stringify(echoDocument(admitted.event, decision, { method, path, http, headers }), null, 2)}\n`,
      type: 'application/json',
    };
  }
}

/** What the caller is told about itself. */
function echoDocument(
  event: ConnectionEvent,
  decision: Decision,
  request: { method: string; path: string; http: string; headers: IncomingHttpHeaders },
): object {
  const told = {
    negotiated: event.negotiated,
    offered: event.offered,
    identity: event.identity,
    clientChain: event.clientChain,
    handshakeMs: event.ms,
  };
  const { method, path, http, headers } = request;
  const line = {
    method,
    path,
    http,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET_HEADERS.has(name.toLowerCase()))),
  };
  if (!decision.allowed)
    return {
      error: 'forbidden',
      why: `the handshake was fine, this is authorization: ${decision.why}`,
      roles: decision.roles,
      request: line,
      connection: told,
    };
  return { authorization: decision.why, roles: decision.roles, request: line, connection: told };
}

/** Never echoed: a debugging server's output ends up in tickets. */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);
