import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandInputs } from '../../src/lib/io/input-paths.js';

const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-paths-'));
beforeAll(() => {
  for (const path of ['a', 'a/b', 'a/node_modules/x', 'a/.git', 'pod/..2026_11_22']) mkdirSync(join(folder, path), { recursive: true });
  for (const name of [
    'a/1.pem',
    'a/2.pem',
    'a/b/3.pem',
    'a/node_modules/x/4.pem',
    'a/.git/5.pem',
    'odd[1].pem',
    'pod/..2026_11_22/tls.crt',
    'db:5432',
  ])
    writeFileSync(join(folder, name), '');
  // A volume as Kubernetes mounts it: files are links through ..data.
  symlinkSync('..2026_11_22', join(folder, 'pod/..data'));
  symlinkSync('..data/tls.crt', join(folder, 'pod/tls.crt'));
  symlinkSync('..', join(folder, 'a/circle'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const labels = (input: string): string[] | string => {
  const expanded = expandInputs(join(folder, input));
  return expanded.kind === 'files' ? expanded.files.map(({ label }) => label.replace(`${folder}/`, '')) : expanded.kind;
};

describe('what was typed', () => {
  it('a folder: files below it by name, without dependencies, git and circles', () => {
    expect(labels('a')).toEqual(['1.pem', '2.pem', 'b/3.pem']);
  });
  it('a link that leads round in a circle, or nowhere: told, or passed over, and what is beside it read', () => {
    mkdirSync(join(folder, 'links'));
    symlinkSync('self.pem', join(folder, 'links/self.pem'));
    symlinkSync('gone.pem', join(folder, 'links/nowhere.pem'));
    writeFileSync(join(folder, 'links/web.pem'), '');
    expect(expandInputs(join(folder, 'links'))).toMatchObject({
      files: [{ label: 'self.pem', unreadable: { code: 'unreadable-file', why: expect.stringContaining('ELOOP') } }, { label: 'web.pem' }],
    });
    expect(labels('links/*.pem')).toEqual(['links/self.pem', 'links/web.pem']);
  });
  it('a mounted Secret: each file once', () => expect(labels('pod')).toEqual(['tls.crt']));
  it('patterns in names and folders', () => {
    expect(labels('a/*.pem')).toEqual(['a/1.pem', 'a/2.pem']);
    expect(labels('a/?.pem')).toEqual(['a/1.pem', 'a/2.pem']);
    expect(labels('*/b/*.pem')).toEqual(['a/b/3.pem']);
    expect(labels('**/3.pem')).toEqual(['a/b/3.pem']);
    expect(labels('a/*.crt')).toBe('error');
  });
  it('an existing file comes before a pattern and before an endpoint of that name', () => {
    expect(labels('odd[1].pem')).toEqual(['odd[1].pem']);
    expect(labels('db:5432')).toEqual(['db:5432']);
  });
  it.each(['db.internal:5432', '10.0.0.7:443', '[::1]:8443', 'https://api.internal', 'postgres://db'])('%s is an endpoint', (text) =>
    expect(expandInputs(text).kind).toBe('endpoint'),
  );
  it('standard input, a missing file', () => {
    expect(expandInputs('-')).toMatchObject({ kind: 'files', files: [{ path: '-', label: 'standard input' }] });
    expect(expandInputs(join(folder, 'nothing.pem'))).toMatchObject({
      kind: 'error',
      error: { code: 'unreadable-file', message: expect.stringContaining('no such file') },
    });
  });
  it.skipIf(process.platform === 'win32')('permission bits come along', () => {
    chmodSync(join(folder, 'a/1.pem'), 0o640);
    expect(expandInputs(join(folder, 'a/1.pem'))).toMatchObject({ files: [{ mode: 0o640 }] });
  });
});
