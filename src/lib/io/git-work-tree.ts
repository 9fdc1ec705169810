/** Whether a file lies in a git work tree and whether git keeps it, read from the index itself: no git program is needed. */
import * as fs from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/** The work tree above a file, and whether its index names the file; `tracked` is absent when the index cannot be read. */
export function gitStatusOf(path: string): { root: string; tracked?: boolean } | undefined {
  const file = realPath(path);
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const git = join(folder, '.git');
    if (fs.existsSync(git)) {
      const tracked = isTracked(gitFolder(git), relative(folder, file).split(sep).join('/'));
      return tracked === undefined ? { root: folder } : { root: folder, tracked };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return resolve(path); // gone in the meantime: judged by its name
  }
}

/** In a linked work tree or a submodule, `.git` is a file that says where the folder is. */
function gitFolder(git: string): string {
  try {
    if (fs.statSync(git).isDirectory()) return git;
    const target = /^gitdir: (.+)$/m.exec(fs.readFileSync(git, 'utf8'))?.[1];
    return target === undefined ? git : resolve(dirname(git), target.trim());
  } catch {
    return git; // unreadable: then its index cannot be read either
  }
}

/** Index format: 12 bytes of header, then entries of 62 fixed bytes and the path, ended by zeros (version 2 and 3; 4 compresses paths). */
function isTracked(folder: string, path: string): boolean | undefined {
  let index: Buffer;
  try {
    const file = join(folder, 'index');
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return false;
    if (stat.size > MAX_INDEX_BYTES) return undefined;
    index = fs.readFileSync(file);
  } catch {
    return undefined; // no permission: said as "could not be read"
  }
  if (index.length < 12 || index.toString('latin1', 0, 4) !== 'DIRC') return undefined;
  const version = index.readUInt32BE(4);
  if (version !== 2 && version !== 3) return undefined;
  const wanted = Buffer.from(path);
  const count = index.readUInt32BE(8);
  for (let entry = 0, at = 12; entry < count && at + 62 <= index.length; entry++) {
    const flags = index.readUInt16BE(at + 60);
    const nameAt = at + 62 + (version === 3 && (flags & 0x4000) !== 0 ? 2 : 0);
    const end = index.indexOf(0, nameAt);
    if (end < 0) return undefined;
    if (end - nameAt === wanted.length && index.compare(wanted, 0, wanted.length, nameAt, end) === 0) return true;
    at += Math.ceil((end - at + 1) / 8) * 8;
  }
  return false;
}
