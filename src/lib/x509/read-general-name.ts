import { type DerReader, type Element, TAG, tagName } from './der.js';
import { asciiText, latin1Text, oidText, readOid, readString, toHex } from './der-values.js';
import type { GeneralName } from './general-name.js';
import { ipText } from './ip-address.js';
import { EMPTY_NAME, readName } from './read-name.js';

/** GeneralName and GeneralNames (RFC 5280 §4.2.1.6). `constraint` reads iPAddress as address and mask (§4.2.1.10). */
export function readGeneralName(reader: DerReader, element: Element, what: string, constraint = false): GeneralName {
  const raw = reader.view(element);
  switch (element.tag) {
    case 0x82:
      return { kind: 'dns', value: ia5(reader, element, `${what}: dNSName`), raw };
    case 0x81:
      return { kind: 'email', value: ia5(reader, element, `${what}: rfc822Name`), raw };
    case 0x86:
      return { kind: 'uri', value: ia5(reader, element, `${what}: uniformResourceIdentifier`), raw };
    case 0x87:
      return { kind: 'ip', value: address(reader, element, what, constraint), raw };
    case 0xa4: {
      const inner = reader.into(element);
      const name = inner.more ? readName(inner, `${what}: directoryName`) : EMPTY_NAME;
      return { kind: 'dirName', value: name.text, name, raw };
    }
    case 0xa0: {
      const inner = reader.into(element);
      const type = inner.take(TAG.oid, `${what}: otherName type`);
      const oid = type === undefined ? undefined : readOid(inner, type, `${what}: otherName type`);
      const wrapped = inner.take(0xa0, `${what}: otherName value`);
      let value: string | undefined;
      if (wrapped !== undefined) {
        const content = inner.into(wrapped);
        const element = content.next(`${what}: otherName value`);
        if (element !== undefined) value = readString(content, element, `${what}: otherName`) ?? toHex(content.whole(element));
      }
      return { kind: 'otherName', oid: oid ?? '', value: value ?? toHex(raw), raw };
    }
    case 0x88: {
      const oid = oidText(reader.bytes, element.start, element.end);
      if (oid === undefined)
        reader.problems.push({ offset: element.offset, severity: 'strict', message: `${what}: registeredID is no object identifier` });
      return { kind: 'rid', value: oid ?? toHex(raw), raw };
    }
    case 0xa3:
      return { kind: 'x400', value: toHex(raw), raw };
    case 0xa5:
      return { kind: 'ediParty', value: toHex(raw), raw };
    default:
      // A form that RFC 5280 does not define says nothing that anybody relies on; the other names stay readable.
      reader.problems.push({
        offset: element.offset,
        // One of the defined forms with the wrong bit for primitive or constructed is a defect of the encoding, another number a stranger.
        severity: (element.tag & 0xc0) === 0x80 && (element.tag & 0x1f) <= 8 ? 'strict' : 'notice',
        message: `${what}: ${tagName(element.tag)} is no GeneralName`,
      });
      return { kind: 'unknown', value: toHex(raw), raw };
  }
}

function ia5(reader: DerReader, element: Element, what: string): string {
  const text = asciiText(reader.bytes, element.start, element.end);
  if (text !== undefined) {
    // NUL and its kin: what C programs take for the end of a name, and what no name, mailbox or URI holds (RFC 5280 §4.2.1.6).
    if (/[\x00-\x1f\x7f]/.test(text))
      reader.problems.push({ offset: element.start, severity: 'strict', defect: 'character', message: `${what}: control characters` });
    return text;
  }
  reader.problems.push({
    offset: element.start,
    severity: 'strict',
    defect: 'character',
    message: `${what}: IA5String with bytes outside ASCII`,
  });
  return latin1Text(reader.view(element));
}

function address(reader: DerReader, element: Element, what: string, constraint: boolean): string {
  const octets = reader.view(element);
  if (!constraint) {
    const text = ipText(octets);
    if (text === undefined)
      reader.problems.push({
        offset: element.offset,
        severity: 'strict',
        defect: 'address-length',
        message: `${what}: iPAddress of ${octets.length} octets`,
      });
    return text ?? '';
  }
  const half = octets.length / 2;
  const [base, mask] = octets.length === 8 || octets.length === 32 ? [ipText(octets.subarray(0, half)), ipText(octets.subarray(half))] : [];
  if (base === undefined || mask === undefined) {
    reader.problems.push({
      offset: element.offset,
      severity: 'strict',
      message: `${what}: iPAddress of ${octets.length} octets is no address and mask`,
    });
    return '';
  }
  return `${base}/${mask}`;
}

/** All GeneralNames inside a SEQUENCE (or implicitly tagged list). */
export function readGeneralNames(reader: DerReader, element: Element, what: string): GeneralName[] {
  const list = reader.into(element);
  const names: GeneralName[] = [];
  while (list.more) {
    const entry = list.next(what);
    if (entry === undefined) break;
    names.push(readGeneralName(list, entry, what));
  }
  if (names.length === 0)
    reader.problems.push({ offset: element.offset, severity: 'strict', defect: 'empty-list', message: `${what}: empty list of names` });
  return names;
}
