import { isIP, type Socket } from 'node:net';
import { ipv6Bytes } from './socks.js';

/** The header that load balancers put before a connection to say whose it is. The peer expects it, or takes it for garbage. */
export type ProxyProtocol = 'v1' | 'v2';

const V2_SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);

/** The header for a connection of our own: our address and the peer's. */
export function proxyProtocolHeader(
  version: ProxyProtocol,
  socket: Pick<Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>,
): Buffer {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  const family = isIP(localAddress);
  if (version === 'v1') {
    const text = family === 0 ? 'PROXY UNKNOWN' : `PROXY TCP${family} ${localAddress} ${remoteAddress} ${localPort} ${remotePort}`;
    return Buffer.from(`${text}\r\n`, 'latin1');
  }
  const addresses =
    family === 4
      ? [localAddress, remoteAddress].flatMap((a) => a.split('.').map(Number))
      : family === 6
        ? [localAddress, remoteAddress].flatMap(ipv6Bytes)
        : [];
  const ports = family === 0 ? [] : [localPort, remotePort].flatMap((port) => [port >> 8, port & 255]);
  const body = Buffer.from([...addresses, ...ports]);
  // Command LOCAL (0x20) when there is no address to tell; else PROXY (0x21) over TCP.
  const head = Buffer.from([
    family === 0 ? 0x20 : 0x21,
    family === 4 ? 0x11 : family === 6 ? 0x21 : 0x00,
    body.length >> 8,
    body.length & 255,
  ]);
  return Buffer.concat([V2_SIGNATURE, head, body]);
}
