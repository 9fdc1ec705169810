import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, createServer, TLSSocket as ServerSocket, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { handshake } from '../../src/lib/observe/handshake.js';
import { parseProxy } from '../../src/lib/observe/proxy/proxy-server.js';
import { authority, listening, type Running, serverLeaf, tcpServer, tlsServer } from './node-server.js';

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});
async function started(server: Promise<Running>): Promise<Running> {
  const value = await server;
  running.push(value);
  return value;
}

const context = createSecureContext({ cert: serverLeaf.chainPem, key: serverLeaf.keyPem as string });
function beginTls(socket: Socket): void {
  socket.removeAllListeners('data');
  const tls: TLSSocket = new ServerSocket(socket, { isServer: true, secureContext: context });
  tls.on('error', () => tls.destroy());
  tls.resume();
}

/** A server that greets, then answers each expected request; TLS begins after the last answer. */
function scripted(greeting: string | Buffer, steps: [RegExp, string | Buffer][]) {
  return tcpServer((socket) => {
    if (greeting.length > 0) socket.write(greeting);
    let step = 0;
    if (steps.length === 0) return beginTls(socket);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      const [wanted, answer] = steps[step] as [RegExp, string | Buffer];
      if (!wanted.test(heard)) return;
      heard = '';
      step++;
      socket.write(answer, () => {
        if (step === steps.length) beginTls(socket);
      });
      return;
    });
    return;
  });
}

const mysqlGreeting = (ssl: boolean) => {
  const payload = Buffer.concat([
    Buffer.from('\x0a8.0.36\0', 'latin1'),
    Buffer.from([7, 0, 0, 0]),
    Buffer.from('abcdefgh\0'),
    Buffer.from([0xff, ssl ? 0xff : 0xf7]),
    Buffer.alloc(30),
  ]);
  return Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]);
};
const ldapAnswer = (code: number) => Buffer.from([0x30, 0x0c, 0x02, 0x01, 0x01, 0x78, 0x07, 0x0a, 0x01, code, 0x04, 0x00, 0x04, 0x00]);

const PROTOCOLS: Record<string, { yes: () => Promise<Running>; no: () => Promise<Running> }> = {
  smtp: {
    yes: () =>
      scripted('220-mx ready\r\n220 go on\r\n', [
        [/^EHLO/, '250-mx\r\n250-SIZE\r\n250 STARTTLS\r\n'],
        [/^STARTTLS\r\n/, '220 go\r\n'],
      ]),
    no: () => scripted('220 mx\r\n', [[/^EHLO/, '250 SIZE\r\n']]),
  },
  lmtp: {
    yes: () =>
      scripted('220 mx\r\n', [
        [/^LHLO/, '250 STARTTLS\r\n'],
        [/^STARTTLS/, '220 go\r\n'],
      ]),
    no: () => scripted('554 no\r\n', [[/./, '']]),
  },
  imap: {
    yes: () => scripted('* OK ready\r\n', [[/^a1 STARTTLS\r\n/, '* CAPABILITY x\r\na1 OK begin\r\n']]),
    no: () => scripted('* OK ready\r\n', [[/STARTTLS/, 'a1 BAD unknown\r\n']]),
  },
  pop3: {
    yes: () => scripted('+OK ready\r\n', [[/^STLS\r\n/, '+OK go\r\n']]),
    no: () => scripted('+OK ready\r\n', [[/STLS/, '-ERR no\r\n']]),
  },
  ftp: {
    yes: () => scripted('220 ftp\r\n', [[/^AUTH TLS\r\n/, '234 go\r\n']]),
    no: () => scripted('220 ftp\r\n', [[/AUTH/, '502 no\r\n']]),
  },
  ldap: {
    yes: () => scripted('', [[/1\.3\.6\.1\.4\.1\.1466\.20037$/, ldapAnswer(0)]]),
    no: () => scripted('', [[/20037$/, ldapAnswer(52)]]),
  },
  postgres: { yes: () => scripted('', [[/\x04\xd2\x16\x2f$/, 'S']]), no: () => scripted('', [[/./, 'N']]) },
  mysql: {
    yes: () =>
      behind((socket, connectTo, reply) => {
        reply(mysqlGreeting(true));
        socket.once('data', (chunk) => {
          // The request and the ClientHello may come in one piece: the first 36 bytes are the request.
          if (chunk.length > 36) socket.unshift(chunk.subarray(36));
          connectTo();
        });
      }),
    no: () => scripted(mysqlGreeting(false), [[/./, '']]),
  },
  xmpp: {
    yes: () =>
      scripted('', [
        [
          /to='localhost' version='1.0'>$/,
          "<?xml version='1.0'?><stream:stream id='1'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
        ],
        [/<starttls[^>]*\/>$/, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
      ]),
    no: () => scripted('', [[/version='1.0'>$/, '<stream:stream><stream:features><mechanisms/></stream:features>']]),
  },
  nats: {
    yes: () => scripted('INFO {"server_id":"x","tls_required":true}\r\n', []),
    no: () => scripted('INFO {"server_id":"x"}\r\n', [[/./, '']]),
  },
  sieve: {
    yes: () => scripted('"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK ready\r\n', [[/^STARTTLS\r\n/, 'OK go\r\n']]),
    no: () => scripted('"IMPLEMENTATION" "x"\r\nOK ready\r\n', [[/./, '']]),
  },
  nntp: { yes: () => scripted('200 news\r\n', [[/^STARTTLS/, '382 go\r\n']]), no: () => scripted('200 news\r\n', [[/./, '580 no\r\n']]) },
  irc: {
    yes: () => scripted(':s NOTICE * :looking up\r\n', [[/^STARTTLS/, ':s 670 * :go\r\n']]),
    no: () => scripted('', [[/./, ':s 691 * :no\r\n']]),
  },
};

const base = { why: 'test', experiment: 'look', address: '127.0.0.1', servername: 'localhost' };

describe.each(Object.keys(PROTOCOLS))('STARTTLS in %s', (protocol) => {
  it('leads to TLS', async () => {
    const server = await started((PROTOCOLS[protocol] as (typeof PROTOCOLS)[string]).yes());
    const record = await handshake({ ...base, port: server.port, starttls: protocol });
    expect(record.error).toBeUndefined();
    expect(record.outcome).toBe('accepted');
    expect(record.chain).toHaveLength(2);
    expect(record.sent.starttls).toBe(protocol);
    expect(record.transcript?.messages[0]?.type).toBe('preface');
    expect(record.transcript?.messages[0]?.ms).toBe(0);
  });

  it('says when it is refused', async () => {
    const server = await started((PROTOCOLS[protocol] as (typeof PROTOCOLS)[string]).no());
    const record = await handshake({ ...base, port: server.port, starttls: protocol, timeoutMs: 10_000 });
    expect(record.outcome).toBe('preface-failed');
    expect(record.error?.code).toBe('preface-refused');
  });
});

it('STARTTLS ends in time with a server that says nothing', async () => {
  const server = await started(tcpServer(() => undefined));
  // Time enough to connect on a busy machine, so that it is the silence that ends it.
  const look = (starttls: string) => handshake({ ...base, port: server.port, starttls, timeoutMs: 1500 });
  for (const record of await Promise.all(Object.keys(PROTOCOLS).map(look))) {
    expect(record.outcome, record.sent.starttls).toBe('preface-failed');
    expect(record.error?.code, record.sent.starttls).toBe('timeout');
  }
});

/** A TLS server reached through a relay that first speaks a proxy protocol. */
async function behind(speak: (socket: Socket, connectTo: () => void, reply: (bytes: Buffer | string) => void) => void) {
  const target = createServer({ cert: serverLeaf.chainPem, key: serverLeaf.keyPem as string }, (socket) => socket.resume());
  const inner = await started(listening(target));
  const { connect } = await import('node:net');
  return started(
    tcpServer((socket) => {
      const connectTo = () => {
        socket.removeAllListeners('data');
        const upstream = connect(inner.port, '127.0.0.1');
        upstream.on('error', () => socket.destroy());
        socket.on('close', () => upstream.destroy());
        socket.pipe(upstream).pipe(socket);
      };
      speak(socket, connectTo, (bytes) => socket.write(bytes));
    }),
  );
}

describe('proxies', () => {
  it('goes through HTTP CONNECT with credentials that stand in no record', async () => {
    let head = '';
    const server = await behind((socket, connectTo, reply) => {
      socket.on('data', (chunk) => {
        head += chunk.toString();
        if (!head.endsWith('\r\n\r\n')) return;
        reply('HTTP/1.1 200 Connection established\r\n\r\n');
        connectTo();
      });
    });
    const proxy = parseProxy(`http://127.0.0.1:${server.port}`, { TLSMEDIC_PROXY_USERNAME: 'ada', TLSMEDIC_PROXY_PASSWORD: 'sesame' });
    const record = await handshake({ ...base, address: 'ledger.internal', port: 8443, proxy });
    expect(record.outcome).toBe('accepted');
    expect(head).toContain('CONNECT ledger.internal:8443 HTTP/1.1');
    expect(head).toContain(`Proxy-Authorization: Basic ${Buffer.from('ada:sesame').toString('base64')}`);
    expect(JSON.stringify(record)).not.toMatch(/sesame|c2VzYW1l|YWRhOnNlc2FtZQ/);
    expect(record.sent.proxy).toBe(`http://127.0.0.1:${server.port}`);
  });

  it('goes through an https proxy that is trusted, and through no other', async () => {
    const inner = await started(
      listening(createServer({ cert: serverLeaf.chainPem, key: serverLeaf.keyPem as string }, (socket) => socket.resume())),
    );
    const { connect } = await import('node:net');
    const server = await started(
      tlsServer({}, (socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          const upstream = connect(inner.port, '127.0.0.1');
          upstream.on('error', () => socket.destroy());
          socket.on('close', () => upstream.destroy());
          socket.pipe(upstream).pipe(socket);
        });
      }),
    );
    const proxy = { kind: 'https', host: 'localhost', port: server.port } as const;
    const refused = await handshake({ ...base, address: 'ledger.internal', port: 8443, proxy });
    expect(refused.outcome).toBe('preface-failed');
    expect(refused.error?.message).toMatch(/^TLS with the proxy failed/);
    const record = await handshake({ ...base, address: 'ledger.internal', port: 8443, proxy: { ...proxy, ca: [authority.root.pem] } });
    expect(record.outcome).toBe('accepted');
    expect(record.chain).toHaveLength(2);
  });

  it('says what a proxy refuses', async () => {
    const server = await started(
      tcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))),
    );
    const record = await handshake({ ...base, port: 443, proxy: { kind: 'http', host: '127.0.0.1', port: server.port } });
    expect(record.outcome).toBe('preface-failed');
    expect(record.error?.message).toContain('407');
  });

  it('goes through SOCKS5 with a password', async () => {
    let asked = Buffer.alloc(0);
    const server = await behind((socket, connectTo, reply) => {
      let step = 0;
      socket.on('data', (chunk) => {
        step++;
        if (step === 1) reply(Buffer.from([5, 2]));
        else if (step === 2) reply(Buffer.from([1, 0]));
        else {
          asked = chunk;
          reply(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          connectTo();
        }
      });
    });
    const proxy = { kind: 'socks5', host: '127.0.0.1', port: server.port, credentials: { username: 'ada', password: 'sesame' } } as const;
    const record = await handshake({ ...base, address: 'ledger.internal', port: 8443, proxy });
    expect(record.outcome).toBe('accepted');
    expect(asked).toEqual(Buffer.concat([Buffer.from([5, 1, 0, 3, 15]), Buffer.from('ledger.internal'), Buffer.from([0x20, 0xfb])]));
    expect(JSON.stringify(record)).not.toContain(Buffer.from('sesame').toString('base64').slice(0, 6));
  });

  it('sends a PROXY protocol header first', async () => {
    let first = '';
    const server = await behind((socket, connectTo) => {
      socket.once('data', (chunk) => {
        const end = chunk.indexOf('\r\n') + 2;
        first = chunk.subarray(0, end).toString();
        if (chunk.length > end) socket.unshift(chunk.subarray(end));
        connectTo();
      });
    });
    const record = await handshake({ ...base, port: server.port, proxyProtocol: 'v1' });
    expect(record.outcome).toBe('accepted');
    expect(first).toMatch(new RegExp(`^PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ ${server.port}\r\n$`));
  });

  it('refuses credentials in the address', () => {
    expect(() => parseProxy('http://ada:sesame@proxy:3128', {})).toThrowError(/process list/);
    expect(() => parseProxy('gopher://x', {})).toThrowError();
  });
});

it('connects to a unix socket', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tm-'));
  const path = join(directory, 'tls.sock');
  const server = createServer({ cert: serverLeaf.chainPem, key: serverLeaf.keyPem as string }, (socket) => socket.resume());
  await new Promise<void>((done) => server.listen(path, done));
  const record = await handshake({ ...base, port: 0, socketPath: path });
  expect(record.outcome).toBe('accepted');
  await new Promise<void>((done) => server.close(() => done()));
  await rm(directory, { recursive: true });
});
