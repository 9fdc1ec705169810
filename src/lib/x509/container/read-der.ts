/** Binary structures into items: by their shape, several one after another if need be. */
import { createPublicKey } from 'node:crypto';
import { BerError, readBer } from './ber.js';
import { FROM_BOUNCY_CASTLE } from './bks.js';
import { CONTAINER_LIMITS, type Collector, type ContainedItem, type Place } from './contained.js';
import { type DerKind, sniffDer } from './der-structure.js';
import { readPkcs7 } from './pkcs7.js';
import { looksLikePkcs12, readPkcs12 } from './pkcs12.js';
import { readEncryptedPkcs8, readPkcs1, readPkcs8, readSec1, spkiFromPkcs1Public } from './private-key.js';

/** What each kind is called for people. */
export const DER_KIND_NAMES: Record<DerKind, string> = {
  certificate: 'certificate',
  'certificate-request': 'certificate request',
  crl: 'CRL',
  'ocsp-response': 'OCSP response',
  'ocsp-request': 'an OCSP request',
  bcfks: 'a BCFKS key store (Bouncy Castle FIPS)',
  pkcs7: 'PKCS#7',
  pkcs12: 'PKCS#12',
  pkcs8: 'private key',
  'encrypted-pkcs8': 'encrypted private key',
  pkcs1: 'RSA private key',
  'pkcs1-public': 'RSA public key',
  sec1: 'EC private key',
  dsa: 'DSA private key',
  spki: 'public key',
  'dh-parameters': 'Diffie-Hellman parameters',
  'ec-parameters': 'EC parameters',
  unknown: 'an unknown structure',
};

/** Runs a reader of this folder; what it throws on damaged data becomes a `damaged` item. */
export function guarded(collector: Collector, place: Place, what: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BerError) && !(error instanceof RangeError)) throw error;
    const where = error instanceof BerError ? ` at byte ${error.offset}` : '';
    collector.add({ kind: 'damaged', place, what, problem: `${error.message}${where}` });
  }
}

function publicKeyReads(spki: Uint8Array): boolean {
  try {
    createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return true;
  } catch {
    return false; // an algorithm that this OpenSSL does not know: shown by its parsed parts all the same
  }
}

/** One structure whose kind is known. False when the bound on items is reached. */
export function addStructure(
  kind: DerKind,
  der: Uint8Array,
  place: Place,
  collector: Collector,
  extra: { trusted?: boolean; missingBytes?: number } = {},
): boolean {
  const { passphrases } = collector.options;
  const add = (item: ContainedItem): boolean => collector.add(item);
  switch (kind) {
    case 'certificate':
      return add({ kind, place, der, ...extra });
    case 'certificate-request':
    case 'crl':
    case 'ocsp-response':
      return add({ kind, place, der });
    case 'pkcs7':
      guarded(collector, place, 'PKCS#7', () => readPkcs7(readBer(der), collector, place));
      return true;
    case 'pkcs12':
      guarded(collector, place, 'PKCS#12', () => {
        const root = readBer(der);
        if (looksLikePkcs12(root)) readPkcs12(root, collector, place);
        else collector.add({ kind: 'damaged', place, what: 'PKCS#12', problem: 'its outer parts are not those of a PFX (RFC 7292 §4)' });
      });
      return true;
    case 'pkcs8':
      return add({ kind: 'private-key', place, key: readPkcs8(der) });
    case 'encrypted-pkcs8':
      return add({ kind: 'private-key', place, key: readEncryptedPkcs8(der, passphrases) });
    case 'pkcs1':
      return add({ kind: 'private-key', place, key: readPkcs1(der) });
    case 'sec1':
      return add({ kind: 'private-key', place, key: readSec1(der) });
    case 'dsa':
      return add({
        kind: 'private-key',
        place,
        key: { format: 'DSA', encrypted: false, lock: 'unsupported', problem: 'DSA keys are not used in TLS any more' },
      });
    case 'spki':
      if (!publicKeyReads(der)) collector.remark('note', place, 'a public key of a kind that this OpenSSL does not know');
      return add({ kind: 'public-key', place, spki: der });
    case 'pkcs1-public': {
      const spki = spkiFromPkcs1Public(der);
      return add(
        spki === undefined
          ? { kind: 'damaged', place, what: 'RSA public key', problem: 'cannot be read' }
          : { kind: 'public-key', place, spki },
      );
    }
    case 'bcfks':
      collector.remark('note', place, 'only Java with Bouncy Castle FIPS reads it', FROM_BOUNCY_CASTLE.replace('TYPE', 'BCFKS'));
      return add({ kind: 'other', place, what: `${DER_KIND_NAMES[kind]}: all of it is encrypted, which is not opened here` });
    case 'ocsp-request':
    case 'dh-parameters':
    case 'ec-parameters':
      return add({ kind: 'other', place, what: DER_KIND_NAMES[kind] });
    case 'unknown':
      return add({
        kind: 'damaged',
        place,
        what: 'a DER structure',
        problem: 'it is none of certificate, request, CRL, OCSP response, PKCS#7, PKCS#12 or key',
      });
  }
}

/** The start of a certificate whose end is missing, filled up with zeros so that what is there can be read. */
export function addCutCertificate(start: Uint8Array, length: number, place: Place, collector: Collector): boolean {
  if (start.length < 48 || length > 1024 * 1024) return true;
  const der = new Uint8Array(length);
  der.set(start);
  return addStructure('certificate', der, place, collector, { missingBytes: length - start.length });
}

/** Whether binary data begins with something that is read here. */
export function looksLikeDer(bytes: Uint8Array): boolean {
  const sniff = sniffDer(bytes);
  return sniff !== undefined && sniff.kind !== 'unknown';
}

/** All structures of binary data, one after another. */
export function readDerBytes(bytes: Uint8Array, place: Place, collector: Collector): void {
  for (let at = 0, number = 1; at < bytes.length && number <= CONTAINER_LIMITS.items; number++) {
    const sniff = sniffDer(bytes, at);
    const several = at > 0 || (sniff !== undefined && sniff.next < bytes.length && sniffDer(bytes, sniff.next) !== undefined);
    const here: Place = several ? { ...place, path: [...place.path, `#${number}`] } : place;
    if (sniff === undefined) {
      collector.remark(
        'note',
        place,
        `${bytes.length - at} bytes after the end of the structure, from byte ${at} on; most programs ignore them, strict ones do not`,
      );
      return;
    }
    if (sniff.kind !== 'pkcs12' && sniff.kind !== 'pkcs7') collector.format('DER');
    let end = Math.min(sniff.next, bytes.length);
    if (sniff.indefinite) {
      try {
        end = at + readBer(bytes, at).raw.length;
      } catch (error) {
        if (!(error instanceof BerError)) throw error; // damaged inside: its own reader says where
      }
    }
    if (sniff.next > bytes.length && sniff.kind !== 'certificate') {
      collector.remark(
        'refused',
        here,
        `cut off: ${sniff.next - at} bytes long by its own account, ${bytes.length - at} are there`,
        'copy the file again; compare sizes and checksums on both sides',
      );
    }
    const missingBytes = sniff.next - bytes.length;
    if (sniff.kind === 'certificate' && missingBytes > 0) {
      const what = 'certificate';
      collector.add({
        kind: 'damaged',
        place: here,
        what,
        problem: `cut off: ${missingBytes} of ${sniff.next - at} bytes are missing`,
        next: 'copy the file again; compare sizes and checksums on both sides',
      });
      addCutCertificate(bytes.subarray(at), sniff.next - at, here, collector);
      return;
    }
    if (!addStructure(sniff.kind, bytes.subarray(at, end), here, collector)) return;
    at = end;
  }
}
