import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram, startProgram } from '../cli/run-program.js';
import { scratchFolder } from './openssl.js';

let scratch: ReturnType<typeof scratchFolder>;
let options: { cwd: string; timeoutMs: number };
beforeEach(() => {
  scratch = scratchFolder();
  options = { cwd: scratch.path, timeoutMs: 240_000 };
  expect(runProgram(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', 'ca'], options).status).toBe(0);
});
afterEach(() => scratch.remove());

const at = (...names: string[]) => join(scratch.path, ...names);
const records = () =>
  fs
    .readdirSync(at('ca', 'issued'))
    .map((name) => fs.readFileSync(at('ca', 'issued', name), 'utf8'))
    // Empty: a process was killed before it could make the certificate.
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as { serial: string; pem: string });

/** Whether certificate and key of a pair belong together, as a program would find them at this instant. */
function matches(directory: string, base: string): boolean {
  const certificate = new X509Certificate(fs.readFileSync(join(directory, `${base}.crt`)));
  return certificate.publicKey.equals(createPublicKey(createPrivateKey(fs.readFileSync(join(directory, `${base}.key`)))));
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a kill at any instant', () => {
  it('of issue --force leaves the old pair or the new one, and the next run tidies up', async () => {
    const args = ['issue', 'api.internal', '--ca-dir', 'ca', '--out', 'tls', '--force'];
    const started = performance.now();
    expect(runProgram(args, options).status).toBe(0);
    const whole = performance.now() - started;
    let killed = 0;
    for (let round = 0; round < 60; round++) {
      const before = fs.readFileSync(at('tls', 'api.internal.crt'), 'utf8');
      const { child, done } = startProgram(args, options);
      // The last third of a run is where files are written.
      await wait(whole * (0.4 + 0.7 * Math.random()));
      child.kill('SIGKILL');
      if ((await done).status === 'SIGKILL') killed++;
      expect(matches(at('tls'), 'api.internal'), `round ${round}`).toBe(true);
      const now = fs.readFileSync(at('tls', 'api.internal.crt'), 'utf8');
      if (now !== before)
        expect(
          records().some((record) => now.startsWith(record.pem)),
          'what is out there is on record',
        ).toBe(true);
    }
    expect(killed).toBeGreaterThan(10);
    expect(runProgram(args, options).status).toBe(0);
    expect(fs.readdirSync(at('tls')).sort()).toEqual(['api.internal.crt', 'api.internal.key', 'ca.crt']);
    expect(fs.lstatSync(at('tls', 'api.internal.key')).isFile()).toBe(true);
  });

  it('of a batch loses nothing: run again it finishes, every pair matches, every certificate is on record', async () => {
    // More than a fast disk takes before the third kill.
    const file = scratch.write('rows', Array.from({ length: 2000 }, (_, i) => `s${i}.internal`).join('\n'));
    const args = ['issue', '--batch', file, '--ca-dir', 'ca', '--out', 'many', '--json'];
    let killed = 0;
    for (let round = 0; round < 12; round++) {
      const { child, done } = startProgram(args, options);
      await wait(80 + Math.random() * 250);
      child.kill('SIGKILL');
      if ((await done).status === 'SIGKILL') killed++;
      // Files appear whole: nothing is empty or cut off.
      for (const name of fs.existsSync(at('many')) ? fs.readdirSync(at('many')) : []) {
        if (!name.startsWith('.')) expect(fs.readFileSync(at('many', name), 'latin1')).toMatch(/-----END [A-Z ]+-----\n$/);
      }
    }
    expect(killed).toBeGreaterThan(2);
    const last = runProgram(args, options);
    expect(JSON.parse(last.stdout), last.stderr).toMatchObject({ rows: 2000, failed: [] });
    const serials = new Set(records().map((record) => record.serial));
    for (let i = 0; i < 2000; i++) {
      expect(matches(at('many'), `s${i}.internal`)).toBe(true);
      expect(serials.has(new X509Certificate(fs.readFileSync(at('many', `s${i}.internal.crt`))).serialNumber.toLowerCase())).toBe(true);
    }
    expect(fs.readdirSync(at('many')).filter((name) => name.startsWith('.tlsmedic-new'))).toEqual([]);
  });

  it('of ca init leaves a whole authority or none', async () => {
    for (let round = 0; round < 25; round++) {
      const { child, done } = startProgram(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', `new-${round}`], options);
      await wait(60 + Math.random() * 120);
      child.kill('SIGKILL');
      await done;
      const there = fs.existsSync(at(`new-${round}`));
      expect(runProgram(['ca', 'show', '--ca-dir', `new-${round}`], options).status).toBe(there ? 0 : 2);
      if (!there) expect(runProgram(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', `new-${round}`], options).status).toBe(0);
    }
  });
});

/** A file system of a few kilobytes, where the tests may mount one. */
function smallDisk(kilobytes: number): { full: boolean; unmount(): void } {
  fs.mkdirSync(at('small'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', at('small')]).status === 0;
  return { full: mounted, unmount: () => mounted && spawnSync('umount', [at('small')]) };
}

describe('a full disk', () => {
  it('is said, and nothing is half written: no pair, no record, no authority', (context) => {
    const disk = smallDisk(12);
    try {
      if (!disk.full) context.skip('no file system may be mounted here');
      fs.writeFileSync(at('small', 'fill'), Buffer.alloc(8192));
      for (const args of [
        ['issue', 'api.internal', '--ca-dir', 'ca', '--out', 'small'],
        ['issue', 'api.internal', '--ca-dir', 'ca', '--out', 'small', '--format', 'p12'],
        ['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', 'small/ca'],
      ]) {
        const { status, stderr } = runProgram(args, options);
        expect(status).toBe(2);
        expect(stderr).toContain('the disk is full');
        expect(fs.readdirSync(at('small'))).toEqual(['fill']);
        expect(records()).toEqual([]);
      }
    } finally {
      disk.unmount();
    }
  });

  it('stops a batch between two pairs; with room it goes on', (context) => {
    const disk = smallDisk(200);
    const rows = scratch.write('rows', Array.from({ length: 100 }, (_, i) => `s${i}.internal`).join('\n'));
    const args = ['issue', '--batch', rows, '--ca-dir', 'ca', '--out', 'small', '--json'];
    try {
      if (!disk.full) context.skip('no file system may be mounted here');
      const { status, stderr } = runProgram(args, options);
      expect(status).toBe(2);
      expect(stderr).toContain('the disk is full');
      const there = fs.readdirSync(at('small')).filter((name) => name.endsWith('.key'));
      for (const name of there) expect(matches(at('small'), name.slice(0, -4))).toBe(true);
      expect(fs.readdirSync(at('small')).filter((name) => name.endsWith('.crt'))).toHaveLength(there.length + 1);
      expect(records()).toHaveLength(there.length);
      expect(spawnSync('mount', ['-o', 'remount,size=2m', at('small')]).status).toBe(0);
      expect(JSON.parse(runProgram(args, options).stdout)).toMatchObject({ issued: 100 - there.length, skipped: there.length, failed: [] });
    } finally {
      disk.unmount();
    }
  });
});

// 20 processes with a batch of 50 each are in commands.test.ts; here each certificate has a process of its own, 20 at a time.
it('1,000 runs of issue, 20 at a time, leave 1,000 records with distinct serials and whole pairs', async () => {
  const [processes, each] = [20, 50];
  const one = async (p: number) => {
    for (let i = 0; i < each; i++) {
      const result = await startProgram(['issue', `p${p}-${i}.internal`, '--ca-dir', 'ca', '--out', 'shared'], options).done;
      expect(result.status, result.stderr).toBe(0);
    }
  };
  await Promise.all(Array.from({ length: processes }, (_, p) => one(p)));
  const all = records();
  expect(all).toHaveLength(processes * each);
  expect(new Set(all.map((record) => record.serial)).size).toBe(processes * each);
  for (let p = 0; p < processes; p++) for (let i = 0; i < each; i++) expect(matches(at('shared'), `p${p}-${i}.internal`)).toBe(true);
  const shown = runProgram(['ca', 'show', '--ca-dir', 'ca', '--json'], options);
  expect(JSON.parse(shown.stdout)).toMatchObject({ issued: { total: 1000, valid: 1000 } });
}, 900_000);
