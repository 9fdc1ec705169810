/** Extensions that no verdict rests on, decoded for whoever looks at them: some by name, all others by the shape of their ASN.1. */
import type { Certificate, Extension } from '../x509/certificate.js';
import { BerError, type BerNode, integerOf, oidOf, readBer } from '../x509/container/ber.js';
import { toHex } from '../x509/der-values.js';
import { extensionReader, readSubjectAltName } from '../x509/extensions.js';
import type { GeneralName } from '../x509/general-name.js';
import { EXT, oidName } from '../x509/oids.js';
import type { ExtensionValue } from './extension-facts.js';

/** Netscape's certificate types, the first bit first. */
const NETSCAPE_TYPES = ['sslClient', 'sslServer', 'smime', 'objectSigning', 'reserved', 'sslCA', 'smimeCA', 'objectSigningCA'];
/** More elements than this are shown as hex. */
const MAX_NODES = 300;

const PRINTABLE = /^[\x20-\x7e]+$/;

function countOf(node: BerNode): number {
  return node.children.reduce((sum, child) => sum + countOf(child), 1);
}

function named(oid: string): string {
  const name = oidName(oid);
  return name === oid ? oid : `${name} (${oid})`;
}

/** Text where all of it is printable, else hex. */
function textOrHex(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return PRINTABLE.test(text) ? text : toHex(bytes);
}

/** An element by its universal tag (X.680 §8.6); context tags keep their number. */
function shapeOf(node: BerNode): ExtensionValue {
  const { tag, contents, children } = node;
  switch (tag) {
    case 0x01:
      return contents[0] !== 0;
    case 0x02:
    case 0x0a:
      return (contents.length <= 4 ? integerOf(node) : undefined) ?? toHex(contents);
    case 0x03:
      return toHex(contents.subarray(1));
    case 0x04:
      return toHex(contents);
    case 0x05:
      return null;
    case 0x06:
      return named(oidOf(node));
    case 0x0c:
      return Buffer.from(contents).toString('utf8');
    case 0x1e:
      return contents.length % 2 === 0 ? Buffer.from(contents).swap16().toString('utf16le') : toHex(contents);
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x16:
    case 0x17:
    case 0x18:
    case 0x1a:
      return textOrHex(contents);
    case 0x30:
    case 0x31:
      return children.map(shapeOf);
    default: {
      const constructed = (tag & 0x20) !== 0;
      const [only] = children;
      const inner = !constructed
        ? textOrHex(contents)
        : children.length === 1 && only !== undefined
          ? shapeOf(only)
          : children.map(shapeOf);
      return { [`[${tag & 0x1f}]`]: inner };
    }
  }
}

function tree(extension: Extension): BerNode | undefined {
  try {
    const node = readBer(extension.value);
    return node.raw.length === extension.value.length && countOf(node) <= MAX_NODES ? node : undefined;
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

const names = (list: readonly GeneralName[]): ExtensionValue => list.map(({ kind, value }) => ({ kind, value }));

/** AccessDescriptions (RFC 5280 §4.2.2.2): method and location of each. */
function accesses({ children }: BerNode): ExtensionValue {
  return children.map((access) => {
    const [method, location] = access.children;
    return { oid: oidOf(method), name: oidName(oidOf(method)), location: location === undefined ? null : shapeOf(location) };
  });
}

/** The value of an extension that `Certificate` has no field for; null where it is no ASN.1. */
export function otherExtensionValue(certificate: Certificate, extension: Extension): ExtensionValue {
  if (extension.oid === EXT.issuerAltName)
    return names(readSubjectAltName(extensionReader(certificate.der, extension, []), 'issuerAltName'));
  const node = tree(extension);
  if (node === undefined) return null;
  switch (extension.oid) {
    case EXT.subjectInfoAccess:
      return accesses(node);
    case '2.16.840.1.113730.1.1': {
      const bits = node.contents[1] ?? 0;
      return NETSCAPE_TYPES.filter((_, i) => (bits & (0x80 >> i)) !== 0);
    }
    default:
      return shapeOf(node);
  }
}

/** The protocol features that a server promises (RFC 7633), by their numbers in TLS. */
export function tlsFeatures(extension: Extension): ExtensionValue {
  return (tree(extension)?.children ?? []).map((feature) => integerOf(feature) ?? toHex(feature.contents));
}
