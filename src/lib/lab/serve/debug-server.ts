import { randomBytes } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { SecureContext, SecureVersion } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { createAuthority } from '../../ca/authority.js';
import { issueCertificate } from '../../ca/issue.js';
import type { RefusalStyle } from '../servers/refusal.js';
import type { ServerLimits } from './assess-negotiation.js';
import { versionNumber } from './assess-negotiation.js';
import type { Authorization } from './authorization.js';
import { authorize, EVERYBODY } from './authorization.js';
import type { ConnectionTerms } from './connection.js';
import { serveConnection } from './connection.js';
import type { LoadedCredentials } from './credentials.js';
import { Echo } from './echo.js';
import type { ServeEvent } from './events.js';
import type { Faults } from './faults.js';
import { sentCertificate } from './offer.js';

export type TlsVersionText = '1.0' | '1.1' | '1.2' | '1.3';

export interface DebugServerOptions {
  host: string;
  port: number;
  credentials: LoadedCredentials;
  clientAuth: 'none' | 'optional' | 'required';
  style: RefusalStyle;
  minVersion: TlsVersionText;
  maxVersion: TlsVersionText;
  ciphers?: string;
  groups?: string;
  signatureAlgorithms?: string;
  alpn: readonly string[];
  faults: Faults;
  authorization?: Authorization;
  /** More at a time are turned away by RST before TLS. */
  maxConnections: number;
  handshakeTimeoutMs: number;
  idleTimeoutMs: number;
  tell(event: ServeEvent): void;
}

export interface DebugServer {
  readonly host: string;
  readonly port: number;
  readonly openConnections: number;
  /** New credentials for connections to come; open ones go on. Throws when OpenSSL cannot use them. */
  reload(credentials: LoadedCredentials): void;
  setAuthorization(authorization: Authorization | undefined): void;
  /** Takes no more connections, lets requests under way finish for at most `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Starts the debugging server. Nothing a client sends can end it. */
export async function startDebugServer(options: DebugServerOptions): Promise<DebugServer> {
  let terms = termsFor(options, options.credentials);
  let authorization = options.authorization;
  const open = new Set<Socket>();
  const count = { connections: 0, refused: 0 };
  const echo = new Echo({
    authorize: (identity, path) => (authorization === undefined ? EVERYBODY : authorize(authorization, identity, path)),
    tell: options.tell,
    idleTimeoutMs: options.idleTimeoutMs,
  });
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (raw) => {
    if (open.size >= options.maxConnections) {
      raw.on('error', () => raw.destroy());
      raw.resetAndDestroy();
      return;
    }
    open.add(raw);
    raw.on('close', () => open.delete(raw));
    const id = ++count.connections;
    serveConnection(
      raw,
      id,
      terms,
      (event) => {
        if (event.outcome !== 'accepted') count.refused += 1;
        options.tell(event);
      },
      (admitted) => echo.take(admitted),
    );
  });
  await listen(listener, options);
  const { port } = listener.address() as AddressInfo;
  options.tell({
    schema: 'tlsmedic/serve-event@1',
    event: 'listening',
    at: new Date().toISOString(),
    host: options.host,
    port,
    certificates: terms.credentials.chain.map(({ certificate }) => sentCertificate(certificate)),
    clientAuth: options.clientAuth,
    versions: (['1.0', '1.1', '1.2', '1.3'] as const)
      .filter((version) => version >= options.minVersion && version <= options.maxVersion)
      .map((version) => `TLS ${version}`),
  });
  return {
    host: options.host,
    port,
    get openConnections() {
      return open.size;
    },
    reload: (credentials) => {
      terms = termsFor(options, credentials);
    },
    setAuthorization: (next) => {
      authorization = next;
    },
    close: (graceMs) => close(listener, echo, open, graceMs, options, count),
  };
}

function listen(listener: ReturnType<typeof createServer>, options: DebugServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port, options.host, () => {
      listener.off('error', reject);
      // Running out of descriptors must not end the server: node reports it here and goes on accepting.
      listener.on('error', () => undefined);
      resolve();
    });
  });
}

async function close(
  listener: ReturnType<typeof createServer>,
  echo: Echo,
  open: Set<Socket>,
  graceMs: number,
  options: DebugServerOptions,
  count: { connections: number; refused: number },
): Promise<void> {
  const openConnections = open.size;
  const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
  echo.close();
  const timer = setTimeout(() => {
    echo.destroy();
    for (const socket of open) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(timer);
  options.tell({
    schema: 'tlsmedic/serve-event@1',
    event: 'closing',
    at: new Date().toISOString(),
    connections: count.connections,
    refused: count.refused,
    requests: echo.requests,
    openConnections,
  });
}

function termsFor(options: DebugServerOptions, credentials: LoadedCredentials): ConnectionTerms {
  const limits: ServerLimits = {
    minVersion: versionNumber(options.minVersion),
    maxVersion: versionNumber(options.maxVersion),
    ciphers: options.ciphers,
    groups: options.groups,
    signatureAlgorithms: options.signatureAlgorithms,
    alpn: options.alpn,
    keyType: credentials.keyType,
  };
  return {
    credentials,
    context: contextFor(options, credentials),
    clientAuth: options.clientAuth,
    style: options.style,
    limits,
    faults: options.faults,
    handshakeTimeoutMs: options.handshakeTimeoutMs,
    ...shownInstead(options.faults),
  };
}

/** Certificates that the key does not belong to, or none at all. */
function shownInstead({ malformed, keyMismatch }: Faults): { shownInstead?: readonly Uint8Array[] } {
  if (malformed === true) return { shownInstead: [randomBytes(400)] };
  if (keyMismatch !== true) return {};
  const stranger = createAuthority({ name: 'Stranger' });
  return { shownInstead: [issueCertificate(stranger, { names: ['localhost'], profile: 'server' }).der, stranger.intermediate.der] };
}

function contextFor(options: DebugServerOptions, credentials: LoadedCredentials): SecureContext {
  const legacy = options.minVersion < '1.2';
  return createSecureContext({
    cert: credentials.chainPem,
    key: credentials.keyPem,
    minVersion: `TLSv${options.minVersion}`.replace('1.0', '1') as SecureVersion,
    maxVersion: `TLSv${options.maxVersion}`.replace('1.0', '1') as SecureVersion,
    // An empty list keeps node's own roots out of the CertificateRequest.
    ca: credentials.clientAnchorsPem,
    ciphers: options.ciphers ?? (legacy ? 'DEFAULT:@SECLEVEL=0' : 'DEFAULT'),
    ...(options.groups === undefined ? {} : { ecdhCurve: options.groups }),
    ...(options.signatureAlgorithms === undefined ? {} : { sigalgs: options.signatureAlgorithms }),
  });
}
