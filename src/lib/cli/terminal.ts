import { fstatSync } from 'node:fs';
import { createStyle, type Style } from '../report/style.js';
import type { View } from '../report/view.js';

/*
 * How this program talks. Standard output is the answer and nothing else; standard error is the conversation: progress, notices, prompts,
 * errors. The exit status is the verdict. The first line says the verdict, the last line says what to type next. Messages are lower case,
 * without a full stop at the end of a fragment. Colour never carries meaning alone. Nothing moves on a terminal that is none.
 * All of it is decided here, once, and passed on.
 */

/** What can be known about the surroundings; the tests make their own. */
export interface TerminalFacts {
  stdin: { isTTY: boolean };
  stdout: { isTTY: boolean; columns?: number };
  stderr: { isTTY: boolean; columns?: number };
  env: Readonly<Record<string, string | undefined>>;
  platform: string;
}

export interface TerminalFlags {
  json: boolean;
  noColor: boolean;
  noInput: boolean;
  quiet: boolean;
}

export interface Terminal {
  /** Whether standard output is a terminal. */
  readonly isTTY: boolean;
  /** Columns to fill on standard output: the terminal's, else COLUMNS, else 80; never under 40 or over 200. */
  readonly width: number;
  readonly unicode: boolean;
  /** Colour on standard output. */
  readonly colour: boolean;
  /** Style for standard output. */
  readonly style: Style;
  /** Style for standard error, decided for that stream. */
  readonly errorStyle: Style;
  /** Whether a question may be asked; when not, `mayNotPromptBecause` says why in a few words. */
  readonly mayPrompt: boolean;
  readonly mayNotPromptBecause: string | undefined;
  /** Whether standard error may show something that moves (progress bars). */
  readonly mayAnimate: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** Decides once. Order for colour: `--no-color`, FORCE_COLOR, NO_COLOR (not empty), TERM=dumb, not a terminal. */
export function decideTerminal(facts: TerminalFacts, flags: TerminalFlags): Terminal {
  const { env, stdin, stdout, stderr } = facts;
  const unicode = mayUseUnicode(facts);
  const colour = mayColour(stdout.isTTY, env, flags);
  const inCi = isSet(env.CI);
  const because = flags.noInput
    ? '--no-input was given'
    : flags.json
      ? '--json was given'
      : inCi
        ? 'CI is set'
        : !stdin.isTTY
          ? 'standard input is no terminal'
          : !stderr.isTTY
            ? 'standard error is no terminal'
            : undefined;
  return {
    isTTY: stdout.isTTY,
    width: widthOf(stdout, env),
    unicode,
    colour,
    style: createStyle({ colour, unicode }),
    errorStyle: createStyle({ colour: mayColour(stderr.isTTY, env, flags), unicode }),
    mayPrompt: because === undefined,
    mayNotPromptBecause: because,
    mayAnimate: stderr.isTTY && !flags.json && !flags.quiet && !inCi && env.TERM !== 'dumb',
    quiet: flags.quiet,
    json: flags.json,
  };
}

/** The view that renderers of standard output get. */
export function viewOf(terminal: Terminal, verbose = false): View {
  return { style: terminal.style, width: terminal.width, verbose };
}

/**
 * The facts of this process. A stream that is no character device cannot be a terminal; only for one that is are Node's stream objects
 * touched, because they load its network and terminal modules.
 */
export function factsOf(process: NodeJS.Process): TerminalFacts {
  const sizeOf = (descriptor: number, stream: () => NodeJS.WriteStream) => {
    if (!isCharacterDevice(descriptor)) return { isTTY: false };
    const { isTTY, columns } = stream();
    return { isTTY: isTTY === true, ...(typeof columns === 'number' && columns > 0 ? { columns } : {}) };
  };
  return {
    stdin: { isTTY: isCharacterDevice(0) && process.stdin.isTTY === true },
    stdout: sizeOf(1, () => process.stdout),
    stderr: sizeOf(2, () => process.stderr),
    env: process.env,
    platform: process.platform,
  };
}

/** Memory devices (/dev/null) have major number 1 on Linux: character devices, but no terminals. */
const MEMORY_DEVICES = 1;

function isCharacterDevice(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isCharacterDevice() && (process.platform !== 'linux' || status.rdev >> 8 !== MEMORY_DEVICES);
  } catch {
    // A closed descriptor is no terminal.
    return false;
  }
}

function mayColour(isTTY: boolean, env: TerminalFacts['env'], flags: TerminalFlags): boolean {
  if (flags.noColor) return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (isSet(env.NO_COLOR) || env.TERM === 'dumb') return false;
  return isTTY;
}

function widthOf(stdout: TerminalFacts['stdout'], env: TerminalFacts['env']): number {
  const told = /^\d{1,4}$/.test(env.COLUMNS ?? '') ? Number(env.COLUMNS) : undefined;
  return Math.min(200, Math.max(40, stdout.columns ?? told ?? 80));
}

/** A locale that names another character set, a dumb terminal or the Linux console get ASCII; no locale at all (containers) gets Unicode. */
function mayUseUnicode({ env, platform }: TerminalFacts): boolean {
  if (isSet(env.TLSMEDIC_ASCII) || env.TERM === 'dumb' || env.TERM === 'linux') return false;
  if (platform === 'win32') return isSet(env.WT_SESSION) || env.TERM_PROGRAM === 'vscode' || isSet(env.TERM);
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(isSet);
  return locale === undefined || /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
