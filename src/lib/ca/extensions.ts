import {
  boolean,
  contextConstructed,
  contextPrimitive,
  element,
  integer,
  namedBits,
  nullValue,
  octetString,
  oid,
  sequence,
} from './der-writer.js';
import { type NameConstraintSet, nameConstraintsDer } from './name-constraints.js';
import { generalNameDer, type SubjectAltName } from './subject-alt-name.js';

/** An extension to write. `value` is the contents of extnValue. */
export interface ExtensionToWrite {
  oid: string;
  critical: boolean;
  value: Uint8Array;
}

/** Bits of keyUsage by number (RFC 5280 §4.2.1.3). */
const KEY_USAGE_BITS = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;
export type KeyUsageName = keyof typeof KEY_USAGE_BITS;

/** Extended key usages by the names RFC 5280 §4.2.1.12 gives them. */
export const EXTENDED_KEY_USAGES = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  any: '2.5.29.37.0',
} as const;
export type ExtendedKeyUsageName = keyof typeof EXTENDED_KEY_USAGES;

/** Extension DER. */
export function extensionDer({ oid: id, critical, value }: ExtensionToWrite): Uint8Array {
  return critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value));
}

/** basicConstraints, always critical (a leaf says CA:FALSE by an empty sequence). */
export function basicConstraints(ca: boolean, pathLength?: number): ExtensionToWrite {
  const value = ca ? sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])) : sequence();
  return { oid: '2.5.29.19', critical: true, value };
}

export function keyUsage(bits: readonly KeyUsageName[]): ExtensionToWrite {
  return { oid: '2.5.29.15', critical: true, value: namedBits(bits.map((bit) => KEY_USAGE_BITS[bit])) };
}

/** extendedKeyUsage by name or by OID. */
export function extendedKeyUsage(usages: readonly (ExtendedKeyUsageName | (string & {}))[]): ExtensionToWrite {
  const ids = usages.map((usage) => (usage in EXTENDED_KEY_USAGES ? EXTENDED_KEY_USAGES[usage as ExtendedKeyUsageName] : usage));
  return { oid: '2.5.29.37', critical: false, value: sequence(...ids.map(oid)) };
}

/** subjectAltName; critical when the subject is empty (RFC 5280 §4.2.1.6). */
export function subjectAltNames(names: readonly SubjectAltName[], critical = false): ExtensionToWrite {
  return { oid: '2.5.29.17', critical, value: sequence(...names.map(generalNameDer)) };
}

export function subjectKeyIdentifier(identifier: Uint8Array): ExtensionToWrite {
  return { oid: '2.5.29.14', critical: false, value: octetString(identifier) };
}

/** authorityKeyIdentifier with the key identifier alone. */
export function authorityKeyIdentifier(identifier: Uint8Array): ExtensionToWrite {
  return { oid: '2.5.29.35', critical: false, value: sequence(contextPrimitive(0, identifier)) };
}

export function nameConstraints(constraints: NameConstraintSet): ExtensionToWrite {
  return { oid: '2.5.29.30', critical: true, value: nameConstraintsDer(constraints) };
}

/** cRLDistributionPoints, one point for each address. */
export function crlDistributionPoints(urls: readonly string[]): ExtensionToWrite {
  const points = urls.map((url) => sequence(contextConstructed(0, contextConstructed(0, uriName(url)))));
  return { oid: '2.5.29.31', critical: false, value: sequence(...points) };
}

/** authorityInfoAccess: where the issuer's certificate and its OCSP responder are. */
export function authorityInfoAccess({
  ocsp = [],
  caIssuers = [],
}: {
  ocsp?: readonly string[];
  caIssuers?: readonly string[];
}): ExtensionToWrite {
  const access = (method: string) => (url: string) => sequence(oid(method), uriName(url));
  const value = sequence(...ocsp.map(access('1.3.6.1.5.5.7.48.1')), ...caIssuers.map(access('1.3.6.1.5.5.7.48.2')));
  return { oid: '1.3.6.1.5.5.7.1.1', critical: false, value };
}

/** TLS feature status_request: the server must staple an OCSP response (RFC 7633). */
export function mustStaple(): ExtensionToWrite {
  return { oid: '1.3.6.1.5.5.7.1.24', critical: false, value: sequence(integer(5)) };
}

/** id-pkix-ocsp-nocheck: nobody need check whether the responder's own certificate was revoked (RFC 6960 §4.2.2.2.1). */
export function ocspNoCheck(): ExtensionToWrite {
  return { oid: '1.3.6.1.5.5.7.48.1.5', critical: false, value: nullValue() };
}

export function certificatePolicies(oids: readonly string[]): ExtensionToWrite {
  return { oid: '2.5.29.32', critical: false, value: sequence(...oids.map((id) => sequence(oid(id)))) };
}

function uriName(url: string): Uint8Array {
  return element(0x86, Buffer.from(url, 'latin1'));
}
