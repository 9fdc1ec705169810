import { homedir } from 'node:os';
import * as Flags from '@oclif/core/flags';
import { authorityFolder } from '../io/user-folders.js';
import { caDirFlagFor, type Places } from '../report/short-path.js';

/** Flags that the commands of the authority share. */
export const caFlags = {
  'ca-dir': Flags.string({ helpValue: 'DIR', description: "the authority's folder (default: ~/.local/share/tlsmedic/ca)" }),
  'passphrase-file': Flags.string({
    helpValue: 'FILE',
    description: 'where the passphrase is: its first line; - for standard input, fd:3 for an open descriptor',
  }),
};

/** `--key-type`, from the list that the authority knows. */
export function keyTypeFlag<T extends string>(types: readonly T[]) {
  return Flags.custom<T>({ options: [...types], helpValue: 'TYPE', description: `key: ${types.join(', ')}` })();
}

/** The authority's folder and how to show paths, from the flag and the environment. */
export function caPlaces(caDir: string | undefined): { folder: string; places: Places } {
  const folder = authorityFolder({ caDir, env: process.env });
  // From the environment it holds for the next command as well.
  const caDirFlag = caDir === undefined || process.env.TLSMEDIC_CA_DIR === caDir ? '' : caDirFlagFor(caDir);
  return { folder, places: { cwd: process.cwd(), home: homedir(), caDirFlag } };
}
