import { isIP } from 'node:net';
import { type PrefaceStream, refused } from '../preface/preface-stream.js';
import type { ProxyServer } from './proxy-server.js';

const REPLIES: Record<number, string> = {
  1: 'general failure',
  2: 'not allowed by its rules',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'TTL expired',
  7: 'command not supported',
  8: 'address type not supported',
};

/** CONNECT through a SOCKS5 proxy (RFC 1928, RFC 1929). Names are resolved by the proxy. */
export async function socks5(stream: PrefaceStream, proxy: ProxyServer, host: string, port: number): Promise<void> {
  const { credentials } = proxy;
  stream.write(Buffer.from(credentials ? [5, 2, 0, 2] : [5, 1, 0]), 'SOCKS5 hello');
  const choice = await stream.take(2);
  stream.heard(`SOCKS5 method ${choice[1]}`, choice);
  if (choice[0] !== 5) throw refused("the proxy's answer is no SOCKS5", 'proxy-refused');
  if (choice[1] === 2 && credentials) {
    const user = Buffer.from(credentials.username);
    const password = Buffer.from(credentials.password);
    if (user.length > 255 || password.length > 255) throw refused('SOCKS5 credentials are limited to 255 bytes each', 'proxy-refused');
    stream.write(Buffer.concat([Buffer.from([1, user.length]), user, Buffer.from([password.length]), password]), 'SOCKS5 credentials');
    const verdict = await stream.take(2);
    stream.heard(verdict[1] === 0 ? 'SOCKS5 welcome' : 'SOCKS5 refuses the credentials', verdict);
    if (verdict[1] !== 0) throw refused('the proxy refuses the credentials of TLSMEDIC_PROXY_USERNAME', 'proxy-refuses-credentials');
  } else if (choice[1] !== 0) {
    throw credentials
      ? refused('the proxy accepts none of our ways to log in', 'proxy-refused')
      : refused('the proxy wants credentials: set TLSMEDIC_PROXY_USERNAME and TLSMEDIC_PROXY_PASSWORD', 'proxy-wants-credentials');
  }
  stream.write(
    Buffer.concat([Buffer.from([5, 1, 0]), destination(host), Buffer.from([port >> 8, port & 255])]),
    `SOCKS5 CONNECT ${host}:${port}`,
  );
  const head = await stream.take(4);
  const bound = head[3] === 1 ? await stream.take(6) : head[3] === 4 ? await stream.take(18) : await boundName(stream);
  const reply = head[1] as number;
  stream.heard(reply === 0 ? 'SOCKS5 connected' : `SOCKS5 reply ${reply}`, Buffer.concat([head, bound]));
  if (reply !== 0)
    throw refused(`the proxy could not connect: ${REPLIES[reply] ?? `reply ${reply}`}`, reply === 2 ? 'proxy-policy' : 'proxy-target');
}

async function boundName(stream: PrefaceStream): Promise<Buffer> {
  const length = await stream.take(1);
  return Buffer.concat([length, await stream.take((length[0] as number) + 2)]);
}

/** Address type and address. */
function destination(host: string): Buffer {
  const kind = isIP(host);
  if (kind === 4) return Buffer.from([1, ...host.split('.').map(Number)]);
  if (kind === 6) return Buffer.from([4, ...ipv6Bytes(host)]);
  const name = Buffer.from(host);
  if (name.length > 255) throw refused('a name longer than 255 bytes cannot be sent to a SOCKS5 proxy', 'proxy-refused');
  return Buffer.concat([Buffer.from([3, name.length]), name]);
}

/** The sixteen bytes of an IPv6 address that `isIP` has accepted. */
export function ipv6Bytes(address: string): number[] {
  // URL writes an embedded IPv4 address as two hexadecimal groups.
  const text = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...Array.from({ length: tail === undefined ? 0 : 8 - front.length - back.length }, () => 0), ...back];
  return all.flatMap((group) => [group >> 8, group & 255]);
}

/** CONNECT through a SOCKS4a proxy: names are resolved by the proxy, there are no passwords. */
export async function socks4a(stream: PrefaceStream, proxy: ProxyServer, host: string, port: number): Promise<void> {
  if (isIP(host) === 6) throw refused('SOCKS4a knows no IPv6 addresses', 'proxy-refused');
  const named = isIP(host) === 0;
  const address = named ? [0, 0, 0, 1] : host.split('.').map(Number);
  const user = Buffer.from(`${proxy.credentials?.username ?? ''}\0`);
  const name = named ? Buffer.from(`${host}\0`) : Buffer.alloc(0);
  stream.write(Buffer.concat([Buffer.from([4, 1, port >> 8, port & 255, ...address]), user, name]), `SOCKS4a CONNECT ${host}:${port}`);
  const reply = await stream.take(8);
  stream.heard(`SOCKS4a reply ${reply[1]}`, reply);
  if (reply[1] !== 0x5a) throw refused(`the proxy could not connect: reply ${reply[1]}`, 'proxy-target');
}
