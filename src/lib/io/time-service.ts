import { existsSync } from 'node:fs';
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
