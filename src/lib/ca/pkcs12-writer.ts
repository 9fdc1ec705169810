import { createHash, randomBytes } from 'node:crypto';
import { pkcs12Mac } from '../x509/container/password-encryption.js';
import { bmpString, contextConstructed, element, integer, nullValue, octetString, oid, sequence, setOf } from './der-writer.js';
import { encryptPrivateKey, encryptWithPassphrase } from './password-based-encryption.js';

/** Rounds of both the encryption and the MAC, as Java 17 and OpenSSL 3 users are used to; a generated passphrase needs none. */
const ROUNDS = 10_000;

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  /** Java's mark of a certificate that is trusted; without it a PKCS#12 trust store looks empty to Java. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyExtendedKeyUsage: '2.5.29.37.0',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

export interface KeyStoreContents {
  /** Certificate DER, end entity first. */
  chain: readonly Uint8Array[];
  pkcs8: Uint8Array;
  /** Alias of the entry. */
  friendlyName: string;
}

/**
 * A PKCS#12 key store (RFC 7292): AES-256-CBC with PBKDF2-HMAC-SHA256 and an HMAC-SHA256 MAC, which OpenSSL 1.1 and later, Java 8u301 and later and Node read.
 * Never the RC2 and 3DES of old, which OpenSSL 3 refuses.
 */
export function writePkcs12({ chain, pkcs8, friendlyName }: KeyStoreContents, passphrase: string): Uint8Array {
  const keyId = createHash('sha1')
    .update(chain[0] ?? pkcs8)
    .digest();
  const own = [attribute(OID.friendlyName, bmpString(friendlyName)), attribute(OID.localKeyId, octetString(keyId))];
  const certificates = chain.map((der, i) => certificateBag(der, i === 0 ? own : []));
  const key = bag(OID.shroudedKeyBag, encryptPrivateKey(pkcs8, passphrase, ROUNDS), own);
  return pfx([encryptedContent(sequence(...certificates), passphrase), dataContent(sequence(key))], passphrase);
}

/** A PKCS#12 trust store as Java reads it: trusted certificates under their aliases, no key. */
export function writePkcs12TrustStore(certificates: readonly { der: Uint8Array; alias: string }[], passphrase: string): Uint8Array {
  const bags = certificates.map(({ der, alias }) =>
    certificateBag(der, [attribute(OID.friendlyName, bmpString(alias)), attribute(OID.trustedKeyUsage, oid(OID.anyExtendedKeyUsage))]),
  );
  return pfx([encryptedContent(sequence(...bags), passphrase)], passphrase);
}

function pfx(contents: readonly Uint8Array[], passphrase: string): Uint8Array {
  const authenticatedSafe = sequence(...contents);
  const salt = randomBytes(16);
  const mac = pkcs12Mac('sha256', passphrase, salt, ROUNDS, authenticatedSafe);
  const macData = sequence(sequence(sequence(oid(OID.sha256), nullValue()), octetString(mac)), octetString(salt), integer(ROUNDS));
  return sequence(integer(3), dataContent(authenticatedSafe), macData);
}

function dataContent(contents: Uint8Array): Uint8Array {
  return sequence(oid(OID.data), contextConstructed(0, octetString(contents)));
}

function encryptedContent(contents: Uint8Array, passphrase: string): Uint8Array {
  const { algorithm, ciphertext } = encryptWithPassphrase(contents, passphrase, ROUNDS);
  const info = sequence(oid(OID.data), algorithm, element(0x80, ciphertext));
  return sequence(oid(OID.encryptedData), contextConstructed(0, sequence(integer(0), info)));
}

function certificateBag(der: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  return bag(OID.certBag, sequence(oid(OID.x509Certificate), contextConstructed(0, octetString(der))), attributes);
}

function bag(id: string, value: Uint8Array, attributes: readonly Uint8Array[]): Uint8Array {
  return sequence(oid(id), contextConstructed(0, value), ...(attributes.length === 0 ? [] : [setOf(...attributes)]));
}

function attribute(id: string, value: Uint8Array): Uint8Array {
  return sequence(oid(id), setOf(value));
}
