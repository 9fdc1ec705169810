import { type PrefaceStream, refused } from '../preface/preface-stream.js';

const CLIENT_SSL = 0x0800;
/** LONG_PASSWORD, PROTOCOL_41, SSL, SECURE_CONNECTION, PLUGIN_AUTH. */
const CAPABILITIES = 0x0001 | 0x0200 | CLIENT_SSL | 0x8000 | 0x80000;

/** The SSLRequest packet of the MySQL client/server protocol, after the server's handshake packet. */
export async function mysql(stream: PrefaceStream): Promise<void> {
  const header = await stream.take(4);
  const payload = await stream.take(header.readUIntLE(0, 3));
  const packet = Buffer.concat([header, payload]);
  if (payload[0] === 0xff) {
    const text = payload.subarray(3).toString('latin1');
    stream.heard(`ERR ${text}`, packet);
    throw refused(`the server refuses: "${text}"`);
  }
  const versionEnd = payload.indexOf(0, 1);
  if (payload[0] !== 10 || versionEnd < 0 || payload.length < versionEnd + 16) throw refused('the greeting is not from MySQL');
  stream.heard(`MySQL ${payload.subarray(1, versionEnd).toString('latin1')}`, packet);
  // After the version: thread id (4), first part of the challenge (8), a zero byte.
  if ((payload.readUInt16LE(versionEnd + 14) & CLIENT_SSL) === 0)
    throw refused('the server does not offer TLS (its capabilities lack CLIENT_SSL)');
  const request = Buffer.alloc(36);
  request.writeUIntLE(32, 0, 3);
  request[3] = 1;
  request.writeUInt32LE(CAPABILITIES, 4);
  request.writeUInt32LE(1 << 24, 8);
  request[12] = 45;
  stream.write(request, 'SSLRequest');
}
