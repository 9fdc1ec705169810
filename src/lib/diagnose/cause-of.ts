import type { Alternative, Cause, CauseCode, Confidence, EvidenceItem, Fix, Party, VagueCode } from '../cause.js';
import { classOf } from '../cause.js';
import { fillTemplates, type Placeholder } from './meta.js';
import { metaOf } from './registry.js';

/** What is particular to one occurrence of a code; the rest comes from the code's metadata. */
export interface Occurrence {
  /** One sentence with the numbers in it; no full stop. */
  summary: string;
  confidence?: Confidence;
  party?: Party;
  evidence?: EvidenceItem[];
  /** The caller's own names and files, for the commands of the metadata's fixes. */
  values?: Partial<Record<Placeholder, string | number | undefined>>;
  /** Shown before the metadata's fixes, already filled in. */
  fixes?: readonly Fix[];
  /** Titles of the metadata's fixes that do not fit this case. */
  withoutFixes?: readonly string[];
  /** Leaves the metadata's fixes out altogether: they mend the opposite of what is wrong here. */
  ownFixesOnly?: boolean;
  alternatives?: Alternative[];
}

/** A cause in the contract's shape. Codes that only a text can leave so vague have no metadata: their party is the server unless said otherwise. */
export function causeOf(code: CauseCode | VagueCode, occurrence: Occurrence): Cause {
  const meta = metaOf(code);
  const known = (occurrence.ownFixesOnly === true ? [] : (meta?.fixes ?? [])).filter(
    ({ title }) => occurrence.withoutFixes?.includes(title) !== true,
  );
  return {
    class: classOf(code),
    code,
    party: occurrence.party ?? meta?.party ?? 'server',
    confidence: occurrence.confidence ?? 'certain',
    summary: occurrence.summary,
    evidence: occurrence.evidence ?? [],
    fixes: [...(occurrence.fixes ?? []), ...fillTemplates(known, occurrence.values)],
    alternatives: occurrence.alternatives ?? [],
  };
}
