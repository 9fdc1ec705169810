import type { LoginProtocol } from './login-dialogue.js';
import type { ClientIdentity, HandshakeLimits } from './observation.js';
import type { ProxyProtocol } from './proxy/proxy-protocol.js';
import type { ProxyServer } from './proxy/proxy-server.js';

/** One handshake to make. Everything has a default but where to go and why. */
export interface HandshakeRequest {
  /** One phrase for people: "as your program would", "without SNI". */
  why: string;
  /** Stable key for rules: `look`, `symptom`, `no-sni`, `tls12-only`, `client-none`, `address`, `repeat`... */
  experiment: string;
  /** Index in `Observation.handshakes`; 0 when left out. */
  id?: number;

  /** IP address (or a name, which node then resolves) to connect to. */
  address: string;
  port: number;
  /** Server name to send (SNI). Undefined, empty or an IP address: none is sent. */
  servername?: string;

  /** Path of a unix socket to connect to, in place of `address` and `port`. */
  socketPath?: string;
  /** Proxy to go through; it resolves `address` when that is a name. */
  proxy?: ProxyServer;
  /** Header to send right after connecting, as load balancers do. */
  proxyProtocol?: ProxyProtocol;
  /** Protocol whose STARTTLS exchange comes before TLS, see starttls/starttls.ts. */
  starttls?: string;

  limits?: HandshakeLimits;
  /** Certificate to show when the server asks for one. */
  client?: ClientCredential;
  /** Which credential that is; `given` when `client` is set, else `none`. */
  clientIdentity?: ClientIdentity;

  /** Let node verify the server, as a program would; off by default, because verification hides what comes after its first complaint. */
  verify?: boolean;
  /** Trust anchors for node's own verdict, PEM or DER. Undefined with `verify`: node's default store. Without `verify` and `ca`: no store is loaded. */
  ca?: readonly (string | Uint8Array)[];
  /** Name that node's check compares, when it is not `servername`. */
  hostname?: string;

  /** Ask for a stapled OCSP response. Some servers hang up when asked, so never in the handshake that decides. */
  requestOcsp?: boolean;
  /** Session to resume, as an earlier `HandshakeRun.session`. */
  session?: Buffer;
  /** Keep this connection's session, to resume it: `HandshakeRun.session`. */
  keepSession?: boolean;
  /** A small request to provoke an answer, sent only once the handshake is done. */
  http?: HttpProvocation;
  /** Begins a login in this protocol, and takes it back, once the handshake is done. */
  login?: LoginProtocol;

  /** Budget for name, TCP, preface and handshake together, milliseconds; 5000. */
  timeoutMs?: number;
  /** Budget for the TCP connection alone; 3000. */
  connectTimeoutMs?: number;
  /** How long an HTTP answer may take; 3000. */
  httpTimeoutMs?: number;
  /** How long to listen after `secureConnect`, milliseconds. Default: by round trip, see quiet-window.ts. */
  quietWindowMs?: number;
  /** Time the caller spent on the name, for `timings.dnsMs`. */
  dnsMs?: number;
  /** Leaves the transcript out of the record (the facts read from it stay). */
  omitTranscript?: boolean;
  /** Ends the handshake at once; the record then says `silent` with the code `aborted`. */
  signal?: AbortSignal;
}

export interface HttpProvocation {
  path: string;
  /** Host header. */
  host: string;
  method?: 'GET' | 'HEAD';
}

/** A client certificate with its key. Never written to an observation. */
export type ClientCredential = { label: string; passphrase?: string } & (
  | {
      /** Certificate and its chain: PEM text, or DER each. End entity first. */
      cert: string | readonly Uint8Array[];
      /** PKCS#8, PKCS#1 or SEC 1 PEM. */
      key: string;
    }
  | { pfx: Uint8Array }
);

export const HANDSHAKE_DEFAULTS = { timeoutMs: 5000, connectTimeoutMs: 3000, httpTimeoutMs: 3000 } as const;
