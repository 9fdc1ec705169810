/** What a person names as input: files, folders, patterns, standard input, endpoints. Reads the file system, never the network. */
import * as fs from 'node:fs';
import { platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import type { TlsmedicError } from '../errors.js';
import { grouped } from '../grouped.js';
import { fileError } from './files.js';

export interface InputFile {
  path: string;
  /** How it is called in reports: inside a folder, the way from that folder. */
  label: string;
  /** Found in a folder or by a pattern, not named itself. */
  found: boolean;
  /** Permission bits; undefined where the system has none. */
  mode?: number;
  /** A folder that could not be looked into. */
  unreadable?: TlsmedicError;
}

interface InputError {
  code: string;
  message: string;
  next: readonly string[];
}

export type ExpandedInput = { kind: 'files'; files: InputFile[] } | { kind: 'endpoint' } | { kind: 'error'; error: InputError };

/** One by one, however many they are. */
export type ListedInput = { kind: 'files'; files: Iterable<InputFile> } | { kind: 'endpoint' } | { kind: 'error'; error: InputError };

/** More files than this are not held together: what is in them, and what belongs to what, would not fit the memory of a usual process. */
export const MAX_FILES_TOGETHER = 100_000;
const MAX_DEPTH = 32;
/** Folders that never hold somebody's certificates and cost much. */
const SKIPPED_FOLDERS = new Set(['node_modules', '.git']);

function modeOf(stat: fs.Stats): { mode?: number } {
  return platform() === 'win32' ? {} : { mode: stat.mode & 0o777 };
}

/** The file at a path that a folder or a pattern led to; nothing for what is no file, or gone meanwhile. A link that leads round in a circle is told. */
function* foundFile(path: string, label: string): Generator<InputFile> {
  try {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() === true) yield { path, label, found: true, ...modeOf(stat) };
  } catch (error) {
    yield { path, label, found: true, unreadable: fileError('read', path, error) };
  }
}

/** Files of a folder and its folders, in the order of their names. Links to folders are not followed, so that no circle is walked. */
function* walkFolder(root: string, folder: string, depth: number): Generator<InputFile> {
  if (depth > MAX_DEPTH) return;
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (depth === 0) throw error;
    // The rest is still worth a look; this folder is told as unread.
    yield { path: folder, label: relative(root, folder), found: true, unreadable: fileError('read', folder, error) };
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // Kubernetes mounts a volume as ..data -> ..2026_11_22: its files are linked from the folder itself.
      if (!SKIPPED_FOLDERS.has(entry.name) && !entry.name.startsWith('..')) yield* walkFolder(root, path, depth + 1);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      yield* foundFile(path, relative(root, path));
    }
  }
}

/** A pattern for one name: `*`, `?` and `[...]` as in a shell. */
function patternOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '[^/]*')
    .replace(/\?/g, '[^/]');
  return new RegExp(`^${source}$`);
}

function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/** Folders that a pattern in the folder part stands for. */
function matchFolders(folder: string): string[] {
  if (!isPattern(folder)) return [folder];
  const parents = matchFolders(dirname(folder));
  const pattern = patternOf(basename(folder));
  return parents.flatMap((parent) => {
    if (basename(folder) === '**') return [parent, ...foldersBelow(parent, 0)];
    if (!fs.existsSync(parent)) return [];
    return fs
      .readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && pattern.test(entry.name))
      .map((entry) => join(parent, entry.name));
  });
}

function foldersBelow(folder: string, depth: number): string[] {
  if (depth > MAX_DEPTH || !fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name))
    .flatMap((entry) => [join(folder, entry.name), ...foldersBelow(join(folder, entry.name), depth + 1)]);
}

function* expandPattern(text: string): Generator<InputFile> {
  const pattern = patternOf(basename(text));
  for (const folder of matchFolders(dirname(text))) {
    if (!fs.existsSync(folder)) continue;
    for (const name of fs.readdirSync(folder).sort()) {
      if (!pattern.test(name)) continue;
      const path = join(folder, name);
      yield* foundFile(path, path);
    }
  }
}

/** `host:443`, `[::1]:443`, `https://host/`: what no file has as its name here. */
function looksLikeEndpoint(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/\S+|\[[0-9a-fA-F:.%\w]+\]:\d{1,5}|[^\s:/\\]+:\d{1,5})$/.test(text);
}

/** What was typed, all of it at once: at most 100,000 files. See `listInputs`. */
export function expandInputs(text: string): ExpandedInput {
  const listed = listInputs(text);
  if (listed.kind !== 'files') return listed;
  const files: InputFile[] = [];
  for (const file of listed.files) {
    if (files.length === MAX_FILES_TOGETHER) {
      const message = `${text} holds more than ${grouped(MAX_FILES_TOGETHER)} files: too many to be looked at together`;
      const next = ['name its folders one by one', 'tlsmedic inspect --each DIR judges each file by itself, however many there are'];
      return { kind: 'error', error: { code: 'too-many-files', message, next } };
    }
    files.push(file);
  }
  return { kind: 'files', files };
}

/** Expands what was typed, one file after another. An existing file of that name comes before a pattern or an endpoint. */
export function listInputs(text: string): ListedInput {
  if (text === '-') return { kind: 'files', files: [{ path: '-', label: 'standard input', found: false }] };
  try {
    const stat = fs.statSync(text, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) {
      // Looked into now: a folder that may not be read is an error of the input.
      fs.accessSync(text, fs.constants.R_OK);
      return { kind: 'files', files: walkFolder(text, text, 0) };
    }
    if (stat !== undefined) return { kind: 'files', files: [{ path: text, label: text, found: false, ...modeOf(stat) }] };
    if (looksLikeEndpoint(text)) return { kind: 'endpoint' };
    if (isPattern(text)) {
      const files = expandPattern(text);
      const first = files.next();
      if (first.done !== true)
        return {
          kind: 'files',
          files: (function* () {
            yield first.value;
            yield* files;
          })(),
        };
      return { kind: 'error', error: { code: 'no-match', message: `no file matches ${text}`, next: ['look at the folder with "ls"'] } };
    }
    fs.statSync(text);
  } catch (error) {
    const { code, message, why, next } = fileError('read', text, error);
    return { kind: 'error', error: { code, message: why === undefined ? message : `${message}: ${why}`, next } };
  }
  return { kind: 'error', error: { code: 'unreadable-file', message: `cannot read ${text}`, next: [] } };
}
