import type { TargetResult } from '../preflight/expectation.js';

/** Where findings are shown that belong to no file, by formats that cannot do without one. */
export const DEFAULT_LIST = 'tlsmedic.yaml';

/** Where a finding is shown: at the file itself, or at the line of the target in its list. */
export function placeOf(result: TargetResult, listPath: string | undefined): { path: string | undefined; line: number } {
  if (result.kind === 'file' && result.absent !== true) return { path: result.input, line: 1 };
  return { path: listPath, line: result.line ?? 1 };
}
