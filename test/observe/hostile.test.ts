import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { handshake, runHandshake } from '../../src/lib/observe/handshake.js';
import type { HandshakeRecord } from '../../src/lib/observe/observation.js';
import { type Running, serverLeaf, tcpServer, tlsServer } from './node-server.js';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});
async function started(server: Promise<Running>): Promise<Running> {
  const value = await server;
  running.push(value);
  return value;
}

const OUTCOMES = [
  'accepted',
  'rejected',
  'rejected-late',
  'closed',
  'closed-late',
  'broken-off-here',
  'not-tls',
  'silent',
  'unreachable',
  'preface-failed',
];

async function look(port: number, timeoutMs = 600): Promise<HandshakeRecord> {
  const before = process.memoryUsage().rss;
  const record = await handshake({ why: 'test', experiment: 'look', address: '127.0.0.1', port, servername: 'localhost', timeoutMs });
  expect(OUTCOMES).toContain(record.outcome);
  expect(record.timings.totalMs).toBeLessThan(timeoutMs + 5000);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  return record;
}

const vector = (lengthBytes: number, body: Uint8Array) =>
  Buffer.concat([Buffer.from(body.length.toString(16).padStart(lengthBytes * 2, '0'), 'hex'), body]);
const handshakeMessage = (type: number, body: Uint8Array) => Buffer.concat([Buffer.from([type]), vector(3, body)]);

/** Splits into records of at most 16384 bytes. */
function records(type: number, bytes: Uint8Array): Buffer {
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 16_384)
    out.push(Buffer.concat([Buffer.from([type, 3, 3]), vector(2, bytes.subarray(at, at + 16_384))]));
  return Buffer.concat(out);
}

/** A TLS 1.2 ServerHello for ECDHE-ECDSA-AES128-GCM-SHA256. */
const serverHello = handshakeMessage(
  2,
  Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(0)),
    Buffer.from([0xc0, 0x2b, 0]),
    vector(2, Buffer.from('ff01000100', 'hex')),
  ]),
);
const certificates = (list: Uint8Array[]) => handshakeMessage(11, vector(3, Buffer.concat(list.map((der) => vector(3, der)))));

const onceAsked = (say: (socket: Socket) => void) => tcpServer((socket) => socket.once('data', () => say(socket)));

/** Writes without end until the peer is gone. */
function endlessly(socket: Socket, chunk: Buffer): void {
  const pump = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', pump);
  pump();
}

describe('hostile servers', () => {
  it('silent', async () => {
    expect((await look((await started(tcpServer(() => undefined))).port)).outcome).toBe('silent');
  });

  it('one byte at a time', async () => {
    const server = await started(
      onceAsked((socket) => {
        const bytes = records(22, serverHello);
        let at = 0;
        const timer = setInterval(
          () => (socket.destroyed || at >= bytes.length ? clearInterval(timer) : socket.write(bytes.subarray(at, ++at))),
          100,
        );
      }),
    );
    expect((await look(server.port)).outcome).toBe('silent');
  });

  it('endless HelloRequests', async () => {
    const server = await started(
      onceAsked((socket) =>
        endlessly(socket, records(22, Buffer.concat(Array.from({ length: 4000 }, () => handshakeMessage(0, Buffer.alloc(0)))))),
      ),
    );
    expect(['silent', 'broken-off-here']).toContain((await look(server.port)).outcome);
  });

  it('an endless certificate message', async () => {
    const announced = Buffer.concat([serverHello, Buffer.from([11, 0xff, 0xff, 0xff])]);
    const server = await started(
      onceAsked((socket) => {
        socket.write(records(22, announced));
        endlessly(socket, records(22, Buffer.alloc(16_384)));
      }),
    );
    expect(['silent', 'broken-off-here']).toContain((await look(server.port)).outcome);
  });

  it('a certificate of ten megabytes', async () => {
    const server = await started(
      onceAsked((socket) => socket.write(records(22, Buffer.concat([serverHello, certificates([Buffer.alloc(10 << 20, 0x30)])])))),
    );
    expect((await look(server.port)).outcome).toBe('broken-off-here');
  });

  it('a thousand certificates', async () => {
    const server = await started(
      onceAsked((socket) =>
        socket.write(records(22, Buffer.concat([serverHello, certificates(Array.from({ length: 1000 }, () => serverLeaf.der))]))),
      ),
    );
    const record = await look(server.port);
    expect(record.outcome).toBe('broken-off-here');
  });

  it('garbage after a good start', async () => {
    const server = await started(
      onceAsked((socket) => socket.write(Buffer.concat([records(22, serverHello), Buffer.from('this is no record at all, is it?')]))),
    );
    const record = await look(server.port);
    expect(['not-tls', 'broken-off-here']).toContain(record.outcome);
  });

  it('pure garbage', async () => {
    const server = await started(onceAsked((socket) => socket.write(Buffer.alloc(100_000, 0xa5))));
    expect((await look(server.port)).outcome).toBe('not-tls');
  });

  it('an alert of unknown number', async () => {
    const server = await started(onceAsked((socket) => socket.write(records(21, Buffer.from([2, 199])))));
    const record = await look(server.port);
    expect(record.outcome).toBe('rejected');
    expect(record.alertReceived).toMatchObject({ number: 199, name: 'alert_199' });
  });

  it('an alert of unknown level and of wrong length', async () => {
    for (const body of [[77, 40], [2], [2, 40, 0]]) {
      const server = await started(onceAsked((socket) => socket.end(records(21, Buffer.from(body)))));
      await look(server.port);
    }
  });

  it('a record within a record', async () => {
    const server = await started(onceAsked((socket) => socket.write(records(22, records(22, serverHello)))));
    expect((await look(server.port)).outcome).toBe('broken-off-here');
  });

  it('an empty record, an oversized record, a record of unknown type', async () => {
    for (const bytes of [
      Buffer.from('1603030000', 'hex'),
      Buffer.concat([Buffer.from('160303ffff', 'hex'), Buffer.alloc(70_000)]),
      records(24, Buffer.from('heartbeat')),
      records(99, Buffer.from('x')),
    ]) {
      const server = await started(onceAsked((socket) => socket.end(bytes)));
      await look(server.port);
    }
  });
});

/** Forwards to a real server, and ends the connection after so many records from it. */
async function cutting(target: number, count: number, how: 'fin' | 'rst'): Promise<Running> {
  return started(
    tcpServer((socket) => {
      const upstream = connect(target, '127.0.0.1');
      upstream.on('error', () => socket.destroy());
      socket.on('close', () => upstream.destroy());
      socket.pipe(upstream);
      let pending = Buffer.alloc(0);
      let seen = 0;
      upstream.on('data', (chunk: Buffer) => {
        pending = Buffer.concat([pending, chunk]);
        while (pending.length >= 5 && pending.length >= 5 + pending.readUInt16BE(3)) {
          const length = 5 + pending.readUInt16BE(3);
          if (seen++ === count) {
            upstream.destroy();
            if (how === 'fin') socket.end();
            // A reset overtakes what is still under way.
            else setTimeout(() => socket.resetAndDestroy(), 30);
            return;
          }
          socket.write(pending.subarray(0, length));
          pending = pending.subarray(length);
        }
      });
    }),
  );
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('cut off at each record boundary of %s', (version) => {
  it.each(['fin', 'rst'] as const)('by %s', async (how) => {
    const server = await started(tlsServer({ minVersion: version, maxVersion: version }));
    const outcomes: string[] = [];
    for (let count = 0; count < 7; count++) {
      const relay = await cutting(server.port, count, how);
      const record = await look(relay.port);
      outcomes.push(record.outcome);
      // What had come by then is in the transcript.
      expect(record.transcript?.messages.filter((m) => m.from === 'server').length).toBeGreaterThanOrEqual(count);
    }
    expect(outcomes[0]).toBe('closed');
    expect(outcomes[1]).toBe('closed');
    expect(outcomes.filter((outcome) => !['closed', 'closed-late', 'accepted'].includes(outcome))).toEqual([]);
  });
});

it('ends at once when interrupted', async () => {
  const server = await started(tcpServer(() => undefined));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const { record } = await runHandshake({
    why: 'test',
    experiment: 'look',
    address: '127.0.0.1',
    port: server.port,
    signal: controller.signal,
    timeoutMs: 20_000,
  });
  expect(record.error?.code).toBe('aborted');
  expect(record.timings.totalMs).toBeLessThan(10_000);
});
