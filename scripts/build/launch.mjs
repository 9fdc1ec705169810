/* global PROGRAMS, VERSION */
/*
 * Finds the command that was typed and starts its bundle. Most of a short command's time is V8 compiling the program; V8 can keep what it compiled, so
 * the code of each command is kept in the user's cache folder after its first run. The cache is code: it is read only from a folder and file that belong to this
 * user and that nobody else can write. When anything is not as it should be, the program runs without it. TLSMEDIC_NO_CODE_CACHE=1 switches it off.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { findCommand } from '../../src/lib/cli/find-command.ts';

const argv = process.argv.slice(2);
if (argv[0] === '--version' || argv[0] === '-V') {
  const openssl = process.versions.openssl.replace(/\+.*/, '');
  fs.writeSync(1, `tlsmedic ${VERSION} (node ${process.versions.node}, openssl ${openssl}, ${process.platform}-${process.arch})\n`);
} else {
  start(findCommand(argv, Object.keys(PROGRAMS)));
}

function start(asked) {
  const [file, build] = PROGRAMS[asked.id ?? 'help'];
  const filename = path.join(__dirname, 'programs', file);
  const cache = cachePlace(asked.id ?? 'help', build);
  const cachedData = cache && readCache(cache);
  // The bundle is plain ASCII, which latin1 reads without decoding.
  const script = new vm.Script(fs.readFileSync(filename, 'latin1'), { filename, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, path.dirname(filename));
  if (cache && (cachedData === undefined || script.cachedDataRejected)) process.once('exit', () => writeCache(cache, script));
  module.exports.run(argv, asked.id === 'help' ? { ...asked, id: undefined } : asked, async () =>
    fs.readFileSync(path.join(__dirname, '../../oclif.manifest.json'), 'utf8'),
  );
}

/** One file a command: what V8 reads back is what that command needs. */
function cachePlace(id, build) {
  if (process.env.TLSMEDIC_NO_CODE_CACHE || process.platform === 'win32') return undefined;
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && path.join(process.env.HOME, '.cache'));
  if (!base || !path.isAbsolute(base)) return undefined;
  const flags = [...process.execArgv, process.env.NODE_OPTIONS || ''].join(' ').trim();
  const setting = flags === '' ? '' : `-${hash(flags)}`;
  const folder = path.join(base, 'tlsmedic', 'code-cache');
  const command = id.replaceAll(':', '.');
  return { folder, command, build, file: path.join(folder, `${command}-${build}-${process.version}-${process.arch}${setting}`) };
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

function readCache({ folder, file }) {
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

function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

function writeCache({ folder, command, build, file }, script) {
  const temporary = `${file}.${process.pid}`;
  try {
    // One by one: node's recursive mkdir never returns below /proc.
    for (const part of [path.dirname(path.dirname(folder)), path.dirname(folder), folder]) makeFolder(part);
    const place = fs.lstatSync(folder);
    if (!place.isDirectory() || !isPrivate(place)) return;
    fs.writeFileSync(temporary, script.createCachedData(), { mode: 0o600, flag: 'wx' });
    fs.renameSync(temporary, file);
    const dayAgo = Date.now() - 86_400_000;
    for (const name of fs.readdirSync(folder)) {
      const old = path.join(folder, name);
      if (name.startsWith(`${command}-`) && !name.startsWith(`${command}-${build}`) && fs.lstatSync(old).mtimeMs < dayAgo)
        fs.rmSync(old, { force: true });
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
