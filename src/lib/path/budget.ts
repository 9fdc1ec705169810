import type { PathBudget } from './verification.js';

/** Limits of one validation. 2^20 comparisons of names are what BoringSSL allows. Names of reached limits are kept for the report. */

export const DEFAULT_BUDGET: Readonly<PathBudget> = { signatures: 512, steps: 20_000, paths: 64, nameComparisons: 2 ** 20 };

/** Intermediates in one path, self-issued ones included. */
export const MAX_PATH_LENGTH = 32;

/** Candidate certificates and CRLs looked at; what comes after is left out. */
export const MAX_CERTIFICATES = 4096;

export class Budget {
  readonly limits: PathBudget;
  readonly spent: PathBudget = { signatures: 0, steps: 0, paths: 0, nameComparisons: 0 };
  readonly exhausted = new Set<keyof PathBudget>();

  constructor(limits: Partial<PathBudget> = {}) {
    this.limits = { ...DEFAULT_BUDGET, ...limits };
  }

  /** Takes `amount`; false, from then on always, when the limit is passed. */
  take(what: keyof PathBudget, amount = 1): boolean {
    if (this.exhausted.has(what)) return false;
    this.spent[what] += amount;
    if (this.spent[what] <= this.limits[what]) return true;
    this.exhausted.add(what);
    return false;
  }
}
