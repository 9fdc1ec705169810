import { createSocket } from 'node:dgram';

/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_EPOCH = 2_208_988_800;

export interface SntpServer {
  port: number;
  close(): Promise<void>;
}

/** An SNTP server (RFC 4330) on loopback whose clock is `offsetSeconds` ahead of this machine's. */
export async function startSntpServer(offsetSeconds: number): Promise<SntpServer> {
  const socket = createSocket('udp4');
  const stamp = (answer: Buffer, at: number): void => {
    const ms = Date.now() + offsetSeconds * 1000;
    answer.writeUInt32BE(Math.floor(ms / 1000) + NTP_EPOCH, at);
    answer.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32), at + 4);
  };
  socket.on('message', (request, peer) => {
    if (request.length < 48) return;
    const answer = Buffer.alloc(48);
    answer[0] = 0x24; // no warning, version 4, server
    answer[1] = 2; // stratum
    answer[2] = 6;
    answer[3] = 0xec; // precision 2^-20 s
    answer.write('LOCL', 12, 'latin1');
    request.copy(answer, 24, 40, 48); // originate = the client's transmit timestamp
    stamp(answer, 16);
    stamp(answer, 32);
    stamp(answer, 40);
    socket.send(answer, peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { port: socket.address().port, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}
