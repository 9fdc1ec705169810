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
import { readInput } from '../io/files.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';
import { checkTrustDomain, type IssueSettings, refuseForeignBundle, requestOf, resolveNames, safeBase } from './issue.js';

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

interface Prepared {
  row: BatchRow;
  base: string;
  sans: SubjectAltName[];
}

interface Made extends Prepared {
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
      const present = options.force ? 'absent' : presence(prepared, directory, options.folder, options.now());
      if (present === 'done') {
        skipped++;
        continue;
      }
      const made = attempt(row, () => {
        if (present === 'other') {
          throw new TlsmedicError('file-exists', `${prepared.base}.crt or .key exists for something else and was left as it is`, {
            kind: 'input',
            next: ['choose another folder, or give --force'],
          });
        }
        return make(prepared, options, authority);
      });
      if (made !== undefined) chunk.push(made);
    }
    writeChunk(chunk, directory, options, authority);
    issued += chunk.length;
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

function make({ row, base, sans }: Prepared, options: IssueBatchOptions, authority: StoredAuthority): Made {
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
  return { row, base, sans, issued, files: plan.files };
}

/** Records first, then the files of the whole chunk in one step. */
function writeChunk(chunk: readonly Made[], directory: string, options: IssueBatchOptions, authority: StoredAuthority): void {
  const [first] = chunk;
  if (first === undefined) return;
  for (const { issued, row } of chunk) {
    writeRecord(
      options.folder,
      recordOf(issued, {
        keyType: KEY_TYPE_NAMES[row.keyType ?? options.keyType],
        now: options.now(),
        generation: authority.generation.number,
      }),
    );
  }
  try {
    const own = chunk.flatMap(({ files }) => files.filter((file) => file.shared !== true));
    // Not flushed one by one: after a loss of power a resumed batch notices what is missing.
    writeFileSet(directory, [...own, ...first.files.filter((file) => file.shared === true)], { force: options.force, durable: false });
  } catch (error) {
    for (const { issued } of chunk) removeRecord(options.folder, issued.serial);
    throw error;
  }
}

/** Whether a row's files are there from an earlier run (`done`), not there (`absent`), or there for something else (`other`). */
function presence({ base, sans }: Prepared, directory: string, folder: string, now: number): 'done' | 'absent' | 'other' {
  const [certificatePath, keyPath] = [join(directory, `${base}.crt`), join(directory, `${base}.key`)];
  const there = [certificatePath, keyPath].map((path) => fs.statSync(path, { throwIfNoEntry: false })?.size ?? -1);
  if (there.every((size) => size < 0)) return 'absent';
  if (there.some((size) => size <= 0)) return 'other';
  const der = certificatesFromPem(fs.readFileSync(certificatePath, 'latin1'))[0];
  if (der === undefined) return 'other';
  const certificate = parseCertificate(der);
  const names = (certificate.subjectAltName ?? []).map((name) =>
    name.kind === 'dns' || name.kind === 'ip' || name.kind === 'email' || name.kind === 'uri'
      ? subjectAltNameText({ kind: name.kind, value: name.value })
      : '',
  );
  const same = names.length === sans.length && sans.every((san, i) => names[i] === subjectAltNameText(san));
  return same && certificate.notAfter > now && hasRecord(folder, certificate.serial) ? 'done' : 'other';
}
