/*
 * npm run build: everything that runs or is published.
 *
 *   dist/**.js        one file a source, ES modules: the library (dist/index.js), and the commands for oclif's own loader
 *   dist/**.d.ts      its types; this is also the type check, which fails the build
 *   dist/cli/         the program as it is started: one bundle a command, see build/bundle.mjs
 *   oclif.manifest.json   committed; help, completion and docs/commands.md come from it
 *
 * --if-needed       only when a source is newer than the last build (used by `prepare` and the golden tests; type errors are reported, not fatal)
 * --check-manifest  fails when the committed manifest is not what the sources say
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as esbuild from 'esbuild';
import { bundle, ROOT } from './build/bundle.mjs';
import { makeManifest } from './build/manifest.mjs';

const flags = new Set(process.argv.slice(2));
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.stamp');

function sources() {
  const under = (folder, suffix) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .filter((name) => suffix.test(name))
      .map((name) => join(ROOT, folder, name));
  return [...under('src', /\.ts$/), ...under('scripts', /\.[cm]js$/), join(ROOT, 'package.json'), join(ROOT, 'package-lock.json')].sort();
}

function stampOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const status = statSync(file);
    hash.update(`${file} ${status.size} ${status.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function lastStamp() {
  try {
    return readFileSync(STAMP, 'utf8');
  } catch {
    return '';
  }
}

/** Several test runs may want to build at once: the others wait and find it done. */
function withLock(work) {
  const lock = join(ROOT, 'node_modules', '.tlsmedic-build');
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  for (let waited = 0; ; waited += 50) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (waited > 90_000 || Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 120_000) {
        rmSync(lock, { recursive: true, force: true });
      }
      Atomics.wait(waiting, 0, 0, 50);
    }
  }
  return work().finally(() => rmdirSync(lock));
}

function put(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** One JavaScript file for each source; what has no source any more goes. */
async function transpile() {
  const entryPoints = sources().filter((path) => path.startsWith(join(ROOT, 'src')));
  const { outputFiles } = await esbuild.build({
    entryPoints,
    outdir: DIST,
    outbase: join(ROOT, 'src'),
    bundle: false,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  });
  const wanted = new Set(outputFiles.map((file) => file.path));
  for (const file of outputFiles) put(file.path, file.text);
  for (const folder of ['commands', 'lib']) {
    for (const name of readdirSync(join(DIST, folder), { recursive: true })) {
      const path = join(DIST, folder, name);
      if (/\.js$/.test(name) && !wanted.has(path)) rmSync(path, { force: true });
      if (/\.d\.ts$/.test(name) && !wanted.has(path.replace(/\.d\.ts$/, '.js'))) rmSync(path, { force: true });
    }
  }
}

function declarations() {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  return (
    spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--emitDeclarationOnly'], { cwd: ROOT, stdio: 'inherit' }).status === 0
  );
}

async function build({ types, tolerant }) {
  const started = Date.now();
  const stamp = stampOf(sources());
  await transpile();
  const { programs } = await bundle({ tolerant });
  const manifest = await makeManifest({ tolerant });
  const path = join(ROOT, 'oclif.manifest.json');
  const present = readIfThere(path);
  // An earlier build may have renewed the file already: what counts is what is committed.
  if (flags.has('--check-manifest') && (committed('oclif.manifest.json') ?? present) !== manifest) {
    console.error('oclif.manifest.json is not what the sources say: run "npm run build" and commit it');
    process.exitCode = 1;
  }
  if (present !== manifest) put(path, manifest);
  const sound = types ? declarations() : true;
  if (!sound && !tolerant) {
    console.error('build: type errors');
    process.exitCode = 1;
  }
  put(STAMP, stamp);
  console.error(
    `built in ${((Date.now() - started) / 1000).toFixed(1)} s, ${programs.length - 1} commands, ${Math.round(programs.reduce((sum, { text }) => sum + text.length, 0) / 1024)} KiB`,
  );
}

/** A file as the last commit has it; undefined where there is no repository. */
function committed(path) {
  const { status, stdout } = spawnSync('git', ['show', `HEAD:${path}`], { cwd: ROOT, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return status === 0 ? stdout : undefined;
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

await withLock(async () => {
  if (!flags.has('--if-needed')) return build({ types: !flags.has('--no-types'), tolerant: flags.has('--tolerant') });
  if (lastStamp() === stampOf(sources())) return undefined;
  return build({ types: flags.has('--types'), tolerant: true });
});
