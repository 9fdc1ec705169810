import type { Recording } from './recording.js';

/**
 * A capture file (pcapng) of recorded connections, as if somebody had listened on the wire: TCP frames are made up around the recorded bytes,
 * and the TLS secrets lie inside (Decryption Secrets Block), so that Wireshark opens it decrypted.
 */
export interface CapturedConnection {
  recording: Recording;
  /** Milliseconds since 1970 UTC when recording began. */
  startedAt: number;
  /** The peer's address; anything that is no IP address is drawn as 192.0.2.1 (RFC 5737). */
  address: string;
  port: number;
}

const BLOCK = { sectionHeader: 0x0a0d0d0a, interfaceDescription: 1, enhancedPacket: 6, decryptionSecrets: 10 } as const;
/** Raw IPv4 or IPv6, no link layer. */
const LINKTYPE_RAW = 101;
const SECRETS_TLS_KEY_LOG = 0x544c534b;
/** One made-up frame carries at most this much. */
const MAX_SEGMENT = 16_384;
const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

/** The file's bytes. `application` is noted in it. */
export function pcapng(connections: readonly CapturedConnection[], application: string): Uint8Array {
  const blocks = [sectionHeader(application), interfaceDescription()];
  const keyLog = connections.flatMap(({ recording }) => recording.keyLog);
  if (keyLog.length > 0) blocks.push(decryptionSecrets(keyLog));
  const packets = connections.flatMap((connection, index) => framesOf(connection, 40_000 + (index % 20_000)));
  packets.sort((a, b) => a.us - b.us);
  for (const { us, bytes } of packets) blocks.push(enhancedPacket(us, bytes));
  return Buffer.concat(blocks);
}

interface Frame {
  /** Microseconds since 1970 UTC. */
  us: number;
  bytes: Buffer;
}

function block(type: number, body: Buffer): Buffer {
  const padding = (4 - (body.length % 4)) % 4;
  const total = 12 + body.length + padding;
  const out = Buffer.alloc(total);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(total, 4);
  body.copy(out, 8);
  out.writeUInt32LE(total, total - 4);
  return out;
}

function option(code: number, value: Buffer): Buffer {
  const out = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  out.writeUInt16LE(code, 0);
  out.writeUInt16LE(value.length, 2);
  value.copy(out, 4);
  return out;
}

function sectionHeader(application: string): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(0x1a2b3c4d, 0);
  head.writeUInt16LE(1, 4);
  head.writeBigInt64LE(-1n, 8);
  return block(BLOCK.sectionHeader, Buffer.concat([head, option(4, Buffer.from(application)), option(0, Buffer.alloc(0))]));
}

function interfaceDescription(): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(LINKTYPE_RAW, 0);
  return block(BLOCK.interfaceDescription, head);
}

function decryptionSecrets(keyLog: readonly string[]): Buffer {
  const text = Buffer.from(`${keyLog.join('\n')}\n`, 'latin1');
  const head = Buffer.alloc(8);
  head.writeUInt32LE(SECRETS_TLS_KEY_LOG, 0);
  head.writeUInt32LE(text.length, 4);
  return block(BLOCK.decryptionSecrets, Buffer.concat([head, text]));
}

function enhancedPacket(us: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(20);
  const time = BigInt(Math.round(us));
  head.writeUInt32LE(0, 0);
  head.writeUInt32LE(Number(time >> 32n), 4);
  head.writeUInt32LE(Number(time & 0xffffffffn), 8);
  head.writeUInt32LE(bytes.length, 12);
  head.writeUInt32LE(bytes.length, 16);
  return block(BLOCK.enhancedPacket, Buffer.concat([head, bytes]));
}

/** One side of a made-up TCP connection. */
interface Side {
  address: Buffer;
  port: number;
  /** Next sequence number. */
  next: number;
  closed: boolean;
}

function framesOf({ recording, startedAt, address, port }: CapturedConnection, clientPort: number): Frame[] {
  const server: Side = { address: addressBytes(address), port: port || 443, next: 1_000_000, closed: false };
  const client: Side = {
    address: server.address.length === 4 ? Buffer.from([127, 0, 0, 1]) : addressBytes('::1'),
    port: clientPort,
    next: 1000,
    closed: false,
  };
  const frames: Frame[] = [];
  const send = (ms: number, from: Side, to: Side, flags: number, payload: Uint8Array = Buffer.alloc(0)) => {
    frames.push({ us: (startedAt + ms) * 1000, bytes: packet(from, to, flags, payload) });
    from.next = (from.next + payload.length + (flags & (FLAG.syn | FLAG.fin) ? 1 : 0)) >>> 0;
  };
  const began = Math.max(0, (recording.events[0]?.ms ?? 0) - 0.01);
  send(began, client, { ...server, next: 0 }, FLAG.syn);
  send(began, server, client, FLAG.syn | FLAG.ack);
  send(began, client, server, FLAG.ack);
  for (const event of recording.events) {
    const [from, to] = event.from === 'client' ? [client, server] : [server, client];
    if (event.kind === 'bytes' || event.kind === 'preface') {
      for (let at = 0; at < event.bytes.length; at += MAX_SEGMENT)
        send(event.ms, from, to, FLAG.psh | FLAG.ack, event.bytes.subarray(at, at + MAX_SEGMENT));
    } else if (!from.closed) {
      from.closed = true;
      send(event.ms, from, to, event.kind === 'fin' ? FLAG.fin | FLAG.ack : FLAG.rst | FLAG.ack);
    }
  }
  return frames;
}

function packet(from: Side, to: Side, flags: number, payload: Uint8Array): Buffer {
  const tcp = Buffer.alloc(20 + payload.length);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(from.next, 4);
  tcp.writeUInt32BE(flags & FLAG.ack ? to.next : 0, 8);
  tcp[12] = 5 << 4;
  tcp[13] = flags;
  tcp.writeUInt16BE(65_535, 14);
  tcp.set(payload, 20);
  const v6 = from.address.length === 16;
  const pseudo = v6 ? Buffer.alloc(40) : Buffer.alloc(12);
  from.address.copy(pseudo, 0);
  to.address.copy(pseudo, from.address.length);
  if (v6) {
    pseudo.writeUInt32BE(tcp.length, 32);
    pseudo[39] = 6;
  } else {
    pseudo[9] = 6;
    pseudo.writeUInt16BE(tcp.length, 10);
  }
  tcp.writeUInt16BE(checksum(Buffer.concat([pseudo, tcp])), 16);
  const ip = v6 ? Buffer.alloc(40) : Buffer.alloc(20);
  if (v6) {
    ip[0] = 0x60;
    ip.writeUInt16BE(tcp.length, 4);
    ip[6] = 6;
    ip[7] = 64;
    from.address.copy(ip, 8);
    to.address.copy(ip, 24);
  } else {
    ip[0] = 0x45;
    ip.writeUInt16BE(20 + tcp.length, 2);
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = 6;
    from.address.copy(ip, 12);
    to.address.copy(ip, 16);
    ip.writeUInt16BE(checksum(ip), 10);
  }
  return Buffer.concat([ip, tcp]);
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65_536);
  return ~sum & 0xffff;
}

function addressBytes(address: string): Buffer {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return Buffer.from(address.split('.').map(Number));
  const bare = address.replace(/%.*$/, '');
  if (!bare.includes(':') || !URL.canParse(`http://[${bare}]`)) return Buffer.from([192, 0, 2, 1]);
  const [head = '', tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const front = groups(head);
  const back = groups(tail ?? '');
  const all = [...front, ...Array.from({ length: tail === undefined ? 0 : 8 - front.length - back.length }, () => 0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
