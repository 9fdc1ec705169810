/**
 * Bouncy Castle's own key stores (no standard: the layout is that of org.bouncycastle.jcajce.provider.keystore.bc.BcKeyStoreSpi). BKS keeps
 * certificates in clear and seals keys; UBER is the same store as a whole under Twofish, which nothing here can open.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { BinaryCursor } from './binary-cursor.js';
import { CONTAINER_LIMITS, type Collector, type Place, type PrivateKeyFacts } from './contained.js';
import { decryptCbc, pkcs12Derive } from './password-encryption.js';
import { readPkcs8 } from './private-key.js';

const DIGEST_BYTES = 20;
/** A salt is of 20 bytes in every version that there was; others are allowed for. */
const SALT_BYTES = { least: 8, most: 64 };
const ENTRY = { end: 0, certificate: 1, key: 2, secret: 3, sealed: 4 } as const;
const KIND = { private: 0, public: 1, secret: 2 } as const;
/** The only way out: Java with Bouncy Castle's own provider. */
export const FROM_BOUNCY_CASTLE =
  'keytool -importkeystore -srckeystore FILE -srcstoretype TYPE -destkeystore NEW.p12 -deststoretype PKCS12 -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar';

interface Header {
  version: number;
  salt: Uint8Array;
  rounds: number;
}

function readHeader(cursor: BinaryCursor): Header | undefined {
  if (cursor.bytes.length < 40) return undefined;
  const version = cursor.uint32();
  const length = cursor.uint32();
  if ((version !== 1 && version !== 2) || length < SALT_BYTES.least || length > SALT_BYTES.most) return undefined;
  const salt = cursor.take(length);
  const rounds = cursor.uint32();
  // Bouncy Castle draws 1024 to 2047; what is far from that is something else that begins with small numbers.
  return rounds < 1 || rounds > 1_000_000 ? undefined : { version, salt, rounds };
}

/** Whether the bytes begin like a BKS or UBER file. */
export function looksLikeBouncyCastleStore(bytes: Uint8Array): boolean {
  try {
    return readHeader(new BinaryCursor(bytes)) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** A key as BKS encodes it: kind, format, algorithm, bytes. */
function readEncodedKey(cursor: BinaryCursor): { kind: number; format: string; algorithm: string; bytes: Uint8Array } {
  const kind = cursor.uint8();
  const [format, algorithm] = [cursor.text(), cursor.text()];
  return { kind, format, algorithm, bytes: cursor.take(cursor.uint32()) };
}

/** A sealed key: salt, rounds, and 3DES under the key derivation of PKCS#12 with SHA-1. */
function openSealed(data: Uint8Array, passphrases: readonly string[]): PrivateKeyFacts | { what: string } {
  const facts: PrivateKeyFacts = { format: 'BKS sealed key', encrypted: true, encryption: '3DES with SHA-1' };
  if (passphrases.length === 0) return { ...facts, lock: 'passphrase-needed' };
  const cursor = new BinaryCursor(data);
  const salt = cursor.take(cursor.uint32());
  const rounds = cursor.uint32();
  if (rounds < 1 || rounds > CONTAINER_LIMITS.pkcs12Rounds)
    return { ...facts, lock: 'unsupported', problem: `${rounds} rounds of its key derivation are not gone through` };
  const encrypted = cursor.take(data.length - cursor.position);
  for (const passphrase of passphrases) {
    const key = pkcs12Derive('sha1', passphrase, salt, rounds, 1, 24);
    const plain = decryptCbc('des-ede3-cbc', key, pkcs12Derive('sha1', passphrase, salt, rounds, 2, 8), encrypted);
    if (plain === undefined) continue;
    try {
      const inner = readEncodedKey(new BinaryCursor(plain));
      if (inner.kind !== KIND.private) return { what: `a ${inner.kind === KIND.secret ? 'secret' : 'public'} key` };
      const { spki } = readPkcs8(Uint8Array.from(inner.bytes));
      if (spki !== undefined) return { ...facts, spki };
    } catch (error) {
      // The padding of noise fits once in 256 times.
      if (!(error instanceof RangeError)) throw error;
    } finally {
      plain.fill(0);
    }
  }
  return { ...facts, lock: 'wrong-passphrase' };
}

function readCertificate(cursor: BinaryCursor): { type: string; der: Uint8Array } {
  const type = cursor.text();
  return { type, der: cursor.take(cursor.uint32()) };
}

/** One entry; false at the end of the store. @throws RangeError for what is no entry */
function readEntry(cursor: BinaryCursor, collector: Collector, place: Place): boolean {
  const tag = cursor.uint8();
  if (tag === ENTRY.end) return false;
  if (tag > ENTRY.sealed) throw new RangeError(`entry of unknown type ${tag}`);
  const alias = cursor.text().slice(0, 200);
  cursor.take(8); // creation time
  const entry: Place = { path: [...place.path, `alias ${alias}`] };
  const add = (certificate: { type: string; der: Uint8Array }, trusted = false): void => {
    if (certificate.type === 'X.509')
      collector.add({ kind: 'certificate', place: entry, alias, der: certificate.der, ...(trusted ? { trusted } : {}) });
  };
  const above = Array.from({ length: Math.min(cursor.uint32(), 1000) }, () => readCertificate(cursor));
  if (tag === ENTRY.certificate) add(readCertificate(cursor), true);
  else if (tag === ENTRY.key) {
    const { kind, bytes } = readEncodedKey(cursor);
    if (kind === KIND.private) collector.add({ kind: 'private-key', place: entry, alias, key: readPkcs8(bytes) });
    else collector.add({ kind: 'other', place: entry, what: kind === KIND.secret ? 'a secret key' : 'a public key' });
  } else {
    const data = cursor.take(cursor.uint32());
    const key = tag === ENTRY.sealed ? openSealed(data, collector.options.passphrases) : { what: 'a secret (symmetric key or password)' };
    if ('what' in key) collector.add({ kind: 'other', place: entry, what: key.what });
    else collector.add({ kind: 'private-key', place: entry, alias, key });
  }
  for (const certificate of above) add(certificate);
  return true;
}

/** Whether an entry, or the end, stands where the first one belongs: noise where everything is encrypted. */
function beginsWithEntry(bytes: Uint8Array, start: number): boolean {
  const cursor = new BinaryCursor(bytes, start);
  try {
    const tag = cursor.uint8();
    if (tag === ENTRY.end) return cursor.position + DIGEST_BYTES === bytes.length;
    if (tag > ENTRY.sealed) return false;
    cursor.text();
    cursor.take(8);
    return cursor.uint32() <= 1000;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Reads a BKS file into the collector; says what to do with a UBER file. */
export function readBouncyCastleStore(bytes: Uint8Array, collector: Collector, place: Place): void {
  const cursor = new BinaryCursor(bytes);
  const header = readHeader(cursor);
  if (header === undefined) return;
  const start = cursor.position;
  if (!beginsWithEntry(bytes, start)) {
    collector.format('UBER');
    collector.add({
      kind: 'other',
      place,
      what: 'a UBER key store of Bouncy Castle: all of it is under Twofish, which is not opened here',
    });
    collector.remark('note', place, 'only Java with Bouncy Castle reads it', FROM_BOUNCY_CASTLE.replace('TYPE', 'UBER'));
    return;
  }
  collector.format('BKS');
  try {
    while (readEntry(cursor, collector, place)) if (collector.reading.items.length > CONTAINER_LIMITS.items) return;
    if (cursor.position + DIGEST_BYTES !== bytes.length)
      throw new RangeError(`${bytes.length - cursor.position} bytes after the last entry instead of ${DIGEST_BYTES}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = `damaged or cut off at byte ${cursor.position}: ${error.message}`;
    collector.add({ kind: 'damaged', place, what: 'BKS key store', problem });
    return;
  }
  collector.remark('note', place, 'only Java with Bouncy Castle (Android) reads it', FROM_BOUNCY_CASTLE.replace('TYPE', 'BKS'));
  checkIntegrity(bytes, start, header, collector, place);
}

/** The HMAC at the end, under a key that is derived as PKCS#12 does. Version 1 used two bytes of it as key (CVE-2018-5382). */
function checkIntegrity(bytes: Uint8Array, start: number, { version, salt, rounds }: Header, collector: Collector, place: Place): void {
  const { passphrases } = collector.options;
  const contents = bytes.subarray(start, bytes.length - DIGEST_BYTES);
  const expected = bytes.subarray(bytes.length - DIGEST_BYTES);
  if (version === 1)
    collector.remark('note', place, 'BKS version 1: its integrity is guarded by 16 bits, so anybody can change it (CVE-2018-5382)');
  if (passphrases.length === 0) collector.remark('note', place, 'its integrity was not checked: that takes the passphrase');
  else if (rounds > CONTAINER_LIMITS.pkcs12Rounds) collector.remark('note', place, `its integrity was not checked: ${rounds} rounds`);
  else {
    const fits = passphrases.some((passphrase) => {
      const key = pkcs12Derive('sha1', passphrase, salt, rounds, 3, version === 1 ? 2 : DIGEST_BYTES);
      return timingSafeEqual(createHmac('sha1', key).update(contents).digest(), expected);
    });
    if (fits) collector.remark('note', place, 'integrity checked: unchanged since it was written');
    else {
      collector.lock('wrong-passphrase');
      collector.remark('note', place, 'the passphrase does not fit, or the file was changed: its keyed digest differs');
    }
  }
}
