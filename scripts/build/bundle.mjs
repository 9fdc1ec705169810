import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { leanOclif } from './lean-oclif.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Packages that cost more to load than most commands take: chunks of their own, loaded where they are used. */
const CHUNKS = {
  inquirer: "export { createPromptModule } from 'inquirer';",
  '@peculiar/x509': "export * from '@peculiar/x509';",
  zod: "export * from 'zod';",
  'reflect-metadata': "import 'reflect-metadata';",
  execa: "export * from 'execa';",
  yaml: "export * from 'yaml'; export { default } from 'yaml';",
};

const chunkFile = (name) => `${name.replace('@', '').replace('/', '-')}.cjs`;

/** oclif ids and sources of all commands, `ca:init` for src/commands/ca/init.ts. */
export async function commandSources() {
  const folder = join(ROOT, 'src/commands');
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => ({
      id: name
        .slice(0, -3)
        .split(sep)
        .join(':')
        .replace(/:index$/, ''),
      path: join(folder, name),
    }))
    .sort((a, b) => a.id.localeCompare(b.id));
}

/** `import.meta.url` of a source means the module's place in dist/, where the plain build has it (worker files, data files). */
function moduleUrls() {
  return {
    name: 'module-urls',
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async (args) => {
        const source = await readFile(args.path, 'utf8');
        if (!source.includes('import.meta.')) return undefined;
        const place = relative(join(ROOT, 'src'), args.path).split(sep).join('/').replace(/\.ts$/, '.js');
        return { contents: source.replaceAll('import.meta.url', `__placeOf(${JSON.stringify(place)})`), loader: 'ts' };
      });
    },
  };
}

const PREAMBLE = `const __placeOf = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '../..', path)).href;`;

const COMMON = {
  bundle: true,
  write: false,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  charset: 'ascii',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
};

const toChunk = {
  name: 'chunks',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${Object.keys(CHUNKS).join('|')})$`) }, (args) => ({
      path: `../chunks/${chunkFile(args.path)}`,
      external: true,
    }));
  },
};

/** One bundle: a command with the dispatcher, or the dispatcher alone for help and for what is no command. */
async function compile(command, logLevel) {
  const entry = [
    `import { dispatch } from './src/lib/cli/dispatch.ts';`,
    command === undefined
      ? 'const load = undefined;'
      : `const load = () => import(${JSON.stringify(`./${relative(ROOT, command.path).split(sep).join('/')}`)});`,
    'export const run = (argv, asked, manifest) => dispatch(argv, { ...asked, load, manifest });',
  ].join('\n');
  const { outputFiles, metafile } = await esbuild.build({
    ...COMMON,
    logLevel,
    stdin: { contents: entry, resolveDir: ROOT, sourcefile: 'program.js', loader: 'js' },
    banner: { js: PREAMBLE },
    plugins: [leanOclif(), moduleUrls(), toChunk],
    metafile: true,
  });
  const text = `(function (exports, require, module, __filename, __dirname) {${outputFiles[0].text}\n})`;
  const id = command?.id ?? 'help';
  return { id, file: `${id.replaceAll(':', '-')}.cjs`, text, hash: createHash('sha256').update(text).digest('hex').slice(0, 16), metafile };
}

/**
 * Writes dist/cli: `launch.cjs` (finds the command, starts its bundle with V8's code cache), `programs/*.cjs` (one complete program for each command: what
 * runs is what was compiled and nothing else is read) and `chunks/*.cjs` (heavy packages). Each file is put in place by a rename, so that a running
 * tlsmedic never reads half of one. `tolerant` leaves out commands that do not compile: while somebody is writing one, the others go on working.
 */
export async function bundle({ tolerant }) {
  const compiled = await Promise.all(
    [undefined, ...(await commandSources())].map(async (command) => {
      try {
        return await compile(command, tolerant ? 'silent' : 'warning');
      } catch (error) {
        if (!tolerant || command === undefined) throw error;
        console.error(`left out: ${command.id}: ${error.errors?.[0]?.text ?? error.message}`);
        return undefined;
      }
    }),
  );
  const programs = compiled.filter((program) => program !== undefined);
  const version = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version;
  const out = join(ROOT, 'dist/cli');
  for (const [name, contents] of Object.entries(CHUNKS)) {
    const chunk = await esbuild.build({ ...COMMON, stdin: { contents, resolveDir: ROOT, loader: 'js' }, banner: { js: PREAMBLE } });
    await put(join(out, 'chunks', chunkFile(name)), chunk.outputFiles[0].text);
  }
  for (const { file, text } of programs) await put(join(out, 'programs', file), text);
  const launch = await esbuild.build({
    ...COMMON,
    entryPoints: [join(ROOT, 'scripts/build/launch.mjs')],
    define: {
      VERSION: JSON.stringify(version),
      PROGRAMS: JSON.stringify(Object.fromEntries(programs.map(({ id, file, hash }) => [id, [file, hash]]))),
    },
  });
  await put(join(out, 'launch.cjs'), launch.outputFiles[0].text);
  for (const name of await readdir(join(out, 'programs')))
    if (!programs.some(({ file }) => file === name)) await rm(join(out, 'programs', name), { force: true });
  await rm(join(out, 'main.cjs'), { force: true });
  return { programs };
}

async function put(path, text) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text);
  try {
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
