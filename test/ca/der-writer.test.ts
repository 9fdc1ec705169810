import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as der from '../../src/lib/ca/der-writer.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('DER', () => {
  it.each([
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [256, '02020100'],
    [65537, '0203010001'],
  ])('writes INTEGER %i in the fewest octets', (value, expected) => expect(hex(der.integer(value))).toBe(expected));

  it('puts a sign octet before a set high bit and drops leading zeros', () => {
    expect(hex(der.integerFromBytes(Uint8Array.of(0, 0, 0x80)))).toBe('02020080');
    expect(hex(der.integerFromBytes(Uint8Array.of(0)))).toBe('020100');
  });

  it.each([
    ['1.2.840.10045.4.3.2', '06082a8648ce3d040302'],
    ['2.5.29.17', '0603551d11'],
    ['1.3.6.1.4.1.311.21.20', '06092b0601040182371514'],
  ])('writes OBJECT IDENTIFIER %s', (dotted, expected) => expect(hex(der.oid(dotted))).toBe(expected));

  it('writes lengths in the fewest octets, up to four', () => {
    for (const length of [0, 127, 128, 255, 256, 65535, 65536, 1 << 24]) {
      const element = der.octetString(new Uint8Array(length));
      const first = element[1] as number;
      const octets = first < 0x80 ? 0 : first & 0x7f;
      const written = octets === 0 ? first : Number(BigInt(`0x${hex(element.subarray(2, 2 + octets))}`));
      expect(written).toBe(length);
      expect(octets).toBe(length < 0x80 ? 0 : Math.ceil(length.toString(16).length / 2));
      expect(element.length).toBe(2 + octets + length);
    }
  });

  it('writes named bits without trailing zeros', () => {
    expect(hex(der.namedBits([0]))).toBe('03020780');
    expect(hex(der.namedBits([5, 6]))).toBe('03020106');
    expect(hex(der.namedBits([8]))).toBe('0303070080');
    expect(hex(der.namedBits([]))).toBe('030100');
  });

  it('writes years to 2049 as UTCTime, later ones as GeneralizedTime (RFC 5280 §4.1.2.5)', () => {
    expect(Buffer.from(der.x509Time(Date.UTC(2049, 11, 31, 23, 59, 59))).toString('latin1', 2)).toBe('491231235959Z');
    expect(Buffer.from(der.x509Time(Date.UTC(2050, 0, 1))).toString('latin1', 2)).toBe('20500101000000Z');
  });

  it('sorts SET OF by encoding', () => {
    expect(hex(der.setOf(der.integer(300), der.integer(1), der.integer(2)))).toBe('310a0201010201020202012c');
  });

  it('writes any non-negative integer so that it reads back', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 160n), (value) => {
        const element = der.integer(value);
        expect(BigInt(`0x${hex(element.subarray(2))}`)).toBe(value);
        expect((element[2] as number) & 0x80).toBe(0);
      }),
    );
  });
});
