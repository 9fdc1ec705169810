import { createHash, createHmac } from 'node:crypto';

/** The parts of the key schedules that turn logged secrets into record keys. */

type Label = 'key' | 'iv' | 'traffic upd';

/** The HkdfLabel of each label and length, with the counter byte of the first block behind it (RFC 8446 §7.1, RFC 5869 §2.3). */
const INFO: Record<Label, Map<number, Buffer>> = { key: new Map(), iv: new Map(), 'traffic upd': new Map() };

function labelInfo(label: Label, length: number): Buffer {
  const known = INFO[label].get(length);
  if (known) return known;
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([length >> 8, length & 255, name.length]), name, Buffer.of(0, 1)]);
  INFO[label].set(length, info);
  return info;
}

/** HKDF-Expand-Label with an empty context (RFC 8446 §7.1). Keys, IVs and traffic secrets never need more than one block of the hash. */
export function expandLabel(hash: string, secret: Uint8Array, label: Label, length: number): Buffer {
  // By way of a string the bytes come to lie in node's buffer pool: a digest of its own for each would be more work for the garbage collector.
  const block = Buffer.from(createHmac(hash, secret).update(labelInfo(label, length)).digest('binary'), 'binary');
  return block.length === length ? block : block.subarray(0, length);
}

/** The next generation of a traffic secret after KeyUpdate (RFC 8446 §7.2). */
export function nextTrafficSecret(hash: string, secret: Uint8Array): Buffer {
  return expandLabel(hash, secret, 'traffic upd', createHash(hash).digest().length);
}

/** P_hash of RFC 5246 §5. */
function pHash(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  let a: Uint8Array = seed;
  for (let made = 0; made < length; ) {
    a = createHmac(hash, secret).update(a).digest();
    const block = createHmac(hash, secret).update(a).update(seed).digest();
    blocks.push(block);
    made += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** The PRF of TLS 1.2 (RFC 5246 §5), or of TLS 1.0 and 1.1 (RFC 4346 §5: MD5 xor SHA-1 over the halves of the secret). */
export function prf(hash: 'sha256' | 'sha384' | 'md5-sha1', secret: Uint8Array, label: string, seed: Uint8Array, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  if (hash !== 'md5-sha1') return pHash(hash, secret, labelled, length);
  const half = Math.ceil(secret.length / 2);
  const md5 = pHash('md5', secret.subarray(0, half), labelled, length);
  const sha1 = pHash('sha1', secret.subarray(secret.length - half), labelled, length);
  for (let i = 0; i < length; i++) md5[i] = (md5[i] as number) ^ (sha1[i] as number);
  return md5;
}
