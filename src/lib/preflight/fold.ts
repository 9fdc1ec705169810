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
  missing: readonly string[] = [],
): PreflightReport {
  const latest = new Map<string, TargetResult>();
  for (const result of results) {
    // Two lists may call different things by one name: neither verdict replaces the other.
    const key = `${result.name}\0${result.digest ?? ''}`;
    const earlier = latest.get(key);
    if (earlier === undefined || earlier.at <= result.at) latest.set(key, result);
  }
  const list = [...latest.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const forbid = policy.sharedCertificates === 'forbid';
  const shared = forbid ? sharedIdentities(list.filter(({ mayShare }) => mayShare === undefined)) : [];
  const admitted = forbid && list.some(({ mayShare }) => mayShare !== undefined) ? admittedSharing(list) : [];
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
  const exitStatus = exitOf(classes, missing.length > 0 || (counts.unchecked > 0 && policy.unchecked === 'fail'), list.length);
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
    warnings: [...warnings, ...admitted],
    missing: [...missing],
  };
}

/** The contract: the class's own status when one class failed, 1 when several did or something could not be checked, never 0 for nothing checked. */
function exitOf(classes: Partial<Record<CauseClass, number>>, unchecked: boolean, targets: number): number {
  const failed = Object.keys(classes) as CauseClass[];
  const [only] = failed;
  if (targets === 0 || unchecked || failed.length > 1) return EXIT.several;
  return only === undefined ? EXIT.healthy : CAUSE_CLASSES[only].exit;
}

/**
 * Certificates and keys that more than one service has. Two targets at one address are one service, and so are those that the file calls one.
 * A key shared by two certificates counts once, as a key.
 */
function sharedIdentities(results: readonly TargetResult[]): PreflightReport['shared'] {
  const byCertificate = new Map<string, TargetResult[]>();
  const byKey = new Map<string, TargetResult[]>();
  for (const result of results) {
    const [leaf] = result.fingerprints;
    if (result.kind !== 'endpoint' || leaf === undefined) continue;
    getOr(byCertificate, leaf, () => []).push(result);
    if (result.keyFingerprint !== undefined) getOr(byKey, result.keyFingerprint, () => []).push(result);
  }
  const shared: PreflightReport['shared'] = [];
  const entry = (fingerprint: string, of: 'certificate' | 'key', targets: readonly TargetResult[]) =>
    shared.push({ fingerprint, of, targets: [...new Set(targets.map(({ name }) => name))] });
  for (const [fingerprint, targets] of byCertificate) if (severalServices(targets)) entry(fingerprint, 'certificate', targets);
  for (const [fingerprint, targets] of byKey)
    if (severalServices(targets) && new Set(targets.map(({ fingerprints }) => fingerprints[0])).size > 1)
      entry(fingerprint, 'key', targets);
  return shared;
}

/** Sharing that the file admits: said, not counted. */
function admittedSharing(results: readonly TargetResult[]): string[] {
  const sharing = new Set(sharedIdentities(results).flatMap(({ targets }) => targets));
  return results.flatMap(({ name, mayShare }) =>
    mayShare === undefined || !sharing.has(name)
      ? []
      : [`${name} shares its certificate or key, which is allowed until ${mayShare.until}: ${mayShare.reason}`],
  );
}

function severalServices(targets: readonly TargetResult[]): boolean {
  const services = new Set(targets.map(({ name, service }) => service ?? name));
  const inputs = new Set(targets.map(({ input }) => input));
  return services.size > 1 && inputs.size > 1;
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
