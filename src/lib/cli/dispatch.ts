import type { Command } from '@oclif/core/command';
import { EXIT } from '../cause.js';
import { errnoOf, TlsmedicError } from '../errors.js';
import { errorDocument, renderError } from '../report/error.js';
import { escapeForTerminal } from '../report/escape.js';
import { toJson } from '../report/json.js';
import { VERSION } from '../version.js';
import type { Asked } from './find-command.js';
import { writeError, writeOut } from './output.js';
import { decideTerminal, factsOf, type Terminal, viewOf } from './terminal.js';
import { typedError } from './usage-error.js';

/** A command as the dispatcher needs it. */
type CommandClass = { id: string } & (new (argv: string[], config: never) => Command);

/** What was asked for, the command that it names, and the manifest for help and suggestions. */
export interface Program extends Asked {
  /** Loads the command `id`; undefined when there is none to run. */
  load?: () => Promise<{ default: unknown }>;
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
  const { id, rest, words, load } = program;
  const before = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (id !== undefined && load !== undefined && !before.includes('--help') && !before.includes('-h')) return run(id, rest, load, program);
  const { showHelp } = await import('./help.js');
  const about = words[0] === 'help' ? words.slice(1) : words;
  const terminal = terminalOf(argv);
  const result = showHelp(JSON.parse(await program.manifest()), id ?? about.join(':'), { view: viewOf(terminal), asked: argv });
  if ('text' in result) writeOut(result.text);
  else fail(result.error, terminal);
}

async function run(id: string, argv: string[], load: () => Promise<{ default: unknown }>, program: Program): Promise<void> {
  const CommandOfId = (await load()).default as CommandClass;
  CommandOfId.id = id;
  const command = new CommandOfId(argv, { ...CONFIG, manifest: program.manifest } as never);
  await (command as unknown as { _run(): Promise<unknown> })._run();
  // A verdict was given: a socket or timer that was left over must not hold the shell. Unreferenced, so it costs nothing when all is closed.
  setTimeout(() => process.exit(), 1000).unref();
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
