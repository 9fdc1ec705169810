import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SetFile, writeFileSet } from '../../src/lib/io/file-set.js';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'tlsmedic-set-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const set = (generation: string): SetFile[] => [
  { name: 'a.crt', data: `certificate ${generation}\n`, mode: 0o644 },
  { name: 'a.key', data: `key ${generation}\n`, mode: 0o600 },
  { name: 'ca.crt', data: 'root\n', mode: 0o644, shared: true },
];
const read = (name: string) => fs.readFileSync(join(folder, name), 'utf8');
const generations = () => [read('a.crt').split(' ')[1], read('a.key').split(' ')[1]];

/** A process that replaces the set for ever, straight from the sources. */
function writer() {
  const source = fileURLToPath(new URL('../../src/lib/io/file-set.ts', import.meta.url));
  const program = `
    import { writeFileSet } from ${JSON.stringify(source)};
    const nap = new Int32Array(new SharedArrayBuffer(4));
    for (let g = 1; ; g += 1) {
      writeFileSet(process.argv[1], [
        { name: 'a.crt', data: 'certificate ' + process.pid + '-' + g + '\\n', mode: 0o644 },
        { name: 'a.key', data: 'key ' + process.pid + '-' + g + '\\n', mode: 0o600 },
        { name: 'ca.crt', data: 'root\\n', mode: 0o644, shared: true },
      ], { force: true });
      if (g === 1) process.stdout.write('going');
      // As any program it does something else in between; two that never do would starve each other on a busy machine.
      Atomics.wait(nap, 0, 0, 1);
    }`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('a set of files', () => {
  it('is written with its permissions and nothing else', () => {
    expect(writeFileSet(folder, set('1'))).toEqual(['a.crt', 'a.key', 'ca.crt']);
    expect(generations()).toEqual(['1\n', '1\n']);
    expect(fs.readdirSync(folder).sort()).toEqual(['a.crt', 'a.key', 'ca.crt']);
    expect(fs.lstatSync(join(folder, 'a.key')).mode & 0o777).toBe(0o600);
    expect(fs.lstatSync(join(folder, 'a.crt')).isFile()).toBe(true);
  });

  it('is refused whole when one file exists, replaced whole with force', () => {
    writeFileSet(folder, set('1'));
    fs.rmSync(join(folder, 'a.crt'));
    expect(() => writeFileSet(folder, set('2'))).toThrow(expect.objectContaining({ code: 'file-exists' }));
    expect(fs.existsSync(join(folder, 'a.crt'))).toBe(false);
    expect(read('a.key')).toBe('key 1\n');
    writeFileSet(folder, set('2'), { force: true });
    expect(generations()).toEqual(['2\n', '2\n']);
    expect(fs.readdirSync(folder).sort()).toEqual(['a.crt', 'a.key', 'ca.crt']);
  });

  it('leaves alone what is the same already', () => {
    writeFileSet(folder, set('1'));
    expect(writeFileSet(folder, set('1'))).toEqual([]);
    expect(writeFileSet(folder, [...set('1').slice(2), { name: 'b.crt', data: 'b', mode: 0o644 }])).toEqual(['b.crt']);
  });

  it('never reads as a mixed pair after a kill at any instant, and the next writer tidies up', async () => {
    let interrupted = 0;
    for (let round = 0; round < 12; round += 1) {
      const child = writer();
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 3 + Math.random() * 30));
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
      const [certificate, key] = generations();
      expect(certificate).toBe(key);
      if (fs.existsSync(join(folder, '.tlsmedic-set'))) interrupted += 1;
    }
    // The test says something only when kills did hit the middle of a write.
    expect(interrupted).toBeGreaterThan(0);
    writeFileSet(folder, set('last'), { force: true });
    expect(generations()).toEqual(['last\n', 'last\n']);
    expect(
      fs
        .readdirSync(folder)
        .filter((name) => name !== '.tlsmedic-lock-steal' && !/^\.tlsmedic-lock-\d+$/.test(name))
        .sort(),
    ).toEqual(['a.crt', 'a.key', 'ca.crt']);
    expect(fs.lstatSync(join(folder, 'a.crt')).isFile()).toBe(true);
  }, 90_000);

  it('never reads as a mixed pair while two processes replace it', async () => {
    const children = [writer(), writer()];
    await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once('data', resolve))));
    const until = Date.now() + 600;
    let pairs = 0;
    while (Date.now() < until) {
      // Read key, certificate, key: when both keys agree, nothing was swapped in between.
      const [before, certificate, after] = [read('a.key'), read('a.crt'), read('a.key')];
      if (before !== after) continue;
      pairs += 1;
      expect(certificate.split(' ')[1]).toBe(before.split(' ')[1]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const ended = children.map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
    expect(pairs).toBeGreaterThan(3);
  }, 90_000);
});
