import { closeSync, openSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { generatePassphrase, readPassphrase } from '../../src/lib/io/passphrase.js';
import { scratchFolder } from '../ca/openssl.js';

const scratch = scratchFolder();
afterAll(scratch.remove);

it.each([
  ['secret', 'secret'],
  ['secret\n', 'secret'],
  ['secret\r\nsecond line\n', 'secret'],
  ['  with blanks ', '  with blanks '],
  ['pässwörd\n', 'pässwörd'],
])('the first line of %j is the passphrase', async (text, expected) => {
  const file = scratch.write('p', text);
  expect(await readPassphrase(file)).toBe(expected);
  const descriptor = openSync(file, 'r');
  expect(await readPassphrase(`fd:${descriptor}`)).toBe(expected);
  closeSync(descriptor);
});

it.each(['', '\n', '\nsecond\n'])('%j holds none', async (text) => {
  await expect(readPassphrase(scratch.write('p', text))).rejects.toThrowError(expect.objectContaining({ code: 'no-passphrase' }));
});

it.each(['/nonexistent/file', 'fd:987'])('%s cannot be read', async (source) => {
  await expect(readPassphrase(source)).rejects.toThrowError(expect.objectContaining({ code: 'unreadable-file' }));
});

it('generated ones are of 144 random bits', () => {
  const made = new Set(Array.from({ length: 50 }, generatePassphrase));
  expect(made.size).toBe(50);
  for (const passphrase of made) expect(passphrase).toMatch(/^[\w-]{24}$/);
});
