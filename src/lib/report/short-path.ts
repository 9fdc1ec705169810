import { quoteForShell } from '../diagnose/meta.js';
import { escapeForTerminal } from './escape.js';

/** Where the reader stands: paths below are shown from here. */
export interface Places {
  cwd: string;
  home: string;
  /** ` --ca-dir DIR` when the authority is not the usual one, to be put behind commands that are shown; else empty. */
  caDirFlag: string;
}

function shortened(path: string, { cwd, home }: Pick<Places, 'cwd' | 'home'>): string {
  if (path === cwd) return '.';
  if (path.startsWith(`${cwd}/`)) return path.slice(cwd.length + 1);
  if (home !== '' && home !== '/' && path.startsWith(`${home}/`)) return `~${path.slice(home.length)}`;
  return path;
}

/** A path for eyes, escaped: relative below the current folder, `~` below the home folder. */
export function shortPath(path: string, places: Pick<Places, 'cwd' | 'home'>): string {
  return escapeForTerminal(shortened(path, places));
}

/** The same as part of a command that can be pasted. */
export function pathToType(path: string, places: Pick<Places, 'cwd' | 'home'>): string {
  const short = shortened(path, places);
  // The tilde means the home folder only outside of quotes.
  return short.startsWith('~/') ? `~/${quoteForShell(short.slice(2))}` : quoteForShell(short);
}

/** ` --ca-dir DIR`, to be put behind commands that are shown. */
export function caDirFlagFor(folder: string): string {
  return ` --ca-dir ${quoteForShell(folder)}`;
}
