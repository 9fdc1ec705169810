import type { CipherGCMTypes } from 'node:crypto';
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { CONTENT } from './records.js';

/**
 * TLS 1.3 record protection from a traffic secret of the key log (RFC 8446 §5.2, §7.3). The fault injector opens and seals the
 * records of its own server with it, so that an alert of choice is a real encrypted alert.
 */

interface Suite {
  hash: string;
  cipher: CipherGCMTypes | 'chacha20-poly1305';
  keyLength: number;
}

const SUITES: Record<string, Suite> = {
  TLS_AES_128_GCM_SHA256: { hash: 'sha256', cipher: 'aes-128-gcm', keyLength: 16 },
  TLS_AES_256_GCM_SHA384: { hash: 'sha384', cipher: 'aes-256-gcm', keyLength: 32 },
  TLS_CHACHA20_POLY1305_SHA256: { hash: 'sha256', cipher: 'chacha20-poly1305', keyLength: 32 },
};

const SUITE_OF_NUMBER: Record<number, string> = {
  4865: 'TLS_AES_128_GCM_SHA256',
  4866: 'TLS_AES_256_GCM_SHA384',
  4867: 'TLS_CHACHA20_POLY1305_SHA256',
};

const TAG = 16;

/** Seals and opens records of one direction and one epoch; the sequence number counts by itself. */
export class TrafficKeys {
  private readonly suite: Suite;
  private readonly key: Buffer;
  private readonly iv: Buffer;
  private sequence = 0n;

  /** @param suite IANA number of the negotiated TLS 1.3 suite. Throws RangeError for one that is not known. */
  constructor(suite: number, secret: Buffer) {
    const known = SUITES[SUITE_OF_NUMBER[suite] ?? ''];
    if (known === undefined) throw new RangeError(`no TLS 1.3 suite 0x${suite.toString(16)}`);
    this.suite = known;
    this.key = expandLabel(known.hash, secret, 'key', known.keyLength);
    this.iv = expandLabel(known.hash, secret, 'iv', 12);
  }

  /** A whole record, header included, that carries `content` of the given inner type. */
  seal(type: number, content: Uint8Array): Buffer {
    const inner = Buffer.concat([content, Buffer.from([type])]);
    const length = inner.length + TAG;
    const header = Buffer.from([CONTENT.applicationData, 3, 3, length >> 8, length & 255]);
    const cipher = createCipheriv(this.suite.cipher as CipherGCMTypes, this.key, this.nonce(), { authTagLength: TAG });
    cipher.setAAD(header);
    const sealed = Buffer.concat([cipher.update(inner), cipher.final()]);
    return Buffer.concat([header, sealed, cipher.getAuthTag()]);
  }

  /** The content of a record and its inner type. Throws when the record was not made with these keys in this order. */
  open(header: Buffer, body: Buffer): { type: number; content: Buffer } {
    const decipher = createDecipheriv(this.suite.cipher as CipherGCMTypes, this.key, this.nonce(), { authTagLength: TAG });
    decipher.setAAD(header);
    decipher.setAuthTag(body.subarray(body.length - TAG));
    const inner = Buffer.concat([decipher.update(body.subarray(0, body.length - TAG)), decipher.final()]);
    let end = inner.length - 1;
    while (end > 0 && inner[end] === 0) end -= 1; // record padding
    return { type: inner[end] ?? 0, content: inner.subarray(0, end) };
  }

  private nonce(): Buffer {
    const nonce = Buffer.from(this.iv);
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(this.sequence);
    this.sequence += 1n;
    for (let i = 0; i < 8; i++) nonce[4 + i] = (nonce[4 + i] ?? 0) ^ (counter[i] ?? 0);
    return nonce;
  }
}

/** HKDF-Expand-Label (RFC 8446 §7.1) with an empty context. */
function expandLabel(hash: string, secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([length >> 8, length & 255, name.length]), name, Buffer.from([0])]);
  const size = createHash(hash).digest().length;
  const blocks: Buffer[] = [];
  let block: Buffer = Buffer.alloc(0);
  for (let i = 1; blocks.length * size < length; i++) {
    block = createHmac(hash, secret)
      .update(Buffer.concat([block, info, Buffer.from([i])]))
      .digest();
    blocks.push(block);
  }
  return Buffer.concat(blocks).subarray(0, length);
}
