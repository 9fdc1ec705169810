import type { Command } from '@oclif/core/command';
import { EXIT } from '../cause.js';
import { errnoOf, TlsmedicError } from '../errors.js';
import { errorDocument, renderError } from '../report/error.js';
import { escapeForTerminal } from '../report/escape.js';
import { toJson } from '../report/json.js';
import { VERSION } from '../version.js';
import { writeError, writeOut } from './output.js';
import { decideTerminal, factsOf, type Terminal, viewOf } from './terminal.js';
import { typedError } from './usage-error.js';

/** A command as the dispatcher needs it. */
type CommandClass = { id: string } & (new (argv: string[], config: never) => Command);

/** The commands of the program by oclif id (`ca:init`), each loaded only when it runs, and the manifest for help and suggestions. */
export interface Program {
  commands: Readonly<Record<string, () => Promise<{ default: unknown }>>>;
  manifest: () => Promise<string>;
}

/**
 * Runs one command line. Does what oclif's `run` does for a single program without plugins, without reading package.json and the manifest
 * on the way to a known command: that alone would cost more than the command (see docs/adr/0001-own-bundle-and-code-cache.md).
 */
export async function dispatch(argv: readonly string[], program: Program): Promise<void> {
  process.on('uncaughtException', (error) => {
    if (errnoOf(error) === 'EPIPE') process.exit();
    const typed = typedError(error, { command: '', flags: [] });
    writeError(`${renderError(errorDocument(typed ?? interrupted()), errorView(argv))}\n`);
    if (argv.includes('--debug')) writeError(`\n${escapeForTerminal(error.stack ?? '', 'newline')}\n`);
    process.exit(typed === undefined ? EXIT.interrupted : EXIT.internal);
  });
  const { id, rest, words } = findCommand(argv, program);
  const before = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (id !== undefined && !before.includes('--help') && !before.includes('-h')) return run(id, rest, program);
  const { showHelp } = await import('./help.js');
  const about = words[0] === 'help' ? words.slice(1) : words;
  const terminal = terminalOf(argv);
  const result = showHelp(JSON.parse(await program.manifest()), id ?? about.join(':'), { view: viewOf(terminal), asked: argv });
  if ('text' in result) writeOut(result.text);
  else fail(result.error, terminal);
}

async function run(id: string, argv: string[], program: Program): Promise<void> {
  const load = program.commands[id];
  if (load === undefined) throw new Error(`no command ${id}`);
  const CommandOfId = (await load()).default as CommandClass;
  CommandOfId.id = id;
  const command = new CommandOfId(argv, { ...CONFIG, manifest: program.manifest } as never);
  await (command as unknown as { _run(): Promise<unknown> })._run();
  // A verdict was given: a socket or timer that was left over must not hold the shell. Unreferenced, so it costs nothing when all is closed.
  setTimeout(() => process.exit(), 1000).unref();
}

/** The longest run of leading words that names a command. Global switches may stand before it. */
function findCommand(argv: readonly string[], program: Program): { id: string | undefined; rest: string[]; words: string[] } {
  const start = argv.findIndex((token) => !token.startsWith('-'));
  if (start === -1) return { id: undefined, rest: [...argv], words: [] };
  const leading = argv.slice(0, start);
  const words = wordsFrom(argv.slice(start));
  for (let length = Math.min(3, words.length); length > 0; length -= 1) {
    const id = words.slice(0, length).join(':');
    if (Object.hasOwn(program.commands, id)) return { id, rest: [...leading, ...argv.slice(start + length)], words };
  }
  return { id: undefined, rest: [...argv], words };
}

function wordsFrom(argv: readonly string[]): string[] {
  const end = argv.findIndex((token) => token.startsWith('-'));
  return (end === -1 ? argv : argv.slice(0, end)).flatMap((word, index) => (index === 0 ? word.split(':') : [word]));
}

function fail(error: TlsmedicError, terminal: Terminal): void {
  const document = errorDocument(error);
  process.exitCode = document.exitStatus;
  if (terminal.json) writeOut(`${toJson(document)}\n`);
  writeError(`${renderError(document, { ...viewOf(terminal), style: terminal.errorStyle })}\n`);
}

function terminalOf(argv: readonly string[]): Terminal {
  return decideTerminal(factsOf(process), {
    json: argv.includes('--json'),
    noColor: argv.includes('--no-color'),
    noInput: true,
    quiet: false,
  });
}

function errorView(argv: readonly string[]) {
  const terminal = terminalOf(argv);
  return { ...viewOf(terminal), style: terminal.errorStyle };
}

function interrupted(): TlsmedicError {
  return new TlsmedicError('interrupted', 'interrupted', { kind: 'environment' });
}

/** The part of oclif's Config that a command touches while it parses. */
const CONFIG = {
  bin: 'tlsmedic',
  name: 'tlsmedic',
  version: VERSION,
  topicSeparator: ' ',
  userAgent: `tlsmedic/${VERSION}`,
  pjson: { oclif: {} },
  runHook: async () => ({ successes: [], failures: [] }),
  scopedEnvVar: () => undefined,
  scopedEnvVarKey: (key: string) => `TLSMEDIC_OCLIF_${key}`,
  scopedEnvVarKeys: () => [],
};
