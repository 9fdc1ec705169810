/* global BUILD_ID, VERSION, TWO_WORDS */
/*
 * Starts dist/cli/main.cjs. Most of a short command's time is V8 compiling the program; V8 can keep what it compiled, so the code of each command is
 * kept in the user's cache folder after its first run. The cache is code: it is read only from a folder and file that belong to this user and that
 * nobody else can write. When anything is not as it should be, the program runs without it. TLSMEDIC_NO_CODE_CACHE=1 switches it off.
 */
const argv = process.argv.slice(2);
if (argv[0] === '--version' || argv[0] === '-V') {
  const openssl = process.versions.openssl.replace(/\+.*/, '');
  require('node:fs').writeSync(
    1,
    `tlsmedic ${VERSION} (node ${process.versions.node}, openssl ${openssl}, ${process.platform}-${process.arch})\n`,
  );
} else {
  start();
}

function start() {
  const fs = require('node:fs');
  const path = require('node:path');
  const vm = require('node:vm');
  const filename = path.join(__dirname, 'main.cjs');
  const cache = cachePlace(path);
  const cachedData = cache && readCache(fs, cache);
  // The bundle is plain ASCII, which latin1 reads without decoding.
  const script = new vm.Script(fs.readFileSync(filename, 'latin1'), { filename, cachedData });
  const { createRequire } = require('node:module');
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, __dirname);
  if (cache && (cachedData === undefined || script.cachedDataRejected)) process.once('exit', () => writeCache(fs, path, cache, script));
  module.exports.run(argv, async () => fs.readFileSync(path.join(__dirname, '../../oclif.manifest.json'), 'utf8'));
}

/** One file a command: what V8 reads back is what that command needs. */
function cachePlace(path) {
  if (process.env.TLSMEDIC_NO_CODE_CACHE || process.platform === 'win32') return undefined;
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && path.join(process.env.HOME, '.cache'));
  if (!base || !path.isAbsolute(base)) return undefined;
  const words = argv.filter((token) => !token.startsWith('-'));
  const two = `${words[0]}:${words[1]}`;
  const command = TWO_WORDS.includes(two) ? two.replace(':', '-') : /^[a-z][a-z-]{1,20}$/.test(words[0] || '') ? words[0] : 'other';
  const flags = [...process.execArgv, process.env.NODE_OPTIONS || ''].join(' ').trim();
  const setting = flags === '' ? '' : `-${hash(flags)}`;
  const folder = path.join(base, 'tlsmedic', 'code-cache');
  return { folder, file: path.join(folder, `${BUILD_ID}-${process.version}-${process.arch}${setting}-${command}`) };
}

function hash(text) {
  let h = 5381;
  for (let i = 0; i < text.length; i += 1) h = ((h * 33) ^ text.charCodeAt(i)) >>> 0;
  return h.toString(36);
}

/** Ours and writable by nobody else. */
function isPrivate(status) {
  return status.uid === process.getuid() && (status.mode & 0o022) === 0;
}

function readCache(fs, { folder, file }) {
  try {
    const place = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (place === undefined || !place.isDirectory() || !isPrivate(place)) return undefined;
    const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    try {
      const status = fs.fstatSync(descriptor);
      return status.isFile() && isPrivate(status) && status.size < 64 * 1024 * 1024 ? fs.readFileSync(descriptor) : undefined;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // No cache yet, or none that may be read: compile.
    return undefined;
  }
}

function makeFolder(fs, folder) {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

function writeCache(fs, path, { folder, file }, script) {
  const temporary = `${file}.${process.pid}`;
  try {
    // One by one: node's recursive mkdir never returns below /proc.
    for (const part of [path.dirname(path.dirname(folder)), path.dirname(folder), folder]) makeFolder(fs, part);
    const place = fs.lstatSync(folder);
    if (!place.isDirectory() || !isPrivate(place)) return;
    fs.writeFileSync(temporary, script.createCachedData(), { mode: 0o600, flag: 'wx' });
    fs.renameSync(temporary, file);
    const dayAgo = Date.now() - 86_400_000;
    for (const name of fs.readdirSync(folder)) {
      const old = path.join(folder, name);
      if (!name.startsWith(BUILD_ID) && fs.lstatSync(old).mtimeMs < dayAgo) fs.rmSync(old, { force: true });
    }
  } catch {
    // A cache that cannot be written (read-only home, full disk) is no reason to trouble anybody.
    try {
      fs.rmSync(temporary, { force: true });
    } catch {
      // Nor is a left-over that cannot be removed.
    }
  }
}
