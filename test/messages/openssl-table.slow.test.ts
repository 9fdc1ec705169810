import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { explainText } from '../../src/lib/messages/explain.js';

const NOW = new Date('2026-11-22T11:00:00Z');

/** The library's number in a packed error of OpenSSL 3, and what `openssl errstr` makes of each of its reasons. */
function errorStrings(library: number): string[] {
  const codes = Array.from({ length: 1300 }, (_, i) => (library * 2 ** 23 + i + 1).toString(16));
  const { stdout } = spawnSync('openssl', ['errstr', ...codes], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '' && !line.includes('::reason('));
}

describe("OpenSSL's own table", () => {
  it('has no reason of the SSL library that is met with silence, however it is printed', () => {
    const reasons = errorStrings(20);
    expect(reasons.length).toBeGreaterThan(250);
    const texts = reasons.flatMap((line) => {
      const reason = line.replace(/^.*::/, '');
      const name = reason.toUpperCase().replaceAll(' ', '_');
      return [line, `ssl.SSLError: [SSL: ${name}] ${reason} (_ssl.c:1006)`, `error:1000007d:SSL routines:OPENSSL_internal:${name}`];
    });
    expect(texts.filter((text) => explainText(text, NOW).length === 0)).toEqual([]);
  });

  it('has every reason of the X509 library taken for a file that could not be used, but for the one that is harmless', () => {
    const silent = errorStrings(11).filter((line) => explainText(line, NOW).length === 0);
    expect(silent.map((line) => line.replace(/^.*::/, ''))).toEqual(['cert already in hash table']);
  });
});
