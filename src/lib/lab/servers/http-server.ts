import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpServer {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** A plain HTTP server on loopback: a time source by its Date header, or a place where certificates, CRLs and OCSP answers are fetched. */
export async function startHttpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { clockOffsetSeconds = 0 }: { clockOffsetSeconds?: number } = {},
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    response.sendDate = false;
    response.setHeader('Date', new Date(Date.now() + clockOffsetSeconds * 1000).toUTCString());
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves the given bytes by path. */
export function startFileServer(files: Record<string, Uint8Array>, clock?: { clockOffsetSeconds: number }): Promise<HttpServer> {
  return startHttpServer((request, response) => {
    const bytes = files[request.url ?? ''];
    response.statusCode = bytes === undefined ? 404 : 200;
    response.end(bytes);
  }, clock);
}
