import { describe, expect, it } from 'vitest';
import { runPool } from '../../src/lib/preflight/pool.js';

const real = { now: () => performance.now(), sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, ms)) };

async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
}

describe('the pool', () => {
  it('runs everything once, never more at once than it may, nor for one host', async () => {
    let now = 0;
    let most = 0;
    const perKey = new Map<string, number>();
    let mostPerKey = 0;
    const items = Array.from({ length: 200 }, (_, i) => ({ i, host: `h${i % 7}` }));
    const work = async (item: { i: number; host: string }) => {
      now += 1;
      perKey.set(item.host, (perKey.get(item.host) ?? 0) + 1);
      most = Math.max(most, now);
      mostPerKey = Math.max(mostPerKey, perKey.get(item.host) ?? 0);
      await real.sleep(item.i % 3);
      now -= 1;
      perKey.set(item.host, (perKey.get(item.host) ?? 1) - 1);
      return item.i;
    };
    const done = await collect(runPool(items, (item) => item.host, work, { concurrency: 10, perKey: 2, gapMs: 0 }, real));
    expect(done.sort((a, b) => a - b)).toEqual(items.map(({ i }) => i));
    expect(most).toBe(10);
    expect(mostPerKey).toBe(2);
  });

  it('keeps the gap between two starts for one host, and other hosts do not wait for it', async () => {
    let time = 0;
    const clock = {
      now: () => time,
      sleep: async (ms: number) => {
        time += ms;
      },
    };
    const starts: [string, number][] = [];
    await collect(
      runPool(
        ['a', 'a', 'a', 'b'],
        (key) => key,
        async (key) => void starts.push([key, time]),
        { concurrency: 4, perKey: 4, gapMs: 100 },
        clock,
      ),
    );
    expect(starts.filter(([key]) => key === 'a').map(([, at]) => at)).toEqual([0, 100, 200]);
    expect(starts.find(([key]) => key === 'b')?.[1]).toBe(0);
  });

  it('takes items only as places come free', async () => {
    let taken = 0;
    function* many() {
      for (let i = 0; i < 1000; i += 1) {
        taken += 1;
        yield i;
      }
    }
    let done = 0;
    for await (const _ of runPool(
      many(),
      () => '',
      async (i) => i,
      { concurrency: 5, perKey: 5, gapMs: 0 },
      real,
    )) {
      done += 1;
      expect(taken - done).toBeLessThanOrEqual(10);
    }
    expect(done).toBe(1000);
  });

  it('starts nothing more once it is told to stop, and finishes what is under way', async () => {
    const controller = new AbortController();
    const done: number[] = [];
    for await (const i of runPool(
      Array.from({ length: 100 }, (_, n) => n),
      () => '',
      async (n) => n,
      { concurrency: 3, perKey: 3, gapMs: 0 },
      real,
      controller.signal,
    )) {
      done.push(i);
      if (done.length === 5) controller.abort();
    }
    expect(done.length).toBeGreaterThanOrEqual(5);
    expect(done.length).toBeLessThanOrEqual(8);
  });
});
