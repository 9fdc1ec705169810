/**
 * Java key stores in Sun's own formats, JKS and JCEKS (no standard: the layout is that of sun.security.provider.JavaKeyStore).
 * Certificates stand in clear; the passphrase protects the whole by a keyed SHA-1 and the private keys by a cipher each.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { octetsOf, oidOf, readBer } from './ber.js';
import { BinaryCursor } from './binary-cursor.js';
import type { Collector, Place, PrivateKeyFacts } from './contained.js';
import { readEncryptedPkcs8, readPkcs8 } from './private-key.js';

const JKS_MAGIC = 0xfeedfeed;
const JCEKS_MAGIC = 0xcececece;
const SUN_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1';
const DIGEST_BYTES = 20;

/** Whether the bytes begin like a JKS or JCEKS file. */
export function looksLikeJavaKeyStore(bytes: Uint8Array): boolean {
  if (bytes.length < 12) return false;
  const magic = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return magic === JKS_MAGIC || magic === JCEKS_MAGIC;
}

/** A passphrase as both formats hash it: UTF-16, big-endian, no terminator. */
function passwordBytes(passphrase: string): Buffer {
  return Buffer.from(passphrase, 'utf16le').swap16();
}

/** Undoes Sun's key protector: a key stream of chained SHA-1 with a checksum at the end. */
function decryptSunProtected(data: Uint8Array, passphrase: string): Uint8Array | undefined {
  if (data.length <= 2 * DIGEST_BYTES) return undefined;
  const password = passwordBytes(passphrase);
  const cipher = data.subarray(DIGEST_BYTES, data.length - DIGEST_BYTES);
  const plain = new Uint8Array(cipher.length);
  let digest: Uint8Array = data.subarray(0, DIGEST_BYTES);
  for (let start = 0; start < cipher.length; start += DIGEST_BYTES) {
    digest = createHash('sha1').update(password).update(digest).digest();
    for (let i = start; i < Math.min(start + DIGEST_BYTES, cipher.length); i++)
      plain[i] = (cipher[i] as number) ^ (digest[i - start] as number);
  }
  const check = createHash('sha1').update(password).update(plain).digest();
  return timingSafeEqual(check, data.subarray(data.length - DIGEST_BYTES)) ? plain : undefined;
}

/** A protected key of either format. */
function readProtectedKey(der: Uint8Array, passphrases: readonly string[]): PrivateKeyFacts {
  const info = readBer(der);
  const data = info.children[1];
  if (oidOf(info.children[0]?.children[0]) !== SUN_PROTECTOR || data === undefined) return readEncryptedPkcs8(der, passphrases);
  const facts: PrivateKeyFacts = { format: 'JKS protected key', encrypted: true, encryption: "Sun's key protector (chained SHA-1)" };
  if (passphrases.length === 0) return { ...facts, lock: 'passphrase-needed' };
  for (const passphrase of passphrases) {
    const plain = decryptSunProtected(octetsOf(data), passphrase);
    const inner = plain === undefined ? undefined : readPkcs8(plain);
    plain?.fill(0);
    if (inner?.spki !== undefined) return { ...facts, spki: inner.spki };
  }
  return { ...facts, lock: 'wrong-passphrase' };
}

function readCertificate(cursor: BinaryCursor, version: number): { type: string; der: Uint8Array } {
  const type = version === 2 ? cursor.text() : 'X.509';
  return { type, der: cursor.take(cursor.uint32()) };
}

/** One entry; false when what follows cannot be found any more. */
function readEntry(cursor: BinaryCursor, version: number, collector: Collector, place: Place): boolean {
  const tag = cursor.uint32();
  const alias = cursor.text().slice(0, 200);
  cursor.take(8); // creation time
  const entry: Place = { path: [...place.path, `alias ${alias}`] };
  if (tag === 1) {
    const key = readProtectedKey(cursor.take(cursor.uint32()), collector.options.passphrases);
    if (!collector.add({ kind: 'private-key', place: entry, alias, key })) return false;
    const length = cursor.uint32();
    for (let i = 0; i < length; i++) {
      const { type, der } = readCertificate(cursor, version);
      if (type === 'X.509' && !collector.add({ kind: 'certificate', place: entry, alias, der })) return false;
    }
    return true;
  }
  if (tag === 2) {
    const { type, der } = readCertificate(cursor, version);
    return type === 'X.509' ? collector.add({ kind: 'certificate', place: entry, alias, der, trusted: true }) : true;
  }
  if (tag === 3) {
    // A serialised Java object without a length in front: nothing after it can be found.
    collector.add({ kind: 'other', place: entry, what: 'a secret key (serialised Java object)' });
    collector.remark(
      'note',
      place,
      'entries after a secret key of a JCEKS file cannot be read here',
      'keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12',
    );
    return false;
  }
  throw new RangeError(`entry of unknown type ${tag}`);
}

/** Checks the keyed digest at the end (RFC-less: SHA-1 over passphrase, "Mighty Aphrodite" and the contents). */
function integrity(bytes: Uint8Array, passphrases: readonly string[]): boolean {
  const contents = bytes.subarray(0, bytes.length - DIGEST_BYTES);
  const expected = bytes.subarray(bytes.length - DIGEST_BYTES);
  return passphrases.some((passphrase) =>
    timingSafeEqual(createHash('sha1').update(passwordBytes(passphrase)).update('Mighty Aphrodite').update(contents).digest(), expected),
  );
}

/** Reads a JKS or JCEKS file into the collector. */
export function readJavaKeyStore(bytes: Uint8Array, collector: Collector, place: Place): void {
  const cursor = new BinaryCursor(bytes);
  const name = cursor.uint32() === JKS_MAGIC ? 'JKS' : 'JCEKS';
  collector.format(name);
  const { passphrases } = collector.options;
  try {
    const version = cursor.uint32();
    if (version !== 1 && version !== 2) throw new RangeError(`version ${version} instead of 1 or 2`);
    const count = cursor.uint32();
    let complete = true;
    for (let i = 0; i < count && complete; i++) complete = readEntry(cursor, version, collector, place);
    if (complete && cursor.position + DIGEST_BYTES !== bytes.length)
      throw new RangeError(`${bytes.length - cursor.position} bytes after the last entry instead of ${DIGEST_BYTES}`);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    collector.add({
      kind: 'damaged',
      place,
      what: `${name} key store`,
      problem: `damaged or cut off at byte ${cursor.position}: ${problem}`,
    });
    return;
  }
  if (passphrases.length === 0) {
    collector.remark('note', place, 'its integrity was not checked: that takes the passphrase');
  } else if (integrity(bytes, passphrases)) {
    collector.remark('note', place, 'integrity checked: unchanged since it was written');
  } else {
    collector.lock('wrong-passphrase');
    collector.remark('note', place, 'the passphrase does not fit, or the file was changed: its keyed digest differs');
  }
}
