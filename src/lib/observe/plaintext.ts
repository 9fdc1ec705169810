import { connect } from './connect.js';
import type { PlaintextRecord } from './observation.js';

/** Looks at a port without TLS: what it says unasked, and to a small question of the protocols that start in plaintext. */

export type PlaintextProbe = 'listen' | 'http' | 'redis' | 'postgres' | 'ldap' | 'mqtt' | 'proxy-protocol';

/** Enough to recognise any protocol by. */
const MAX_ANSWER = 4096;

/** SSLRequest (PostgreSQL protocol 3.0, §55.2.10): length 8, code 80877103. The answer is one byte, S or N. */
const POSTGRES_SSL_REQUEST = Uint8Array.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** MQTT 3.1.1 CONNECT with an empty client identifier and a clean session. */
const MQTT_CONNECT = Uint8Array.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 0]);

/** LDAP ExtendedRequest for StartTLS, 1.3.6.1.4.1.1466.20037 (RFC 4511 §4.14). */
const LDAP_START_TLS = Buffer.concat([
  Uint8Array.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from('1.3.6.1.4.1.1466.20037', 'latin1'),
]);

function block(length: 1 | 2, content: Uint8Array): Buffer {
  const head = Buffer.alloc(length);
  head.writeUIntBE(content.length, 0, length);
  return Buffer.concat([head, content]);
}

function extension(type: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), block(2, content)]);
}

/** A ClientHello that any current server answers, for the look behind a PROXY protocol header. */
function smallClientHello(): Buffer {
  const extensions = Buffer.concat([
    extension(10, block(2, Buffer.from('001d00170018', 'hex'))),
    extension(11, block(1, Buffer.from([0]))),
    extension(13, block(2, Buffer.from('0403080404010503080505010806060102010203', 'hex'))),
    extension(43, block(1, Buffer.from('03040303', 'hex'))),
    extension(51, block(2, Buffer.concat([Buffer.from('001d', 'hex'), block(2, Buffer.alloc(32, 9))]))),
  ]);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 0x5a),
    block(1, new Uint8Array(0)),
    block(2, Buffer.from('130113021303c02bc02fc02cc030cca9cca8009c009d002f0035', 'hex')),
    block(1, Buffer.from([0])),
    block(2, extensions),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), block(2, body)]);
  return Buffer.concat([Buffer.from([0x16, 3, 1]), block(2, message)]);
}

function questionOf(probe: PlaintextProbe, host: string): Uint8Array | undefined {
  switch (probe) {
    case 'listen':
      return undefined;
    case 'http':
      return Buffer.from(
        `GET / HTTP/1.1\r\nHost: ${host.replace(/[\r\n]/g, '')}\r\nUser-Agent: tlsmedic\r\nConnection: close\r\n\r\n`,
        'latin1',
      );
    case 'redis':
      // Redis and memcached answer a line; to an HTTP request Redis hangs up on the Host header.
      return Buffer.from('PING\r\n', 'latin1');
    case 'postgres':
      return POSTGRES_SSL_REQUEST;
    case 'ldap':
      return LDAP_START_TLS;
    case 'mqtt':
      return MQTT_CONNECT;
    case 'proxy-protocol':
      return Buffer.concat([Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 40000 443\r\n', 'latin1'), smallClientHello()]);
  }
}

/** Connects in plaintext, asks, and waits for the first bytes, the end of the connection, or `timeoutMs`. Silence is a completed look without bytes. */
export async function lookInPlaintext(request: {
  probe: PlaintextProbe;
  address: string;
  port: number;
  host: string;
  timeoutMs: number;
  /** Ends the look at once. */
  signal?: AbortSignal;
}): Promise<PlaintextRecord> {
  const { probe, address, port, host, timeoutMs, signal } = request;
  const started = performance.now();
  const tcp = await connect({ address, port, timeoutMs, ...(signal && { signal }) });
  if (tcp.status !== 'completed') return { address, port, probe, result: tcp };
  const socket = tcp.value;
  const question = questionOf(probe, host);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (closed: boolean) => {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener('abort', stop);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve({
        address,
        port,
        probe,
        result: {
          status: 'completed',
          value: { first: Buffer.concat(chunks).subarray(0, MAX_ANSWER), closed },
          ms: performance.now() - started,
        },
      });
    };
    const stop = () => settle(false);
    const timer = setTimeout(stop, timeoutMs);
    signal?.addEventListener('abort', stop, { once: true });
    let grace: NodeJS.Timeout | undefined;
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_ANSWER) settle(false);
      // The rest of a greeting or of an HTTP head follows at once, if at all.
      else grace ??= setTimeout(() => settle(false), 60);
    });
    socket.on('end', () => settle(true));
    socket.on('error', () => settle(true));
    if (question !== undefined) socket.write(question);
  });
}
