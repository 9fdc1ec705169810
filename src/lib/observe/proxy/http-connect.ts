import { isIP } from 'node:net';
import { type PrefaceStream, refused } from '../preface/preface-stream.js';
import type { ProxyServer } from './proxy-server.js';

/** CONNECT through an HTTP proxy (RFC 9110 §9.3.6). */
export async function httpConnect(stream: PrefaceStream, proxy: ProxyServer, host: string, port: number): Promise<void> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, 'User-Agent: tlsmedic'];
  const { credentials } = proxy;
  if (credentials)
    lines.push(`Proxy-Authorization: Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`);
  stream.write(`${lines.join('\r\n')}\r\n\r\n`, credentials ? `CONNECT ${authority} (with credentials)` : `CONNECT ${authority}`);
  const head = (await stream.through(Buffer.from('\r\n\r\n'))).toString('latin1');
  const statusLine = head.split('\r\n')[0] ?? '';
  stream.heard(statusLine, Buffer.from(head, 'latin1'));
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) throw refused(`the proxy's answer is no HTTP: "${statusLine.slice(0, 100)}"`, 'proxy-refused');
  if (status.startsWith('2')) return;
  // tinyproxy says 401 where RFC 9110 §15.5.8 wants 407.
  if (status === '407' || status === '401') {
    throw credentials
      ? refused(`the proxy refuses the credentials of TLSMEDIC_PROXY_USERNAME (${status})`, 'proxy-refuses-credentials')
      : refused(
          `the proxy wants credentials (${status}): set TLSMEDIC_PROXY_USERNAME and TLSMEDIC_PROXY_PASSWORD`,
          'proxy-wants-credentials',
        );
  }
  const code = status === '403' ? 'proxy-policy' : /^50[234]$/.test(status) ? 'proxy-target' : 'proxy-refused';
  throw refused(`the proxy refuses: "${statusLine}"`, code);
}
