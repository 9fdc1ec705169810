import type { EncodingProblem } from './certificate.js';
import { type DerReader, type Element, DerReader as Reader, TAG, tagName } from './der.js';
import { readOid, readString, toHex } from './der-values.js';
import type { Name, NameAttribute } from './name.js';
import { attributeName } from './oids.js';

/** Distinguished names: reading (RFC 5280 §4.1.2.4), text (RFC 4514) and comparison (RFC 5280 §7.1). */

/** More attributes than this are not read. */
const MAX_ATTRIBUTES = 4096;

/**
 * Longer values, in characters, and all values of longer names, in octets, compare as they stand: normalisation takes quadratic time on
 * combining characters. The longest that X.520 has bounds for is 32,768 characters, and nobody has seen 500.
 */
const MAX_NORMALISED = 2048;
const MAX_NORMALISED_NAME = 65_536;

class DecodedName implements Name {
  readonly der: Uint8Array;
  readonly rdns: readonly (readonly NameAttribute[])[];
  #text: string | undefined;
  #key: string | undefined;
  #rdnKeys: readonly string[] | undefined;

  constructor(der: Uint8Array, rdns: readonly (readonly NameAttribute[])[]) {
    this.der = der;
    this.rdns = rdns;
  }

  get text(): string {
    this.#text ??= nameText(this.rdns);
    return this.#text;
  }

  get commonName(): string | undefined {
    for (const rdn of this.rdns) for (const attribute of rdn) if (attribute.oid === '2.5.4.3') return attribute.value;
    return undefined;
  }

  get rdnKeys(): readonly string[] {
    const asItStands = this.der.length > MAX_NORMALISED_NAME;
    this.#rdnKeys ??= this.rdns.map((rdn) => rdnKey(rdn, asItStands));
    return this.#rdnKeys;
  }

  get key(): string {
    this.#key ??= this.rdnKeys.join('\u0001');
    return this.#key;
  }
}

export const EMPTY_NAME: Name = new DecodedName(new Uint8Array([0x30, 0]), []);

/** The Name at the cursor; an empty one (and a problem) when it cannot be read. */
export function readName(reader: DerReader, what: string): Name {
  const element = reader.take(TAG.sequence, what);
  return element === undefined ? EMPTY_NAME : nameOf(reader, element, what);
}

/** The Name in an element already read. */
export function nameOf(reader: DerReader, element: Element, what: string): Name {
  const rdns: NameAttribute[][] = [];
  const sequence = reader.into(element);
  let count = 0;
  while (sequence.more) {
    const set = sequence.take(TAG.set, `${what}: RelativeDistinguishedName`);
    if (set === undefined) break;
    rdns.push(readRdn(sequence, set, what));
    count += rdns.at(-1)?.length ?? 0;
    if (count > MAX_ATTRIBUTES) {
      reader.problems.push({ offset: element.offset, severity: 'fatal', message: `${what}: more than ${MAX_ATTRIBUTES} attributes` });
      break;
    }
  }
  return new DecodedName(reader.whole(element), rdns);
}

function readRdn(reader: DerReader, element: Element, what: string): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  const set = reader.into(element);
  if (!set.more)
    reader.problems.push({
      offset: element.offset,
      severity: 'strict',
      defect: 'empty-list',
      message: `${what}: empty RelativeDistinguishedName`,
    });
  while (set.more && attributes.length <= MAX_ATTRIBUTES) {
    const pair = set.take(TAG.sequence, `${what}: attribute`);
    if (pair === undefined) break;
    const fields = set.into(pair);
    const type = fields.take(TAG.oid, `${what}: attribute type`);
    const value = fields.next(`${what}: attribute value`);
    if (type === undefined || value === undefined) break;
    fields.finish(`${what}: attribute`);
    const oid = readOid(fields, type, `${what}: attribute type`);
    if (oid === undefined) break;
    const string = readString(fields, value, `${what}: ${attributeName(oid)}`);
    const text = string ?? `#${toHex(reader.whole(value))}`;
    if (string === undefined && isDirectoryString(oid))
      reader.problems.push({
        offset: value.offset,
        severity: 'strict',
        message: `${what}: ${attributeName(oid)}: a ${tagName(value.tag)} is no string (RFC 5280 appendix A)`,
      });
    attributes.push({ oid, type: attributeName(oid), value: text, tag: value.tag });
  }
  return attributes;
}

/** Attributes of X.520 whose values are strings: names, places, organizations, serialNumber, title, dnQualifier, pseudonym. */
function isDirectoryString(oid: string): boolean {
  return /^2\.5\.4\.(?:3|4|5|6|7|8|10|11|12|41|42|43|44|46|65)$/.test(oid);
}

/** The Name in DER of its own, such as a certificate authority of a CertificateRequest. */
export function parseName(der: Uint8Array, problems: EncodingProblem[] = []): Name {
  const reader = new Reader(der, 0, der.length, problems);
  const name = readName(reader, 'name');
  reader.finish('name');
  return name;
}

function nameText(rdns: readonly (readonly NameAttribute[])[]): string {
  let text = '';
  for (let i = rdns.length - 1; i >= 0; i--) {
    const rdn = rdns[i] ?? [];
    text += `${text === '' ? '' : ', '}${rdn.map((attribute) => `${attribute.type}=${escapeValue(attribute.value)}`).join('+')}`;
  }
  return text;
}

/** RFC 4514 §2.4. */
function escapeValue(value: string): string {
  if (/^[A-Za-z0-9.*:/@_-][A-Za-z0-9.*:/@_ ()'-]*$/.test(value) && !value.endsWith(' ')) return value;
  return value
    .replace(/[,+"\\<>;=]/g, '\\$&')
    .replace(/\0/g, '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

const STRINGS: ReadonlySet<number> = new Set([
  TAG.utf8String,
  TAG.printableString,
  TAG.ia5String,
  TAG.numericString,
  TAG.visibleString,
  TAG.teletexString,
  TAG.bmpString,
  TAG.universalString,
]);

/** Strings that compare without regard to case, form and inner white space (RFC 5280 §7.1, RFC 4518). */
function rdnKey(rdn: readonly NameAttribute[], asItStands = false): string {
  // A value that is no string compares by its octets, and never with a string that spells them.
  const keys = rdn.map(
    (attribute) => `${attribute.oid}${STRINGS.has(attribute.tag) ? '=' : '#'}${asItStands ? attribute.value : normalise(attribute)}`,
  );
  return (keys.length > 1 ? keys.sort() : keys).join('\u0002');
}

function normalise({ value }: NameAttribute): string {
  if (value.length > MAX_NORMALISED) return value;
  if (/^[!-~]+(?: [!-~]+)*$/.test(value)) return value.toLowerCase();
  return value
    .normalize('NFKC')
    .replace(/\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\ufe00-\ufe0f]|[\u200b-\u200f]|[\u202a-\u202e]|[\u2060-\u2063]|\ufeff/g, '')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[\s\u0000-\u001f\u007f]+/g, ' ')
    .replace(/^ | $/g, '');
}

/** Whether two names are the same by RFC 5280 §7.1. */
export function sameName(a: Name, b: Name): boolean {
  return sameBytes(a.der, b.der) || a.key === b.key;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether `name` lies in the subtree that `base` roots: its first RDNs are those of `base` (RFC 5280 §4.2.1.10, directoryName). */
export function nameWithin(name: Name, base: Name): boolean {
  const keys = rdnKeysOf(name);
  const wanted = rdnKeysOf(base);
  return wanted.length <= keys.length && wanted.every((key, i) => keys[i] === key);
}

function rdnKeysOf(name: Name): readonly string[] {
  return name instanceof DecodedName ? name.rdnKeys : name.rdns.map((rdn) => rdnKey(rdn));
}
