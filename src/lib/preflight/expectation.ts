import type { Cause, CauseClass } from '../cause.js';

/** Everything that a target can be held to; the names stand in results, deviations and reports. */
export const EXPECTATIONS = [
  'reachable',
  'trusted',
  'names',
  'spiffe-id',
  'mtls',
  'refuses',
  'min-version',
  'forbid-ciphers',
  'remaining',
  'served-certificate',
  'complete-chain',
  'revocation',
  'same-on-all-addresses',
  'max-clock-offset',
  'shared-certificates',
] as const;

export type Expectation = (typeof EXPECTATIONS)[number];

/**
 * What became of one expectation of one target. `unchecked` says why it could not be looked at, and is never a pass;
 * `allowed` is a failure that the file admits until a day.
 */
export interface Check {
  expectation: Expectation;
  status: 'passed' | 'failed' | 'unchecked' | 'allowed';
  /** One sentence with the numbers in it. */
  summary: string;
  /** What a pass does not cover: a status that stayed unknown under a policy that fails open, clients that were not tried. Shown, not counted. */
  caveat?: string;
  /** For failures: the cause of the contract; absent where the contract has no code for it (then `class` says the class). */
  cause?: Cause;
  class?: CauseClass;
  allowed?: { until: string; reason: string };
}

/** The result of one target: one line of NDJSON. */
export interface TargetResult {
  schema: 'tlsmedic/preflight-result@1';
  name: string;
  /** What was looked at: the endpoint or the file. */
  input: string;
  kind: 'endpoint' | 'file';
  /** The service that it belongs to, when that is not its name. */
  service?: string;
  /** Of what was asked of it: a result is good for exactly this. */
  digest?: string;
  /** Of the whole list of targets that it stands in. */
  list?: string;
  at: string;
  status: 'passed' | 'failed' | 'unchecked';
  checks: Check[];
  /** SHA-256 of the certificates served or found, end entity first. */
  fingerprints: string[];
  /** SHA-256 of the end entity's SubjectPublicKeyInfo: two targets with one key share an identity. */
  keyFingerprint?: string;
  /** The first end of all certificates. */
  notAfter?: string;
  /** Of the end entity alone. */
  validity?: { notBefore: string; notAfter: string };
  /** The server's clock minus ours, where it was read. */
  clockOffsetSeconds?: number;
  /** Attempts that were needed, with the reason of each retry. */
  attempts: number;
  retries: string[];
  durationMs: number;
  /** The file admits that it shares its certificate or key. */
  mayShare?: { until: string; reason: string };
  /** There is no such file (a pattern that fits nothing): findings belong to the list. */
  absent?: true;
  /** Line of the target in the file, for annotations. */
  line?: number;
}

/** What a run was about, for those who fold its lines: only with it can be told whether targets are missing. */
export interface PreflightRun {
  /** Of the whole list of targets, all shards together. */
  list: string;
  shard?: { index: number; count: number };
  /** Results that this run or shard has to bring. */
  expected: number;
  /** Whether it came to its end. */
  complete: boolean;
  policy: { sharedCertificates: 'allow' | 'forbid'; unchecked: 'fail' | 'allow' };
}

/** The report of a run: folded from the lines, in any order and from any number of shards. */
export interface PreflightReport {
  schema: 'tlsmedic/preflight@1';
  ok: boolean;
  at: string;
  targets: number;
  passed: number;
  failed: number;
  unchecked: number;
  allowed: number;
  /** Failed targets by class of their first failure. */
  classes: Partial<Record<CauseClass, number>>;
  exitStatus: number;
  results: TargetResult[];
  /** Certificates or keys that several targets serve, when the policy forbids it. */
  shared: { fingerprint: string; of: 'certificate' | 'key'; targets: string[] }[];
  warnings: string[];
  /** What the report lacks of the whole: parts that did not come to their end, results that are not there. Anything here fails the run. */
  missing: string[];
  /** Absent in a report folded from several runs. */
  run?: PreflightRun;
}
