/** What a person names as input: files, folders, patterns, standard input, endpoints. Reads the file system, never the network. */
import * as fs from 'node:fs';
import { platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import type { TlsmedicError } from '../errors.js';
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

export type ExpandedInput =
  | { kind: 'files'; files: InputFile[] }
  | { kind: 'endpoint' }
  | { kind: 'error'; error: { code: string; message: string; next: readonly string[] } };

const MAX_FILES = 200_000;
const MAX_DEPTH = 32;
/** Folders that never hold somebody's certificates and cost much. */
const SKIPPED_FOLDERS = new Set(['node_modules', '.git']);

function modeOf(stat: fs.Stats): { mode?: number } {
  return platform() === 'win32' ? {} : { mode: stat.mode & 0o777 };
}

/** Files of a folder and its folders, in the order of their names. Links to folders are not followed, so that no circle is walked. */
function walkFolder(root: string, folder: string, files: InputFile[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (depth === 0) throw error;
    // The rest is still worth a look; this folder is told as unread.
    files.push({ path: folder, label: relative(root, folder), found: true, unreadable: fileError('read', folder, error) });
    return;
  }
  for (const entry of entries) {
    if (files.length >= MAX_FILES) return;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      // Kubernetes mounts a volume as ..data -> ..2026_11_22: its files are linked from the folder itself.
      if (!SKIPPED_FOLDERS.has(entry.name) && !entry.name.startsWith('..')) walkFolder(root, path, files, depth + 1);
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      const stat = fs.statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile() === true) files.push({ path, label: relative(root, path), found: true, ...modeOf(stat) });
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

function expandPattern(text: string): InputFile[] {
  const pattern = patternOf(basename(text));
  const files: InputFile[] = [];
  for (const folder of matchFolders(dirname(text))) {
    if (!fs.existsSync(folder)) continue;
    for (const name of fs.readdirSync(folder).sort()) {
      if (files.length >= MAX_FILES) return files;
      if (!pattern.test(name)) continue;
      const path = join(folder, name);
      const stat = fs.statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile() === true) files.push({ path, label: path, found: true, ...modeOf(stat) });
    }
  }
  return files;
}

/** `host:443`, `[::1]:443`, `https://host/`: what no file has as its name here. */
function looksLikeEndpoint(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/\S+|\[[0-9a-fA-F:.%\w]+\]:\d{1,5}|[^\s:/\\]+:\d{1,5})$/.test(text);
}

/** Expands what was typed. An existing file of that name comes before a pattern or an endpoint. */
export function expandInputs(text: string): ExpandedInput {
  if (text === '-') return { kind: 'files', files: [{ path: '-', label: 'standard input', found: false }] };
  try {
    const stat = fs.statSync(text, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) {
      const files: InputFile[] = [];
      walkFolder(text, text, files, 0);
      return { kind: 'files', files };
    }
    if (stat !== undefined) return { kind: 'files', files: [{ path: text, label: text, found: false, ...modeOf(stat) }] };
    if (looksLikeEndpoint(text)) return { kind: 'endpoint' };
    if (isPattern(text)) {
      const files = expandPattern(text);
      if (files.length > 0) return { kind: 'files', files };
      return { kind: 'error', error: { code: 'no-match', message: `no file matches ${text}`, next: ['look at the folder with "ls"'] } };
    }
    fs.statSync(text);
  } catch (error) {
    const { code, message, why, next } = fileError('read', text, error);
    return { kind: 'error', error: { code, message: why === undefined ? message : `${message}: ${why}`, next } };
  }
  return { kind: 'error', error: { code: 'unreadable-file', message: `cannot read ${text}`, next: [] } };
}
