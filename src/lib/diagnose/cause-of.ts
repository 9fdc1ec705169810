import type { Alternative, Cause, CauseClass, CauseCode, Confidence, EvidenceItem, Fix, Party, VagueCode } from '../cause.js';
import { classOf } from '../cause.js';
import { type Surroundings, UNKNOWN_SURROUNDINGS } from '../evidence/surroundings.js';
import { type CommandTemplate, fillTemplates, type PlaceholderValues, type RuleMeta } from './meta.js';
import { metaOf } from './registry.js';

/** What is particular to one occurrence of a code; the rest comes from the code's metadata. */
export interface Occurrence {
  /** One sentence with the numbers in it; no full stop. */
  summary: string;
  confidence?: Confidence;
  party?: Party;
  evidence?: EvidenceItem[];
  /** The caller's own names and files, for the commands of the metadata's fixes. */
  values?: PlaceholderValues;
  /** Leaves out the metadata's fixes that cannot be used there. Absent: nothing is known of them. */
  surroundings?: Surroundings;
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
  const known =
    meta === undefined || occurrence.ownFixesOnly === true
      ? []
      : fittingFixes(meta, occurrence.surroundings).filter(({ title }) => occurrence.withoutFixes?.includes(title) !== true);
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

/** The catalogue's fixes of a code that can be used where caller and server live. */
export function fittingFixes(meta: RuleMeta, surroundings: Surroundings = UNKNOWN_SURROUNDINGS): CommandTemplate[] {
  return meta.fixes.filter((fix) => usableIn(surroundings, meta.class, fix));
}

/** Where the surroundings are not known, a fix is shown, unless it is for what would have been seen. */
function usableIn(surroundings: Surroundings, causeClass: CauseClass, { where }: CommandTemplate): boolean {
  switch (where) {
    case undefined:
      return true;
    case 'kubernetes':
      return surroundings.kubernetes !== 'no';
    case 'own-authority':
    case 'step-ca':
    case 'public-authority': {
      const origin = causeClass === 'client-auth' ? surroundings.clientOrigin : surroundings.serverOrigin;
      // A public authority can be told from a private one; the private ones not always from each other.
      return origin === where || (origin === 'unknown' && where !== 'public-authority');
    }
    case 'nginx':
      return surroundings.software === 'unknown' || surroundings.software === 'nginx';
    case 'apache':
      return surroundings.software === 'apache';
    case 'no-nginx':
      return !['unknown', 'nginx', 'apache'].includes(surroundings.software);
  }
}
