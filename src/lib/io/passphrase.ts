import { randomBytes } from 'node:crypto';
import { readSync } from 'node:fs';
import { messageOf, TlsmedicError } from '../errors.js';
import { readInput } from './files.js';

/** Passphrases are short; a file that is longer was given by mistake. */
const LIMIT = 64 * 1024;

/**
 * Reads a passphrase from where `--passphrase-file` points: a file (its first line), `-` for standard input, `fd:3` for an open file descriptor.
 * A passphrase is never a flag's value: the process list shows those to everybody.
 * @throws TlsmedicError `no-passphrase`, `unreadable-file`
 */
export async function readPassphrase(source: string): Promise<string> {
  const descriptor = /^fd:(\d{1,4})$/.exec(source)?.[1];
  const bytes = descriptor === undefined ? await readInput(source, LIMIT) : readDescriptor(Number(descriptor));
  const text = Buffer.from(bytes).toString('utf8');
  const line = text.slice(0, (text.indexOf('\n') + 1 || text.length + 1) - 1).replace(/\r$/, '');
  if (line === '') {
    throw new TlsmedicError(
      'no-passphrase',
      `there is no passphrase in ${source === '-' ? 'standard input' : source}: its first line is empty`,
      {
        kind: 'input',
        next: ['put the passphrase on the first line'],
      },
    );
  }
  return line;
}

function readDescriptor(descriptor: number): Uint8Array {
  const parts: Buffer[] = [];
  try {
    for (let total = 0; total < LIMIT; ) {
      const part = Buffer.alloc(4096);
      const read = readSync(descriptor, part, 0, part.length, null);
      if (read === 0) break;
      parts.push(part.subarray(0, read));
      total += read;
    }
  } catch (error) {
    throw new TlsmedicError('unreadable-file', `cannot read the passphrase from file descriptor ${descriptor}`, {
      kind: 'input',
      why: messageOf(error),
      next: [`open it in the shell: tlsmedic … --passphrase-file fd:${descriptor} ${descriptor}< FILE`],
      cause: error,
    });
  }
  return Buffer.concat(parts);
}

/** A passphrase nobody has to think up: 144 random bits as 24 letters and digits, `-` and `_`. */
export function generatePassphrase(): string {
  return randomBytes(18).toString('base64url');
}
