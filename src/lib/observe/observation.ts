import type { Transcript } from '../tls/transcript.js';
import type { Attempt, Failure } from './attempt.js';

/**
 * What was seen, as plain data: no judgement, no private key, no secret. `--save-observation` keeps it and `--from` replays it,
 * so everything that a rule may ask stands here. Byte arrays are written to JSON as `{"base64": "…"}` (see observation-file.ts).
 */
export interface Observation {
  schema: 'tlsmedic/observation@1';
  /** tlsmedic and Node/OpenSSL versions that observed. */
  by: { tlsmedic: string; node: string; openssl: string };
  /** Local clock when it started, ISO 8601 UTC. */
  at: string;
  target: TargetObservation;
  /** What the caller gave: public parts only. */
  given: GivenMaterial;
  /** Environment variables that change verdicts of programs here, by name and value (`NODE_EXTRA_CA_CERTS`...). Proxies without credentials. */
  environment: Record<string, string>;
  /** The development authority of this user, when there is one: its public certificates, to tell what it issued. */
  ownAuthority?: CertificateFile;
  /** It was observed from within a pod. */
  insideKubernetes?: boolean;
  /** Every real handshake in the order it was started; `id` is its index. */
  handshakes: HandshakeRecord[];
  /** Answers of clocks other than the local one. */
  clocks: ClockReading[];
  /** Plain-TCP looks at the port: what it says unasked, and to a plain request. */
  plaintext: PlaintextRecord[];
  /** Certificates, CRLs and OCSP responses fetched from addresses in certificates, or found in local stores. */
  fetched: FetchRecord[];
}

export interface TargetObservation {
  /** As typed. */
  input: string;
  host: string;
  port: number;
  /** Reference identifier for name checks, and what SNI would carry; undefined when the host is an IP and none was given. */
  servername?: string;
  /** The name to match, when it differs from servername (`--hostname`). */
  hostname: string;
  scheme?: 'https' | 'http' | 'tcp' | 'tls' | string;
  httpPath?: string;
  starttls?: string;
  resolution: Attempt<{ addresses: string[]; asked: string }>;
}

/** A file that was read, and its certificates as DER. `problem` when it could not be used. */
export interface CertificateFile {
  label: string;
  certificates: Uint8Array[];
  problem?: Failure;
}

export interface GivenMaterial {
  /** Trust anchors in force with the name of the store they come from. */
  trust: { store: string; kind: 'file' | 'system' | 'mozilla' | 'none'; files: CertificateFile[] };
  /** Other stores of this machine, for "it is in another store here"; filled only when needed. */
  otherTrust: { store: string; files: CertificateFile[] }[];
  intermediates: CertificateFile[];
  crls: { label: string; crls: Uint8Array[]; problem?: Failure }[];
  client?: {
    certificate: CertificateFile;
    key: { label: string /** SubjectPublicKeyInfo DER of the key. */; spki?: Uint8Array; problem?: Failure };
  };
  expectCertificate?: CertificateFile;
  expectMtls: boolean;
  spiffeId?: string;
  trustDomain?: string;
  /** Client side limits asked for: versions, suites, groups, schemes, ALPN. */
  limits: HandshakeLimits;
}

export interface HandshakeLimits {
  minVersion?: TlsVersion;
  maxVersion?: TlsVersion;
  ciphers?: string;
  groups?: string;
  signatureAlgorithms?: string;
  alpn?: string[];
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** Which client credential a handshake presented. Twins are made on the spot to see which property the server objects to. */
export type ClientIdentity = 'none' | 'given' | 'untrusted' | 'expired-twin' | 'server-only-twin' | 'impostor';

/**
 * How a handshake ended, after listening on past node's `secureConnect`:
 * - `accepted`: complete, and the server went on (see `acceptance`)
 * - `rejected`: fatal alert from the server before the handshake was complete for us
 * - `rejected-late`: fatal alert from the server after the client thought it was done (TLS 1.3 client certificates)
 * - `closed`: FIN or RST without an alert before completion; `closed-late`: after it, before any application answer
 * - `broken-off-here`: our own TLS library refused (its alert is in the transcript)
 * - `not-tls`: the answer was no TLS record
 * - `silent`: connected, no (further) answer within the time-out
 * - `unreachable`: name, route or TCP connect failed; `preface-failed`: STARTTLS or proxy preface refused
 */
export type HandshakeOutcome =
  | 'accepted'
  | 'rejected'
  | 'rejected-late'
  | 'closed'
  | 'closed-late'
  | 'broken-off-here'
  | 'not-tls'
  | 'silent'
  | 'unreachable'
  | 'preface-failed';

export interface HandshakeRecord {
  id: number;
  /** Why it was made, one phrase: "as your program would", "without SNI". */
  why: string;
  /** What was changed against the first look; stable keys for rules: `symptom`, `look`, `no-sni`, `tls12-only`, `client-none`, `address`, `repeat`... */
  experiment: string;
  sent: {
    address: string;
    port: number;
    servername?: string;
    limits: HandshakeLimits;
    client: ClientIdentity;
    /** Whether node verified the server (only the symptom handshake does). */
    verify: boolean;
    requestOcsp: boolean;
    resumed: boolean;
    httpRequest?: string;
    /** A login was begun in this protocol and taken back. */
    login?: 'imap' | 'pop3';
    proxy?: string;
    starttls?: string;
  };
  /** Local clock at start, ISO 8601 UTC. */
  at: string;
  timings: {
    dnsMs?: number;
    tcpMs?: number;
    prefaceMs?: number;
    serverHelloMs?: number;
    handshakeMs?: number;
    firstByteMs?: number;
    totalMs: number;
  };
  outcome: HandshakeOutcome;
  /** For `accepted`: an application byte, a session ticket after our Finished (weak: some stacks send it before checking), or silence through the quiet window. */
  acceptance?: 'application-data' | 'http' | 'ticket' | 'quiet';
  quietWindowMs?: number;
  /** Error as node gave it, if any. */
  error?: Failure & { reason?: string };
  /** Alerts in clear, both sides, also found in the transcript. */
  alertReceived?: { number: number; name: string; afterSecureConnect: boolean };
  alertSent?: { number: number; name: string };
  /** node's own verdict when it verified or would have: `authorizationError`. */
  authorizationError?: string;
  secureConnect: boolean;
  negotiated?: {
    version: string;
    cipher: string;
    group?: string;
    signatureScheme?: string;
    alpn?: string;
    resumed: boolean;
  };
  /** DER exactly as sent, wire order; empty when none was seen. */
  chain: Uint8Array[];
  ocspStaple?: Uint8Array;
  scts: Uint8Array[];
  certificateRequest?: { certificateAuthorities: { text: string; der: Uint8Array }[]; signatureSchemes: string[] };
  /** Certificates that we sent in the client's Certificate message; undefined when no such message was sent. */
  clientCertificatesSent?: number;
  http?: {
    status: number;
    statusText: string;
    server?: string;
    date?: string;
    bodyStart: string /** local ms between request and response head, for clock uncertainty */;
    roundTripMs: number;
    at: string;
  };
  /** First line of what the server said unasked over TLS, printable part. */
  greeting?: string;
  /** The login that was begun and taken back: what was sent, and the first line of the answer. */
  login?: { command: string; answer: string };
  /** First bytes of an answer that was no TLS. */
  notTls?: Uint8Array;
  /** Text that the server said before TLS (STARTTLS banner). */
  preface?: string;
  transcript?: Transcript;
}

export interface ClockReading {
  source: string;
  kind: 'http-date' | 'sntp' | 'ocsp-produced-at' | 'chrony' | 'timedatectl' | 'file-system' | 'given' | 'tls-random';
  /** Whose clock it is. */
  of: 'peer' | 'reference' | 'local';
  reading: Attempt<{
    /** That clock minus the local clock, seconds. */
    offsetSeconds: number;
    /** Half width of the interval. */
    uncertaintySeconds: number;
  }>;
}

export interface PlaintextRecord {
  address: string;
  port: number;
  /** `listen` waits for a banner, `http` sends a GET, `postgres` an SSLRequest, `mysql` listens... */
  probe: 'listen' | 'http' | 'postgres' | string;
  result: Attempt<{ first: Uint8Array; closed: boolean }>;
}

export interface FetchRecord {
  kind: 'aia' | 'crl' | 'ocsp' | 'local-store';
  /** Address or store name. */
  from: string;
  /** Fingerprint of the certificate it was fetched for. */
  for: string;
  result: Attempt<Uint8Array[]>;
}
