import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TlsmedicError } from '../../src/lib/errors.js';
import { ensurePrivateFolder, readFile, writeFileAtomic } from '../../src/lib/io/files.js';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'tlsmedic-files-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof TlsmedicError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('writing one file', () => {
  it('makes it 0600 whatever the umask, leaves nothing else behind', () => {
    const path = join(folder, 'a.key');
    writeFileAtomic(path, 'secret');
    expect(fs.readFileSync(path, 'utf8')).toBe('secret');
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(folder)).toEqual(['a.key']);
  });
  it('refuses to overwrite, replaces with force', () => {
    const path = join(folder, 'a.crt');
    writeFileAtomic(path, 'one', { mode: 0o644 });
    expect(codeOf(() => writeFileAtomic(path, 'two', { mode: 0o644 }))).toBe('file-exists');
    expect(fs.readFileSync(path, 'utf8')).toBe('one');
    writeFileAtomic(path, 'two', { mode: 0o644, force: true });
    expect(fs.readFileSync(path, 'utf8')).toBe('two');
    expect(fs.readdirSync(folder)).toEqual(['a.crt']);
  });
  it('says what is wrong with the place', () => {
    expect(codeOf(() => writeFileAtomic(join(folder, 'no', 'such', 'file'), 'x'))).toBe('unwritable-file');
    fs.writeFileSync(join(folder, 'plain'), '');
    expect(codeOf(() => writeFileAtomic(join(folder, 'plain', 'file'), 'x'))).toBe('unwritable-file');
  });
});

describe('reading', () => {
  it('reads bytes', () => {
    fs.writeFileSync(join(folder, 'a'), Buffer.alloc(200_000, 7));
    expect(readFile(join(folder, 'a'))).toEqual(new Uint8Array(200_000).fill(7));
  });
  it('is bounded', () => {
    fs.writeFileSync(join(folder, 'a'), 'x'.repeat(11));
    expect(codeOf(() => readFile(join(folder, 'a'), 10))).toBe('file-too-large');
    expect(codeOf(() => readFile('/dev/zero', 100_000))).toBe('file-too-large');
  });
  it('says why not', () => {
    expect(() => readFile(join(folder, 'none'))).toThrow(
      expect.objectContaining({ code: 'unreadable-file', kind: 'input', why: expect.stringContaining('ENOENT') }),
    );
    expect(() => readFile(folder)).toThrow(expect.objectContaining({ why: 'it is a folder (EISDIR)' }));
  });
});

it('a private folder is 0700, also when it was open before', () => {
  const path = join(folder, 'open');
  fs.mkdirSync(path, { mode: 0o755 });
  ensurePrivateFolder(path);
  expect(fs.statSync(path).mode & 0o777).toBe(0o700);
});
