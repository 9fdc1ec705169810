import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

/** Servers that do not speak TLS at all, or not at once: what stands behind "wrong version number". */

/** What a plain server does with a connection. */
export interface PlainBehaviour {
  /** Said at once. */
  greeting?: string | Uint8Array;
  /** Answer to the bytes that arrive; `close` ends, `reset` sends RST, undefined keeps waiting. */
  reply?: (received: Buffer) => string | Uint8Array | 'close' | 'reset' | undefined;
  /** RST as soon as a client has connected. */
  resetAtOnce?: boolean;
}

export interface PlainServer {
  host: string;
  port: number;
  close(): Promise<void>;
}

/** Starts a server with that behaviour on loopback. */
export async function startPlainServer(behaviour: PlainBehaviour, at: { host?: string; port?: number } = {}): Promise<PlainServer> {
  const open = new Set<Socket>();
  const host = at.host ?? '127.0.0.1';
  const listener = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    if (behaviour.resetAtOnce === true) socket.resetAndDestroy();
    else converse(socket, behaviour);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(at.port ?? 0, host, resolve);
  });
  return {
    host,
    port: (listener.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        listener.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function converse(socket: Socket, behaviour: PlainBehaviour): void {
  if (behaviour.greeting !== undefined) socket.write(behaviour.greeting);
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]).subarray(-65536);
    const reply = behaviour.reply?.(received);
    if (reply === undefined) return;
    if (reply === 'reset') socket.resetAndDestroy();
    else if (reply === 'close') socket.end();
    else {
      socket.write(reply);
      received = Buffer.alloc(0);
    }
  });
}

const MYSQL_GREETING = Buffer.concat([
  Buffer.from([0x4a, 0, 0, 0, 10]), // packet length, sequence, protocol 10
  Buffer.from('8.0.36\0'),
  Buffer.from([8, 0, 0, 0]),
  Buffer.from('abcdefgh\0'),
  Buffer.from([0xff, 0xff, 0xff, 2, 0, 0xff, 0xdf, 21, ...new Array<number>(10).fill(0)]),
  Buffer.from('ijklmnopqrst\0'),
  Buffer.from('mysql_native_password\0'),
]);

/** PostgreSQL's SSLRequest: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Protocols as they are met on ports that somebody takes for TLS. */
export const PLAIN_PROTOCOLS = {
  /** Answers anything with a 400, as most HTTP servers do to a ClientHello. */
  http: {
    reply: (received: Buffer) =>
      /^(GET|HEAD|POST|OPTIONS|CONNECT) /.test(received.toString('latin1'))
        ? received.includes('\r\n\r\n')
          ? `HTTP/1.1 200 OK\r\nDate: ${new Date().toUTCString()}\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n`
          : undefined
        : 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  },
  smtp: {
    greeting: '220 mail.lab.test ESMTP Postfix\r\n',
    reply: (received: Buffer) => {
      const line = received.toString('latin1');
      if (!line.includes('\n')) return undefined;
      if (/^ehlo /im.test(line)) return '250-mail.lab.test\r\n250-STARTTLS\r\n250 8BITMIME\r\n';
      if (/^quit/im.test(line)) return 'close' as const;
      return '500 5.5.2 Error: bad syntax\r\n';
    },
  },
  imap: {
    greeting: '* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot ready.\r\n',
    reply: (received: Buffer) => (received.includes(10) ? '* BAD Error in IMAP command received by server.\r\n' : undefined),
  },
  pop3: {
    greeting: '+OK Dovecot ready.\r\n',
    reply: (received: Buffer) => (received.includes(10) ? '-ERR Unknown command.\r\n' : undefined),
  },
  ftp: {
    greeting: '220 (vsFTPd 3.0.3)\r\n',
    reply: (received: Buffer) => (received.includes(10) ? '530 Please login with USER and PASS.\r\n' : undefined),
  },
  ssh: {
    greeting: 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n',
    reply: () => 'close' as const,
  },
  mysql: { greeting: MYSQL_GREETING, reply: () => 'close' as const },
  /** Says nothing unasked; S to an SSLRequest, closes on anything else that is no startup packet. */
  postgres: {
    reply: (received: Buffer) => (received.subarray(0, 8).equals(SSL_REQUEST) ? 'S' : ('close' as const)),
  },
  /** Waits for a line end. */
  redis: {
    reply: (received: Buffer) => (received.includes('\r\n') ? '-ERR unknown command, with args beginning with: \r\n' : undefined),
  },
  echo: { reply: (received: Buffer) => received },
  /** Takes the connection and never says a word. */
  silent: {},
  /** RST as soon as a byte comes, as a load balancer without a backend does. */
  resetting: { reply: () => 'reset' as const },
  resettingAtOnce: { resetAtOnce: true },
  /** FIN as soon as a byte comes. */
  closing: { reply: () => 'close' as const },
} as const satisfies Record<string, PlainBehaviour>;

/** A port on which nobody listens: one that was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = await startPlainServer({});
  await server.close();
  return server.port;
}
