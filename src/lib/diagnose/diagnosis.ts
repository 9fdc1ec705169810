import type { Cause, CauseCode, Fix } from '../cause.js';
import type { HandshakeRecord } from '../observe/observation.js';
import type { CertificateSummary, PathDocument } from '../path/verification.js';
import type { Transcript } from '../tls/transcript.js';

/** `tlsmedic/diagnosis@1`: what a diagnosis says, as JSON and as the one source of every rendering. */
export interface Diagnosis {
  schema: 'tlsmedic/diagnosis@1';
  /** Nothing stands in the way of a handshake. */
  ok: boolean;
  /** Local clock when the observation began, ISO 8601 UTC. */
  at: string;
  target: DiagnosisTarget;
  /** In order of weight: the first one decides the exit status. */
  causes: Cause[];
  /** Would not fail a handshake today. */
  warnings: Cause[];
  /** What could not be checked, and why: never shown as ok. */
  notChecked: string[];
  /** What was checked and found in order. */
  checked: string[];
  /** Every real handshake that was made, why, and what came of it. */
  handshakes: HandshakeDocument[];
  /** Exactly as sent, in wire order. */
  chain: ChainCertificate[];
  /** Candidate paths to a trust anchor, best first. */
  paths: PathDocument[];
  clock: ClockDocument;
  /** Who else was contacted besides the target: time sources, OCSP responders, addresses in certificates. */
  contacts: ContactDocument[];
  /** Trust store in force, client material by label, and what the environment changes. */
  given: GivenDocument;
  /** For each code among causes and warnings: the mechanism, and how to see it for oneself. */
  explanations: Record<string, { title: string; why: string; confirm: Fix[]; page: string }>;
  /** Codes of the rules that crashed; a bug of ours when there is one. */
  crashed: { code: CauseCode; message: string }[];
}

export interface DiagnosisTarget {
  input: string;
  host: string;
  port: number;
  servername: string | null;
  hostname: string;
  addresses: string[];
  starttls?: string;
}

/** A certificate of the chain with the mark it gets in a report. */
export interface ChainCertificate extends CertificateSummary {
  index: number;
  names: string[];
  key: string;
  signature: string;
  /** Share of the lifetime used, 0 to 1 and beyond. */
  lifetimeUsed: number | null;
  /** Codes of the causes at this certificate; empty when it is fine. */
  problems: string[];
  /** Whether the best path uses it. */
  used: boolean;
}

export interface HandshakeDocument {
  id: number;
  why: string;
  experiment: string;
  at: string;
  sent: HandshakeRecord['sent'];
  outcome: HandshakeRecord['outcome'];
  acceptance: string | null;
  error: { code: string; message: string } | null;
  alertReceived: HandshakeRecord['alertReceived'] | null;
  alertSent: HandshakeRecord['alertSent'] | null;
  authorizationError: string | null;
  secureConnect: boolean;
  negotiated: HandshakeRecord['negotiated'] | null;
  /** SHA-256 fingerprints as sent. */
  chain: string[];
  certificateRequest: { certificateAuthorities: string[]; signatureSchemes: string[] } | null;
  clientCertificatesSent: number | null;
  http: { status: number; statusText: string; server: string | null; date: string | null } | null;
  /** First line that the server said unasked over TLS. */
  greeting: string | null;
  /** The login that was begun and taken back, with the first line of the answer. */
  login: { command: string; answer: string } | null;
  timings: HandshakeRecord['timings'];
  transcript: Transcript | null;
}

export interface ClockDocument {
  local: string;
  /** Seconds that clock is ahead of the local one; null when none was read. */
  reference: OffsetDocument | null;
  peer: OffsetDocument | null;
  readings: {
    source: string;
    kind: string;
    of: string;
    offsetSeconds: number | null;
    uncertaintySeconds: number | null;
    error: string | null;
  }[];
}

export interface OffsetDocument {
  offsetSeconds: number;
  uncertaintySeconds: number;
  sources: string[];
  outvoted: string[];
}

export interface ContactDocument {
  what: string;
  to: string;
  ok: boolean;
}

export interface GivenDocument {
  trust: string;
  client: { certificate: string; key: string } | null;
  limits: HandshakeRecord['sent']['limits'];
  environment: Record<string, string>;
}
