/** The verb `serve`: a debugging server for mutual TLS that tells what each client offered, sent and got, and why it was refused. */
import type { Cause } from '../cause.js';
import { fittingFixes } from '../diagnose/cause-of.js';
import { fillTemplates } from '../diagnose/meta.js';
import { metaOf } from '../diagnose/registry.js';
import { errnoOf, messageOf, TlsmedicError } from '../errors.js';
import { readText } from '../io/files.js';
import { certificatesIn } from '../lab/pem-list.js';
import { type Authorization, authorizationFromPatterns, parseAuthorization } from '../lab/serve/authorization.js';
import { type CredentialFiles, type LoadedCredentials, loadCredentials } from '../lab/serve/credentials.js';
import { type DebugServer, startDebugServer, type TlsVersionText } from '../lab/serve/debug-server.js';
import type { ConnectionEvent, ServeEvent } from '../lab/serve/events.js';
import { FAULT_NAMES, type Faults, parseFaults } from '../lab/serve/faults.js';
import { hasAuthority, type IssuedMaterial, issueMaterial } from '../lab/serve/material.js';
import { sentCertificate } from '../lab/serve/offer.js';
import { watchContents } from '../lab/serve/reloading.js';
import { REFUSAL_STYLES, type RefusalStyleName } from '../lab/servers/refusal.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';

export interface ServeOptions {
  host?: string;
  /** 0 takes a free one. */
  port?: number;
  /** Certificate chain and key; without them the authority issues. */
  cert?: string;
  key?: string;
  passphrase?: string;
  /** Folder of the development authority; a throw-away one is made when there is none. */
  authorityFolder?: string;
  /** Names of the certificate that is issued. */
  names?: readonly string[];
  clientAuth?: 'none' | 'optional' | 'required';
  /** Trust anchors for clients; the issuing authority's unless given. */
  clientCa?: readonly string[];
  crl?: readonly string[];
  minVersion?: TlsVersionText;
  maxVersion?: TlsVersionText;
  ciphers?: string;
  groups?: string;
  signatureAlgorithms?: string;
  alpn?: readonly string[];
  /** Whose way of refusing clients to take. */
  like?: RefusalStyleName;
  faults?: readonly string[];
  allow?: readonly string[];
  rules?: string;
  reload?: boolean;
  reloadIntervalMs?: number;
  maxConnections?: number;
  handshakeTimeoutMs?: number;
  idleTimeoutMs?: number;
  onEvent?: (event: ServeEvent) => void;
}

export interface Serving {
  readonly host: string;
  readonly port: number;
  /** What a client needs to try it, when this server made its own certificates. */
  readonly client: IssuedMaterial['files'] | undefined;
  readonly from: 'files' | 'authority' | 'throw-away';
  readonly openConnections: number;
  /** Graceful: requests under way have `graceMs` (default 5 s). */
  close(graceMs?: number): Promise<void>;
}

/** What `faults` takes. */
export const SERVE_FAULTS = FAULT_NAMES;
/** Whose way of refusing `like` takes. */
export type ServeStack = RefusalStyleName;
export const SERVE_STACKS = Object.keys(REFUSAL_STYLES) as readonly ServeStack[];

/**
 * Starts the server; it runs until `close`.
 * @throws TlsmedicError for files that cannot be used, an unknown fault, rules that make no sense, a port that is taken
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const faults = parseFaults(options.faults ?? []);
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new TlsmedicError('usage', '--cert and --key belong together', {
      kind: 'usage',
      next: ['give both, or neither: then the authority issues'],
    });
  }
  const files = options.cert === undefined || options.key === undefined ? undefined : filesOf(options, options.cert, options.key);
  if (files !== undefined) checkFaults(faults, options);
  const material = files === undefined ? materialFor(options, faults) : undefined;
  const load = (): LoadedCredentials =>
    faulty(files === undefined ? withClientFiles((material as IssuedMaterial).credentials, options) : loadCredentials(files), faults);
  const authorization = await authorizationOf(options);
  let port = options.port ?? 0;
  const tell = (event: ServeEvent): void => {
    if (event.event === 'listening') port = event.port;
    options.onEvent?.(event.event === 'connection' ? withFixes(event, port) : event);
  };
  let server: DebugServer;
  try {
    server = await startDebugServer({
      ...settingsOf(options, faults),
      credentials: load(),
      tell,
      ...(authorization === undefined ? {} : { authorization }),
    });
  } catch (error) {
    material?.remove();
    throw startError(error, options);
  }
  const stops = options.reload === false || faults.staleCertificate === true ? [] : watchers(server, options, files, load, tell);
  return {
    host: server.host,
    port: server.port,
    client: material?.files,
    from: material?.from ?? 'files',
    get openConnections() {
      return server.openConnections;
    },
    close: async (graceMs = 5000) => {
      for (const stop of stops) stop();
      await server.close(graceMs);
      material?.remove();
    },
  };
}

function filesOf(options: ServeOptions, cert: string, key: string): CredentialFiles {
  const clientAuth = options.clientAuth ?? 'none';
  const clientCa = options.clientCa ?? [];
  if (clientAuth !== 'none' && clientCa.length === 0) {
    throw new TlsmedicError('usage', `--client-auth ${clientAuth} with --cert needs to know whose certificates to accept`, {
      kind: 'usage',
      next: ['--client-ca FILE, the authority of the clients'],
    });
  }
  return { cert, key, clientCa, crl: options.crl ?? [], ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }) };
}

function materialFor(options: ServeOptions, faults: Faults): IssuedMaterial {
  const folder = options.authorityFolder !== undefined && hasAuthority(options.authorityFolder) ? options.authorityFolder : undefined;
  const names = options.names === undefined || options.names.length === 0 ? ['localhost', '127.0.0.1', '::1'] : options.names;
  return issueMaterial({ folder, names, faults, now: Date.now() });
}

/** `--client-ca` beside an issued certificate replaces the authority as the anchor for clients. */
function withClientFiles(credentials: LoadedCredentials, options: ServeOptions): LoadedCredentials {
  if ((options.clientCa ?? []).length === 0) return credentials;
  const texts = (options.clientCa ?? []).map((file) => readText(file));
  const anchors = loadAnchors(texts, options.clientCa ?? []);
  return { ...credentials, clientAnchors: anchors, clientAnchorsPem: texts };
}

function loadAnchors(texts: readonly string[], files: readonly string[]): LoadedCredentials['clientAnchors'] {
  return texts.flatMap((text, at) =>
    certificatesFromPem(text).map((der, index) => ({ certificate: parseCertificate(der), source: `${files[at] ?? ''} #${index}` })),
  );
}

/** What `--fault` does to the chain itself. */
function faulty(credentials: LoadedCredentials, faults: Faults): LoadedCredentials {
  if (faults.missingIntermediate !== true) return credentials;
  return {
    ...credentials,
    chainPem: certificatesIn(credentials.chainPem)[0] ?? credentials.chainPem,
    chain: credentials.chain.slice(0, 1),
  };
}

function checkFaults(faults: Faults, options: ServeOptions): void {
  const made = Object.entries({
    expired: faults.expired,
    'not-yet-valid': faults.notYetValid,
    'wrong-name': faults.wrongName,
    'self-signed': faults.selfSigned,
  }).find(([, on]) => on === true);
  if (made === undefined) return;
  throw new TlsmedicError('usage', `--fault ${made[0]} needs a certificate made for it, and ${options.cert} was given`, {
    kind: 'usage',
    next: ['leave --cert and --key out: the authority issues one'],
  });
}

async function authorizationOf(options: ServeOptions): Promise<Authorization | undefined> {
  if (options.rules !== undefined) return parseAuthorization(readText(options.rules), options.rules);
  return options.allow === undefined || options.allow.length === 0 ? undefined : authorizationFromPatterns(options.allow);
}

function settingsOf(
  options: ServeOptions,
  faults: Faults,
): Omit<Parameters<typeof startDebugServer>[0], 'credentials' | 'tell' | 'authorization'> {
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 8443,
    clientAuth: options.clientAuth ?? (options.allow !== undefined || options.rules !== undefined ? 'required' : 'optional'),
    style: REFUSAL_STYLES[options.like ?? 'openssl'],
    minVersion: options.minVersion ?? '1.2',
    maxVersion: options.maxVersion ?? '1.3',
    alpn: options.alpn ?? ['h2', 'http/1.1'],
    faults,
    maxConnections: options.maxConnections ?? 1000,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    ...(options.ciphers === undefined ? {} : { ciphers: options.ciphers }),
    ...(options.groups === undefined ? {} : { groups: options.groups }),
    ...(options.signatureAlgorithms === undefined ? {} : { signatureAlgorithms: options.signatureAlgorithms }),
  };
}

function watchers(
  server: DebugServer,
  options: ServeOptions,
  files: CredentialFiles | undefined,
  load: () => LoadedCredentials,
  tell: (event: ServeEvent) => void,
): (() => void)[] {
  const interval = options.reloadIntervalMs ?? 500;
  const stops: (() => void)[] = [];
  const watch = (paths: readonly string[], apply: () => void | Promise<void>, chain: () => LoadedCredentials['chain']): void => {
    const say = (result: 'loaded' | 'kept-old', problem: string | null): void =>
      tell({
        schema: 'tlsmedic/serve-event@1',
        event: 'reload',
        at: new Date().toISOString(),
        files: [...paths],
        result,
        problem,
        certificates: chain().map(({ certificate }) => sentCertificate(certificate)),
        openConnections: server.openConnections,
      });
    stops.push(watchContents({ paths, apply, loaded: () => say('loaded', null), kept: (problem) => say('kept-old', problem) }, interval));
  };
  const certificates = files === undefined ? [...(options.clientCa ?? [])] : [files.cert, files.key, ...files.clientCa, ...files.crl];
  if (certificates.length > 0) {
    let current = load();
    watch(
      certificates,
      () => {
        const next = load();
        server.reload(next);
        current = next;
      },
      () => current.chain,
    );
  }
  const { rules } = options;
  if (rules !== undefined)
    watch(
      [rules],
      async () => server.setAuthorization(await parseAuthorization(readText(rules), rules)),
      () => [],
    );
  return stops;
}

/** Adds what mends each cause, from the catalogue. */
function withFixes(event: ConnectionEvent, port: number): ConnectionEvent {
  return { ...event, causes: event.causes.map((cause) => fixed(cause, event.offered?.servername ?? 'localhost', port)) };
}

function fixed(cause: Cause, host: string, port: number): Cause {
  const meta = metaOf(cause.code);
  if (meta === undefined || cause.fixes.length > 0) return cause;
  return { ...cause, fixes: fillTemplates(fittingFixes(meta), { host, name: host, port }) };
}

function startError(error: unknown, options: ServeOptions): unknown {
  const code = errnoOf(error);
  const place = `${options.host ?? '127.0.0.1'}:${options.port ?? 8443}`;
  if (code === 'EADDRINUSE') {
    return new TlsmedicError('port-taken', `something else listens on ${place} already`, {
      kind: 'environment',
      next: ['another port: --port 9443, or --port 0 for a free one'],
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new TlsmedicError('port-unusable', `cannot listen on ${place}`, {
      kind: 'environment',
      why: messageOf(error),
      next: ['a port above 1023 and an address of this machine'],
      cause: error,
    });
  }
  if (code?.startsWith('ERR_SSL') || code?.startsWith('ERR_OSSL') || code === 'ERR_CRYPTO_OPERATION_FAILED') {
    return new TlsmedicError('bad-tls-settings', 'OpenSSL does not take these settings', {
      kind: 'usage',
      why: messageOf(error),
      next: ['check --ciphers, --groups and --sigalgs: openssl ciphers -v'],
      cause: error,
    });
  }
  return error;
}
