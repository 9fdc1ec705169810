/**
 * PKCS#12 (RFC 7292): key stores of browsers, Java and Windows. The MAC is checked first, so that a wrong passphrase is told apart
 * from a damaged file. Reads modern (PBES2) and old (RC2, 3DES) protection alike; node:crypto alone opens neither for looking.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { BerError, type BerNode, integerOf, octetsOf, oidOf, readBer } from './ber.js';
import { CONTAINER_LIMITS, type Collector, type Place } from './contained.js';
import { derivationOf, digestNameOf, encryptionSchemeOf, pkcs12Mac, worthTrying } from './password-encryption.js';
import { readEncryptedPkcs8, readPkcs8 } from './private-key.js';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const BAG = '1.2.840.113549.1.12.10.1.';
const CERT_X509 = '1.2.840.113549.1.9.22.1';
const CRL_X509 = '1.2.840.113549.1.9.23.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const PBMAC1 = '1.2.840.113549.1.5.14';
/** Oracle's attribute by which Java marks a certificate as a trust anchor. */
const JAVA_TRUSTED = '2.16.840.1.113894.746875.1.1';
const MAX_SAFE_DEPTH = 4;

type MacVerdict = { text: string; passphrase?: string | null; fits: 'yes' | 'no' | 'unknown' };

/** Finds the passphrase whose MAC fits. No MAC at all, or one of an unknown kind, gives `unknown`. */
function checkMac(macData: BerNode | undefined, contents: Uint8Array, candidates: readonly (string | null)[]): MacVerdict {
  if (macData === undefined) return { text: 'no MAC', fits: 'unknown' };
  const [digestInfo, saltNode, roundsNode] = macData.children;
  const [algorithm, value] = digestInfo?.children ?? [];
  if (algorithm === undefined || value === undefined || saltNode === undefined) return { text: 'an unreadable MAC', fits: 'unknown' };
  const expected = octetsOf(value);
  const same = (mac: Uint8Array): boolean => mac.length === expected.length && timingSafeEqual(mac, expected);
  const oid = oidOf(algorithm.children[0]);
  if (oid === PBMAC1) {
    const [derivationNode, schemeNode] = algorithm.children[1]?.children ?? [];
    const derivation = derivationNode === undefined ? undefined : derivationOf(derivationNode);
    const digest = digestNameOf(oidOf(schemeNode?.children[0]));
    const text = `PBMAC1 ${derivation?.text ?? ''} HMAC-${(digest ?? 'unknown').toUpperCase()}`;
    const lengthNode = derivationNode?.children[1]?.children[2];
    const length = integerOf(lengthNode);
    if (derivation?.key === undefined || digest === undefined || length === undefined || length > 256) return { text, fits: 'unknown' };
    for (const passphrase of worthTrying(candidates, derivation.rounds)) {
      const key = derivation.key(passphrase ?? '', length);
      if (key !== undefined && same(createHmac(digest, key).update(contents).digest())) return { text, passphrase, fits: 'yes' };
    }
    return { text, fits: 'no' };
  }
  const digest = digestNameOf(oid);
  const rounds = roundsNode === undefined ? 1 : (integerOf(roundsNode) ?? 0);
  const text = `MAC HMAC-${(digest ?? 'unknown').toUpperCase()} ${rounds} rounds`;
  if (digest === undefined || rounds < 1 || rounds > CONTAINER_LIMITS.pkcs12Rounds) return { text, fits: 'unknown' };
  const salt = octetsOf(saltNode);
  for (const passphrase of worthTrying(candidates, rounds)) {
    if (same(pkcs12Mac(digest, passphrase, salt, rounds, contents))) return { text, passphrase, fits: 'yes' };
  }
  return { text, fits: 'no' };
}

/** Attributes of a bag: the alias, and whether Java takes it for a trust anchor. */
function attributesOf(bag: BerNode): { alias?: string; trusted: boolean } {
  const set = bag.children[2];
  let alias: string | undefined;
  let trusted = false;
  for (const attribute of set?.children ?? []) {
    const oid = oidOf(attribute.children[0]);
    const value = attribute.children[1]?.children[0];
    if (oid === JAVA_TRUSTED) trusted = true;
    if (oid === FRIENDLY_NAME && value?.tag === 0x1e && value.contents.length % 2 === 0) {
      alias = Buffer.from(value.contents).swap16().toString('utf16le').slice(0, 200);
    }
  }
  return alias === undefined ? { trusted } : { alias, trusted };
}

interface Opening {
  collector: Collector;
  place: Place;
  /** Passphrases to try; one alone when the MAC named it. */
  passphrases: readonly string[];
  /** Ways of protection that OpenSSL 3 refuses, by their text. */
  legacy: Set<string>;
}

function readBag(bag: BerNode, opening: Opening, depth: number): boolean {
  const { collector, place } = opening;
  const kind = oidOf(bag.children[0]);
  const value = bag.children[1]?.children[0];
  if (!kind.startsWith(BAG) || value === undefined) return true;
  const { alias, trusted } = attributesOf(bag);
  const common = { place, ...(alias === undefined ? {} : { alias }) };
  switch (kind.slice(BAG.length)) {
    case '1':
      return collector.add({ ...common, kind: 'private-key', key: readPkcs8(value.raw) });
    case '2': {
      const scheme = value.children[0] === undefined ? undefined : encryptionSchemeOf(value.children[0]);
      if (scheme?.legacy === true) opening.legacy.add(scheme.text);
      return collector.add({ ...common, kind: 'private-key', key: readEncryptedPkcs8(value.raw, opening.passphrases) });
    }
    case '3':
    case '4': {
      const octets = value.children[1]?.children[0];
      const type = oidOf(value.children[0]);
      if (octets !== undefined && type === CERT_X509) {
        return collector.add({ ...common, kind: 'certificate', der: octetsOf(octets), ...(trusted ? { trusted } : {}) });
      }
      if (octets !== undefined && type === CRL_X509) return collector.add({ ...common, kind: 'crl', der: octetsOf(octets) });
      return true;
    }
    case '5':
      return collector.add({ ...common, kind: 'other', what: 'a secret (symmetric key or password)' });
    case '6':
      return depth >= MAX_SAFE_DEPTH ? true : value.children.every((inner) => readBag(inner, opening, depth + 1));
    default:
      return true;
  }
}

/** One ContentInfo of the AuthenticatedSafe. False when it stayed shut for want of a passphrase. */
function readSafe(info: BerNode, opening: Opening): 'read' | 'shut' | 'unsupported' {
  const type = oidOf(info.children[0]);
  const body = info.children[1]?.children[0];
  if (body === undefined) return 'read';
  if (type === DATA) {
    readBer(octetsOf(body)).children.every((bag) => readBag(bag, opening, 0));
    return 'read';
  }
  if (type !== ENCRYPTED_DATA) {
    opening.collector.add({ kind: 'other', place: opening.place, what: 'contents encrypted to a public key' });
    return 'read';
  }
  const [, algorithm, data] = body.children[1]?.children ?? [];
  if (algorithm === undefined || data === undefined) return 'read';
  const scheme = encryptionSchemeOf(algorithm);
  if (scheme.legacy) opening.legacy.add(scheme.text);
  if (scheme.decrypt === undefined) {
    opening.collector.add({ kind: 'other', place: opening.place, what: `contents that cannot be decrypted here (${scheme.text})` });
    return 'unsupported';
  }
  const encrypted = octetsOf(data);
  for (const passphrase of worthTrying(opening.passphrases, scheme.rounds)) {
    const plain = scheme.decrypt(encrypted, passphrase);
    const contents = plain === undefined ? undefined : tryRead(plain);
    if (contents === undefined) continue;
    contents.children.every((bag) => readBag(bag, opening, 0));
    return 'read';
  }
  return 'shut';
}

/** What was decrypted with a guessed passphrase may be noise. */
function tryRead(plain: Uint8Array): BerNode | undefined {
  try {
    const node = readBer(plain);
    return node.tag === 0x30 ? node : undefined;
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

/** Whether a DER or BER structure is a PFX: version 3 and a ContentInfo. */
export function looksLikePkcs12(root: BerNode): boolean {
  const [version, safe] = root.children;
  return root.tag === 0x30 && integerOf(version) === 3 && [DATA, '1.2.840.113549.1.7.2'].includes(oidOf(safe?.children[0]));
}

/** Reads a PFX into the collector. @throws BerError when its outer structure is damaged */
export function readPkcs12(root: BerNode, collector: Collector, place: Place): void {
  collector.format('PKCS#12');
  const [, safeInfo, macData] = root.children;
  const safe = safeInfo?.children[1]?.children[0];
  if (oidOf(safeInfo?.children[0]) !== DATA || safe === undefined) {
    collector.add({
      kind: 'damaged',
      place,
      what: 'PKCS#12',
      problem: 'protected by a signature instead of a passphrase, which is not supported',
    });
    return;
  }
  const contents = octetsOf(safe);
  const given = collector.options.passphrases;
  const mac = checkMac(macData, contents, [...given, '', null]);
  const shut = given.length === 0 ? 'passphrase-needed' : 'wrong-passphrase';
  if (mac.fits === 'no') collector.lock(shut);
  if (mac.fits === 'yes' && (mac.passphrase === '' || mac.passphrase === null)) {
    collector.remark('note', place, 'opens with the empty passphrase: who has the file has the key');
  }
  const passphrases = mac.fits === 'yes' ? [mac.passphrase ?? ''] : mac.fits === 'no' ? [] : [...given, ''];
  const opening: Opening = { collector, place, passphrases, legacy: new Set() };
  const before = collector.reading.items.length;
  const states = readBer(contents).children.map((info) => readSafe(info, opening));
  if (states.includes('shut')) collector.lock(shut);
  // Keys that stayed shut: tried with nothing, or with what did not fit, whichever the caller gave.
  for (const item of collector.reading.items.slice(before)) {
    if (item.kind === 'private-key' && (item.key.lock === 'passphrase-needed' || item.key.lock === 'wrong-passphrase'))
      item.key.lock = shut;
  }
  if (given.length === 0 && collector.reading.locked !== undefined) collector.reading.locked = shut;
  if (opening.legacy.size > 0) {
    collector.remark(
      'refused',
      place,
      `protected with old ciphers, which OpenSSL 3 and Node 17 or newer refuse ("unsupported PKCS12 PFX data")`,
      'openssl pkcs12 -legacy -in FILE -nodes | openssl pkcs12 -export -out NEW.p12',
    );
  }
  collector.remark('note', place, [...opening.legacy, mac.text].join('; '));
}
