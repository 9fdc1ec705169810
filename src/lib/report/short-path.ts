/** Where the reader stands: paths below are shown from here. */
export interface Places {
  cwd: string;
  home: string;
  /** ` --ca-dir DIR` when the authority is not the usual one, to be put behind commands that are shown; else empty. */
  caDirFlag: string;
}

/** A path as a person would type it: relative below the current folder, `~` below the home folder. */
export function shortPath(path: string, { cwd, home }: Pick<Places, 'cwd' | 'home'>): string {
  if (path === cwd) return '.';
  if (path.startsWith(`${cwd}/`)) return path.slice(cwd.length + 1);
  if (home !== '' && home !== '/' && path.startsWith(`${home}/`)) return `~${path.slice(home.length)}`;
  return path;
}
