import * as fs from 'node:fs';
import { join, resolve } from 'node:path';
import { type BatchRow, readBatch } from '../ca/batch-file.js';
import type { IssueBatchDocument } from '../ca/documents.js';
import { type IssuedCertificate, issueCertificate } from '../ca/issue.js';
import { KEY_TYPE_NAMES } from '../ca/key-pair.js';
import { fileBaseName, planOutput } from '../ca/output-files.js';
import { hasRecord, recordOf, removeRecord, writeRecord } from '../ca/records.js';
import { openAuthority, type StoredAuthority } from '../ca/store.js';
import { distinctNames, type SubjectAltName, subjectAltNameText } from '../ca/subject-alt-name.js';
import { TlsmedicError } from '../errors.js';
import { type SetFile, writeFileSet } from '../io/file-set.js';
import { PUBLIC_FILE, readInput } from '../io/files.js';
import { writeNewFiles } from '../io/new-files.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';
import { checkTrustDomain, type IssueSettings, refuseForeignBundle, requestOf } from './issue.js';
import { safeBase } from './issue-choices.js';
import { resolveNames } from './issue-names.js';

/** Certificates written together: their files appear in one step, and the folder is listed once for all of them. */
const CHUNK = 200;

export interface IssueBatchOptions extends IssueSettings {
  folder: string;
  /** `-` is standard input. */
  file: string;
  out: string;
  force: boolean;
  /** Local time, asked for each certificate: a batch may take minutes. */
  now: () => number;
  /** Told after each chunk. */
  progress?: (done: number, of: number) => void;
  /** Stops between two chunks; what is written stays. */
  signal?: AbortSignal;
}

type Presence = 'done' | 'absent' | 'unfinished' | 'other';

const EXISTS = (base: string) => ({
  code: 'file-exists',
  message: `${base}.crt or .key exists for something else and was left as it is`,
  next: ['choose another folder, or give --force'],
});

interface Prepared {
  row: BatchRow;
  base: string;
  sans: SubjectAltName[];
}

interface Made extends Prepared {
  present: Presence;
  issued: IssuedCertificate;
  files: SetFile[];
}

/**
 * Issues a certificate for every row of a file. A bad row is reported with its line and the rest is done. Rows whose files are there from an earlier run,
 * for the same names and not run out, are skipped: a batch that was interrupted goes on where it stopped.
 */
export async function issueBatch(options: IssueBatchOptions): Promise<IssueBatchDocument> {
  const started = performance.now();
  const text = Buffer.from(await readInput(options.file)).toString('utf8');
  const { rows, bad } = await readBatch(text, options.file);
  const authority = openAuthority(options.folder);
  const directory = resolve(options.out);
  if (!options.force) refuseForeignBundle(directory, authority);
  writeFileSet(directory, [{ name: 'ca.crt', data: authority.bundlePem, mode: PUBLIC_FILE, shared: true }], { force: options.force });
  const failed: IssueBatchDocument['failed'] = bad.map((row) => ({ ...row, code: 'bad-row' }));
  const taken = new Map<string, number>();
  let issued = 0;
  let skipped = 0;
  let done = bad.length;

  const attempt = <T>(row: BatchRow, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TlsmedicError) || error.kind === 'environment' || error.kind === 'bug') throw error;
      failed.push({ line: row.line, name: nameOf(row), code: error.code, message: error.message, next: [...error.next] });
      return undefined;
    }
  };

  for (let at = 0; at < rows.length && options.signal?.aborted !== true; at += CHUNK) {
    const chunk: Made[] = [];
    for (const row of rows.slice(at, at + CHUNK)) {
      done++;
      const prepared = attempt(row, () => prepare(row, authority, taken));
      if (prepared === undefined) continue;
      const present = presence(prepared, directory, options.folder, options.now());
      if (present === 'done' && !options.force) {
        skipped++;
        continue;
      }
      const made = attempt(row, () => {
        if (present === 'other' && !options.force) {
          const { code, message, next } = EXISTS(prepared.base);
          throw new TlsmedicError(code, message, { kind: 'input', next });
        }
        return make(prepared, present === 'done' ? 'other' : present, options, authority);
      });
      if (made !== undefined) chunk.push(made);
    }
    issued += writeChunk(chunk, directory, options, authority, (made) =>
      failed.push({ line: made.row.line, name: nameOf(made.row), ...EXISTS(made.base) }),
    );
    options.progress?.(done, rows.length + bad.length);
    // Signals and timers get their turn.
    await new Promise(setImmediate);
  }
  return {
    schema: 'tlsmedic/issue-batch@1',
    at: new Date(options.now()).toISOString(),
    file: options.file === '-' ? '-' : resolve(options.file),
    authority: options.folder,
    directory,
    rows: rows.length + bad.length,
    issued,
    skipped,
    failed: failed.sort((a, b) => a.line - b.line),
    seconds: (performance.now() - started) / 1000,
  };
}

function nameOf(row: BatchRow): string {
  return row.names[0] ?? row.k8s[0] ?? row.spiffe ?? '';
}

function prepare(row: BatchRow, authority: StoredAuthority, taken: Map<string, number>): Prepared {
  const sans = distinctNames(resolveNames(row).map(({ san }) => san));
  checkTrustDomain(sans, authority);
  const [first] = sans;
  if (first === undefined) throw new TlsmedicError('no-name', 'the row has no name', { kind: 'input' });
  const base = row.as === undefined ? fileBaseName(first) : safeBase(row.as);
  const before = taken.get(base);
  if (before !== undefined) {
    throw new TlsmedicError('name-taken', `its files would be those of line ${before}: ${base}.crt`, {
      kind: 'input',
      next: ['give it another file name in the column "as"'],
    });
  }
  taken.set(base, row.line);
  return { row, base, sans };
}

function make({ row, base, sans }: Prepared, present: Presence, options: IssueBatchOptions, authority: StoredAuthority): Made {
  const now = options.now();
  const keyType = row.keyType ?? options.keyType;
  const { notAfter, ...rest } = options;
  const settings: IssueSettings = {
    ...rest,
    keyType,
    profile: row.profile ?? options.profile,
    lifetimeSeconds: row.lifetimeSeconds ?? options.lifetimeSeconds,
    // A row's own lifetime beats the command line's end.
    notAfter: row.lifetimeSeconds === undefined ? notAfter : undefined,
    organization: row.organization ?? options.organization,
  };
  const issued = issueCertificate(authority, { ...requestOf(settings, sans, authority), now });
  const plan = planOutput('pem', {
    base,
    chainPem: issued.chainPem,
    keyPem: issued.keyPem,
    pkcs8: undefined,
    bundlePem: authority.bundlePem,
    names: sans,
  });
  // The certificate first: without it the key would look like somebody else's.
  return { row, base, sans, present, issued, files: plan.files.filter((file) => file.shared !== true).sort((a, b) => b.mode - a.mode) };
}

/** Records first, then the files: new pairs one after another, existing ones (`--force`) in one step. Adds rows that lost a race to `failed`. */
function writeChunk(
  chunk: readonly Made[],
  directory: string,
  options: IssueBatchOptions,
  authority: StoredAuthority,
  lost: (made: Made) => void,
): number {
  for (const { issued, row } of chunk) {
    writeRecord(
      options.folder,
      recordOf(issued, {
        keyType: KEY_TYPE_NAMES[row.keyType ?? options.keyType],
        now: options.now(),
        generation: authority.generation.number,
      }),
      false,
    );
  }
  const takeBack = (made: readonly Made[]): void => {
    for (const { issued } of made) removeRecord(options.folder, issued.serial);
  };
  const there = chunk.filter((made) => made.present === 'other');
  const fresh = chunk.filter((made) => made.present !== 'other');
  // Not flushed one by one: after a loss of power a resumed batch notices what is missing.
  try {
    if (there.length > 0)
      writeFileSet(
        directory,
        there.flatMap((made) => made.files),
        { force: true, durable: false },
      );
    const groups = fresh.map((made) => ({ files: made.files, replace: made.present === 'unfinished', made }));
    const refused = writeNewFiles(directory, groups) as typeof groups;
    takeBack(refused.map(({ made }) => made));
    for (const { made } of refused) lost(made);
    return chunk.length - refused.length;
  } catch (error) {
    takeBack(chunk.filter(({ base }) => !fs.existsSync(join(directory, `${base}.key`))));
    throw error;
  }
}

/**
 * Whether a row's files are there from an earlier run (`done`), not there (`absent`), there in part because that run was killed (`unfinished`: our
 * certificate without its key, which is gone), or there for something else (`other`).
 */
function presence({ base, sans }: Prepared, directory: string, folder: string, now: number): Presence {
  const [certificatePath, keyPath] = [join(directory, `${base}.crt`), join(directory, `${base}.key`)];
  const there = [certificatePath, keyPath].map((path) => fs.statSync(path, { throwIfNoEntry: false })?.size ?? -1);
  if (there.every((size) => size < 0)) return 'absent';
  if ((there[0] as number) <= 0) return 'other';
  const der = certificatesFromPem(fs.readFileSync(certificatePath, 'latin1'))[0];
  if (der === undefined) return 'other';
  const certificate = parseCertificate(der);
  const names = (certificate.subjectAltName ?? []).map((name) =>
    name.kind === 'dns' || name.kind === 'ip' || name.kind === 'email' || name.kind === 'uri'
      ? subjectAltNameText({ kind: name.kind, value: name.value })
      : '',
  );
  const same = names.length === sans.length && sans.every((san, i) => names[i] === subjectAltNameText(san));
  if (!hasRecord(folder, certificate.serial)) return 'other';
  if ((there[1] as number) < 0) return 'unfinished';
  return same && (there[1] as number) > 0 && certificate.notAfter > now ? 'done' : 'other';
}
