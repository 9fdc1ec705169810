import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { runPreflight } from '../../src/lib/operations/preflight/run-preflight.js';
import { HostGate } from '../../src/lib/preflight/host-gate.js';

describe('the gate of a host', () => {
  it('lets at most so many through at once, in order, and other hosts do not wait', async () => {
    const gate = new HostGate({ atOnce: 2, gapMs: 0 }, { now: () => 0, sleep: async () => undefined });
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const order: number[] = [];
    const work = (host: string, i: number) => async () => {
      running.set(host, (running.get(host) ?? 0) + 1);
      most.set(host, Math.max(most.get(host) ?? 0, running.get(host) ?? 0));
      order.push(i);
      await new Promise((resolve) => setTimeout(resolve, i % 3));
      running.set(host, (running.get(host) ?? 1) - 1);
      return i;
    };
    const done = await Promise.all(Array.from({ length: 40 }, (_, i) => gate.run(`h${i % 2}`, work(`h${i % 2}`, i))));
    expect(done).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect([...most.values()]).toEqual([2, 2]);
    expect(order.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  it('keeps the gap between two starts, and a failure gives its place back', async () => {
    let time = 0;
    const clock = {
      now: () => time,
      sleep: async (ms: number) => {
        time += ms;
      },
    };
    const gate = new HostGate({ atOnce: 1, gapMs: 100 }, clock);
    const starts: number[] = [];
    const all = Array.from({ length: 4 }, (_, i) =>
      gate.run('h', async () => {
        starts.push(time);
        if (i === 1) throw new Error('trouble');
      }),
    );
    const settled = await Promise.allSettled(all);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(starts).toEqual([0, 100, 200, 300]);
  });

  it('counts connections, not targets: a target of many expectations is no way around it', async () => {
    const starts: number[] = [];
    let open = 0;
    let most = 0;
    const server = createServer((socket) => {
      starts.push(performance.now());
      open += 1;
      most = Math.max(most, open);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        open -= 1;
      });
      // A fatal alert protocol_version to whatever is said.
      socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 70])));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await runPreflight({
      config: {
        targets: [1, 2, 3].map((i) => ({
          name: `t${i}`,
          endpoint: `127.0.0.1:${port}`,
          trust: 'none' as const,
          expect: { mtls: 'required' as const, minVersion: '1.3' as const },
        })),
      },
      retries: 0,
      perHost: 1,
      ratePerHost: 50,
    });
    await new Promise((resolve) => server.close(resolve));
    expect(starts.length).toBeGreaterThan(6);
    expect(most).toBeLessThanOrEqual(2);
    // 20 ms between two starts; a busy machine only makes it longer, but may hand over two that waited in the backlog at once.
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual((starts.length - 1) * 20 - 40);
  });
});
