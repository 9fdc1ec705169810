import { describe, expect, it } from 'vitest';
import { derReader, MAX_DEPTH, TAG, walkDer } from '../../src/lib/x509/der.js';
import { fromHex, oidText, readBoolean, readSmallInteger, readString, readTime } from '../../src/lib/x509/der-values.js';

const reader = (hex: string) => derReader(fromHex(hex));

/** The value of one element and what the reader says about it. */
function read<T>(hex: string, value: (r: ReturnType<typeof reader>, e: NonNullable<ReturnType<ReturnType<typeof reader>['next']>>) => T) {
  const r = reader(hex);
  const element = r.next('it');
  if (element === undefined) throw new Error('no element');
  return { value: value(r, element), problems: r.problems.map(({ severity, message, offset }) => `${severity} ${offset} ${message}`) };
}

describe('elements', () => {
  it('carry offsets into the one array', () => {
    const r = reader('3006 0201 05 0201 07');
    const sequence = r.next('s');
    expect(sequence).toMatchObject({ tag: TAG.sequence, offset: 0, start: 2, end: 8, next: 8 });
    const inner = r.into(sequence as NonNullable<typeof sequence>);
    expect(inner.take(TAG.integer, 'a')).toMatchObject({ offset: 2, start: 4 });
    expect(inner.take(TAG.integer, 'b')).toMatchObject({ offset: 5, start: 7 });
    expect(inner.more).toBe(false);
  });

  it.each([
    ['30', 'fatal 0 it: cut off after its tag'],
    ['3005 0201', 'fatal 0 it: says 5 bytes, but only 2 are there'],
    ['3089 010203040506070809', 'fatal 1 it: length of 9 octets cannot be read'],
    ['3080 0201', 'fatal 0 it: indefinite length without an end'],
    ['0480 0000', 'fatal 0 it: indefinite length without an end'],
  ])('%s is not read: %s', (hex, problem) => {
    const r = reader(hex);
    expect(r.next('it')).toBeUndefined();
    expect(r.problems.map(({ severity, offset, message }) => `${severity} ${offset} ${message}`)).toEqual([problem]);
    expect(r.more).toBe(false);
  });

  it.each([
    ['3081 03 020105', 'length not in its shortest form'],
    ['3082 0003 020105', 'length not in its shortest form'],
    ['3080 020105 0000', 'indefinite length'],
  ])('%s is BER: read and reported', (hex, words) => {
    const r = reader(hex);
    const element = r.next('it');
    expect(element?.next).toBe(fromHex(hex).length);
    expect(r.problems).toHaveLength(1);
    expect(r.problems[0]).toMatchObject({ severity: 'strict', message: expect.stringContaining(words) });
  });

  it('says which type it found instead, and stays there', () => {
    const r = reader('0201 05');
    expect(r.take(TAG.octetString, 'key')).toBeUndefined();
    expect(r.problems[0]?.message).toBe('key: expected OCTET STRING, found INTEGER');
    expect(r.take(TAG.integer, 'number')).toBeDefined();
  });

  it('is bounded in depth, also where the lengths are indefinite', () => {
    const deep = Buffer.concat([Buffer.alloc(4000, Buffer.from('3080', 'hex')), Buffer.alloc(4000)]);
    expect(derReader(deep).next('deep')).toBeUndefined();
    let nested = new Uint8Array(0);
    for (let i = 0; i < 60; i++) nested = Uint8Array.from([0x30, nested.length, ...nested]);
    expect(Math.max(...[...walkDer(nested)].map(({ depth }) => depth))).toBe(MAX_DEPTH);
  });
});

describe('values', () => {
  it.each([
    ['2a8648ce3d040302', '1.2.840.10045.4.3.2'],
    ['551d11', '2.5.29.17'],
    ['8837', '2.999'],
    ['69a08080808080808080808001', undefined],
    ['8001', undefined],
    ['2a80', undefined],
    ['', undefined],
  ])('OID %s is %s', (hex, text) => {
    const bytes = fromHex(hex);
    if (text !== undefined) expect(oidText(bytes, 0, bytes.length)).toBe(text);
    else if (hex.startsWith('69')) expect(oidText(bytes, 0, bytes.length)).toMatch(/^2\.25\.\d{20,}$/);
    else expect(oidText(bytes, 0, bytes.length)).toBeUndefined();
  });

  it('reads booleans and reports those that are not DER', () => {
    expect(read('0101ff', (r, e) => readBoolean(r, e, 'b'))).toEqual({ value: true, problems: [] });
    expect(read('010100', (r, e) => readBoolean(r, e, 'b')).value).toBe(false);
    expect(read('010101', (r, e) => readBoolean(r, e, 'b'))).toEqual({
      value: true,
      problems: ['strict 2 b: BOOLEAN is 0x01, DER wants 0xff'],
    });
    expect(read('01020000', (r, e) => readBoolean(r, e, 'b')).problems).toEqual(['fatal 0 b: BOOLEAN of 2 bytes']);
  });

  it('reads integers and reports those that are longer than they need be', () => {
    expect(read('0201ff', (r, e) => readSmallInteger(r, e, 'n')).value).toBe(-1);
    expect(read('02020100', (r, e) => readSmallInteger(r, e, 'n')).value).toBe(256);
    expect(read('02020005', (r, e) => readSmallInteger(r, e, 'n'))).toEqual({
      value: 5,
      problems: ['strict 2 n: INTEGER not in its shortest form'],
    });
    expect(read('0200', (r, e) => readSmallInteger(r, e, 'n')).problems).toEqual(['fatal 0 n: INTEGER without contents']);
  });

  it('reads every string type', () => {
    expect(read('0c03e282ac', (r, e) => readString(r, e, 's'))).toEqual({ value: '€', problems: [] });
    expect(read('0c02c328', (r, e) => readString(r, e, 's')).problems).toEqual(['strict 2 s: UTF8String is not UTF-8']);
    expect(read('1e0420ac0041', (r, e) => readString(r, e, 's')).value).toBe('€A');
    expect(read('1402e941', (r, e) => readString(r, e, 's')).value).toBe('éA');
    expect(read('1c040001f600', (r, e) => readString(r, e, 's')).value).toBe('\u{1f600}');
    expect(read('1602c3a9', (r, e) => readString(r, e, 's'))).toEqual({
      value: 'é',
      problems: ['strict 2 s: IA5String with bytes outside ASCII'],
    });
  });
});

describe('times', () => {
  const time = (tag: string, text: string) => {
    const hex = `${tag}${text.length.toString(16).padStart(2, '0')}${Buffer.from(text).toString('hex')}`;
    const { value, problems } = read(hex, (r, e) => readTime(r, e, 't'));
    return { iso: Number.isNaN(value) ? undefined : new Date(value).toISOString(), problems };
  };

  it.each([
    ['17', '491231235959Z', '2049-12-31T23:59:59.000Z'],
    ['17', '500101000000Z', '1950-01-01T00:00:00.000Z'],
    ['17', '240229120000Z', '2024-02-29T12:00:00.000Z'],
    ['18', '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    ['18', '00010101000000Z', '0001-01-01T00:00:00.000Z'],
    ['18', '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  ])('%s %s is %s', (tag, text, iso) => expect(time(tag, text)).toEqual({ iso, problems: [] }));

  it.each([
    ['17', '241301000000Z', 'month 13'],
    ['17', '240001000000Z', 'month 0'],
    ['17', '230229000000Z', 'day 29 of month 2'],
    ['17', '240431000000Z', 'day 31 of month 4'],
    ['17', '240101240000Z', 'time of day'],
    ['17', '240101000060Z', 'time of day'],
    ['18', '19000229000000Z', 'day 29 of month 2'],
    ['17', '24010100000Z', 'is not a time'],
    ['17', 'yesterday', 'is not a time'],
    ['18', '2024010100000000Z', 'is not a time'],
  ])('%s %s is no time: %s', (tag, text, words) => {
    const { iso, problems } = time(tag, text);
    expect(iso).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^fatal 2 t: .*${words}`))]);
  });

  it.each([
    ['17', '2401010000Z', '2024-01-01T00:00:00.000Z', 'strict', 'without seconds'],
    ['17', '240101000000+0130', '2023-12-31T22:30:00.000Z', 'strict', 'without Z'],
    ['18', '20510101000000.5Z', '2051-01-01T00:00:00.500Z', 'strict', 'fraction'],
    ['18', '20240101000000Z', '2024-01-01T00:00:00.000Z', 'notice', 'before 2050'],
  ])('%s %s is %s, with a remark', (tag, text, iso, severity, words) => {
    const result = time(tag, text);
    expect(result.iso).toBe(iso);
    expect(result.problems).toEqual([expect.stringMatching(new RegExp(`^${severity} .*${words}`))]);
  });
});
