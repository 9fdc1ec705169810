import type { Cause } from '../../cause.js';

/** What `serve` tells, one event a line with `--json`. Plain data; strings of peers inside: escape them. */

/** What a client offered, from its ClientHello as it came over the wire. Names as registered, numbers nobody registered as hex; GREASE left out. */
export interface Offer {
  versions: string[];
  cipherSuites: string[];
  groups: string[];
  keyShares: string[];
  signatureSchemes: string[];
  extensions: string[];
  servername: string | null;
  alpn: string[];
  /** Fingerprint of the TLS client. */
  ja4: string;
  resumption: boolean;
}

/** A certificate of a chain, as sent. */
export interface SentCertificate {
  subject: string;
  issuer: string;
  serial: string;
  fingerprint: string;
  notBefore: string | null;
  notAfter: string | null;
  /** Subject alternative names as text, `DNS:db`, `URI:spiffe://…`. */
  names: string[];
}

/** Who the client is by its certificate. */
export interface PeerIdentity {
  commonName: string | null;
  dns: string[];
  uri: string[];
  email: string[];
  ip: string[];
  spiffeId: string | null;
  fingerprint: string;
}

/**
 * How a connection went:
 * - `accepted`: the handshake is complete and nothing stands against the client. A second event of the same `id` follows
 *   when the client then refuses us, or leaves without a request
 * - `refused`: this server refused the client (see `causes`)
 * - `refused-by-client`: the client broke off, by an alert or without
 * - `failed`: no common version, suite, group or protocol, or a broken message
 * - `not-tls`: the first bytes were no TLS
 * - `abandoned`: the client went away or fell silent before the handshake was done
 * - `fault`: this server misbehaved as it was told to (`--fault`)
 */
export type ConnectionOutcome = 'accepted' | 'refused' | 'refused-by-client' | 'failed' | 'not-tls' | 'abandoned' | 'fault';

export interface AlertSeen {
  from: 'client' | 'server';
  number: number;
  name: string;
}

interface EventBase {
  schema: 'tlsmedic/serve-event@1';
  at: string;
}

export interface ListeningEvent extends EventBase {
  event: 'listening';
  host: string;
  port: number;
  certificates: SentCertificate[];
  clientAuth: 'none' | 'optional' | 'required';
  versions: string[];
}

export interface ConnectionEvent extends EventBase {
  event: 'connection';
  id: number;
  remote: string;
  outcome: ConnectionOutcome;
  offered: Offer | null;
  negotiated: { version: string; cipher: string; group: string | null; alpn: string | null; resumed: boolean } | null;
  /** Chain that this server sent, leaf first, as subjects. */
  served: string[];
  /** Client's certificates in wire order; null when it was not asked or sent no such message, empty when it sent an empty one. */
  clientChain: SentCertificate[] | null;
  identity: PeerIdentity | null;
  alerts: AlertSeen[];
  causes: Cause[];
  /** OpenSSL's own words, when it refused. */
  error: string | null;
  ms: number;
}

export interface RequestEvent extends EventBase {
  event: 'request';
  connection: number;
  method: string;
  path: string;
  status: number;
  /** Why 403, when it was: the decision about the identity. TLS was through by then. */
  authorization: { allowed: boolean; why: string; roles: string[] };
  identity: string | null;
}

export interface ReloadEvent extends EventBase {
  event: 'reload';
  /** The file that changed. */
  files: string[];
  result: 'loaded' | 'kept-old';
  /** Why the old ones were kept. */
  problem: string | null;
  certificates: SentCertificate[];
  /** Connections that went on undisturbed. */
  openConnections: number;
}

export interface ClosingEvent extends EventBase {
  event: 'closing';
  connections: number;
  refused: number;
  requests: number;
  openConnections: number;
}

export type ServeEvent = ListeningEvent | ConnectionEvent | RequestEvent | ReloadEvent | ClosingEvent;
