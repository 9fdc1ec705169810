/** How many at once, and how gently with each host. */
export interface PoolLimits {
  concurrency: number;
  /** At most this many at once for one key (a host). */
  perKey: number;
  /** The least time between two starts for one key, milliseconds; 0 for none. */
  gapMs: number;
}

/** Waiting and time, passed in so that tests need not wait. */
export interface PoolClock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

/**
 * Runs `work` over the items, a bounded number at once, and gives the results as they come. Memory stays constant: an item is taken only when a
 * place is free, and at most `concurrency` items wait for their host's turn. A worker that throws ends the run.
 * @param keyOf items of one key (one host) share `perKey` and `gapMs`
 * @param stop when aborted, no further item is started; those under way are finished
 */
export async function* runPool<T, R>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  work: (item: T) => Promise<R>,
  limits: PoolLimits,
  clock: PoolClock,
  stop?: AbortSignal,
): AsyncGenerator<R> {
  const source = items[Symbol.iterator]();
  const waiting: T[] = [];
  const running = new Map<symbol, Promise<Done<R>>>();
  const active = new Map<string, number>();
  const nextStart = new Map<string, number>();
  let exhausted = false;

  const fill = (): number | undefined => {
    let soonest: number | undefined;
    while (running.size < limits.concurrency && stop?.aborted !== true) {
      while (!exhausted && waiting.length < limits.concurrency) {
        const next = source.next();
        if (next.done === true) exhausted = true;
        else waiting.push(next.value);
      }
      const now = clock.now();
      soonest = undefined;
      const index = waiting.findIndex((item) => {
        const key = keyOf(item);
        if ((active.get(key) ?? 0) >= limits.perKey) return false;
        const at = nextStart.get(key) ?? 0;
        if (at <= now) return true;
        soonest = Math.min(soonest ?? at, at);
        return false;
      });
      const item = waiting[index];
      if (item === undefined) return soonest;
      waiting.splice(index, 1);
      begin(item, now);
    }
    return undefined;
  };

  const begin = (item: T, now: number): void => {
    const key = keyOf(item);
    const id = Symbol(key);
    active.set(key, (active.get(key) ?? 0) + 1);
    if (limits.gapMs > 0) {
      // Keys whose gap is over need not be remembered: a long list of hosts must not grow the map.
      for (const [other, at] of nextStart) {
        if (at > now) break;
        nextStart.delete(other);
      }
      nextStart.set(key, now + limits.gapMs);
    }
    running.set(
      id,
      work(item).then((result) => ({ id, key, result })),
    );
  };

  for (;;) {
    const soonest = fill();
    if (running.size === 0) {
      if (soonest === undefined) return;
      await clock.sleep(Math.max(1, soonest - clock.now()));
      continue;
    }
    const first =
      soonest === undefined
        ? await Promise.race(running.values())
        : await Promise.race([...running.values(), clock.sleep(Math.max(1, soonest - clock.now()))]);
    if (first === undefined) continue;
    running.delete(first.id);
    const left = (active.get(first.key) ?? 1) - 1;
    if (left === 0) active.delete(first.key);
    else active.set(first.key, left);
    yield first.result;
  }
}

interface Done<R> {
  id: symbol;
  key: string;
  result: R;
}
