import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeForTerminal } from '../../src/lib/report/escape.js';
import { toJson } from '../../src/lib/report/json.js';

describe('escapeForTerminal', () => {
  it('leaves ordinary text in any script alone', () => {
    for (const text of ['CN=ledger, O=Example', 'Zürich', '東京', 'Ελλάδα', 'مثال', 'emoji 🔑', 'C:\\keys'])
      expect(escapeForTerminal(text)).toBe(text);
  });

  it.each([
    ['\x1b[2K\rCN=good', '\\x1b[2K\\rCN=good'],
    ['\x1b]8;;http://evil\x07x', '\\x1b]8;;http://evil\\x07x'],
    ['\u009b31mred', '\\x9b31mred'],
    ['a\u202Etxt.exe', 'a\\u{202e}txt.exe'],
    ['pay\u200Bpal', 'pay\\u{200b}pal'],
    ['x\ud800y', 'x\\u{d800}y'],
    ['two\nlines\tand tab', 'two\\nlines\\tand tab'],
    ['tag\u{E0041}', 'tag\\u{e0041}'],
    ['\x00\x7f', '\\x00\\x7f'],
  ])('makes %j visible', (text, shown) => {
    expect(escapeForTerminal(text)).toBe(shown);
  });

  it('keeps line feeds when allowed, and nothing else', () => {
    expect(escapeForTerminal('a\nb\x1bc', 'newline')).toBe('a\nb\\x1bc');
  });

  it('never lets a control, a format character or a lone surrogate through', () => {
    const binary = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(binary, (text) => {
        const shown = escapeForTerminal(text);
        expect(shown).not.toMatch(/[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u);
        expect(shown).not.toMatch(/\p{Cs}/u);
      }),
    );
  });
});

describe('toJson', () => {
  it('is JSON of the same value, without a character that acts on a terminal', () => {
    const value = { name: 'a\u202Eb\u009b31m\u200b', list: ['\u{E0041}x'] };
    const text = toJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).not.toMatch(/[\u007f-\u009f\u200b\u202e\u{E0041}]/u);
  });

  it('writes bytes as base64, big integers as text and no NaN', () => {
    expect(JSON.parse(toJson({ bytes: new Uint8Array([1, 2]), big: 2n ** 70n, nan: Number.NaN }))).toEqual({
      bytes: { base64: 'AQI=' },
      big: '1180591620717411303424',
      nan: null,
    });
  });
});
