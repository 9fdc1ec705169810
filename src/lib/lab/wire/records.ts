/** TLS record framing (RFC 8446 §5.1) as the fault injector needs it: cut a byte stream into records and write one. */

/** ContentType numbers. */
export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export interface TlsRecord {
  /** ContentType as on the wire; 23 for everything encrypted in TLS 1.3. */
  type: number;
  /** The five header bytes. */
  header: Buffer;
  body: Buffer;
}

/** Largest record body a peer may send: 2^14 plus expansion (RFC 5246 §6.2.3), so a hostile length cannot make us buffer more. */
const MAX_BODY = 16384 + 2048;

/**
 * Cuts a stream into records, keeping an incomplete tail until its rest arrives. A stream that is no TLS is handed over
 * once in `notTls` and nothing is cut from then on.
 */
export class RecordReader {
  notTls: Buffer | undefined;
  private tail: Buffer = Buffer.alloc(0);

  /** Complete records in `chunk` together with what was left before. */
  read(chunk: Buffer): TlsRecord[] {
    if (this.notTls !== undefined) return [];
    let rest = this.tail.length > 0 ? Buffer.concat([this.tail, chunk]) : chunk;
    const records: TlsRecord[] = [];
    while (rest.length > 0) {
      if (!looksLikeTls(rest)) {
        this.notTls = rest.subarray(0, 64);
        this.tail = Buffer.alloc(0);
        return records;
      }
      if (rest.length < 5) break;
      const length = rest.readUInt16BE(3);
      if (rest.length < 5 + length) break;
      records.push({ type: rest.readUInt8(0), header: rest.subarray(0, 5), body: rest.subarray(5, 5 + length) });
      rest = rest.subarray(5 + length);
    }
    this.tail = rest;
    return records;
  }
}

/** Whether the first bytes can begin a TLS record: a known type, major version 3, a lawful length. */
export function looksLikeTls(bytes: Buffer): boolean {
  const type = bytes[0] ?? 0;
  if (type < CONTENT.changeCipherSpec || type > 24) return false;
  if (bytes.length >= 2 && bytes[1] !== 3) return false;
  return bytes.length < 5 || bytes.readUInt16BE(3) <= MAX_BODY;
}

/** One record in clear. */
export function plainRecord(type: number, body: Uint8Array): Buffer {
  const header = Buffer.from([type, 3, 3, body.length >> 8, body.length & 255]);
  return Buffer.concat([header, body]);
}

/** The two bytes of an alert: level fatal (warning for close_notify), then AlertDescription (RFC 8446 §6). */
export function alertBody(description: number): Buffer {
  return Buffer.from([description === 0 ? 1 : 2, description]);
}
