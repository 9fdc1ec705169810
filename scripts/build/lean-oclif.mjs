/*
 * oclif's Command and Parser without what a single program never uses at run time: plugin loading, oclif's help (ours is src/lib/cli/help.ts), spinners,
 * themes, stack prettifying. Each entry replaces one module of @oclif/core or one package it imports, inside the bundle only; the sources and the
 * type check see the real ones, and the plain build (dist/commands under oclif's own `execute`) runs with them as well.
 */
const identity = 'module.exports = (text) => text; module.exports.default = module.exports;';

/** By path below @oclif/core/lib, without extension. */
const MODULES = {
  config: 'exports.Config = class {};',
  help: 'exports.loadHelpClass = () => { throw new Error("help is the dispatcher\'s") };',
  'help/index': 'exports.loadHelpClass = () => { throw new Error("help is the dispatcher\'s") };',
  'help/util':
    'exports.normalizeArgv = () => []; exports.formatFlagDeprecationWarning = (f) => `the flag --${f} is deprecated`; exports.formatCommandDeprecationWarning = (c) => `${c} is deprecated`;',
  'errors/handle': 'exports.handle = async (error) => { throw error };',
  ux: 'exports.ux = {}; exports.colorize = (_c, text) => text;',
  'ux/index': 'exports.ux = {}; exports.colorize = (_c, text) => text;',
  'ux/theme': 'exports.colorize = (_c, text) => text; exports.parseTheme = (t) => t;',
  'ux/list': 'exports.default = (items) => items.map(([a, b]) => (b ? `${a} (${b})` : a)).join(", ");',
  'ux/supports-color': 'exports.supportsColor = () => false;',
  // Flags that check for a file's existence are not used: operations read the file and word the error.
  'util/fs': 'exports.dirExists = exports.fileExists = async (path) => path; exports.existsSync = () => true;',
  screen: 'exports.errtermwidth = 80; exports.stdtermwidth = 80;',
  logger:
    'const none = () => {}; exports.makeDebug = () => none; exports.getLogger = () => ({ debug: none, error: none, info: none, trace: none, warn: none, child: () => ({}) }); exports.setLogger = none; exports.clearLoggers = none;',
  cache:
    'class Cache extends Map { static one; static getInstance() { return (Cache.one ??= new Cache([["@oclif/core", { name: "@oclif/core", version: "4" }]])); } } exports.default = Cache;',
};

MODULES['supports-color'] = 'exports.default = { stdout: false, stderr: false }; exports.createSupportsColor = () => false;';

const PACKAGES = { 'clean-stack': identity, 'indent-string': identity, 'wrap-ansi': identity };

/** @returns {import('esbuild').Plugin} */
export function leanOclif() {
  return {
    name: 'lean-oclif',
    setup(build) {
      const inOclif = /[\\/]@oclif[\\/]core[\\/]lib[\\/]/;
      build.onResolve({ filter: /.*/ }, async (args) => {
        // chalk is told its level (src/lib/report/style.ts); asking the streams would load Node's terminal and network modules.
        if (args.path === '#supports-color') return { path: 'supports-color', namespace: 'lean-module' };
        if (!inOclif.test(args.importer)) {
          return undefined;
        }
        if (PACKAGES[args.path] !== undefined) return { path: args.path, namespace: 'lean-package' };
        // Standard input is never read by the parser (arguments have ignoreStdin), so its line reader is left where it is.
        if (args.path === 'node:readline') return { path: args.path, namespace: 'lean-lazy' };
        if (!args.path.startsWith('.')) return undefined;
        const below = new URL(args.path, `file://${args.importer.replaceAll('\\', '/')}`).pathname
          .replace(/^.*\/@oclif\/core\/lib\//, '')
          .replace(/\.js$/, '');
        return MODULES[below] === undefined ? undefined : { path: below, namespace: 'lean-module' };
      });
      build.onLoad({ filter: /.*/, namespace: 'lean-package' }, (args) => ({ contents: PACKAGES[args.path], loader: 'js' }));
      build.onLoad({ filter: /.*/, namespace: 'lean-module' }, (args) => ({
        contents: `Object.defineProperty(exports, "__esModule", { value: true });${MODULES[args.path]}`,
        loader: 'js',
      }));
      build.onLoad({ filter: /.*/, namespace: 'lean-lazy' }, (args) => ({
        contents: `exports.createInterface = (...all) => require(${JSON.stringify(args.path)}).createInterface(...all);`,
        loader: 'js',
      }));
      build.onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/]command\.js$/ }, async (args) => {
        const { readFile } = await import('node:fs/promises');
        const source = await readFile(args.path, 'utf8');
        // Listening on process.stdout would load Node's terminal and network modules; EPIPE is dealt with in src/lib/cli/output.ts.
        const listener = /process\.stdout\.on\('error',[\s\S]*?\n\}\);\n/;
        if (!listener.test(source)) throw new Error('lean-oclif: the listener on process.stdout is no longer where it was');
        return { contents: source.replace(listener, ''), loader: 'js' };
      });
    },
  };
}
