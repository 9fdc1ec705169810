import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { errnoOf, TlsmedicError } from '../errors.js';

const NAME = '.tlsmedic-lock';
/** A lock of another host (shared volume) cannot be asked whether its owner lives; what is held this long is given up on. */
const FOREIGN_STALE_MS = 5 * 60 * 1000;
const STEAL_STALE_MS = 10_000;
const PATIENCE_MS = 30_000;

const waiting = new Int32Array(new SharedArrayBuffer(4));

/**
 * Runs `work` while no other process runs anything under the lock of the same folder. The lock of a process that was killed is taken over.
 * Waits up to 30 s, blocking. Not re-entrant.
 * @throws TlsmedicError `folder-busy`; what `work` throws
 */
export function withFolderLock<T>(directory: string, work: () => T): T {
  const lock = join(directory, NAME);
  const started = Date.now();
  let pause = 1;
  while (!acquire(lock)) {
    if (Date.now() - started > PATIENCE_MS) {
      throw new TlsmedicError('folder-busy', `another tlsmedic has been writing to ${directory} for ${PATIENCE_MS / 1000} s`, {
        kind: 'environment',
        next: ['wait for it to end', `if none is running, remove ${lock}`],
      });
    }
    if (isStale(lock)) takeAway(lock);
    else Atomics.wait(waiting, 0, 0, pause + (pid % 7));
    // Who writes set after set leaves the lock free for moments only: asked seldom, it is never found free.
    pause = Math.min(8, pause * 2);
  }
  try {
    return work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** The lock is a symbolic link that leads nowhere and names its owner: made in one step, never seen half written, nothing beside it to be left behind. */
function acquire(lock: string): boolean {
  try {
    fs.symlinkSync(`${pid} ${hostname()}`, lock);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EACCES'].includes(errnoOf(error) ?? '')) throw error;
    return acquireWithoutLinks(lock);
  }
}

function acquireWithoutLinks(lock: string): boolean {
  try {
    fs.writeFileSync(lock, `${pid} ${hostname()}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isStale(lock: string): boolean {
  try {
    const [owner = '', host = ''] = ownerOf(lock).trim().split(' ');
    if (host !== hostname()) return Date.now() - fs.lstatSync(lock).mtimeMs > FOREIGN_STALE_MS;
    return !isAlive(Number(owner));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function ownerOf(lock: string): string {
  try {
    return fs.readlinkSync(lock);
  } catch (error) {
    if (errnoOf(error) === 'EINVAL' || errnoOf(error) === 'UNKNOWN') return fs.readFileSync(lock, 'utf8');
    throw error;
  }
}

function isAlive(owner: number): boolean {
  if (!Number.isSafeInteger(owner) || owner <= 0) return false;
  try {
    kill(owner, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Removes a stale lock; a second lock keeps two processes from removing one that was renewed in between. */
function takeAway(lock: string): void {
  const steal = `${lock}-steal`;
  if (!acquireWithoutLinks(steal)) {
    const since = fs.statSync(steal, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > STEAL_STALE_MS) fs.rmSync(steal, { force: true });
    Atomics.wait(waiting, 0, 0, 5);
    return;
  }
  try {
    if (isStale(lock)) fs.rmSync(lock, { force: true });
  } finally {
    fs.rmSync(steal, { force: true });
  }
}
