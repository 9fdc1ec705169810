import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../errors.js';
import type { ClockReading } from '../observe/observation.js';
import { localNow } from './local-clock.js';
import { runProgram } from './program.js';

/**
 * What the time service of this machine says of the local clock: chrony, else systemd. It counts as an independent clock only while it says
 * that it is synchronised, and it is compared with the clock as this process sees it, which need not be the machine's (faketime, a container).
 */
export async function readTimeService(timeoutMs: number): Promise<ClockReading[]> {
  const [chrony, systemd] = await Promise.all([readChrony(timeoutMs), readTimedatectl(timeoutMs)]);
  return [chrony, systemd].filter((reading) => reading !== undefined);
}

/** `chronyc -c tracking`: CSV with the time of the last update, the offset in seconds, root delay and dispersion. */
async function readChrony(timeoutMs: number): Promise<ClockReading | undefined> {
  const run = await runProgram('chronyc', ['-c', '-n', 'tracking'], timeoutMs);
  if (run.status !== 'completed') return undefined;
  const fields = run.value.stdout.trim().split(',');
  const [stratum, refTime, systemOffset, rootDelay, rootDispersion] = [2, 3, 4, 10, 11].map((index) => Number(fields[index]));
  if (fields.length < 13 || stratum === undefined || !(stratum > 0 && stratum < 16)) return undefined;
  const age = localNow() / 1000 - (refTime ?? Number.NaN);
  // The last update lies in the past, and not longer ago than the longest polling interval: otherwise this process has another clock.
  if (!(age > -5 && age < 36 * 3600)) return undefined;
  return {
    source: 'chrony on this machine',
    kind: 'chrony',
    of: 'local',
    reading: {
      status: 'completed',
      value: {
        offsetSeconds: -(systemOffset ?? 0),
        uncertaintySeconds: Math.abs(rootDelay ?? 0) / 2 + Math.abs(rootDispersion ?? 0) + 0.05,
      },
      ms: run.ms,
    },
  };
}

/** `timedatectl show`: the service's own reading of the clock, to the second, and whether it is synchronised. */
async function readTimedatectl(timeoutMs: number): Promise<ClockReading | undefined> {
  if (!existsSync('/run/systemd/system')) return undefined;
  const askedAt = localNow();
  const run = await runProgram('timedatectl', ['show', '--property=NTPSynchronized', '--property=TimeUSec'], timeoutMs);
  if (run.status !== 'completed' || !/^NTPSynchronized=yes$/m.test(run.value.stdout)) return undefined;
  const said = Date.parse(
    (/^TimeUSec=(?:\w{3} )?(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/m.exec(run.value.stdout) ?? []).slice(1).join('T').concat('Z'),
  );
  if (!Number.isFinite(said)) return undefined;
  const lo = (said - localNow()) / 1000;
  const hi = (said + 1000 - askedAt) / 1000;
  return {
    source: 'systemd time service on this machine',
    kind: 'timedatectl',
    of: 'local',
    reading: { status: 'completed', value: { offsetSeconds: (lo + hi) / 2, uncertaintySeconds: (hi - lo) / 2 }, ms: run.ms },
  };
}

/** A process whose clock differs from its kernel's by more than this has been given another one (faketime, TLSMEDIC_CLOCK_OFFSET). */
const OTHER_CLOCK_SECONDS = 2;

/**
 * The clock that stamps new files: the kernel's, or a file server's. It is told only when it contradicts this process, since its agreement
 * would prove nothing: mostly it is the same clock.
 */
export function readFileClock(): ClockReading | undefined {
  const path = join(tmpdir(), `tlsmedic-clock-${randomUUID()}`);
  try {
    const before = localNow();
    writeFileSync(path, '', { mode: 0o600, flag: 'wx' });
    const stamped = statSync(path).mtimeMs;
    const after = localNow();
    const offsetSeconds = (stamped - (before + after) / 2) / 1000;
    if (Math.abs(offsetSeconds) <= OTHER_CLOCK_SECONDS) return undefined;
    return {
      source: 'clock of the file system (this process has another one)',
      kind: 'file-system',
      of: 'reference',
      reading: { status: 'completed', value: { offsetSeconds, uncertaintySeconds: (after - before) / 2000 + 0.05 }, ms: after - before },
    };
  } catch (error) {
    // No room, or no right to write: then this clock is not read.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  } finally {
    rmSync(path, { force: true });
  }
}
