import type { Cause } from '../cause.js';
import type { LabVersion } from './world.js';

/** What `demo` prints as JSON. */

/** One world, met, diagnosed, mended and met again. */
export interface DemoRow {
  world: string;
  title: string;
  tlsVersion: LabVersion;
  /** Whose server is imitated. */
  stack: string;
  /** What a plain node:tls client says: its error code, or that it was content. */
  plainClient: string;
  /** Whether the plain client noticed that anything was wrong. */
  plainClientContent: boolean;
  /** `expiry/expired`, or `healthy`. */
  said: string;
  expected: string;
  right: boolean;
  /** What is wrong with the diagnosis, when something is. */
  faults: string[];
  causes: Pick<Cause, 'class' | 'code' | 'party' | 'confidence' | 'summary'>[];
  fix: string;
  /** The fix was applied and the second diagnosis was healthy; null where there is nothing to mend. */
  healed: boolean | null;
  /** First diagnosis alone. */
  diagnosisMs: number;
}

export interface Demo {
  schema: 'tlsmedic/demo@1';
  /** Every diagnosis was right and every fix healed. */
  ok: boolean;
  worlds: DemoRow[];
  /** How many worlds it was to be: more than there are rows when somebody interrupted. */
  planned: number;
  right: number;
  healed: number;
  /** Broken worlds in which a plain client saw nothing wrong. */
  unnoticedByPlainClient: number;
  seconds: number;
}

/** What `demo --list` shows of a world. */
export interface WorldListing {
  name: string;
  title: string;
  expected: string;
  versions: readonly LabVersion[];
  stack: string;
  demo: boolean;
}

/** A world that stays up for play. */
export interface OpenWorld {
  schema: 'tlsmedic/world@1';
  world: string;
  title: string;
  expected: string;
  target: string;
  endpoint: string;
  tlsVersion: LabVersion;
  /** Arguments of `tlsmedic diagnose`. */
  diagnoseArguments: string[];
  /** Files the caller has, by flag. */
  files: { ca: string | null; cert: string | null; key: string | null };
  servername: string | null;
  starttls: string | null;
  plainClient: string;
  fix: string;
}

/** `demo --list`. */
export interface Worlds {
  schema: 'tlsmedic/worlds@1';
  worlds: WorldListing[];
}
