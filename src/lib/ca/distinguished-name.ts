import { element, ia5String, oid, printableString, sequence, setOf, TAG, utf8String } from './der-writer.js';

const ATTRIBUTE_OIDS = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  serialNumber: '2.5.4.5',
  emailAddress: '1.2.840.113549.1.9.1',
  DC: '0.9.2342.19200300.100.1.25',
} as const;

/** One attribute of a name to write; `tag` overrides the string type (the lab writes BMPString and T61String names). */
export interface DistinguishedNameAttribute {
  type: keyof typeof ATTRIBUTE_OIDS;
  value: string;
  tag?: number;
}

/** Upper bound of commonName in characters (RFC 5280 appendix A, ub-common-name). */
export const COMMON_NAME_LIMIT = 64;

/** Name DER (RFC 5280 §4.1.2.4), one attribute an RDN, in the order given. An empty list makes the empty name. */
export function distinguishedName(attributes: readonly DistinguishedNameAttribute[]): Uint8Array {
  return sequence(...attributes.map((attribute) => setOf(sequence(oid(ATTRIBUTE_OIDS[attribute.type]), attributeValue(attribute)))));
}

function attributeValue({ type, value, tag }: DistinguishedNameAttribute): Uint8Array {
  if (tag === TAG.bmpString) return element(tag, Buffer.from(value, 'utf16le').swap16());
  if (tag !== undefined) return element(tag, Buffer.from(value, tag === TAG.utf8String ? 'utf8' : 'latin1'));
  // These have one string type only (RFC 5280 appendix A).
  if (type === 'C' || type === 'serialNumber') return printableString(value);
  if (type === 'emailAddress' || type === 'DC') return ia5String(value);
  return utf8String(value);
}
