import { randomBytes } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, expect, it } from 'vitest';
import { createAuthority } from '../../../src/lib/ca/authority.js';
import { issueCertificate } from '../../../src/lib/ca/issue.js';
import { call, type Session, session } from './session.js';

const ROUNDS = 10_000;
const AT_A_TIME = 32;

let s: Session | undefined;
afterAll(() => s?.end());

/** A repeatable sequence, so that a failure can be looked at again. */
function sequenceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sends bytes as they are and leaves in one of three ways. */
function badBytes(port: number, bytes: Buffer, leave: 'fin' | 'reset' | 'wait'): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => {
      socket.write(bytes, () => {
        if (leave === 'fin') socket.end();
        else if (leave === 'reset') socket.resetAndDestroy();
      });
    });
    const timer = setTimeout(() => socket.destroy(), 60);
    socket.on('data', () => undefined);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The first flight of a node client, to be bent. */
function recordedHello(port: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const listener = connectTcp(port, '127.0.0.1');
    listener.destroy();
    import('node:net').then(({ createServer }) => {
      const server = createServer((socket) => {
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk);
          socket.destroy();
          server.close();
        });
      });
      server.listen(0, '127.0.0.1', () => {
        const { port: own } = server.address() as { port: number };
        connect({ port: own, host: '127.0.0.1', servername: 'localhost' }).on('error', () => undefined);
      });
    });
  });
}

it(`survives ${ROUNDS} bad handshakes and serves the next client as if nothing had been`, async () => {
  s = await session({ maxConnections: 200, handshakeTimeoutMs: 300, clientAuth: 'required' });
  const { port } = s.serving;
  const random = sequenceOf(20_261_122);
  const hello = await recordedHello(port);
  const foreign = issueCertificate(createAuthority({ name: 'Foreign' }), { names: ['x'], profile: 'client' });
  const good = s.issue({ names: ['good'], profile: 'client' });
  const before = process.memoryUsage().rss;
  const kinds: (() => Promise<unknown>)[] = [
    () => badBytes(port, randomBytes(1 + Math.floor(random() * 600)), random() < 0.5 ? 'fin' : 'reset'),
    () => badBytes(port, hello.subarray(0, Math.floor(random() * hello.length)), random() < 0.5 ? 'fin' : 'reset'),
    () => {
      const bent = Buffer.from(hello);
      for (let i = 0; i < 3; i++) bent[5 + Math.floor(random() * (bent.length - 5))] = Math.floor(random() * 256);
      return badBytes(port, bent, 'wait');
    },
    () => badBytes(port, Buffer.concat([hello, randomBytes(200)]), 'wait'),
    () => badBytes(port, Buffer.from('GET / HTTP/1.0\r\n\r\n'), 'wait'),
    () => badBytes(port, Buffer.from([22, 3, 1, 255, 255]), 'fin'),
    () => call(s as Session, { maxVersion: random() < 0.5 ? 'TLSv1.2' : 'TLSv1.3' }),
    () => call(s as Session, { cert: foreign.chainPem, key: foreign.keyPem ?? '' }),
    () => call(s as Session, { ca: foreign.certPem }),
    () => call(s as Session, { cert: good.chain, key: good.key }, `${randomBytes(40).toString('latin1')}\r\n\r\n`),
  ];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < ROUNDS; at = next++) await kinds[at % kinds.length]?.();
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const seconds = (performance.now() - began) / 1000;
  const grown = (process.memoryUsage().rss - before) / 1024 / 1024;
  process.stdout.write(
    `${ROUNDS} bad handshakes in ${seconds.toFixed(1)} s, memory ${grown.toFixed(0)} MiB more (the recorded events included)\n`,
  );

  expect((await call(s, { cert: good.chain, key: good.key })).text).toContain('200 OK');
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(s.serving.openConnections).toBeLessThanOrEqual(1);
  const told = s.connections();
  // Each connection is told of; some twice, when the client left after it had been accepted.
  expect(new Set(told.map(({ id }) => id)).size).toBeGreaterThanOrEqual(ROUNDS * 0.95);
  expect(told.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(ROUNDS / 10);
  expect(told.filter(({ outcome }) => outcome === 'not-tls').length).toBeGreaterThan(ROUNDS / 10);
  expect(grown).toBeLessThan(600);
});
