import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { diagnose } from '../../src/lib/operations/diagnose.js';

/**
 * The net under the rules: whatever a server does that is no finished handshake, the answer is never "healthy" and the exit status never 0.
 * (A GnuTLS server that answered a version that was not offered was once called healthy, since no rule knew it.)
 */
const servers: Server[] = [];
const sockets = new Set<Socket>();

async function serverThat(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => answer(socket));
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

const look = (port: number) =>
  diagnose({ target: `127.0.0.1:${port}`, timeoutSeconds: 1, deadlineSeconds: 8, trust: 'none', fetch: false });

describe('a server that gives no working handshake is never healthy', () => {
  const numbers = [0, 10, 20, 22, 40, 42, 47, 50, 51, 70, 71, 80, 86, 90, 109, 112, 113, 115, 116, 120, 200, 255];
  it.each(numbers)('alert %i in answer to the ClientHello', async (number) => {
    const port = await serverThat((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, number])));
    const { document, exitStatus } = await look(port);
    expect(document.ok).toBe(false);
    expect(document.causes.length).toBeGreaterThan(0);
    expect(exitStatus).not.toBe(0);
  });

  it.each([
    ['an empty handshake record', [22, 3, 3, 0, 0]],
    ['half a record', [22, 3, 3, 0, 50, 2, 0]],
    ['a ServerHello that is garbage', [22, 3, 3, 0, 8, 2, 0, 0, 4, 9, 9, 9, 9]],
    ['a warning alert and the end', [21, 3, 3, 0, 2, 1, 90]],
    ['application data', [23, 3, 3, 0, 4, 1, 2, 3, 4]],
  ])('%s', async (_, bytes) => {
    const port = await serverThat((socket) => socket.end(Buffer.from(bytes as number[])));
    const { document, exitStatus } = await look(port);
    expect(document.ok).toBe(false);
    expect(exitStatus).not.toBe(0);
  });
});
