import * as fs from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../errors.js';
import { createDurably, ensureFolder, existsError, fileError, flushFolder, PRIVATE_FOLDER } from './files.js';
import { withFolderLock } from './folder-lock.js';

/*
 * A certificate and its key are two files, and a file system renames one at a time. Between the two renames a kill would leave a pair that
 * does not match. So the swap goes through one symbolic link, the only thing that can change for several names in one step:
 *
 *   1. DIR/.tlsmedic-set/old/ and new/ hold the present and the coming contents; `current` -> old
 *   2. each DIR/NAME is replaced by a link to .tlsmedic-set/current/NAME: same contents as before, so nothing changes for a reader
 *   3. `current` -> new by one rename: the whole set changes at this instant
 *   4. each DIR/NAME is replaced by the plain new file: again nothing changes for a reader; .tlsmedic-set goes away
 *
 * A kill at any instant leaves names that read as the old set or as the new one. Whoever writes to the folder next, under the folder's lock,
 * does what is left of step 4. On a file system without symbolic links the names are renamed one after the other, keys last.
 */

const STAGE = '.tlsmedic-set';

export interface SetFile {
  /** A plain file name. */
  name: string;
  data: Uint8Array | string;
  /** 0600 for keys, 0644 for what is public. */
  mode: number;
  /** A file that other sets in the folder share (`ca.crt`): replaced without `force`. */
  shared?: boolean;
}

/**
 * Writes files that belong together into one folder, which is made when missing: a kill at any instant leaves all of the old files or all of
 * the new ones, and processes that write to the same folder wait for each other. Without `force` an existing file with other contents is refused
 * before anything is written. Files end as plain files. Blocking.
 * @returns the names that were written; those that already held the same contents are left alone
 * @throws TlsmedicError `file-exists`, `unwritable-file`, `folder-busy`
 */
export function writeFileSet(
  directory: string,
  files: readonly SetFile[],
  /** `durable: false` leaves the flushing to the system, for thousands of files. */
  { force = false, durable = true }: { force?: boolean; durable?: boolean } = {},
): string[] {
  ensureFolder(directory);
  try {
    return withFolderLock(directory, () => {
      const stage = join(directory, STAGE);
      if (fs.existsSync(stage)) settle(directory, stage);
      const changed = files.filter((file) => !holds(join(directory, file.name), file));
      const taken = changed.find((file) => file.shared !== true && fs.existsSync(join(directory, file.name)));
      if (taken !== undefined && !force) throw existsError(join(directory, taken.name));
      if (changed.length > 0) swapIn(directory, stage, changed, durable);
      return changed.map((file) => file.name);
    });
  } catch (error) {
    throw fileError('write', directory, error);
  }
}

function holds(path: string, file: SetFile): boolean {
  const status = fs.lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined || !status.isFile() || (status.mode & 0o777) !== file.mode) return false;
  const data = Buffer.from(file.data);
  return status.size === data.length && fs.readFileSync(path).equals(data);
}

function swapIn(directory: string, stage: string, files: readonly SetFile[], durable: boolean): void {
  fs.mkdirSync(stage, { mode: PRIVATE_FOLDER });
  try {
    fs.mkdirSync(join(stage, 'old'), { mode: PRIVATE_FOLDER });
    fs.mkdirSync(join(stage, 'new'), { mode: PRIVATE_FOLDER });
    for (const file of files) createDurably(join(stage, 'new', file.name), file.data, file.mode, durable);
    flushFolder(join(stage, 'new'));
    if (files.length > 1 && linkCurrent(stage)) {
      for (const file of files) keepOld(directory, stage, file.name);
      for (const file of files) replaceBy(directory, stage, file.name, (at) => fs.symlinkSync(`${STAGE}/current/${file.name}`, at));
      fs.symlinkSync('new', join(stage, 'next'));
      fs.renameSync(join(stage, 'next'), join(stage, 'current'));
    } else {
      const keysLast = [...files].sort((a, b) => b.mode - a.mode);
      for (const file of keysLast) fs.renameSync(join(stage, 'new', file.name), join(directory, file.name));
    }
  } finally {
    settle(directory, stage);
  }
}

/** `current` -> old; false where there are no symbolic links. */
function linkCurrent(stage: string): boolean {
  try {
    fs.symlinkSync('old', join(stage, 'current'));
    return true;
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'ENOSYS', 'EACCES'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

function keepOld(directory: string, stage: string, name: string): void {
  const path = join(directory, name);
  // The real file, should the name have been a link of somebody else's.
  if (fs.existsSync(path)) linkOrCopy(fs.realpathSync(path), join(stage, 'old', name));
}

function linkOrCopy(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EEXIST') throw error;
    createDurably(to, fs.readFileSync(from), fs.statSync(from).mode & 0o777);
  }
}

function replaceBy(directory: string, stage: string, name: string, make: (at: string) => void): void {
  const temporary = join(stage, `link-${name}`);
  fs.rmSync(temporary, { force: true });
  make(temporary);
  fs.renameSync(temporary, join(directory, name));
}

/** Step 4: every name that still leads into the stage becomes the plain file it reads as, or goes when it reads as nothing; the stage goes last. */
function settle(directory: string, stage: string): void {
  for (const name of namesIn(join(stage, 'new'))) {
    const path = join(directory, name);
    if (!leadsIntoStage(path)) continue;
    const real = join(stage, 'current', name);
    if (fs.existsSync(real)) replaceBy(directory, stage, name, (at) => linkOrCopy(fs.realpathSync(real), at));
    else fs.rmSync(path);
  }
  flushFolder(directory);
  fs.rmSync(stage, { recursive: true, force: true });
}

function namesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

function leadsIntoStage(path: string): boolean {
  try {
    return fs.readlinkSync(path).startsWith(`${STAGE}/current/`);
  } catch (error) {
    if (errnoOf(error) === 'EINVAL' || errnoOf(error) === 'ENOENT' || errnoOf(error) === 'UNKNOWN') return false;
    throw error;
  }
}
