import * as fs from 'node:fs';
import { join } from 'node:path';
import { umask } from 'node:process';
import { ensureFolder, fileError, PRIVATE_FOLDER } from './files.js';
import { withFolderLock } from './folder-lock.js';

/** Files that belong together and are new: they appear one after another, in this order, each of them whole. */
export interface NewFileGroup {
  files: readonly { name: string; data: Uint8Array | string; mode: number }[];
  /** An existing file of these names is replaced: somebody made sure that it is worthless. */
  replace?: boolean;
}

/**
 * Writes many groups of new files into one folder, cheaply: no links and no flushing, two changes of the folder a file (writeFileSet, which can
 * swap sets that exist in one step, needs eight). A kill leaves whole groups and at most one that lacks its last files.
 * @returns the groups that were refused because a file of theirs exists
 * @throws TlsmedicError `unwritable-file`, `folder-busy`
 */
export function writeNewFiles(directory: string, groups: readonly NewFileGroup[]): NewFileGroup[] {
  ensureFolder(directory);
  try {
    return withFolderLock(directory, () => {
      // Under the lock nobody else has this name; what a killed process left in it is worthless.
      const stage = join(directory, '.tlsmedic-new');
      fs.rmSync(stage, { recursive: true, force: true });
      fs.mkdirSync(stage, { mode: PRIVATE_FOLDER });
      try {
        return groups.filter((group) => !writeGroup(directory, stage, group));
      } finally {
        fs.rmSync(stage, { recursive: true, force: true });
      }
    });
  } catch (error) {
    throw fileError('write', directory, error);
  }
}

function writeGroup(directory: string, stage: string, { files, replace = false }: NewFileGroup): boolean {
  if (!replace && files.some((file) => fs.existsSync(join(directory, file.name)))) return false;
  for (const file of files) create(join(stage, file.name), file.data, file.mode);
  const moved: string[] = [];
  try {
    for (const file of files) {
      fs.renameSync(join(stage, file.name), join(directory, file.name));
      moved.push(join(directory, file.name));
    }
  } catch (error) {
    // The folder itself can be full: what is half a group goes away again.
    for (const path of moved) fs.rmSync(path, { force: true });
    throw error;
  }
  return true;
}

function create(path: string, data: Uint8Array | string, mode: number): void {
  const descriptor = fs.openSync(path, 'wx', mode);
  try {
    if ((mode & umask()) !== 0) fs.fchmodSync(descriptor, mode);
    fs.writeFileSync(descriptor, data);
  } finally {
    fs.closeSync(descriptor);
  }
}
