import type { Cause } from '../../cause.js';
import { expandInputs } from '../../io/input-paths.js';
import { localNow } from '../../io/local-clock.js';
import { validatePath } from '../../path/validate.js';
import type { TargetEntry } from '../../preflight/config-schema.js';
import type { Check } from '../../preflight/expectation.js';
import { judgeNames } from '../../preflight/expectations/names.js';
import { judgeRemaining } from '../../preflight/expectations/remaining.js';
import { judgeRevocation } from '../../preflight/expectations/revocation.js';
import { judgeSpiffeId } from '../../preflight/expectations/spiffe-id.js';
import { judgeTrusted } from '../../preflight/expectations/trusted.js';
import { failed, passed, unchecked } from '../../preflight/judgement.js';
import { durationInWords, isoTime } from '../../time-text.js';
import type { Certificate } from '../../x509/certificate.js';
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

/**
 * Checks one file: readable, key and certificate belong together, in force, lifetime, names, and the path when the entry names its trust.
 * A file may hold the certificates of several services (a bundle, a manifest): each end entity is held to everything.
 */
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
  const subjects = subjectsOf(certificates);
  const others = certificates.filter((one) => !subjects.includes(one));
  const sorted = [...subjects, ...others];
  if (expect.remaining !== undefined && certificates.length > 0) checks.push(judgeRemaining(sorted, expect.remaining, now, { file: path }));
  const about = (one: Certificate, found: readonly Check[]): Check[] =>
    subjects.length === 1
      ? [...found]
      : found.map((check) =>
          check.summary.includes(subjectText(one)) ? check : { ...check, summary: `${subjectText(one)}: ${check.summary}` },
        );
  for (const one of subjects) {
    const source = `${path}: ${subjectText(one)}`;
    if (expect.names !== undefined) checks.push(...about(one, [judgeNames(one, expect.names, source, { file: path })]));
    if (expect.spiffeId !== undefined || expect.trustDomain !== undefined)
      checks.push(...about(one, [judgeSpiffeId(one, expect, source, { file: path })]));
  }
  const revocation = expect.revocation ?? 'off';
  // Without a store that is named, a private certificate would fail for nothing more than being private.
  const chained = expect.trusted === true || entry.ca !== undefined || entry.trust !== undefined || revocation !== 'off';
  if (!chained) {
    if (expect.trusted !== false) checks.push(...validityChecks(certificates, now, path));
    return { checks, certificates: sorted };
  }
  for (const one of subjects)
    checks.push(
      ...about(
        one,
        await pathChecks(
          one,
          certificates.filter((other) => other !== one),
          entry,
          reader,
          now,
        ),
      ),
    );
  return { checks, certificates: sorted };
}

function causeCheck(cause: Cause): Check {
  return { expectation: 'reachable', status: 'failed', summary: cause.summary, class: cause.class, cause };
}

/** What the file is about: its end entities; of a file of authorities alone, those that issued none of the others. */
function subjectsOf(certificates: readonly Certificate[]): Certificate[] {
  // What cannot even be read has its failure already.
  const readable = certificates.filter(({ serial, subject }) => serial !== '' || subject.text !== '');
  const ends = readable.filter(({ basicConstraints }) => basicConstraints?.ca !== true);
  const top = readable.filter((one) => !certificates.some((other) => other !== one && other.issuer.text === one.subject.text));
  return ends.length > 0 ? ends : top.length > 0 ? top : readable;
}

/** The end entity before the others, whatever order a file has them in. */
export function endEntityFirst(certificates: readonly Certificate[]): Certificate[] {
  const leaf = subjectsOf(certificates)[0];
  return leaf === undefined ? [] : [leaf, ...certificates.filter((one) => one !== leaf)];
}

function subjectText({ subject, serial }: Certificate): string {
  return subject.text || `serial ${serial}`;
}

/** Every certificate is in force: the least that can be said of a file when nothing else is asked of it. */
function validityChecks(certificates: readonly Certificate[], now: number, file: string): Check[] {
  const checks = certificates.flatMap((one): Check[] => {
    const evidence = (fact: 'notBefore' | 'notAfter') => [{ fact, value: isoTime(one[fact]), source: `${file}: ${subjectText(one)}` }];
    if (!Number.isFinite(one.notBefore) || !Number.isFinite(one.notAfter))
      return [unchecked('trusted', `the validity of ${subjectText(one)} cannot be read`)];
    if (one.notAfter < now)
      return [
        failed('trusted', 'expired', {
          summary: `${subjectText(one)} ran out ${durationInWords((now - one.notAfter) / 1000)} ago`,
          evidence: evidence('notAfter'),
          values: { file },
        }),
      ];
    if (one.notBefore > now)
      return [
        failed('trusted', 'not-yet-valid', {
          summary: `${subjectText(one)} is not valid for another ${durationInWords((one.notBefore - now) / 1000)}`,
          evidence: evidence('notBefore'),
          values: { file },
        }),
      ];
    return [];
  });
  return checks.length > 0 ? checks : [passed('trusted', 'in force; no trust store is named, so no path was built')];
}

async function pathChecks(
  subject: Certificate,
  others: readonly Certificate[],
  entry: TargetEntry,
  reader: MaterialReader,
  now: number,
): Promise<Check[]> {
  const material = await reader.materialOf(entry);
  const { trusted, revocation = 'off' } = entry.expect ?? {};
  const verdict = validatePath({
    leaf: { certificate: subject, source: 'the file' },
    intermediates: [...others.map((certificate) => ({ certificate, source: 'the file' })), ...material.intermediates],
    anchors: material.anchors,
    at: now,
    purpose: 'any',
    crls: material.crls,
    revocation: revocation === 'off' ? 'none' : revocation === 'fail-closed' ? 'hard' : 'soft',
  });
  return [
    ...(trusted === false ? [] : [judgeTrusted(verdict, material.store)].flat()),
    ...(revocation === 'off' ? [] : [judgeRevocation(verdict, revocation)]),
  ];
}
