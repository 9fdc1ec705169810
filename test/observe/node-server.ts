import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';

/** A PKI made at run time, and loopback servers that end with their test. */

export const authority = createAuthority({ name: 'Probe' });
export const otherAuthority = createAuthority({ name: 'Stranger' });
export const serverLeaf = issueCertificate(authority, { names: ['localhost', '127.0.0.1', '::1'], profile: 'server' });
export const clientLeaf = issueCertificate(authority, { names: ['gateway'], profile: 'client' });
export const strangerLeaf = issueCertificate(otherAuthority, { names: ['gateway'], profile: 'client' });

export function credential(issued: typeof clientLeaf, label = 'client') {
  return { label, cert: issued.chainPem, key: issued.keyPem as string };
}

export interface Running {
  port: number;
  close(): Promise<void>;
}

export async function listening(server: Server): Promise<Running> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}

/** A node TLS server with the good certificate. */
export function tlsServer(
  options: TlsOptions = {},
  onConnection: (socket: TLSSocket) => void = (socket) => socket.resume(),
): Promise<Running> {
  const server = createServer({ cert: serverLeaf.chainPem, key: serverLeaf.keyPem as string, ...options });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

/** A plain TCP server. */
export function tcpServer(onConnection: (socket: Socket) => void): Promise<Running> {
  return listening(createTcpServer({ allowHalfOpen: true }, onConnection));
}
