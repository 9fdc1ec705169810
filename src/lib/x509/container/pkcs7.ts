/** PKCS#7 / CMS SignedData as a bag of certificates and CRLs (RFC 2315 §9, RFC 5652 §5): .p7b, .p7c, and signed messages. */
import { type BerNode, oidOf } from './ber.js';
import type { Collector, Place } from './contained.js';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const NAMES = new Map([
  ['1.2.840.113549.1.7.1', 'data'],
  [SIGNED_DATA, 'signed data'],
  ['1.2.840.113549.1.7.3', 'enveloped data (encrypted to a recipient)'],
  ['1.2.840.113549.1.7.5', 'digested data'],
  ['1.2.840.113549.1.7.6', 'encrypted data'],
]);

/** Whether a structure is a ContentInfo of PKCS#7. */
export function looksLikePkcs7(root: BerNode): boolean {
  return root.tag === 0x30 && NAMES.has(oidOf(root.children[0]));
}

/** Reads a ContentInfo into the collector. */
export function readPkcs7(root: BerNode, collector: Collector, place: Place): void {
  collector.format('PKCS#7');
  const type = oidOf(root.children[0]);
  const signed = root.children[1]?.children[0];
  if (type !== SIGNED_DATA || signed === undefined) {
    collector.add({ kind: 'other', place, what: `PKCS#7 ${NAMES.get(type) ?? type}, which holds no certificates in clear` });
    return;
  }
  // certificates is [0], crls is [1]; both are sets of whole structures.
  for (const field of signed.children) {
    const kind = field.tag === 0xa0 ? 'certificate' : field.tag === 0xa1 ? 'crl' : undefined;
    if (kind === undefined) continue;
    for (const child of field.children) if (child.tag === 0x30 && !collector.add({ kind, place, der: child.raw })) return;
  }
  const signers = signed.children.at(-1);
  if (signers?.tag === 0x31 && signers.children.length > 0)
    collector.remark('note', place, 'a signed message, not only a bag of certificates');
}
