/** Bytes of a log: a file, standard input, either compressed with gzip, or a file that is still being written. */
import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { errnoOf } from '../errors.js';
import { fileError } from './files.js';

const CHUNK = 1024 * 1024;
const POLL_MS = 250;

/** A pipe whose writer has said nothing for this long was given to us by a script, not by somebody with a log. */
const PIPE_PATIENCE_MS = 1000;

/** Whether standard input is there to be read although nobody said `-`: a redirected file, or a pipe that has something to say. */
export async function standardInputSpeaks(): Promise<boolean> {
  let kind: ReturnType<typeof fstatSync>;
  try {
    kind = fstatSync(0);
  } catch (error) {
    // Started with standard input closed.
    if (errnoOf(error) === 'EBADF') return false;
    throw fileError('read', 'standard input', error);
  }
  if (kind.isFile()) return kind.size > 0;
  if (!kind.isFIFO() && !kind.isSocket()) return false;
  const { stdin } = process;
  return new Promise((resolve) => {
    const settle = (speaks: boolean) => {
      clearTimeout(timer);
      stdin.off('readable', readable);
      stdin.off('error', silent);
      // A pipe that stays open must not keep the program from ending.
      if (!speaks) stdin.destroy();
      resolve(speaks);
    };
    const readable = () => settle(stdin.readableLength > 0);
    const silent = () => settle(false);
    const timer = setTimeout(silent, PIPE_PATIENCE_MS);
    stdin.on('readable', readable);
    stdin.on('error', silent);
  });
}

/** Reads to the end. @param path a file, or `-` for standard input @throws TlsmedicError for a file that cannot be read */
export async function* readLog(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK });
  const abort = () => stream.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const first = await iterator.next();
    if (first.done === true) return;
    if (isGzip(first.value)) {
      const gunzip = createGunzip();
      const feed = async () => {
        gunzip.write(first.value);
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
          if (!gunzip.write(next.value)) await new Promise((resolve) => gunzip.once('drain', resolve));
        }
        gunzip.end();
      };
      void feed().catch((error: Error) => gunzip.destroy(error));
      yield* gunzip as AsyncIterable<Buffer>;
      return;
    }
    yield first.value;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } catch (error) {
    // Ended by the reader (Ctrl-C): what was read so far counts.
    if (signal?.aborted === true) return;
    throw fileError('read', path === '-' ? 'standard input' : path, error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Reads a file and goes on as it grows, until `signal` aborts. A file that was cut or replaced (log rotation) is read anew from its
 * beginning. Yields an empty chunk whenever nothing more has come for a moment, so that the reader can show what it has.
 */
export async function* followLog(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let descriptor = open(path);
  let position = 0;
  let idle = false;
  try {
    while (!signal.aborted) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const read = readSync(descriptor, chunk, 0, CHUNK, position);
      if (read > 0) {
        position += read;
        idle = false;
        yield chunk.subarray(0, read);
        continue;
      }
      if (!idle) {
        idle = true;
        yield new Uint8Array(0);
      }
      await sleep(POLL_MS, undefined, { signal }).catch((error: Error) => {
        if (error.name !== 'AbortError') throw error;
      });
      if (wasReplaced(path, descriptor, position)) {
        closeSync(descriptor);
        descriptor = open(path);
        position = 0;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function wasReplaced(path: string, descriptor: number, position: number): boolean {
  try {
    const there = statSync(path);
    return there.ino !== fstatSync(descriptor).ino || there.size < position;
  } catch (error) {
    // Between the two steps of a rotation there is no file; the open one goes on.
    if (errnoOf(error) === 'ENOENT') return false;
    throw fileError('read', path, error);
  }
}
