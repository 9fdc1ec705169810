import type { Cause } from '../../cause.js';
import { expandInputs } from '../../io/input-paths.js';
import { localNow } from '../../io/local-clock.js';
import { validatePath } from '../../path/validate.js';
import type { TargetEntry } from '../../preflight/config-schema.js';
import type { Check } from '../../preflight/expectation.js';
import { judgeRemaining } from '../../preflight/expectations/remaining.js';
import { failed, passed, unchecked } from '../../preflight/judgement.js';
import type { Certificate } from '../../x509/certificate.js';
import { hostReference, matchIdentity } from '../../x509/server-identity.js';
import { inspect } from '../inspect.js';
import type { MaterialReader } from './material.js';

/** What was found about one file. */
export interface FileFindings {
  checks: Check[];
  certificates: Certificate[];
}

/** The paths that a `files` entry stands for; an empty list is for the caller to report, never to pass over. */
export function pathsOf(entry: TargetEntry, reader: MaterialReader): { paths: string[]; problems: { path: string; message: string }[] } {
  const paths: string[] = [];
  const problems: { path: string; message: string }[] = [];
  for (const pattern of entry.files ?? []) {
    const expanded = expandInputs(reader.path(pattern));
    if (expanded.kind === 'files') paths.push(...expanded.files.map(({ path }) => path));
    if (expanded.kind === 'error') problems.push({ path: pattern, message: expanded.error.message });
    if (expanded.kind === 'endpoint' || (expanded.kind === 'files' && expanded.files.length === 0))
      problems.push({ path: pattern, message: `${pattern} is no file` });
  }
  return { paths: [...new Set(paths)], problems };
}

/** Checks one file: readable, key and certificate belong together, lifetime, and the path when the entry names its trust. */
export async function checkFile(path: string, entry: TargetEntry, reader: MaterialReader): Promise<FileFindings> {
  const now = localNow();
  const expect = entry.expect ?? {};
  const inspection = await inspect([path], { at: now });
  const { inventory, judgement } = inspection;
  const [input] = inventory.inputs;
  const certificates = inventory.certificates.filter(({ duplicateOf }) => duplicateOf === undefined).map(({ certificate }) => certificate);
  if (input?.error !== undefined) return { checks: [unchecked('reachable', input.error.message)], certificates: [] };
  const checks = judgement.causes.map(causeCheck);
  if (certificates.length === 0 && checks.length === 0) {
    const what = input?.reading?.instead?.what ?? (input?.reading?.locked === undefined ? 'no certificate' : 'locked by a passphrase');
    return { checks: [unchecked('reachable', `there is no certificate to check: it is ${what}`)], certificates: [] };
  }
  if (checks.length === 0) checks.push(passed('reachable', `${certificates.length} certificates read`));
  const [leaf, ...others] = endEntityFirst(certificates);
  if (leaf === undefined) return { checks, certificates };
  if (expect.remaining !== undefined) checks.push(judgeRemaining([leaf, ...others], expect.remaining, now, { file: path }));
  if (expect.names !== undefined) {
    const missing = expect.names.filter((name) => !matchIdentity(leaf, hostReference(name)).ok);
    checks.push(
      missing.length === 0
        ? passed('names', `covers ${expect.names.join(', ')}`)
        : failed('names', 'san-mismatch', { summary: `the certificate does not cover ${missing.join(', ')}`, values: { file: path } }),
    );
  }
  if (expect.trusted !== false && (entry.ca !== undefined || entry.trust !== undefined))
    checks.push(...(await pathCheck(leaf, others, entry, reader, now)));
  return { checks, certificates: [leaf, ...others] };
}

function causeCheck(cause: Cause): Check {
  return { expectation: 'reachable', status: 'failed', summary: cause.summary, class: cause.class, cause };
}

/** The certificate that nothing else here was issued by. */
function endEntityFirst(certificates: readonly Certificate[]): Certificate[] {
  const leaf = certificates.find(({ basicConstraints }) => basicConstraints?.ca !== true) ?? certificates[0];
  return leaf === undefined ? [] : [leaf, ...certificates.filter((one) => one !== leaf)];
}

async function pathCheck(
  leaf: Certificate,
  others: readonly Certificate[],
  entry: TargetEntry,
  reader: MaterialReader,
  now: number,
): Promise<Check[]> {
  const material = await reader.materialOf(entry);
  const verdict = validatePath({
    leaf: { certificate: leaf, source: 'the file' },
    intermediates: [...others.map((certificate) => ({ certificate, source: 'the file' })), ...material.intermediates],
    anchors: material.anchors,
    at: now,
    purpose: 'any',
    crls: material.crls,
    revocation: material.crls.length > 0 ? 'soft' : 'none',
  });
  if (verdict.ok) return [passed('trusted', `verifies with ${material.store}`)];
  const seen = new Set<string>();
  return verdict.problems
    .filter(({ code }) => !seen.has(code) && seen.add(code))
    .map((problem) => failed('trusted', problem.code, { summary: problem.message }));
}
