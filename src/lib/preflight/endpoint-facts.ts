import type { Attempt } from '../observe/attempt.js';
import type { HandshakeRecord } from '../observe/observation.js';
import type { PathVerdict } from '../path/verification.js';
import type { Certificate } from '../x509/certificate.js';
import type { Expect, TargetEntry } from './config-schema.js';

/** A client that the server ought to refuse, and what became of its handshake. */
export interface NegativeHandshake {
  /** "no certificate", "an untrusted certificate", "other-service.crt". */
  label: string;
  record: HandshakeRecord;
}

/** Hand-made ClientHellos that offer nothing but forbidden suites, those that no library speaks any more included; only the first answer was read. */
export interface ForbiddenOffers {
  /** Suites that fit the patterns. */
  suites: readonly string[];
  offers: readonly {
    version: string;
    suites: number;
    taken?: string /** Alert, or what came in place of a ServerHello. */;
    instead?: string;
    answered: boolean;
  }[];
}

/** Everything that the expectations of one endpoint are judged by. Plain data; gathered by the operation, only as far as it is asked for. */
export interface EndpointFacts {
  /** Local clock, milliseconds since 1970 UTC. */
  now: number;
  target: TargetEntry;
  expect: Expect;
  /** The handshake that counts, with the given client certificate. */
  main: HandshakeRecord;
  /** Certificates of `main` as sent. */
  certificates: readonly Certificate[];
  /** Our own validation of `certificates`; absent when none were shown. */
  verdict?: PathVerdict;
  /** Name of the trust store in force: "ca.crt", "system store". */
  store: string;
  /** One look for each address, where asked for. */
  addresses: readonly HandshakeRecord[];
  /** Handshakes of clients that must be refused. */
  negatives: readonly NegativeHandshake[];
  /** Offers of nothing but older versions. */
  older: readonly HandshakeRecord[];
  /** What came of offers of nothing but forbidden suites. */
  forbidden: ForbiddenOffers;
  /** The server's clock minus ours. */
  clock?: Attempt<{ offsetSeconds: number; uncertaintySeconds: number }>;
  /** The certificate that ought to be served. */
  expected?: { label: string; certificate?: Certificate; problem?: string };
  /** The file's own path, for fixes that name it. */
  configPath?: string;
}

/** Whether the server showed a certificate at all. */
export function wasSeen(facts: EndpointFacts): boolean {
  return facts.certificates.length > 0;
}
