/** The whole of one inspection, between observing and rendering: plain data and parsed certificates. */
import type { LintResult } from '../lint/lint.js';
import type { FoundCertificate, Inventory, Where } from './inventory.js';
import type { Judgement } from './judgement.js';
import type { Pair } from './pairs.js';
import type { Relations } from './relations.js';

/** A lint's finding with the certificates or the file it is about. */
export interface LintNote {
  result: Extract<LintResult, { outcome: 'finding' }>;
  about: FoundCertificate[];
  /** For findings on files. */
  where?: Pick<Where, 'text'>;
}

export interface LintCounts {
  finding: number;
  pass: number;
  'not-applicable': number;
}

export interface Inspection {
  /** The time it was judged at, milliseconds since 1970 UTC. */
  at: number;
  inventory: Inventory;
  relations: Relations;
  pairs: Pair[];
  judgement: Judgement;
  lints: LintNote[];
  lintCounts: LintCounts;
  /** Files passed over in folders because there is nothing of PKI in them. */
  passedOver: number;
  /** It was interrupted: not every file was read. */
  interrupted?: boolean;
}
