import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private folder (0700) for the time a program runs. */
export interface TemporaryFolder {
  path: string;
  remove(): void;
}

/** Makes one; it goes with `remove`, and at the latest with the process, however that ends short of a kill. */
export function temporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `tlsmedic-${name}-`));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}
