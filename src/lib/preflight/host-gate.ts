import type { PoolClock } from './pool.js';

/** How gently one host is treated, counted in connections and not in targets: a target of many expectations makes many. */
export interface HostLimits {
  /** At most this many at once for one host. */
  atOnce: number;
  /** The least time between two starts for one host, milliseconds; 0 for none. */
  gapMs: number;
}

interface Host {
  running: number;
  nextAt: number;
  waiting: (() => void)[];
}

/** Lets connections to a host through as its limits allow. Hosts without connections are not remembered for longer than their gap. */
export class HostGate {
  readonly #limits: HostLimits;
  readonly #clock: PoolClock;
  readonly #hosts = new Map<string, Host>();

  constructor(limits: HostLimits, clock: PoolClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Runs `work` when the host's turn has come, in the order of the calls. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { atOnce, gapMs } = this.#limits;
    let host = this.#hosts.get(key);
    if (host === undefined) {
      host = { running: 0, nextAt: 0, waiting: [] };
      this.#hosts.set(key, host);
    }
    if (host.running >= atOnce) {
      const { waiting } = host;
      // The place is handed over: `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else host.running += 1;
    try {
      const now = this.#clock.now();
      const wait = host.nextAt - now;
      if (gapMs > 0) host.nextAt = Math.max(now, host.nextAt) + gapMs;
      if (wait > 0) await this.#clock.sleep(wait);
      return await work();
    } finally {
      const next = host.waiting.shift();
      if (next !== undefined) next();
      else {
        host.running -= 1;
        if (host.running === 0 && host.nextAt <= this.#clock.now()) this.#hosts.delete(key);
      }
    }
  }
}
