import { writeSync } from 'node:fs';
import { errnoOf } from '../errors.js';

/*
 * Standard output and standard error, written at once and in order. Straight to the descriptor: `process.stdout` would load Node's network and
 * terminal modules, which is a fifth of the start-up time of a command that prints into a pipe.
 */

const waiting = new Int32Array(new SharedArrayBuffer(4));

function write(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      if (errnoOf(error) === 'EPIPE') {
        // The reader has gone (`| head`): nothing more to say, the verdict stays the exit status.
        if (descriptor === 1) process.exit();
        return;
      }
      if (errnoOf(error) !== 'EAGAIN') throw error;
      // A pipe that is full and was set not to block.
      Atomics.wait(waiting, 0, 0, 5);
    }
  }
}

/** Writes to standard output: the answer. Ends the process quietly when nobody reads it any more. */
export function writeOut(text: string): void {
  write(1, text);
}

/** Characters that are gathered before they are written: a system call for each piece would cost more than making it. */
const GATHERED = 256 * 1024;

/** Writes a text that comes in pieces to standard output; it ends with a line break, unless it is empty. */
export function writePieces(pieces: Iterable<string>): void {
  let gathered: string[] = [];
  let length = 0;
  let last = '\n';
  for (const piece of pieces) {
    if (piece === '') continue;
    gathered.push(piece);
    last = piece;
    length += piece.length;
    if (length < GATHERED) continue;
    writeOut(gathered.join(''));
    gathered = [];
    length = 0;
  }
  if (!last.endsWith('\n')) gathered.push('\n');
  writeOut(gathered.join(''));
}

/** Writes to standard error: the conversation. */
export function writeError(text: string): void {
  write(2, text);
}
