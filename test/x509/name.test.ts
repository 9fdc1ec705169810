import { describe, expect, it } from 'vitest';
import * as der from '../../src/lib/ca/der-writer.js';
import { nameWithin, parseName, sameName } from '../../src/lib/x509/read-name.js';

const CN = '2.5.4.3';
const O = '2.5.4.10';
const attribute = (type: string, value: Uint8Array) => der.sequence(der.oid(type), value);
const name = (...rdns: Uint8Array[][]) => parseName(der.sequence(...rdns.map((rdn) => der.setOf(...rdn))));
const cn = (value: Uint8Array) => name([attribute(CN, value)]);

describe('comparison of names (RFC 5280 §7.1)', () => {
  it.each([
    ['case', der.utf8String('Corp ROOT'), der.utf8String('corp root')],
    ['string type', der.printableString('Corp Root'), der.utf8String('Corp Root')],
    ['BMPString', der.bmpString('Zürich'), der.utf8String('Zürich')],
    ['inner white space', der.utf8String('Corp   Root'), der.utf8String('Corp Root')],
    ['outer white space', der.utf8String('  Corp Root '), der.utf8String('Corp Root')],
    ['composed characters', der.utf8String('Zu\u0308rich'), der.utf8String('Z\u00fcrich')],
    ['case outside ASCII', der.utf8String('ÅNGSTRÖM'), der.utf8String('ångström')],
    ['soft hyphen', der.utf8String('Co\u00adrp'), der.utf8String('Corp')],
  ])('does not mind %s', (_, a, b) => expect(sameName(cn(a), cn(b))).toBe(true));

  it.each([
    ['another value', der.utf8String('Corp Root'), der.utf8String('Corp Root 2')],
    ['missing space', der.utf8String('CorpRoot'), der.utf8String('Corp Root')],
  ])('minds %s', (_, a, b) => expect(sameName(cn(a), cn(b))).toBe(false));

  it('minds the order of RDNs, not that of attributes inside one', () => {
    const a = attribute(CN, der.utf8String('x'));
    const b = attribute(O, der.utf8String('y'));
    expect(sameName(name([a], [b]), name([b], [a]))).toBe(false);
    expect(sameName(parseName(der.sequence(der.element(0x31, a, b))), parseName(der.sequence(der.element(0x31, b, a))))).toBe(true);
    expect(sameName(name([a, b]), name([a], [b]))).toBe(false);
  });

  it('cannot be fooled by values that hold separators', () => {
    expect(
      sameName(
        name([attribute(CN, der.utf8String('x\u0001y'))]),
        name([attribute(CN, der.utf8String('x'))], [attribute(CN, der.utf8String('y'))]),
      ),
    ).toBe(false);
  });
});

describe('text of names (RFC 4514)', () => {
  it('has the most specific first', () => {
    expect(
      name(
        [attribute('2.5.4.6', der.printableString('CH'))],
        [attribute(O, der.utf8String('Corp'))],
        [attribute(CN, der.utf8String('api'))],
      ).text,
    ).toBe('CN=api, O=Corp, C=CH');
  });
  it('joins attributes of one RDN and escapes', () => {
    expect(name([attribute(CN, der.utf8String('a')), attribute(O, der.utf8String('b'))]).text).toBe('CN=a+O=b');
    expect(name([attribute(O, der.utf8String('Corp, Inc. "x" <y>'))]).text).toBe('O=Corp\\, Inc. \\"x\\" \\<y\\>');
    expect(name([attribute(CN, der.utf8String('#1 '))]).text).toBe('CN=\\#1\\ ');
  });
  it('names what it does not know by OID, with the encoding in hex', () => {
    expect(name([attribute('1.2.3.4', der.integer(5))]).text).toBe('1.2.3.4=\\#020105');
  });
});

describe('directoryName subtrees', () => {
  const [org, unit] = [attribute(O, der.utf8String('Corp')), attribute('2.5.4.11', der.utf8String('Pay'))];
  it('hold names that begin with all their RDNs', () => {
    expect(nameWithin(name([org], [unit]), name([org]))).toBe(true);
    expect(nameWithin(name([org]), name([org]))).toBe(true);
    expect(nameWithin(name([org]), name([org], [unit]))).toBe(false);
    expect(nameWithin(name([unit], [org]), name([org]))).toBe(false);
  });
});
