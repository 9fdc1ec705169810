/** PEM blocks into items. The contents decide what a block is; a label that says otherwise is reported. */
import type { Collector, Place } from './contained.js';
import { type DerKind, sniffDer } from './der-structure.js';
import { type PemBlock, readPemText } from './pem-text.js';
import { readEncryptedPem } from './private-key.js';
import { addCutCertificate, addStructure, DER_KIND_NAMES } from './read-der.js';

/** Labels of RFC 7468 and of OpenSSL, with the kind that each promises. */
const PROMISED = new Map<string, readonly DerKind[]>([
  ['CERTIFICATE', ['certificate']],
  ['X509 CERTIFICATE', ['certificate']],
  ['TRUSTED CERTIFICATE', ['certificate']],
  ['CERTIFICATE REQUEST', ['certificate-request']],
  ['NEW CERTIFICATE REQUEST', ['certificate-request']],
  ['X509 CRL', ['crl']],
  ['CRL', ['crl']],
  ['PKCS7', ['pkcs7']],
  ['PKCS #7 SIGNED DATA', ['pkcs7']],
  ['CMS', ['pkcs7']],
  ['PRIVATE KEY', ['pkcs8']],
  ['ENCRYPTED PRIVATE KEY', ['encrypted-pkcs8']],
  ['RSA PRIVATE KEY', ['pkcs1']],
  ['EC PRIVATE KEY', ['sec1']],
  ['DSA PRIVATE KEY', ['dsa']],
  ['PUBLIC KEY', ['spki']],
  ['RSA PUBLIC KEY', ['pkcs1-public']],
  ['EC PARAMETERS', ['ec-parameters', 'unknown']],
  ['DH PARAMETERS', ['dh-parameters', 'unknown']],
  ['X9.42 DH PARAMETERS', ['dh-parameters', 'unknown']],
  ['OCSP RESPONSE', ['ocsp-response']],
  ['OCSP REQUEST', ['ocsp-request']],
  ['PKCS12', ['pkcs12']],
]);

/** Blocks of other trades, and what to do about them. */
const FOREIGN = new Map<string, { what: string; next?: string }>([
  [
    'OPENSSH PRIVATE KEY',
    { what: 'a private key of OpenSSH, which TLS programs do not read', next: 'on a copy: ssh-keygen -p -m PKCS8 -f COPY' },
  ],
  ['SSH2 ENCRYPTED PRIVATE KEY', { what: 'a private key of SSH2' }],
  ['SSH2 PUBLIC KEY', { what: 'an SSH public key' }],
  ['PGP PUBLIC KEY BLOCK', { what: 'a PGP public key', next: 'gpg --show-keys FILE' }],
  ['PGP PRIVATE KEY BLOCK', { what: 'a PGP private key' }],
  ['PGP MESSAGE', { what: 'a PGP message', next: 'gpg -d FILE | tlsmedic inspect -' }],
  ['PGP SIGNATURE', { what: 'a PGP signature' }],
  ['PGP SIGNED MESSAGE', { what: 'a PGP signed message' }],
  ['AGE ENCRYPTED FILE', { what: 'a file encrypted with age', next: 'age -d -i KEY FILE | tlsmedic inspect -' }],
  ['OPENVPN STATIC KEY V1', { what: 'a static key of OpenVPN' }],
  ['SIGNATURE', { what: 'a signature' }],
]);

/** Adds the blocks of a text; `wrapped` when escapes and indentation belong to the text around them. Gives how many were found. */
export function readPem(text: string, place: Place, collector: Collector, wrapped: boolean): number {
  let found = 0;
  const blocks = [...readPemText(text)];
  for (const block of blocks) {
    found++;
    const path = blocks.length > 1 ? [...place.path, `#${found}`] : place.path;
    if (!readBlock(block, { path, line: block.line }, collector, wrapped)) break;
  }
  return found;
}

function readBlock(block: PemBlock, place: Place, collector: Collector, wrapped: boolean): boolean {
  const { label, der } = block;
  const foreign = FOREIGN.get(label) ?? (label.startsWith('PGP ') ? { what: 'something of PGP' } : undefined);
  if (foreign !== undefined) {
    if (foreign.next !== undefined) collector.remark('note', place, foreign.what, foreign.next);
    return collector.add({ kind: 'other', place, what: foreign.what });
  }
  for (const flaw of block.flaws) {
    // Of a block that is cut off, the cut is all there is to say.
    if (block.problem !== undefined) break;
    if (wrapped && /\\n|indented/.test(flaw.text)) continue;
    const level = flaw.level;
    collector.remark(level, place, flaw.text, level === 'refused' ? 'tlsmedic inspect FILE --pem > NEW.pem' : undefined);
  }
  const name =
    label === 'CERTIFICATE' ? 'certificate' : label.toLowerCase().replace('rsa', 'RSA').replace('x509', 'X.509').replace('crl', 'CRL');
  if (block.headers.get('proc-type')?.includes('ENCRYPTED') === true) {
    const cipher = block.headers.get('dek-info')?.split(',')[0] ?? 'an unnamed cipher';
    const format = label === 'RSA PRIVATE KEY' ? 'PKCS#1' : label === 'EC PRIVATE KEY' ? 'SEC 1' : label.slice(0, 40);
    return collector.add({
      kind: 'private-key',
      place,
      key: readEncryptedPem(block.normalised, format, cipher.slice(0, 40), collector.options.passphrases),
    });
  }
  const sniff = der.length === 0 ? undefined : sniffDer(der);
  const cut = sniff !== undefined && sniff.next > der.length;
  if (block.problem !== undefined) {
    const missing = cut && sniff !== undefined ? `; ${sniff.next - der.length} of ${sniff.next} bytes are missing` : '';
    const added = collector.add({
      kind: 'damaged',
      place,
      what: name,
      problem: `${block.problem}${missing}`,
      next: 'copy the whole file again, from its BEGIN line to its END line',
    });
    if (sniff?.kind !== 'certificate') return added;
    // What is left of a certificate is shown as far as it can be read.
    return cut
      ? addCutCertificate(der, sniff.next, place, collector)
      : addStructure('certificate', der.subarray(0, sniff.next), place, collector);
  }
  if (sniff === undefined) {
    const promised = PROMISED.get(label)?.[0];
    if (promised === 'certificate' && der.length > 0) return collector.add({ kind: 'certificate', place, der });
    return collector.add({
      kind: 'damaged',
      place,
      what: name,
      problem: der.length === 0 ? 'nothing between its BEGIN and END lines' : 'what is in it is no DER: it does not begin with a SEQUENCE',
    });
  }
  return addSniffed(label, name, sniff.kind, sniff.next, der, place, collector);
}

function addSniffed(
  label: string,
  name: string,
  sniffed: DerKind,
  next: number,
  der: Uint8Array,
  place: Place,
  collector: Collector,
): boolean {
  const promised = PROMISED.get(label);
  let kind = sniffed;
  if (promised?.includes('unknown') === true) kind = promised[0] as DerKind;
  if (promised !== undefined && !promised.includes(kind)) {
    // Damaged inside, but meant as what the label says: its own reader finds the first wrong byte.
    if (kind === 'unknown') kind = promised[0] as DerKind;
    else {
      const usual = [...PROMISED].find(([, kinds]) => kinds[0] === kind)?.[0];
      collector.remark(
        'refused',
        place,
        `labelled ${label}, but it holds a ${DER_KIND_NAMES[kind]}`,
        usual === undefined ? undefined : `write ${usual} into its BEGIN and END lines`,
      );
    }
  }
  if (label === 'CRL')
    collector.remark('refused', place, 'labelled CRL: OpenSSL reads X509 CRL only', 'write X509 CRL into its BEGIN and END lines');
  if (next < der.length && label !== 'TRUSTED CERTIFICATE' && kind !== 'pkcs7' && kind !== 'pkcs12') {
    collector.remark('note', place, `${der.length - next} bytes after the end of the ${name}, from byte ${next} on`);
  }
  const trusted = label === 'TRUSTED CERTIFICATE';
  const whole =
    kind === 'certificate' || kind === 'crl' || kind === 'certificate-request' ? der.subarray(0, Math.min(next, der.length)) : der;
  return addStructure(kind, whole, place, collector, trusted ? { trusted } : {});
}
