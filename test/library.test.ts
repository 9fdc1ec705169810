import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './source-files.js';

const page = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const examples = [...page.matchAll(/^## (.+)$[\s\S]*?```js\n([\s\S]*?)```/gm)].map(([, title = '', code = '']) => ({ title, code }));

let folder: string;
beforeAll(() => {
  // An empty project that has the built package installed.
  folder = mkdtempSync(join(tmpdir(), 'tlsmedic-library-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/tlsmedic'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the library', () => {
  it('exports what the contract names', () => {
    const program = "import * as library from 'tlsmedic'; console.log(Object.keys(library).join(' '));";
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { cwd: folder, encoding: 'utf8' });
    expect(stdout.trim().split(' ')).toEqual(
      expect.arrayContaining(['diagnose', 'probe', 'verifyChain', 'inspect', 'explain', 'createAuthority']),
    );
  });

  it('has an example for each verb', () => expect(examples.length).toBeGreaterThanOrEqual(5));

  it.each(examples)('runs the example "$title", and it says what the page says', ({ code }) => {
    writeFileSync(join(folder, 'example.js'), code);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
    const { stdout, stderr, status } = spawnSync(process.execPath, ['example.js'], { cwd: folder, encoding: 'utf8', env, timeout: 25_000 });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    for (const [, said = ''] of code.matchAll(/\/\/ (.+)$/gm)) expect(stdout).toContain(said.replace(/ ?\.\.\.$/, ''));
  });
});
