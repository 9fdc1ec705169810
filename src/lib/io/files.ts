import * as fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { hrtime, pid } from 'node:process';
import { errnoOf, messageOf, TlsmedicError } from '../errors.js';

/** Everything that is read is bounded: a device or a log given by mistake must not fill the memory. */
export const DEFAULT_READ_LIMIT = 64 * 1024 * 1024;

export const PRIVATE_FILE = 0o600;
export const PUBLIC_FILE = 0o644;
export const PRIVATE_FOLDER = 0o700;

const WHY: Readonly<Record<string, { why: string; next: string }>> = {
  ENOENT: { why: 'there is no such file or folder', next: 'check the spelling and the folder you are in' },
  EACCES: { why: 'the permissions do not allow it', next: 'look at them with "ls -l", or run as the user who owns it' },
  EPERM: { why: 'the operation is not permitted', next: 'look at the owner and the attributes of the file' },
  EROFS: { why: 'the file system is mounted read-only', next: 'write to another folder' },
  ENOSPC: { why: 'the disk is full', next: 'make room ("df -h" shows where), then run it again: nothing was half written' },
  EDQUOT: { why: 'the disk quota is used up', next: 'make room, then run it again: nothing was half written' },
  EISDIR: { why: 'it is a folder', next: 'name a file inside it' },
  ENOTDIR: { why: 'a part of the path is a file, not a folder', next: 'check the path' },
  EMFILE: { why: 'too many files are open', next: 'raise the limit with "ulimit -n"' },
  ELOOP: { why: 'symbolic links lead in a circle', next: 'look at them with "ls -l"' },
  ENAMETOOLONG: { why: 'the name is too long for the file system', next: 'use a shorter name' },
};

/** A system error on a file, in words. */
export function fileError(action: string, path: string, error: unknown): TlsmedicError {
  if (error instanceof TlsmedicError) return error;
  const errno = errnoOf(error) ?? 'EUNKNOWN';
  const known = WHY[errno];
  const kind = errno === 'ENOENT' || errno === 'EISDIR' || errno === 'ENOTDIR' ? 'input' : 'environment';
  return new TlsmedicError(action === 'read' ? 'unreadable-file' : 'unwritable-file', `cannot ${action} ${path}`, {
    kind,
    why: known === undefined ? messageOf(error) : `${known.why} (${errno})`,
    next: known === undefined ? [] : [known.next],
    cause: error,
  });
}

/**
 * Reads a whole file, at most `limit` bytes; `-` reads standard input.
 * @throws TlsmedicError `unreadable-file`, `file-too-large`
 */
export async function readInput(path: string, limit = DEFAULT_READ_LIMIT): Promise<Uint8Array> {
  return path === '-' ? readStandardInput(limit) : readFile(path, limit);
}

/**
 * Reads a file, at most `limit` bytes. A pipe (process substitution) may be given too.
 * @throws TlsmedicError `unreadable-file`, `file-too-large`
 */
export function readFile(path: string, limit = DEFAULT_READ_LIMIT): Uint8Array {
  try {
    const descriptor = fs.openSync(path, 'r');
    try {
      const status = fs.fstatSync(descriptor);
      if (status.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
      if (status.isFile() && status.size > limit) throw tooLarge(path, limit);
      return readDescriptor(descriptor, path, limit);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** As `readFile`, for text; invalid UTF-8 becomes replacement characters. */
export function readText(path: string, limit = DEFAULT_READ_LIMIT): string {
  return Buffer.from(readFile(path, limit)).toString('utf8');
}

/** As `readFile`, or undefined when there is no such file. */
export function readFileIfThere(path: string, limit = DEFAULT_READ_LIMIT): Uint8Array | undefined {
  try {
    return readFile(path, limit);
  } catch (error) {
    if (error instanceof TlsmedicError && errnoOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Names in a folder. @throws TlsmedicError `unreadable-file` */
export function listFolder(path: string): string[] {
  try {
    return fs.readdirSync(path);
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** One for all reads, which are blocking: ten thousand small files would each leave two of them to the garbage collector. */
let chunk: Buffer | undefined;

function readDescriptor(descriptor: number, path: string, limit: number): Uint8Array {
  chunk ??= Buffer.alloc(64 * 1024);
  const parts: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const read = fs.readSync(descriptor, chunk, 0, chunk.length, null);
    // What was read may be a key: it does not stay behind in the buffer.
    if (read === 0) {
      chunk.fill(0, 0, Math.min(total, chunk.length));
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(parts));
    }
    total += read;
    if (total > limit) throw tooLarge(path, limit);
    parts.push(new Uint8Array(chunk.subarray(0, read)));
  }
}

async function readStandardInput(limit: number): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let total = 0;
  try {
    for await (const part of fs.createReadStream('', { fd: 0, autoClose: false })) {
      total += (part as Buffer).length;
      if (total > limit) throw tooLarge('standard input', limit);
      parts.push(part as Buffer);
    }
  } catch (error) {
    throw fileError('read', 'standard input', error);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function tooLarge(path: string, limit: number): TlsmedicError {
  return new TlsmedicError('file-too-large', `${path} is larger than ${Math.floor(limit / 1024 / 1024)} MiB`, {
    kind: 'input',
    next: ['check that it is the file you mean'],
  });
}

/** The refusal to overwrite. */
export function existsError(path: string): TlsmedicError {
  return new TlsmedicError('file-exists', `${path} exists and was left as it is`, {
    kind: 'input',
    next: ['choose another name or folder, or give --force to replace it'],
  });
}

/**
 * Makes a folder and its parents; the folder itself is readable by its owner alone (0700), also when it was there before.
 * @throws TlsmedicError `unwritable-file`
 */
export function ensurePrivateFolder(path: string): void {
  try {
    makeFolders(path, PRIVATE_FOLDER);
    if ((fs.statSync(path).mode & 0o077) !== 0) fs.chmodSync(path, PRIVATE_FOLDER);
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/** Makes a folder and its parents with the usual permissions. */
export function ensureFolder(path: string): void {
  try {
    makeFolders(path, 0o777);
  } catch (error) {
    throw fileError('write', path, error);
  }
}

/** Node's own recursive mkdir never returns below a folder that refuses with ENOENT (/proc): each missing folder is made once, from the top. */
function makeFolders(path: string, mode: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !fs.existsSync(at); at = dirname(at)) {
    missing.push(at);
    if (dirname(at) === at) break;
  }
  for (const folder of missing.reverse()) {
    try {
      fs.mkdirSync(folder, { mode });
    } catch (error) {
      // Another process may have been quicker.
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
  if (!fs.statSync(path).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
}

/**
 * A name next to `path` that nothing else uses; starts with `.tlsmedic-` so that left-overs can be told. Made from process and time, not by chance: whoever
 * creates it does so exclusively, and node:crypto would cost every command three milliseconds.
 */
export function temporaryNameBeside(path: string): string {
  return join(dirname(path), `.tlsmedic-${basename(path).slice(0, 100)}-${pid.toString(36)}-${hrtime.bigint().toString(36)}`);
}

/** Creates a file that must not exist, with its final permissions from the first byte, and flushes it to the disk unless `flush` is false. */
export function createDurably(path: string, data: Uint8Array | string, mode: number, flush = true): void {
  const descriptor = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL, mode);
  try {
    // The umask may have taken bits away that were meant; it never takes away too few.
    if (mode !== PRIVATE_FILE) fs.fchmodSync(descriptor, mode);
    fs.writeFileSync(descriptor, data);
    if (flush) fs.fsyncSync(descriptor);
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Flushes a folder's entries; without this a rename may be lost with the power. Some file systems refuse: then there is nothing to do. */
export function flushFolder(path: string): void {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    if (errnoOf(error) === 'EIO') throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

export interface WriteOptions {
  /** Permissions; 0600 unless told otherwise. */
  mode?: number;
  /** Replace an existing file; without it an existing file is an error and stays untouched, also in a race. */
  force?: boolean;
}

/**
 * Writes a file so that at every instant either the old or the new contents stand there: a temporary file beside it, flushed, then renamed.
 * @throws TlsmedicError `file-exists`, `unwritable-file`
 */
export function writeFileAtomic(path: string, data: Uint8Array | string, { mode = PRIVATE_FILE, force = false }: WriteOptions = {}): void {
  const temporary = temporaryNameBeside(path);
  let created = false;
  try {
    createDurably(temporary, data, mode);
    created = true;
    if (force) fs.renameSync(temporary, path);
    else linkOrRename(temporary, path);
    flushFolder(dirname(path));
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? existsError(path) : fileError('write', path, error);
  } finally {
    if (created) fs.rmSync(temporary, { force: true });
  }
}

/** Gives `temporary` its final name unless that is taken: a link fails on an existing name, where a rename would replace it. */
function linkOrRename(temporary: string, path: string): void {
  try {
    fs.linkSync(temporary, path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') throw error;
    // File systems without hard links: the check is no longer one step with the rename, which is as good as it gets there.
    if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
    fs.renameSync(temporary, path);
  }
}
