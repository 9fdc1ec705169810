/*
 * npm run check:package: packs the package, installs the tarball into an empty folder as a user would, and uses it: the program, the library, its types.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'tlsmedic-package-'));
const place = join(work, 'somewhere');
const env = { ...process.env, XDG_CACHE_HOME: join(work, 'cache'), XDG_DATA_HOME: join(work, 'data'), NO_COLOR: '1', CI: '1' };

function run(command, args, { cwd = place, expected = 0 } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== expected) throw new Error(`${command} ${args.join(' ')} ended with ${status}, not ${expected}\n${stdout}\n${stderr}`);
  console.log(`ok  ${command} ${args.join(' ').slice(0, 100)}`);
  return stdout;
}

function demand(condition, what) {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(`ok  ${what}`);
}

try {
  mkdirSync(place);
  run('npm', ['pack', '--pack-destination', work], { cwd: root });
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(place, 'package.json'), '{ "name": "somewhere", "private": true, "type": "module" }\n');
  run('npm', ['install', '--no-audit', '--no-fund', join(work, tarball)]);
  const program = join(place, 'node_modules/.bin/tlsmedic');

  demand(run(program, ['--version']).startsWith('tlsmedic '), 'it says its version');
  demand(run(program, ['--help']).includes('COMMANDS'), 'it has help');
  run(program, ['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', join(place, 'ca')]);
  run(program, ['issue', 'localhost', '--server', '--ca-dir', join(place, 'ca'), '--out', join(place, 'tls')]);
  const inspection = JSON.parse(run(program, ['inspect', join(place, 'tls/localhost.crt'), '--json']));
  demand(inspection.schema === 'tlsmedic/inspection@1', 'inspect answers');
  const verification = JSON.parse(
    run(program, [
      'verify-chain',
      join(place, 'tls/localhost.crt'),
      '--ca',
      join(place, 'tls/ca.crt'),
      '--hostname',
      'localhost',
      '--json',
    ]),
  );
  demand(verification.valid === true, 'what it issued verifies');
  run(program, ['verify-chain', join(place, 'tls/localhost.crt'), '--ca', join(place, 'tls/ca.crt'), '--hostname', 'elsewhere'], {
    expected: 13,
  });
  demand(JSON.parse(run(program, ['schema', 'verification'])).title === 'tlsmedic/verification@1', 'the schemas are in the package');

  writeFileSync(
    join(place, 'use.mjs'),
    `import { readFileSync } from 'node:fs';
import * as library from 'tlsmedic';
for (const name of ['diagnose', 'probe', 'verifyChain', 'inspect', 'explain', 'createAuthority']) if (typeof library[name] !== 'function') throw new Error(name + ' is not exported');
const text = readFileSync('tls/localhost.crt', 'utf8');
const blocks = text.match(/-----BEGIN CERTIFICATE-----[\\s\\S]*?-----END CERTIFICATE-----/g);
const result = await library.verifyChain({ leaf: blocks[0], intermediates: blocks.slice(1), roots: [readFileSync('tls/ca.crt', 'utf8')], hostname: 'localhost' });
if (!result.valid) throw new Error(JSON.stringify(result.causes));
const wrong = await library.verifyChain({ leaf: blocks[0], intermediates: [], roots: [readFileSync('tls/ca.crt', 'utf8')], hostname: 'localhost' });
if (wrong.valid) throw new Error('a chain without its intermediate was taken for valid');
console.log('library ok');
`,
  );
  run(process.execPath, ['use.mjs']);
  writeFileSync(
    join(place, 'use.ts'),
    `import { verifyChain, diagnose, TlsmedicError, type Cause } from 'tlsmedic';
export async function first(leaf: string, root: string): Promise<Cause | undefined> {
  const { valid, causes } = await verifyChain({ leaf, roots: [root], hostname: 'localhost' });
  return valid ? undefined : causes[0];
}
export const look: typeof diagnose = diagnose;
export const wrong = (error: unknown): string => (error instanceof TlsmedicError ? error.code : '');
`,
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(
    process.execPath,
    [
      tsc,
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
      '--typeRoots',
      join(root, 'node_modules/@types'),
      '--skipLibCheck',
      'use.ts',
    ],
    { cwd: place, stdio: 'inherit' },
  );
  console.log('ok  the types hold in a strict project');
} finally {
  rmSync(work, { recursive: true, force: true });
}
