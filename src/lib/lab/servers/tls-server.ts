import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { SecureContext } from 'node:tls';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';
import type { Intervention, WireEvents } from '../wire/server-wire.js';
import { ServerWire } from '../wire/server-wire.js';
import type { LabVersion } from '../world.js';
import type { ClientPolicy } from './client-policy.js';
import { judgeClient } from './client-policy.js';
import type { ClientFault, RefusalStyle } from './refusal.js';

/** Certificate chain (leaf first) and key of a server, PEM. */
export interface ServerCredentials {
  chain: string;
  key: string;
}

export interface ClientAuthentication extends ClientPolicy {
  mode: 'optional' | 'required';
  style: RefusalStyle;
  /** How long the server takes to judge a client, milliseconds: a busy or cold one refuses well after the handshake seemed done. */
  slowMs?: number;
  /** CAs named in the CertificateRequest, PEM; those of the policy when absent, none for an empty list. */
  named?: readonly string[];
}

export interface TlsServerSettings {
  credentials: ServerCredentials;
  minVersion: LabVersion | 'TLSv1' | 'TLSv1.1';
  maxVersion: LabVersion | 'TLSv1' | 'TLSv1.1';
  ciphers?: string;
  groups?: string;
  signatureAlgorithms?: string;
  alpn?: string[];
  clientAuth?: ClientAuthentication;
  /** DER of the OCSP response to staple. */
  staple?: Uint8Array;
  /** What to do on a ClientHello in place of a handshake. `servername` is undefined when no SNI came. */
  onClientHello?: (hello: { message: Buffer; servername: string | undefined; connection: number }) => Intervention | undefined;
  /** Credentials by SNI or by the connection's number; the settings' own when undefined is returned. */
  credentialsFor?: (hello: { servername: string | undefined; connection: number }) => ServerCredentials | undefined;
  /** Rewrites records on their way out. One call for each connection. */
  rewrite?: () => WireEvents['rewrite'];
  /** What HTTP requests of accepted clients are answered with; 200. */
  httpStatus?: number;
  /** HTTP Server header. */
  product?: string;
  /** How far this server's clock is off, seconds; shows in the HTTP Date header. */
  clockOffsetSeconds?: number;
  /** Text sent before TLS and handled until the client asks to start it; for STARTTLS servers. */
  preface?: (socket: Socket) => Promise<boolean>;
  /** What to say over TLS unasked, for protocols that greet; empty for one that never says a word. HTTP is not spoken then. */
  greeting?: string;
  /** Whether IMAP is spoken behind the greeting, as far as the first word of a login goes. */
  login?: boolean;
  /** Hangs up as soon as a request comes that it does not know, as Redis does at a Host header. */
  hangUpOnRequest?: boolean;
}

export interface TlsServer {
  readonly host: string;
  readonly port: number;
  /** Changes take effect with the next connection, like a reload. */
  settings: TlsServerSettings;
  /** Connections accepted so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A TLS server on loopback that answers HTTP/1.1 once the handshake is through, and refuses clients in the style of its settings. */
export async function startTlsServer(settings: TlsServerSettings, at: { host?: string; port?: number } = {}): Promise<TlsServer> {
  const host = at.host ?? '127.0.0.1';
  const open = new Set<Socket>();
  let connections = 0;
  const listener = createTcpServer({ allowHalfOpen: true }, (raw) => {
    open.add(raw);
    raw.on('close', () => open.delete(raw));
    raw.on('error', ignoreDisconnect);
    serve(raw, server.settings, connections++);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(at.port ?? 0, host, resolve);
  });
  const server = {
    host,
    port: (listener.address() as AddressInfo).port,
    settings,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
  return server;
}

/** A client that leaves early is no error of a server. */
function ignoreDisconnect(): void {
  return;
}

function serve(raw: Socket, settings: TlsServerSettings, connection: number): void {
  if (settings.preface === undefined) handshake(raw, settings, connection);
  else {
    settings.preface(raw).then(
      (wantsTls) => (wantsTls ? handshake(raw, settings, connection) : raw.end()),
      () => raw.destroy(),
    );
  }
}

function handshake(raw: Socket, settings: TlsServerSettings, connection: number): void {
  let socket: TLSSocket | undefined;
  const rewrite = settings.rewrite?.();
  const wire: ServerWire = new ServerWire(raw, {
    clientHello: (message) => {
      const servername = servernameOf(message);
      const intervention = settings.onClientHello?.({ message, servername, connection });
      if (intervention === undefined || intervention.do === 'wait') socket = secure(wire, settings, { servername, connection });
      return intervention;
    },
    notTls: () => raw.end(),
    ...(rewrite === undefined ? {} : { rewrite }),
  });
  wire.on('error', ignoreDisconnect);
  wire.on('close', () => socket?.destroy());
}

function secure(wire: ServerWire, settings: TlsServerSettings, hello: { servername: string | undefined; connection: number }): TLSSocket {
  const client = settings.clientAuth;
  const credentials = settings.credentialsFor?.(hello) ?? settings.credentials;
  const socket = new TLSSocket(wire, {
    isServer: true,
    secureContext: contextOf(credentials, settings),
    requestCert: client !== undefined,
    rejectUnauthorized: false,
    ...(settings.alpn === undefined ? {} : { ALPNProtocols: settings.alpn }),
    ...(settings.staple === undefined ? {} : { server: staplingServer(settings.staple) }),
  });
  wire.gate = client !== undefined;
  socket.on('keylog', (line: Buffer) => wire.keylog(line));
  socket.on('error', () => {
    wire.release(); // what OpenSSL says about a broken handshake is its own
  });
  socket.once('secure', () => {
    const version = socket.getProtocol() === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2';
    const fault = client === undefined ? undefined : judgeClient(chainOf(socket), client);
    const held = fault === 'none' && client?.mode === 'optional' ? undefined : fault;
    if (client?.slowMs === undefined) answer(socket, wire, settings, held, version);
    else setTimeout(() => answer(socket, wire, settings, held, version), client.slowMs).unref();
  });
  return socket;
}

function answer(
  socket: TLSSocket,
  wire: ServerWire,
  settings: TlsServerSettings,
  fault: ClientFault | undefined,
  version: LabVersion,
): void {
  const refusal = fault === undefined ? undefined : settings.clientAuth?.style.refuse(fault, version);
  if (refusal?.kind === 'alert') wire.refuse(refusal.description);
  else if (refusal?.kind === 'hang-up') wire.hangUp(refusal.how);
  else {
    wire.release();
    if (settings.hangUpOnRequest === true) {
      socket.once('data', () => socket.end());
    } else if (settings.login === true) {
      imapLogin(socket, settings.greeting ?? '', refusal?.kind === 'login' ? refusal.text : undefined);
    } else if (settings.greeting !== undefined) {
      if (settings.greeting !== '') socket.write(settings.greeting);
      socket.resume();
    } else http(socket, settings, refusal?.kind === 'http' ? refusal : undefined);
  }
}

/** Greets, and lets a login begin or not; nobody ever gets in. */
function imapLogin(socket: TLSSocket, greeting: string, refused: string | undefined): void {
  if (greeting !== '') socket.write(greeting);
  socket.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString('latin1').split('\r\n').slice(0, -1)) {
      const [tag = '*', command = ''] = line.split(' ');
      if (line === '*') socket.write('a BAD Authentication aborted by client.\r\n');
      else if (/^authenticate$/i.test(command)) socket.write(refused === undefined ? '+ \r\n' : `${tag} NO ${refused}\r\n`);
      else socket.write(`${tag} BAD unknown command\r\n`);
    }
  });
}

function http(socket: TLSSocket, settings: TlsServerSettings, refusal: { status: number; body: string } | undefined): void {
  const server = createHttpServer((request, response) => respond(request, response, settings, refusal));
  server.on('clientError', () => socket.destroy());
  server.emit('connection', socket);
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  settings: TlsServerSettings,
  refusal: { status: number; body: string } | undefined,
): void {
  const product = settings.product ?? settings.clientAuth?.style.product;
  response.sendDate = false;
  response.setHeader('Date', new Date(Date.now() + (settings.clockOffsetSeconds ?? 0) * 1000).toUTCString());
  if (product !== undefined) response.setHeader('Server', product);
  if (refusal === undefined) {
    response.statusCode = settings.httpStatus ?? 200;
    response.setHeader('Content-Type', 'text/plain');
    response.end(`ok ${request.method ?? ''} ${request.url ?? ''}\n`);
    return;
  }
  response.setHeader('Content-Type', 'text/html');
  response.setHeader('Connection', 'close');
  response.statusCode = refusal.status;
  response.end(refusal.body);
}

/** The client's certificates: the leaf, then what node kept of the rest. */
function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let next = socket.getPeerCertificate(true) as { raw?: Buffer; issuerCertificate?: unknown } | undefined;
  while (next?.raw !== undefined && chain.length < 16 && !chain.some((der) => next?.raw?.equals(der))) {
    chain.push(next.raw);
    next = next.issuerCertificate as typeof next;
  }
  return chain;
}

const contexts = new WeakMap<ServerCredentials, Map<string, SecureContext>>();

/** A secure context for credentials and settings; made once for each pair. */
function contextOf(credentials: ServerCredentials, settings: TlsServerSettings): SecureContext {
  const named = settings.clientAuth === undefined ? [] : (settings.clientAuth.named ?? settings.clientAuth.anchors);
  const options = {
    cert: credentials.chain,
    key: credentials.key,
    minVersion: settings.minVersion,
    maxVersion: settings.maxVersion,
    // Level 0 lets the lab serve weak keys, SHA-1 and TLS 1.0: worlds that must be refused by the client, not here.
    ciphers: settings.ciphers ?? 'DEFAULT@SECLEVEL=0',
    ...(settings.groups === undefined ? {} : { ecdhCurve: settings.groups }),
    ...(settings.signatureAlgorithms === undefined ? {} : { sigalgs: settings.signatureAlgorithms }),
    ca: [...named],
  };
  const name = JSON.stringify([
    options.minVersion,
    options.maxVersion,
    options.ciphers,
    settings.groups,
    settings.signatureAlgorithms,
    named,
  ]);
  const made = contexts.get(credentials) ?? new Map<string, SecureContext>();
  contexts.set(credentials, made);
  const context = made.get(name) ?? createSecureContext(options);
  made.set(name, context);
  return context;
}

/** node asks a server object for the staple; it never listens. */
function staplingServer(staple: Uint8Array): ReturnType<typeof createTlsServer> {
  const server = createTlsServer();
  server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(null, Buffer.from(staple)));
  return server;
}

/** The host_name of the server_name extension of a ClientHello message (RFC 6066 §3), if there is one. */
export function servernameOf(message: Buffer): string | undefined {
  const extension = extensionOf(message, 0);
  if (extension === undefined || extension.length < 5) return undefined;
  const length = extension.readUInt16BE(3);
  return extension.toString('latin1', 5, 5 + length);
}

/** Contents of one ClientHello extension; undefined when it is absent or the message ends early. */
export function extensionOf(message: Buffer, wanted: number): Buffer | undefined {
  let at = 4 + 2 + 32;
  at += 1 + (message[at] ?? 0);
  if (at + 2 > message.length) return undefined;
  at += 2 + message.readUInt16BE(at);
  at += 1 + (message[at] ?? 0);
  if (at + 2 > message.length) return undefined;
  const end = Math.min(message.length, at + 2 + message.readUInt16BE(at));
  at += 2;
  while (at + 4 <= end) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    if (type === wanted) return message.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}
