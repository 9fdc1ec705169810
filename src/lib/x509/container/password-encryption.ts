/**
 * Password-based decryption of what lies in PKCS#8 and PKCS#12 files: PBES2 (RFC 8018 §6.2) and the old schemes of RFC 7292 appendix C.
 * node:crypto does the ciphers and the hashes; only RC2 and RC4 are our own. Used to read, never to write.
 */
import { createDecipheriv, createHash, createHmac, pbkdf2Sync, scryptSync } from 'node:crypto';
import { type BerNode, integerOf, octetsOf, oidOf } from './ber.js';
import { CONTAINER_LIMITS } from './contained.js';
import { decryptRc2Cbc } from './rc2.js';
import { decryptRc4 } from './rc4.js';

/** How something is encrypted: enough to say it in words and to decrypt it. */
export interface EncryptionScheme {
  /** `PBES2, PBKDF2 HMAC-SHA256 2048 rounds, AES-256-CBC`. */
  text: string;
  /** Old enough that OpenSSL 3 and Node >= 17 refuse it unless told otherwise. */
  legacy: boolean;
  /** Rounds of its key derivation; 0 when it has none or it is unreadable. */
  rounds: number;
  /** Plain bytes, or undefined when the passphrase does not fit. Absent when the scheme is not known here. */
  decrypt?: (data: Uint8Array, passphrase: string | null) => Uint8Array | undefined;
}

const DIGESTS = new Map<string, string>([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
  ['1.2.840.113549.2.12', 'sha512-224'],
  ['1.2.840.113549.2.13', 'sha512-256'],
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['1.2.840.113549.2.5', 'md5'],
]);

/** node:crypto's name of a digest or HMAC object identifier. */
export function digestNameOf(oid: string): string | undefined {
  return DIGESTS.get(oid);
}

const CIPHERS = new Map<string, { name: string; text: string; keyBytes: number }>([
  ['2.16.840.1.101.3.4.1.2', { name: 'aes-128-cbc', text: 'AES-128-CBC', keyBytes: 16 }],
  ['2.16.840.1.101.3.4.1.22', { name: 'aes-192-cbc', text: 'AES-192-CBC', keyBytes: 24 }],
  ['2.16.840.1.101.3.4.1.42', { name: 'aes-256-cbc', text: 'AES-256-CBC', keyBytes: 32 }],
  ['1.2.840.113549.3.7', { name: 'des-ede3-cbc', text: '3DES-CBC', keyBytes: 24 }],
]);

/** RFC 7292 appendix C, with the effective bits of RC2. */
const OLD_SCHEMES = new Map<string, { text: string; cipher: string; keyBytes: number; rc2Bits?: number }>([
  ['1.2.840.113549.1.12.1.1', { text: '128-bit RC4 with SHA-1', cipher: 'rc4', keyBytes: 16 }],
  ['1.2.840.113549.1.12.1.2', { text: '40-bit RC4 with SHA-1', cipher: 'rc4', keyBytes: 5 }],
  ['1.2.840.113549.1.12.1.3', { text: '3DES with SHA-1', cipher: 'des-ede3-cbc', keyBytes: 24 }],
  ['1.2.840.113549.1.12.1.4', { text: '2-key 3DES with SHA-1', cipher: 'des-ede-cbc', keyBytes: 16 }],
  ['1.2.840.113549.1.12.1.5', { text: '128-bit RC2 with SHA-1', cipher: 'rc2', keyBytes: 16, rc2Bits: 128 }],
  ['1.2.840.113549.1.12.1.6', { text: '40-bit RC2 with SHA-1', cipher: 'rc2', keyBytes: 5, rc2Bits: 40 }],
]);

/** Undefined where the padding is wrong. */
export function decryptCbc(cipher: string, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  try {
    const decipher = createDecipheriv(cipher, key, iv);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    return undefined; // wrong padding: in all likelihood the wrong passphrase
  }
}

/**
 * The key derivation of PKCS#12 (RFC 7292 appendix B.2). A null passphrase is "none", which some programs write instead of the empty one.
 * @param purpose 1 key, 2 initialisation vector, 3 MAC key
 */
export function pkcs12Derive(
  digest: string,
  passphrase: string | null,
  salt: Uint8Array,
  rounds: number,
  purpose: 1 | 2 | 3,
  length: number,
): Uint8Array {
  const block = digest === 'sha384' || digest === 'sha512' ? 128 : 64;
  const password = passphrase === null ? Buffer.alloc(0) : Buffer.from(`${passphrase}\0`, 'utf16le').swap16();
  const repeat = (source: Uint8Array): Uint8Array => {
    const target = new Uint8Array(source.length === 0 ? 0 : block * Math.ceil(source.length / block));
    for (let i = 0; i < target.length; i++) target[i] = source[i % source.length] as number;
    return target;
  };
  const input = Buffer.concat([repeat(salt), repeat(password)]);
  const diversifier = new Uint8Array(block).fill(purpose);
  const output: Uint8Array[] = [];
  for (let have = 0; have < length; ) {
    let hash: Uint8Array = createHash(digest).update(diversifier).update(input).digest();
    for (let round = 1; round < rounds; round++) hash = createHash(digest).update(hash).digest();
    output.push(hash);
    have += hash.length;
    const addend = new Uint8Array(block);
    for (let i = 0; i < block; i++) addend[i] = hash[i % hash.length] as number;
    for (let start = 0; start < input.length; start += block) {
      let carry = 1;
      for (let i = block - 1; i >= 0; i--) {
        carry += (input[start + i] as number) + (addend[i] as number);
        input[start + i] = carry & 0xff;
        carry >>= 8;
      }
    }
  }
  return Buffer.concat(output).subarray(0, length);
}

/** HMAC of a PKCS#12 file's contents under a passphrase (RFC 7292 §4, appendix B). */
export function pkcs12Mac(digest: string, passphrase: string | null, salt: Uint8Array, rounds: number, contents: Uint8Array): Uint8Array {
  const size = createHash(digest).digest().length;
  return createHmac(digest, pkcs12Derive(digest, passphrase, salt, rounds, 3, size))
    .update(contents)
    .digest();
}

const tooMany = (rounds: number, most: number = CONTAINER_LIMITS.pkcs12Rounds): boolean => rounds < 1 || rounds > most;

/** Leaves the empty passphrase, which is a guess, out where trying it would take long. */
export function worthTrying<T extends string | null>(passphrases: readonly T[], rounds: number): T[] {
  return passphrases.filter((passphrase) => (passphrase !== '' && passphrase !== null) || rounds <= CONTAINER_LIMITS.guessRounds);
}

/** Reads an AlgorithmIdentifier that encrypts with a passphrase. */
export function encryptionSchemeOf(algorithm: BerNode): EncryptionScheme {
  const oid = oidOf(algorithm.children[0]);
  if (oid === '1.2.840.113549.1.5.13') return pbes2(algorithm.children[1]);
  const old = OLD_SCHEMES.get(oid);
  if (old !== undefined) return oldScheme(old, algorithm.children[1]);
  if (oid === '1.3.6.1.4.1.42.2.19.1') return jceksScheme(algorithm.children[1]);
  if (oid === '1.3.6.1.4.1.42.2.17.1.1') return { text: "Sun's key protector of JKS", legacy: true, rounds: 0 };
  const pbes1 = PBES1_SCHEMES.get(oid);
  if (pbes1 !== undefined) return pbes1Scheme(pbes1, algorithm.children[1]);
  return { text: oid === '' ? 'an unreadable scheme' : `scheme ${oid}`, legacy: false, rounds: 0 };
}

function oldScheme(
  scheme: { text: string; cipher: string; keyBytes: number; rc2Bits?: number },
  parameters: BerNode | undefined,
): EncryptionScheme {
  const saltNode = parameters?.children[0];
  const rounds = integerOf(parameters?.children[1]) ?? 0;
  const text = `${scheme.text}, ${rounds} rounds`;
  if (saltNode === undefined || tooMany(rounds)) return { text, legacy: true, rounds: 0 };
  const salt = octetsOf(saltNode);
  const decrypt = (data: Uint8Array, passphrase: string | null): Uint8Array | undefined => {
    const key = pkcs12Derive('sha1', passphrase, salt, rounds, 1, scheme.keyBytes);
    if (scheme.cipher === 'rc4') return decryptRc4(key, data);
    const iv = pkcs12Derive('sha1', passphrase, salt, rounds, 2, 8);
    if (scheme.rc2Bits !== undefined) return decryptRc2Cbc(key, iv, data, scheme.rc2Bits);
    // des-ede-cbc is three-key 3DES with the first key again at the end.
    if (scheme.cipher === 'des-ede-cbc') return decryptCbc('des-ede3-cbc', Buffer.concat([key, key.subarray(0, 8)]), iv, data);
    return decryptCbc(scheme.cipher, key, iv, data);
  };
  return { text, legacy: true, rounds, decrypt };
}

/** RFC 8018 appendix A.3. */
const PBES1_SCHEMES = new Map<string, { digest: 'md5' | 'sha1'; cipher: 'DES' | 'RC2' }>([
  ['1.2.840.113549.1.5.3', { digest: 'md5', cipher: 'DES' }],
  ['1.2.840.113549.1.5.6', { digest: 'md5', cipher: 'RC2' }],
  ['1.2.840.113549.1.5.10', { digest: 'sha1', cipher: 'DES' }],
  ['1.2.840.113549.1.5.11', { digest: 'sha1', cipher: 'RC2' }],
]);

/** PBES1: PBKDF1 gives key and IV of 8 bytes each (RFC 8018 §5.1, §6.1). */
function pbes1Scheme({ digest, cipher }: { digest: string; cipher: string }, parameters: BerNode | undefined): EncryptionScheme {
  const saltNode = parameters?.children[0];
  const rounds = integerOf(parameters?.children[1]) ?? 0;
  const text = `PBES1 with ${digest.toUpperCase()} and ${cipher}-CBC, ${rounds} rounds`;
  if (saltNode === undefined || tooMany(rounds)) return { text, legacy: true, rounds: 0 };
  const salt = octetsOf(saltNode);
  const decrypt = (data: Uint8Array, passphrase: string | null): Uint8Array | undefined => {
    let hash: Uint8Array = Buffer.concat([Buffer.from(passphrase ?? '', 'utf8'), salt]);
    for (let round = 0; round < rounds; round++) hash = createHash(digest).update(hash).digest();
    const [key, iv] = [hash.subarray(0, 8), hash.subarray(8, 16)];
    // Single DES is 3DES with one key three times; OpenSSL 3 no longer has it by itself.
    return cipher === 'RC2' ? decryptRc2Cbc(key, iv, data, 64) : decryptCbc('des-ede3-cbc', Buffer.concat([key, key, key]), iv, data);
  };
  return { text, legacy: true, rounds, decrypt };
}

/** The key protector of JCEKS: PBES1 with a chained MD5 for key and IV and 3DES (Sun's PBEWithMD5AndTripleDES). */
function jceksScheme(parameters: BerNode | undefined): EncryptionScheme {
  const saltNode = parameters?.children[0];
  const rounds = integerOf(parameters?.children[1]) ?? 0;
  const text = `JCEKS key protector with MD5 and 3DES-CBC, ${rounds} rounds`;
  const salt = saltNode === undefined ? undefined : octetsOf(saltNode);
  if (salt === undefined || salt.length !== 8 || tooMany(rounds)) return { text, legacy: true, rounds: 0 };
  const decrypt = (data: Uint8Array, passphrase: string | null): Uint8Array | undefined => {
    const password = Buffer.from(passphrase ?? '', 'latin1');
    const halves = [Uint8Array.from(salt.subarray(0, 4)), salt.subarray(4, 8)];
    // Equal halves would give equal keys: Sun's code turns the first around, wrongly, and that is the format now.
    if (Buffer.compare(halves[0] as Uint8Array, halves[1] as Uint8Array) === 0) {
      const first = halves[0] as Uint8Array;
      for (let i = 0; i < 2; i++) [first[i], first[3 - i]] = [first[3 - i] as number, first[0] as number];
    }
    const derived = halves.map((half) => {
      let hash: Uint8Array = half;
      for (let round = 0; round < rounds; round++) hash = createHash('md5').update(hash).update(password).digest();
      return hash;
    });
    const material = Buffer.concat(derived);
    return decryptCbc('des-ede3-cbc', material.subarray(0, 24), material.subarray(24, 32), data);
  };
  return { text, legacy: true, rounds, decrypt };
}

function pbes2(parameters: BerNode | undefined): EncryptionScheme {
  const [derivation, encryption] = parameters?.children ?? [];
  const cipher = CIPHERS.get(oidOf(encryption?.children[0]));
  const ivNode = encryption?.children[1];
  const derive = derivation === undefined ? undefined : derivationOf(derivation);
  const cipherText = cipher?.text ?? `cipher ${oidOf(encryption?.children[0])}`;
  const text = `PBES2, ${derive?.text ?? `derivation ${oidOf(derivation?.children[0])}`}, ${cipherText}`;
  if (cipher === undefined || ivNode === undefined || derive?.key === undefined) return { text, legacy: false, rounds: 0 };
  const { key } = derive;
  const iv = octetsOf(ivNode);
  return {
    text,
    legacy: false,
    rounds: derive.rounds,
    decrypt: (data, passphrase) => {
      const secret = key(passphrase ?? '', cipher.keyBytes);
      return secret === undefined ? undefined : decryptCbc(cipher.name, secret, iv, data);
    },
  };
}

export interface Derivation {
  text: string;
  rounds: number;
  key?: (passphrase: string, length: number) => Uint8Array | undefined;
}

/** PBKDF2 (RFC 8018 appendix A.2) or scrypt (RFC 7914 §7). */
export function derivationOf(node: BerNode): Derivation | undefined {
  const oid = oidOf(node.children[0]);
  const fields = node.children[1]?.children ?? [];
  const salt = fields[0] === undefined ? undefined : octetsOf(fields[0]);
  if (salt === undefined) return undefined;
  if (oid === '1.2.840.113549.1.5.12') {
    const rounds = integerOf(fields[1]) ?? 0;
    const prf = fields.slice(2).find((field) => field.tag === 0x30);
    const digest = prf === undefined ? 'sha1' : digestNameOf(oidOf(prf.children[0]));
    const text = `PBKDF2 HMAC-${(digest ?? 'unknown').toUpperCase()} ${rounds} rounds`;
    if (digest === undefined || tooMany(rounds, CONTAINER_LIMITS.derivationRounds)) return { text, rounds };
    return { text, rounds, key: (passphrase, length) => pbkdf2Sync(passphrase, salt, rounds, length, digest) };
  }
  if (oid === '1.3.6.1.4.1.11591.4.11') {
    const [N, r, p] = [integerOf(fields[1]) ?? 0, integerOf(fields[2]) ?? 0, integerOf(fields[3]) ?? 0];
    const text = `scrypt N=${N} r=${r} p=${p}`;
    const memory = 128 * N * r;
    const work = memory * Math.max(1, p);
    // Counted as rounds for the sake of guesses: 32 MiB of work take about as long as 100,000 of them.
    const rounds = Math.ceil((work / (32 * 1024 * 1024)) * CONTAINER_LIMITS.guessRounds);
    if (memory === 0 || memory > 256 * 1024 * 1024 || work > 512 * 1024 * 1024) return { text, rounds };
    const key = (passphrase: string, length: number): Uint8Array | undefined => {
      try {
        return scryptSync(passphrase, salt, length, { N, r, p, maxmem: memory + 64 * 1024 * 1024 });
      } catch {
        return undefined; // parameters that scrypt does not allow
      }
    };
    return { text, rounds, key };
  }
  return undefined;
}
