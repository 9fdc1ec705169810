/*
 * npm run prepare: builds the program, also where npm prepares it for `npm install --global git+…`, as pre-commit installs the hooks of this repository.
 *
 * There npm installs the development dependencies with `global` still set in the environment: they land in the global folder and not here, and nothing can
 * be built. Then they are installed once more, here; that runs this script again.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function isInstalled(name) {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error !== undefined) throw error;
  process.exitCode = status ?? 1;
}

if (isInstalled('esbuild')) run(process.execPath, ['scripts/build.mjs', '--if-needed', '--types']);
else if (process.env.TLSMEDIC_PREPARING === undefined) {
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    ...process.env,
    npm_config_global: 'false',
    npm_config_location: 'project',
    TLSMEDIC_PREPARING: '1',
  });
} else throw new Error('the development dependencies cannot be installed: esbuild is still missing');
