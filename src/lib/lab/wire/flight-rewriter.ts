import type { TlsRecord } from './records.js';
import { CONTENT, plainRecord } from './records.js';
import type { ServerWire, WireEvents } from './server-wire.js';
import { TrafficKeys } from './traffic-keys.js';

const CERTIFICATE = 11;
const FINISHED = 20;
/** Plaintext bytes in one record we write (RFC 8446 §5.1). */
const FRAGMENT = 16384;

/** Changes one handshake message of the server's first flight; gets and gives the body without its four header bytes. */
export type MessageEdit = (type: number, body: Buffer, tls13: boolean) => Buffer;

/**
 * Rewrites the server's first flight message by message, in clear for TLS 1.2 and under the server's own handshake keys for TLS 1.3.
 * What the client then holds against it is real: the signature over the transcript no longer fits either.
 */
export function editFlight(edit: MessageEdit): () => NonNullable<WireEvents['rewrite']> {
  return () => {
    const flight = new Flight(edit);
    return (record, wire) => flight.rewrite(record, wire);
  };
}

/** Serves other certificates than the key belongs to: leaf first, DER, sent as they are. */
export function replaceCertificates(certificates: readonly Uint8Array[]): () => NonNullable<WireEvents['rewrite']> {
  return editFlight((type, body, tls13) => (type === CERTIFICATE ? certificateMessage(certificates, tls13) : body));
}

/** Body of a Certificate message (RFC 8446 §4.4.2, RFC 5246 §7.4.2). */
function certificateMessage(certificates: readonly Uint8Array[], tls13: boolean): Buffer {
  const list = Buffer.concat(certificates.flatMap((der) => [uint24(der.length), der, ...(tls13 ? [Buffer.from([0, 0])] : [])]));
  return Buffer.concat([...(tls13 ? [Buffer.from([0])] : []), uint24(list.length), list]);
}

function uint24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 255, value & 255]);
}

class Flight {
  private readonly edit: MessageEdit;
  private opened: TrafficKeys | undefined;
  private sealed: TrafficKeys | undefined;
  private pending: Buffer = Buffer.alloc(0);
  private over = false;

  constructor(edit: MessageEdit) {
    this.edit = edit;
  }

  rewrite(record: TlsRecord, wire: ServerWire): Buffer {
    const asIs = Buffer.concat([record.header, record.body]);
    if (this.over) return asIs;
    if (wire.isTls13 && record.type === CONTENT.applicationData) return this.rewriteSealed(record, wire, asIs);
    if (record.type === CONTENT.handshake)
      return this.edited(record.body, wire.isTls13, (content) => plainRecord(CONTENT.handshake, content));
    if (record.type === CONTENT.changeCipherSpec && !wire.isTls13) this.over = true;
    return asIs;
  }

  private rewriteSealed(record: TlsRecord, wire: ServerWire, asIs: Buffer): Buffer {
    const secret = wire.secret('SERVER_HANDSHAKE_TRAFFIC_SECRET');
    if (secret === undefined) return asIs;
    this.opened ??= new TrafficKeys(wire.cipherSuite, secret);
    this.sealed ??= new TrafficKeys(wire.cipherSuite, secret);
    const keys = this.sealed;
    const { type, content } = this.opened.open(record.header, record.body);
    if (type !== CONTENT.handshake) return keys.seal(type, content);
    return this.edited(content, true, (part) => keys.seal(CONTENT.handshake, part));
  }

  /** Whole messages out of `content` and what was left before, edited and framed again. */
  private edited(content: Buffer, tls13: boolean, frame: (content: Buffer) => Buffer): Buffer {
    this.pending = Buffer.concat([this.pending, content]);
    const out: Buffer[] = [];
    while (this.pending.length >= 4) {
      const length = this.pending.readUIntBE(1, 3);
      if (this.pending.length < 4 + length) break;
      const type = this.pending.readUInt8(0);
      const body = this.edit(type, this.pending.subarray(4, 4 + length), tls13);
      const message = Buffer.concat([Buffer.from([type]), uint24(body.length), body]);
      for (let at = 0; at < message.length; at += FRAGMENT) out.push(frame(message.subarray(at, at + FRAGMENT)));
      this.pending = this.pending.subarray(4 + length);
      if (type === FINISHED) this.over = true;
    }
    return Buffer.concat(out);
  }
}
