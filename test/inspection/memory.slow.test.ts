import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';

/** What the program holds at most, in a process of its own. */
const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-memory-'));
const METER = join(folder, 'meter.cjs');

beforeAll(() => {
  writeFileSync(METER, `process.on('exit', () => require('node:fs').writeSync(2, '\\nMiB ' + process.resourceUsage().maxRSS / 1024));`);
  const authority = createAuthority({ name: 'Crowd' });
  for (const [name, count] of [
    ['few', 1000],
    ['many', 20_000],
  ] as const) {
    mkdirSync(join(folder, name));
    for (let i = 0; i < count; i++)
      writeFileSync(join(folder, name, `${i}.pem`), issueCertificate(authority, { names: [`s${i}.internal`] }).certPem);
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function mebibytes(args: readonly string[]): number {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-r', METER, PROGRAM, 'inspect', ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  });
  expect(status, stderr).toBe(0);
  expect(stdout.length).toBeGreaterThan(1000);
  return Number(/MiB ([\d.]+)$/.exec(stderr)?.[1]);
}

describe('the memory that inspect takes', () => {
  it('--each: that of a thousand files is that of twenty thousand', () => {
    for (const json of [[], ['--json']]) {
      const [few, many] = [mebibytes(['--each', 'few', ...json]), mebibytes(['--each', 'many', ...json])];
      console.log(`--each ${json.join('')}: ${few.toFixed(0)} MiB, ${many.toFixed(0)} MiB`);
      expect(many).toBeLessThan(160);
      expect(many - few).toBeLessThan(80);
    }
  }, 120_000);
  it('together: the document is never held as a whole', () => {
    const [screen, json] = [mebibytes(['many']), mebibytes(['many', '--json'])];
    console.log(`together: ${screen.toFixed(0)} MiB, --json ${json.toFixed(0)} MiB`);
    expect(json - screen).toBeLessThan(120);
    expect(json).toBeLessThan(600);
  }, 120_000);
});
