import { setMaxListeners } from 'node:events';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { Input, ParserOutput } from '@oclif/core/interfaces';
import { EXIT } from '../cause.js';
import { type ErrorDocument, errorDocument, exitStatusOfError, renderError } from '../report/error.js';
import { escapeForTerminal } from '../report/escape.js';
import { toJson } from '../report/json.js';
import type { View } from '../report/view.js';
import type { Manifest } from './manifest.js';
import { writeError, writeOut, writePieces } from './output.js';
import { environmentNameOf, type Origin, withOutsideValues } from './outside-values.js';
import { type Settings, settingsFor } from './settings-file.js';
import { decideTerminal, factsOf, type Terminal, viewOf } from './terminal.js';
import { typedError } from './usage-error.js';

type Values = Record<string, unknown>;

/** What a command hands over at its end. */
export interface Outcome<D extends { schema: string }> {
  /** What `--json` prints; names its schema. Left out by commands that streamed their documents with `emit`. */
  document?: D;
  /** In its place: its JSON text in pieces, for a document that may grow beyond what a string holds. */
  pieces?: () => Iterable<string>;
  /** The text for people, whole or in pieces. Called only when it is wanted. */
  render?: (view: View) => string | Iterable<string>;
  /** 0, or the status of the contract. */
  exitStatus: number;
}

/**
 * Base of every command, one level deep. A command parses, calls one operation and calls `finish`; it never exits by itself
 * (oclif's `this.exit` would lose the result) and never writes to the streams in another way than through this class.
 */
export abstract class TlsmedicCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ description: 'print one JSON document instead of text', helpGroup: 'GLOBAL' }),
    'no-color': Flags.boolean({ description: 'no colours (so does NO_COLOR)', helpGroup: 'GLOBAL' }),
    'no-input': Flags.boolean({ description: 'never ask anything', helpGroup: 'GLOBAL' }),
    quiet: Flags.boolean({ char: 'q', description: 'no progress and no notices', helpGroup: 'GLOBAL' }),
    debug: Flags.boolean({ description: 'stack traces, and where each setting came from', helpGroup: 'GLOBAL' }),
  };

  #terminal: Terminal | undefined;
  #interruption: AbortController | undefined;
  #verbose = false;
  #settings: Settings = {};

  /** Colour, width, symbols, whether it may prompt: decided once. */
  protected get terminal(): Terminal {
    this.#terminal ??= decideTerminal(factsOf(process), {
      json: this.#given('json'),
      noColor: this.#given('no-color'),
      noInput: this.#given('no-input'),
      quiet: this.#given('quiet', 'q'),
    });
    return this.#terminal;
  }

  /**
   * Aborted by the first Ctrl-C, so that a command can print what is known so far; the second one ends the program at once.
   * A command that never asks for this signal is ended by the first. Either way the exit status is 130.
   */
  protected get interruption(): AbortSignal {
    if (this.#interruption === undefined) {
      const controller = new AbortController();
      // Hundreds of connections may listen at once; that is no leak to warn of.
      setMaxListeners(0, controller.signal);
      this.#interruption = controller;
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => {
          if (controller.signal.aborted) process.exit(EXIT.interrupted);
          controller.abort();
        });
      }
    }
    return this.#interruption.signal;
  }

  /** Nothing of what oclif prepares here (debug log, deprecation of aliases) is used. */
  protected override async init(): Promise<void> {
    // Intentionally nothing.
  }

  /** As oclif's, with the house rules laid over it: the environment, then the user's settings file, stand in for flags that were not typed. */
  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Input<F, B, A>,
    argv: string[] = this.argv,
  ): Promise<ParserOutput<F, B, A>> {
    const ctor = options ?? (this.ctor as Input<F, B, A>);
    const settings = settingsFor(this.id ?? '', process.env);
    this.#settings = settings?.values ?? {};
    this.#terminal = undefined;
    const origins: Origin[] = [];
    const input = {
      ...ctor,
      baseFlags: withOutsideValues(ctor.baseFlags ?? TlsmedicCommand.baseFlags, argv, process.env, settings, origins),
      flags: withOutsideValues(ctor.flags ?? {}, argv, process.env, settings, origins),
      args: Object.fromEntries(Object.entries(ctor.args ?? {}).map(([name, arg]) => [name, { ...arg, ignoreStdin: true }])),
    };
    const parsed = await super.parse(input as Input<F, B, A>, argv);
    this.#verbose = (parsed.flags as Values).verbose === true;
    if (this.#given('debug')) {
      for (const [flag, value] of Object.entries(parsed.flags as Values)) {
        const from =
          origins.find((origin) => origin.flag === flag)?.from ??
          (argv.some((token) => token.startsWith(`--${flag}`)) ? 'typed' : 'default');
        writeError(
          `${this.terminal.errorStyle.dim(`setting --${flag} = ${escapeForTerminal(String(JSON.stringify(value)))} (${from})`)}\n`,
        );
      }
    }
    return parsed;
  }

  /** Ends a command: prints the document or the text, and sets the exit status. */
  protected finish<D extends { schema: string }>({ document, pieces, render, exitStatus }: Outcome<D>): void {
    // First the verdict: whoever closes the pipe early still gets it.
    process.exitCode = this.#interruption?.signal.aborted ? EXIT.interrupted : exitStatus;
    if (this.terminal.json) {
      if (document !== undefined) writeOut(`${toJson(document)}\n`);
      else if (pieces !== undefined) writePieces(pieces());
    } else if (render !== undefined) {
      const text = render(viewOf(this.terminal, this.#verbose));
      writePieces(typeof text === 'string' ? [text] : text);
    }
  }

  /** Writes one document of a stream (NDJSON), or its text. For commands with many targets; `finish({ exitStatus })` ends them. */
  protected emit<D extends { schema: string }>(document: D, render?: (view: View) => string): void {
    if (this.terminal.json) writeOut(`${toJson(document, 'line')}\n`);
    else if (render !== undefined) writeOut(`${render(viewOf(this.terminal, this.#verbose))}\n`);
  }

  /** A line for eyes that is not part of the answer: on standard error, not with `--quiet`. Escape what came from outside. */
  protected notice(text: string): void {
    if (!this.terminal.quiet) writeError(`${text}\n`);
  }

  /** The program's own manifest: every command with its flags. */
  protected async manifest(): Promise<Manifest> {
    return JSON.parse(await (this.config as unknown as { manifest(): Promise<string> }).manifest()) as Manifest;
  }

  /** Words every error once, at the edge; the same exit status with and without `--json`. */
  protected override async catch(thrown: unknown): Promise<void> {
    const error = typedError(thrown, { command: (this.id ?? '').replaceAll(':', ' '), flags: this.#flagNames() });
    const document: ErrorDocument =
      error === undefined
        ? {
            schema: 'tlsmedic/error@1',
            error: { code: 'interrupted', kind: 'interrupted', message: 'interrupted', next: [] },
            exitStatus: exitStatusOfError('interrupted'),
          }
        : errorDocument(error);
    process.exitCode = document.exitStatus;
    if (this.terminal.json) writeOut(`${toJson(document)}\n`);
    writeError(`${renderError(document, { ...viewOf(this.terminal), style: this.terminal.errorStyle })}\n`);
    if (this.#given('debug') && error !== undefined) {
      const { inspect } = await import('node:util');
      writeError(`\n${escapeForTerminal(inspect(error, { depth: 4 }), 'newline')}\n`);
    }
  }

  /** Whether a global switch was typed (before `--`) or set by its environment name: needed before and after a failed parse. */
  #given(name: string, short?: string): boolean {
    const end = this.argv.indexOf('--');
    const typed = end === -1 ? this.argv : this.argv.slice(0, end);
    if (typed.includes(`--${name}`)) return true;
    // Short switches may stand together: -vq.
    if (short !== undefined && typed.some((token) => /^-[a-z]+$/i.test(token) && token.includes(short))) return true;
    const value = process.env[environmentNameOf(name)];
    return value === undefined || value === '' ? this.#settings[name] === true : /^(1|true|yes|y|on)$/i.test(value);
  }

  #flagNames(): string[] {
    return Object.keys({ ...this.ctor.baseFlags, ...this.ctor.flags, help: true });
  }
}
