import { closest } from '../did-you-mean.js';
import { messageOf, TlsmedicError } from '../errors.js';

/** The shape of oclif's parser errors that is used here; told by shape, since the bundle may hold its own copy of the class. */
interface ParserError {
  message: string;
  flags?: unknown;
  args?: unknown;
  oclif?: unknown;
  parse?: unknown;
}

/** What the caller could have typed, for suggestions. */
export interface Known {
  command: string;
  flags: readonly string[];
}

/**
 * Turns whatever a command threw into a TlsmedicError: ours as they are, the parser's reworded as usage errors with a suggestion,
 * a closed prompt as an interruption (undefined), everything else as a bug of ours.
 */
export function typedError(error: unknown, known: Known): TlsmedicError | undefined {
  if (error instanceof TlsmedicError) return unwrapped(error);
  if (error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError')) return undefined;
  if (isParserError(error)) return usageError(error, known);
  return new TlsmedicError('internal', messageOf(error) || 'an error without a message', {
    kind: 'bug',
    why: 'nothing that can be typed should lead here',
    next: ['run it again with --debug and report what it prints, with the versions that "tlsmedic --version" shows'],
    cause: error,
  });
}

/** The parser writes its own words around the message of an error that a flag's `parse` threw. */
function unwrapped(error: TlsmedicError): TlsmedicError {
  const wrapped = /^Parsing --\S+ \n\t([\s\S]*)\nSee more help with --help$/.exec(error.message);
  if (wrapped === null) return error;
  const { code, kind, why, next } = error;
  return new TlsmedicError(code, wrapped[1] ?? '', { kind, next, ...(why === undefined ? {} : { why }), cause: error });
}

/** Names of the arguments that are missing, when that is what the parser complains about. */
function missingArguments(error: ParserError): string[] {
  if (!error.message.startsWith('Missing') || !Array.isArray(error.args)) return [];
  return error.args.flatMap((arg: unknown) =>
    typeof arg === 'object' && arg !== null && 'name' in arg ? [String(arg.name).toUpperCase()] : [],
  );
}

function isParserError(error: unknown): error is Error & ParserError {
  return error instanceof Error && 'oclif' in error && typeof error.oclif === 'object';
}

/** Takes parser messages apart: first line says what, lists and hints are kept, its pointer to --help is replaced by ours. */
function usageError(error: Error & ParserError, known: Known): TlsmedicError {
  const help = `tlsmedic ${known.command} --help`.replace('  ', ' ');
  const unknown = Array.isArray(error.flags) ? error.flags.filter((flag): flag is string => typeof flag === 'string') : [];
  if (unknown.length > 0 && error.message.startsWith('Nonexistent')) {
    const name = unknown[0] ?? '';
    const nearest = closest(name.replace(/^-+/, '').replace(/=.*$/, ''), known.flags);
    return new TlsmedicError('unknown-flag', `unknown flag ${unknown.map((flag) => flag.replace(/=.*$/, '')).join(', ')}`, {
      kind: 'usage',
      next: [...(nearest === undefined ? [] : [`did you mean --${nearest}?`]), `every flag: ${help}`],
      cause: error,
    });
  }
  const missing = missingArguments(error);
  if (missing.length > 0) {
    return new TlsmedicError('missing-argument', `missing ${missing.join(' and ')}`, {
      kind: 'usage',
      next: [`examples and usage: ${help}`],
      cause: error,
    });
  }
  const message = error.message
    .replace(/\n?See more help with --help/g, '')
    .replace(/^Parsing --(\S+) \n\t/, '--$1: ')
    .replace(/\x1b\[[0-9;]*m/g, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  return new TlsmedicError('usage', lowerFirst(message), { kind: 'usage', next: [`usage: ${help}`], cause: error });
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? (text[0] ?? '').toLowerCase() + text.slice(1) : text;
}
