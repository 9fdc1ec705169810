import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Attempt } from './attempt.js';
import { failureOf } from './connect.js';

/** Every address of a host, A and AAAA, in the order the system's resolver gives them. An IP address (brackets allowed) is its own answer. */
export async function resolve(host: string, timeoutMs = 5000): Promise<Attempt<{ addresses: string[]; asked: string }>> {
  const asked = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(asked)) return { status: 'completed', value: { addresses: [asked], asked }, ms: 0 };
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error(`the resolver gave no answer for ${asked} within ${timeoutMs} ms`), { code: 'timeout' })),
      timeoutMs,
    );
  });
  try {
    const found = await Promise.race([lookup(asked, { all: true, verbatim: true }), late]);
    const addresses = [...new Set(found.map(({ address }) => address))];
    return { status: 'completed', value: { addresses, asked }, ms: performance.now() - started };
  } catch (error) {
    return { status: 'failed', failure: failureOf(error), ms: performance.now() - started };
  } finally {
    clearTimeout(timer);
  }
}
