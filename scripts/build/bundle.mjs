import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { leanOclif } from './lean-oclif.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Packages that cost more to load than most commands take: chunks of their own, loaded where they are used. */
const CHUNKS = {
  inquirer: "export { default } from 'inquirer';",
  execa: "export * from 'execa';",
  yaml: "export * from 'yaml'; export { default } from 'yaml';",
};

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

const PREAMBLE = `const __placeOf = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', path)).href;`;

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
      path: `./chunks/${args.path}.cjs`,
      external: true,
    }));
  },
};

function compile(commands, logLevel) {
  const entry = [
    `import { dispatch } from './src/lib/cli/dispatch.ts';`,
    'const commands = {',
    ...commands.map(
      ({ id, path }) => `  ${JSON.stringify(id)}: () => import(${JSON.stringify(`./${relative(ROOT, path).split(sep).join('/')}`)}),`,
    ),
    '};',
    'export const run = (argv, manifest) => dispatch(argv, { commands, manifest });',
  ].join('\n');
  return esbuild.build({
    ...COMMON,
    logLevel,
    stdin: { contents: entry, resolveDir: ROOT, sourcefile: 'program.js', loader: 'js' },
    banner: { js: PREAMBLE },
    plugins: [leanOclif(), moduleUrls(), toChunk],
    metafile: true,
  });
}

/** While somebody is writing a command the others go on working: those that compile, with the first complaint about each of the rest. */
async function thatCompile(commands) {
  const sound = [];
  for (const command of commands) {
    try {
      await compile([command], 'silent');
      sound.push(command);
    } catch (error) {
      console.error(`left out: ${command.id}: ${error.errors?.[0]?.text ?? error.message}`);
    }
  }
  return sound;
}

/**
 * Writes dist/cli: `main.cjs` (the program), `chunks/*.cjs` (heavy packages) and `launch.cjs` (starts main with V8's code cache).
 * Each file is put in place by a rename, so that a running tlsmedic never reads half of one. `tolerant` leaves out commands that do not compile.
 */
export async function bundle({ tolerant }) {
  let commands = await commandSources();
  let main;
  try {
    main = await compile(commands, tolerant ? 'silent' : 'warning');
  } catch (error) {
    if (!tolerant) throw error;
    commands = await thatCompile(commands);
    main = await compile(commands, 'warning');
  }
  const text = main.outputFiles[0].text;
  const id = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const version = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version;
  const out = join(ROOT, 'dist/cli');
  await mkdir(join(out, 'chunks'), { recursive: true });
  for (const [name, contents] of Object.entries(CHUNKS)) {
    const chunk = await esbuild.build({ ...COMMON, stdin: { contents, resolveDir: ROOT, loader: 'js' }, banner: { js: PREAMBLE } });
    await put(join(out, 'chunks', `${name}.cjs`), chunk.outputFiles[0].text);
  }
  const launch = await esbuild.build({
    ...COMMON,
    entryPoints: [join(ROOT, 'scripts/build/launch.cjs')],
    define: {
      BUILD_ID: JSON.stringify(id),
      VERSION: JSON.stringify(version),
      TWO_WORDS: JSON.stringify(commands.map((c) => c.id).filter((c) => c.includes(':'))),
    },
  });
  await put(join(out, 'main.cjs'), `(function (exports, require, module, __filename, __dirname) {${text}\n})`);
  await put(join(out, 'launch.cjs'), launch.outputFiles[0].text);
  return { bytes: text.length, inputs: main.metafile.inputs, outputs: main.metafile.outputs };
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
