import type { HandshakeOutcome } from '../observation.js';
import type { ScanFact } from '../scan/scan-fact.js';

/** What several handshakes together say about a server. Each fact came from real handshakes; `undefined` means not asked. */
export interface ProbeFacts {
  clientAuth: ClientAuthFact;
  sni?: SniFact;
  resumption?: ResumptionFact;
  ocspStaple?: OcspStapleFact;
  renegotiation?: RenegotiationFact;
  addresses?: BackendFact[];
  scan?: ScanFact;
  repeat?: RepeatFact;
}

/** The same handshake again and again. */
export interface RepeatFact {
  /** Handshakes that came to an end. */
  count: number;
  /** How many were asked for, when an interruption or the deadline cut them short. */
  wanted?: number;
  /** Most frequent first. `problem`: what stands against that answer, in words. */
  answers: { answer: string; count: number; problem?: string }[];
}

export interface ClientAuthFact {
  /**
   * `not-requested`: no CertificateRequest. `optional`: asked for, and a handshake without one was accepted for certain. `required`: without one
   * it is refused. `requested`: asked for; whether it is enforced cannot be seen from the handshake alone (some servers refuse only in HTTP).
   */
  mode: 'not-requested' | 'optional' | 'required' | 'requested' | 'unknown';
  /** The same port serves the request without any TLS. Absent when that was not tried. */
  plaintextAccepted?: boolean;
  /** RFC 4514 text, in the order asked. Empty: any CA. */
  certificateAuthorities: string[];
  signatureSchemes: string[];
  why: string;
}

/** What a handshake with another server name got, against the first one. */
export interface SniAnswer {
  sent: string | null;
  outcome: HandshakeOutcome;
  /** SHA-256 of the end entity certificate, null when none came. */
  fingerprint: string | null;
  sameCertificate: boolean;
  alert?: string;
}

export interface SniFact {
  without: SniAnswer;
  other: SniAnswer;
}

export interface ResumptionFact {
  /** How the server lets clients resume; `none` when it gives nothing to resume with. */
  kind: 'psk' | 'ticket' | 'session-id' | 'none';
  /** A second handshake with it was resumed. Absent when there was nothing to try. */
  resumed?: boolean;
  ticketLifetimeSeconds?: number;
  /** Bytes of 0-RTT data that the ticket allows, 0 for none. Node's TLS cannot send early data, so that it is accepted was not tried. */
  maxEarlyData: number;
}

export interface OcspStapleFact {
  stapled: boolean;
  /** The outcome of the connection that asked: some servers hang up when asked. */
  outcome: HandshakeOutcome;
  status?: string;
  producedAt?: string;
  thisUpdate?: string;
  nextUpdate?: string;
  revokedAt?: string;
  /** `verified`: signed by the issuer or its delegate, current and about this certificate. */
  verified?: boolean;
  why?: string;
}

export interface RenegotiationFact {
  /** The server signals RFC 5746. */
  secure: boolean;
  /** Whether it lets a client renegotiate (TLS 1.2 and below). Absent in TLS 1.3, which has none. */
  clientInitiated?: 'accepted' | 'refused' | 'not-tried';
  why?: string;
}

/** One address of the name. */
export interface BackendFact {
  address: string;
  outcome: HandshakeOutcome;
  fingerprint: string | null;
  version: string | null;
  cipher: string | null;
  alert?: string;
  error?: string;
  /** What stands against its answer, in words. */
  problem?: string;
  totalMs: number;
}
