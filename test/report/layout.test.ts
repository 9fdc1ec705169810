import { describe, expect, it } from 'vitest';
import { bar, displayWidth, hanging, padEnd, truncate, truncateMiddle, wrap } from '../../src/lib/report/layout.js';
import { createStyle } from '../../src/lib/report/style.js';
import { table } from '../../src/lib/report/table.js';
import { plainView } from '../../src/lib/report/view.js';

const view = plainView();

describe('display width', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['東京', 4],
    ['🔑', 2],
    ['\x1b[31mred\x1b[39m', 3],
    ['✗ ─', 3],
  ])('of %j is %d', (text, width) => expect(displayWidth(text)).toBe(width));
});

describe('laying out', () => {
  it('wraps at blanks and keeps long words whole', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrap('see https://example.com/a/very/long/path now', 12)).toEqual(['see', 'https://example.com/a/very/long/path', 'now']);
  });
  it('hangs text behind its label', () =>
    expect(hanging('why  ', 'a b c d e f g h i j k l m', 25)).toBe('why  a b c d e f g h i j\n     k l m'));
  it('cuts to the width it was given', () => {
    expect(truncate('abcdefgh', 5, view)).toBe('abcd…');
    expect(truncate('東京都庁', 5, view)).toBe('東京…');
    expect(truncateMiddle('0123456789', 5, view)).toBe('01…89');
    expect(truncate('abcdefgh', 5, plainView({ unicode: false }))).toBe('ab...');
  });
  it('pads by columns', () => expect(padEnd('東', 4)).toBe('東  '));
  it('draws bars', () => expect([bar(0.5, 4, view), bar(2, 4, view), bar(-1, 2, view)]).toEqual(['██░░', '████', '░░']));
});

describe('table', () => {
  it('has no colour of its own and no border', () => {
    const text = table(
      [{ heading: 'name' }, { heading: 'days', align: 'right' }],
      [
        ['a', '1'],
        ['bcd', '100'],
      ],
      view,
    );
    expect(text).toBe('name  days\na        1\nbcd    100');
  });
  it('fits the width, the yielding column giving way', () => {
    const narrow = plainView({ width: 24 });
    const text = table([{ heading: 'name', yields: 1 }, { heading: 'fingerprint' }], [['a-very-long-name-indeed', '0123456789ab']], narrow);
    for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(24);
    expect(text).toContain('0123456789ab');
    expect(text).toContain('…');
  });
  it('takes coloured cells', () => {
    const style = createStyle({ colour: true, unicode: true });
    const text = table([{ heading: 'v' }, { heading: 'w' }], [[style.fail('bad'), 'x']], { ...view, style });
    expect(text).toContain('\x1b[31mbad\x1b[39m  x');
  });
});
