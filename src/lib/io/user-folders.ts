import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** What decides where things are kept: a command passes its flag and the environment. */
export interface FolderFacts {
  /** `--ca-dir`. */
  caDir?: string | undefined;
  /** XDG_DATA_HOME and XDG_CONFIG_HOME are read (XDG Base Directory specification: relative paths are ignored). */
  env: Readonly<Record<string, string | undefined>>;
  home?: string;
}

/** The authority's folder: as given, else `~/.local/share/tlsmedic/ca` (`%LOCALAPPDATA%` on Windows). */
export function authorityFolder({ caDir, env, home = homedir() }: FolderFacts): string {
  if (caDir !== undefined && caDir !== '') return resolve(caDir);
  return join(absolute(env.XDG_DATA_HOME) ?? absolute(env.LOCALAPPDATA) ?? join(home, '.local', 'share'), 'tlsmedic', 'ca');
}

/** Where a generated root passphrase goes: not into the authority's folder, so that copying the folder does not copy both. */
export function passphraseFolder({ env, home = homedir() }: FolderFacts): string {
  return join(absolute(env.XDG_CONFIG_HOME) ?? absolute(env.APPDATA) ?? join(home, '.config'), 'tlsmedic');
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && path !== '' && resolve(path) === path.replace(/\/+$/, '') ? path : undefined;
}
