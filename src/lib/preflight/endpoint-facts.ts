import type { Attempt } from '../observe/attempt.js';
import type { HandshakeRecord } from '../observe/observation.js';
import type { PathVerdict } from '../path/verification.js';
import type { Certificate } from '../x509/certificate.js';
import type { Expect, TargetEntry } from './config-schema.js';
import type { MtlsClient } from './mtls-clients.js';

/** A client that the server ought to refuse, and what became of its handshake. */
export interface NegativeHandshake {
  /** "no certificate", "an untrusted certificate in TLS 1.2", "other-service.crt". */
  label: string;
  /** Which of the clients of `mtls: required` it stands for; absent for one of `refuses` that is neither expired nor for servers only. */
  client?: MtlsClient;
  /** Whether the file names it under `refuses`. */
  named: boolean;
  record: HandshakeRecord;
}

/** A hand-made ClientHello for nothing above one version; only the first answer was read. */
export interface OlderOffer {
  version: string;
  /** The version that the server took. */
  taken?: string;
  /** Alert, or what came in place of a ServerHello. */
  instead?: string;
  answered: boolean;
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
  /** Addresses of the name that were not looked at, when there are too many. */
  unlooked?: number;
  /** Handshakes of clients that must be refused. */
  negatives: readonly NegativeHandshake[];
  /** The given client with a request, where a negative one got an HTTP status that may mean anything: the two answers are compared. */
  admitted?: HandshakeRecord;
  /** Why a certificate under `refuses` does not stand for the expired or server-only client that it looks like. */
  foreign: readonly string[];
  /** Offers of nothing but older versions. */
  older: readonly OlderOffer[];
  /** What came of offers of nothing but forbidden suites. */
  forbidden: ForbiddenOffers;
  /** The server's clock minus ours. */
  clock?: Attempt<{ offsetSeconds: number; uncertaintySeconds: number }>;
  /** The certificate that ought to be served. */
  expected?: { label: string; certificate?: Certificate /** The others of its file. */; chain?: readonly Certificate[]; problem?: string };
  /** The file's own path, for fixes that name it. */
  configPath?: string;
}

/** Whether the server showed a certificate at all. */
export function wasSeen(facts: EndpointFacts): boolean {
  return facts.certificates.length > 0;
}
