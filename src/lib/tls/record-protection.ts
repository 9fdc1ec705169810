import type { CipherGCMTypes } from 'node:crypto';
import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { CipherSuite, RecordProtectionParameters } from './cipher-suites.js';
import { expandLabel, nextTrafficSecret, prf } from './key-schedule.js';
import { TLS_11, TLS_12 } from './versions.js';

/** What a protected record holds. */
export interface OpenedRecord {
  contentType: number;
  plaintext: Uint8Array;
}

/** Opens the records of one direction, in order. `open` gives undefined when the record's integrity check fails. */
export interface RecordOpener {
  /** @param type content type and version as the record's header has them */
  open(type: number, version: number, body: Uint8Array): OpenedRecord | undefined;
}

type Aead = Extract<RecordProtectionParameters, { kind: 'aead' }>;

function aeadOpen(parameters: Aead, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  const split = sealed.length - parameters.tagLength;
  if (split < 0) return undefined;
  // ChaCha20-Poly1305 and CCM take the same calls as GCM but want their lengths; node's types only know the GCM names for this overload.
  const cipher = parameters.cipher as CipherGCMTypes;
  const decipher =
    parameters.algorithm === 'gcm'
      ? createDecipheriv(cipher, key, nonce).setAAD(aad)
      : createDecipheriv(cipher, key, nonce, { authTagLength: parameters.tagLength }).setAAD(aad, { plaintextLength: split });
  decipher.setAuthTag(sealed.subarray(split));
  try {
    const plaintext = decipher.update(split === sealed.length ? sealed : sealed.subarray(0, split));
    decipher.final();
    return plaintext;
  } catch {
    // Node reports a wrong tag by throwing; for us that is an answer: these are not the keys, or not the bytes.
    return undefined;
  }
}

/** The additional data of the record at hand, for TLS 1.3 and before: OpenSSL reads it within the call, so that one is enough for all. */
const HEADER = Buffer.alloc(5);
const MAC_HEADER = Buffer.alloc(13);

/** The sequence number, padded and xored with the IV (RFC 8446 §5.3). Counts here stay far below 2^53. */
function xorSequence(iv: Uint8Array, sequence: number): Uint8Array {
  if (sequence === 0) return iv;
  const nonce = Buffer.from(iv);
  let rest = sequence;
  for (let i = nonce.length - 1; rest > 0; i--) {
    nonce[i] = (nonce[i] as number) ^ (rest & 255);
    rest = Math.floor(rest / 256);
  }
  return nonce;
}

/** TLS 1.3 (RFC 8446 §5.2, §5.3). */
export class Tls13Opener implements RecordOpener {
  private readonly parameters: Aead;
  private readonly hash: string;
  private secret: Uint8Array;
  private key: Buffer;
  private iv: Buffer;
  private sequence = 0;

  constructor(suite: CipherSuite, secret: Uint8Array) {
    this.parameters = suite.protection as Aead;
    this.hash = suite.prfHash;
    this.secret = secret;
    this.key = expandLabel(this.hash, secret, 'key', this.parameters.keyLength);
    this.iv = expandLabel(this.hash, secret, 'iv', 12);
  }

  /** After a KeyUpdate of this direction. */
  update(): void {
    this.secret = nextTrafficSecret(this.hash, this.secret);
    this.key = expandLabel(this.hash, this.secret, 'key', this.parameters.keyLength);
    this.iv = expandLabel(this.hash, this.secret, 'iv', 12);
    this.sequence = 0;
  }

  open(type: number, version: number, body: Uint8Array): OpenedRecord | undefined {
    HEADER.writeUInt8(type, 0);
    HEADER.writeUInt16BE(version, 1);
    HEADER.writeUInt16BE(body.length, 3);
    const inner = aeadOpen(this.parameters, this.key, xorSequence(this.iv, this.sequence), HEADER, body);
    if (!inner) return undefined;
    this.sequence++;
    let end = inner.length - 1;
    while (end >= 0 && inner[end] === 0) end--;
    return end < 0 ? undefined : { contentType: inner[end] as number, plaintext: inner.subarray(0, end) };
  }
}

/** Everything that the keys of a TLS 1.0 to 1.2 connection come from. */
export interface Tls12Secrets {
  suite: CipherSuite;
  version: number;
  masterSecret: Uint8Array;
  clientRandom: Uint8Array;
  serverRandom: Uint8Array;
  encryptThenMac: boolean;
}

/** The openers of both directions of TLS 1.0 to 1.2 (RFC 5246 §6.3), from one key block; undefined when the suite has no known protection. */
export function tls12Openers(secrets: Tls12Secrets): Record<'client' | 'server', RecordOpener> | undefined {
  const p = secrets.suite.protection;
  if (!p) return undefined;
  const macLength = p.kind === 'aead' ? 0 : p.macLength;
  const keyLength = p.kind === 'null' ? 0 : p.keyLength;
  const explicitIv = secrets.version >= TLS_11;
  const ivLength = p.kind === 'aead' ? (p.algorithm === 'chacha20-poly1305' ? 12 : 4) : p.kind === 'cbc' && !explicitIv ? p.blockLength : 0;
  const hash = secrets.version >= TLS_12 ? secrets.suite.prfHash : 'md5-sha1';
  const seed = Buffer.concat([secrets.serverRandom, secrets.clientRandom]);
  const block = prf(hash, secrets.masterSecret, 'key expansion', seed, 2 * (macLength + keyLength + ivLength));
  const keys = 2 * macLength;
  const ivs = keys + 2 * keyLength;
  const opener = (side: 0 | 1): RecordOpener => {
    const mac = block.subarray(side * macLength, (side + 1) * macLength);
    const key = block.subarray(keys + side * keyLength, keys + (side + 1) * keyLength);
    const iv = block.subarray(ivs + side * ivLength, ivs + (side + 1) * ivLength);
    if (p.kind === 'aead') return new Tls12AeadOpener(p, key, iv);
    if (p.kind === 'cbc') return new CbcOpener(p, key, mac, explicitIv ? undefined : iv, secrets.encryptThenMac);
    return new NullOpener(p.mac, mac, p.macLength);
  };
  return { client: opener(0), server: opener(1) };
}

/** What the MAC covers beside the content (RFC 5246 §6.2.3.1, §6.2.3.3). */
function macHeader(sequence: number, type: number, version: number, length: number): Buffer {
  MAC_HEADER.writeUIntBE(sequence, 2, 6);
  MAC_HEADER.writeUInt8(type, 8);
  MAC_HEADER.writeUInt16BE(version, 9);
  MAC_HEADER.writeUInt16BE(length, 11);
  return MAC_HEADER;
}

class Tls12AeadOpener implements RecordOpener {
  private sequence = 0;
  private readonly parameters: Aead;
  private readonly key: Uint8Array;
  private readonly iv: Uint8Array;

  constructor(parameters: Aead, key: Uint8Array, iv: Uint8Array) {
    this.parameters = parameters;
    this.key = key;
    this.iv = iv;
  }

  open(type: number, version: number, body: Uint8Array): OpenedRecord | undefined {
    // GCM and CCM carry eight bytes of the nonce in each record (RFC 5288 §3); ChaCha20 counts (RFC 7905 §2).
    const explicit = this.parameters.algorithm === 'chacha20-poly1305' ? 0 : 8;
    if (body.length < explicit + this.parameters.tagLength) return undefined;
    const nonce = explicit ? Buffer.concat([this.iv, body.subarray(0, 8)]) : xorSequence(this.iv, this.sequence);
    const sealed = body.subarray(explicit);
    const plaintext = aeadOpen(
      this.parameters,
      this.key,
      nonce,
      macHeader(this.sequence, type, version, sealed.length - this.parameters.tagLength),
      sealed,
    );
    if (!plaintext) return undefined;
    this.sequence++;
    return { contentType: type, plaintext };
  }
}

class CbcOpener implements RecordOpener {
  private sequence = 0;
  private readonly parameters: Extract<RecordProtectionParameters, { kind: 'cbc' }>;
  private readonly key: Uint8Array;
  private readonly mac: Uint8Array;
  /** TLS 1.0 chains: the last block of a record is the next one's IV. */
  private chainedIv: Uint8Array | undefined;
  private readonly encryptThenMac: boolean;

  constructor(
    parameters: Extract<RecordProtectionParameters, { kind: 'cbc' }>,
    key: Uint8Array,
    mac: Uint8Array,
    chainedIv: Uint8Array | undefined,
    encryptThenMac: boolean,
  ) {
    this.parameters = parameters;
    this.key = key;
    this.mac = mac;
    this.chainedIv = chainedIv;
    this.encryptThenMac = encryptThenMac;
  }

  open(type: number, version: number, body: Uint8Array): OpenedRecord | undefined {
    const { blockLength, macLength, cipher } = this.parameters;
    let sealed = body;
    if (this.encryptThenMac) {
      // RFC 7366: the MAC stands outside, over IV and ciphertext.
      if (body.length < macLength) return undefined;
      sealed = body.subarray(0, body.length - macLength);
      if (!this.macFits(type, version, sealed, body.subarray(body.length - macLength))) return undefined;
    }
    const iv = this.chainedIv ?? sealed.subarray(0, blockLength);
    const ciphertext = this.chainedIv ? sealed : sealed.subarray(blockLength);
    if (ciphertext.length === 0 || ciphertext.length % blockLength !== 0) return undefined;
    const decipher = createDecipheriv(cipher, this.key, iv).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    const end = padded.length - ((padded[padded.length - 1] as number) + 1) - (this.encryptThenMac ? 0 : macLength);
    if (end < 0) return undefined;
    const plaintext = padded.subarray(0, end);
    if (!this.encryptThenMac && !this.macFits(type, version, plaintext, padded.subarray(end, end + macLength))) return undefined;
    if (this.chainedIv) this.chainedIv = ciphertext.subarray(ciphertext.length - blockLength);
    this.sequence++;
    return { contentType: type, plaintext };
  }

  private macFits(type: number, version: number, data: Uint8Array, mac: Uint8Array): boolean {
    const expected = createHmac(this.parameters.mac, this.mac)
      .update(macHeader(this.sequence, type, version, data.length))
      .update(data)
      .digest();
    return timingSafeEqual(expected, mac);
  }
}

class NullOpener implements RecordOpener {
  private sequence = 0;
  private readonly hash: string;
  private readonly mac: Uint8Array;
  private readonly macLength: number;

  constructor(hash: string, mac: Uint8Array, macLength: number) {
    this.hash = hash;
    this.mac = mac;
    this.macLength = macLength;
  }

  open(type: number, version: number, body: Uint8Array): OpenedRecord | undefined {
    const end = body.length - this.macLength;
    if (end < 0) return undefined;
    const plaintext = body.subarray(0, end);
    const expected = createHmac(this.hash, this.mac)
      .update(macHeader(this.sequence, type, version, end))
      .update(plaintext)
      .digest();
    if (!timingSafeEqual(expected, body.subarray(end))) return undefined;
    this.sequence++;
    return { contentType: type, plaintext };
  }
}
