import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as tls from 'node:tls';

export interface MutualHandshake {
  protocol: string | null;
  /** What the server knows of the client. */
  client: string;
  authorized: boolean;
}

/** One real mutual TLS handshake over loopback, both ends verifying; the server answers with the client's common name. */
export async function mutualHandshake(
  server: { cert: string; key: string; ca: string },
  client: { cert: string; key: string; ca: string },
  servername: string,
  version: 'TLSv1.2' | 'TLSv1.3',
): Promise<MutualHandshake> {
  const listener = tls.createServer(
    { ...server, requestCert: true, rejectUnauthorized: true, minVersion: version, maxVersion: version },
    (socket) => {
      socket.on('error', () => undefined);
      socket.end(`${socket.getPeerCertificate().subject?.CN ?? ''}|${socket.authorized}`);
    },
  );
  listener.on('tlsClientError', () => undefined);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  try {
    const socket = tls.connect({
      ...client,
      host: '127.0.0.1',
      port: (listener.address() as AddressInfo).port,
      servername,
      minVersion: version,
      maxVersion: version,
    });
    socket.on('error', () => undefined);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    let protocol: string | null = null;
    socket.once('secureConnect', () => {
      protocol = socket.getProtocol();
    });
    await once(socket, 'end');
    const [name = '', authorized = ''] = Buffer.concat(chunks).toString('utf8').split('|');
    return { protocol, client: name, authorized: authorized === 'true' };
  } finally {
    listener.close();
  }
}
