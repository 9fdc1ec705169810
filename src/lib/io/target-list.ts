import { TlsmedicError } from '../errors.js';
import { readInput } from './files.js';

/** More targets than this in one list are most likely a wrong file. */
const MAX_TARGETS = 1_000_000;

/**
 * Targets from a file, one a line (`-` for standard input); empty lines and what follows a `#` are skipped.
 * @throws TlsmedicError when the file cannot be read or holds no target
 */
export async function readTargets(path: string): Promise<string[]> {
  const text = Buffer.from(await readInput(path)).toString('utf8');
  const targets = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
  if (targets.length === 0 || targets.length > MAX_TARGETS) {
    throw new TlsmedicError(
      'bad-target-list',
      targets.length === 0 ? `no target in ${path}` : `more than ${MAX_TARGETS} lines in ${path}`,
      {
        kind: 'input',
        next: ['one target a line: ledger.internal:8443'],
      },
    );
  }
  return targets;
}
