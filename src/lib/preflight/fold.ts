import { CAUSE_CLASSES, type CauseClass, EXIT } from '../cause.js';
import type { PreflightReport, TargetResult } from './expectation.js';

export interface FoldPolicy {
  sharedCertificates: 'allow' | 'forbid';
  unchecked: 'fail' | 'allow';
}

/**
 * Folds results into the report of a run. A later result of the same target replaces an earlier one (`--resume`, repeated runs), and the order
 * in which shards arrive does not matter.
 * @param at when the report is made, ISO 8601
 */
export function foldResults(
  results: Iterable<TargetResult>,
  policy: FoldPolicy,
  at: string,
  warnings: readonly string[] = [],
): PreflightReport {
  const latest = new Map<string, TargetResult>();
  for (const result of results) {
    const earlier = latest.get(result.name);
    if (earlier === undefined || earlier.at <= result.at) latest.set(result.name, result);
  }
  const list = [...latest.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const shared = policy.sharedCertificates === 'forbid' ? sharedIdentities(list) : [];
  const classes: Partial<Record<CauseClass, number>> = {};
  const counts = { passed: 0, failed: 0, unchecked: 0, allowed: 0 };
  for (const result of list) {
    counts[result.status] += 1;
    counts.allowed += result.checks.filter((check) => check.status === 'allowed').length;
    const failure = result.checks.find((check) => check.status === 'failed');
    const cls = failure?.cause?.class ?? failure?.class;
    if (cls !== undefined) classes[cls] = (classes[cls] ?? 0) + 1;
  }
  if (shared.length > 0) classes.deployment = (classes.deployment ?? 0) + shared.length;
  const exitStatus = exitOf(classes, counts.unchecked > 0 && policy.unchecked === 'fail', list.length);
  return {
    schema: 'tlsmedic/preflight@1',
    ok: exitStatus === 0,
    at,
    targets: list.length,
    ...counts,
    classes,
    exitStatus,
    results: list,
    shared,
    warnings: [...warnings],
  };
}

/** The contract: the class's own status when one class failed, 1 when several did or something could not be checked, never 0 for nothing checked. */
function exitOf(classes: Partial<Record<CauseClass, number>>, unchecked: boolean, targets: number): number {
  const failed = Object.keys(classes) as CauseClass[];
  const [only] = failed;
  if (targets === 0 || unchecked || failed.length > 1) return EXIT.several;
  return only === undefined ? EXIT.healthy : CAUSE_CLASSES[only].exit;
}

/** Certificates and keys that more than one endpoint serves. A key shared by two certificates counts once, as a key. */
function sharedIdentities(results: readonly TargetResult[]): PreflightReport['shared'] {
  const byCertificate = new Map<string, Set<string>>();
  const byKey = new Map<string, { targets: Set<string>; certificates: Set<string> }>();
  for (const result of results) {
    const [leaf] = result.fingerprints;
    if (result.kind !== 'endpoint' || leaf === undefined) continue;
    getOr(byCertificate, leaf, () => new Set<string>()).add(result.name);
    if (result.keyFingerprint !== undefined) {
      const entry = getOr(byKey, result.keyFingerprint, () => ({ targets: new Set<string>(), certificates: new Set<string>() }));
      entry.targets.add(result.name);
      entry.certificates.add(leaf);
    }
  }
  const shared: PreflightReport['shared'] = [];
  for (const [fingerprint, targets] of byCertificate)
    if (targets.size > 1) shared.push({ fingerprint, of: 'certificate', targets: [...targets] });
  for (const [fingerprint, { targets, certificates }] of byKey) {
    if (targets.size > 1 && certificates.size > 1) shared.push({ fingerprint, of: 'key', targets: [...targets] });
  }
  return shared;
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
