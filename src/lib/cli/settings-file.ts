import { isAbsolute, join } from 'node:path';
import { messageOf, TlsmedicError } from '../errors.js';
import { readFileIfThere } from '../io/files.js';

/** Values for flags by name; a repeatable flag may have a list. */
export type Settings = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

const LIMIT = 256 * 1024;

/**
 * The user's own settings, the weakest source of a flag's value: $TLSMEDIC_CONFIG, else tlsmedic/config.json in the user's configuration folder
 * (XDG). A folder's own file is deliberately not looked for: a checked-out repository must not decide whom this machine trusts.
 *
 *     { "timeout": "5s", "issue": { "out": "tls" } }      names of flags for every command, and for one
 *
 * @throws TlsmedicError `unusable-settings`; a file that was named and is not there is an error too
 */
export function settingsFor(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): { path: string; values: Settings } | undefined {
  const named = env.TLSMEDIC_CONFIG;
  const path = named === undefined || named === '' ? usualPlace(env) : named;
  const bytes = path === undefined ? undefined : readFileIfThere(path, LIMIT);
  if (path === undefined || bytes === undefined) {
    if (named === undefined || named === '') return undefined;
    throw unusable(named, 'there is no such file', ['correct or unset TLSMEDIC_CONFIG']);
  }
  const tree = parse(path, Buffer.from(bytes).toString('utf8'));
  const own = tree[command.replaceAll(':', ' ')] ?? {};
  if (!isObject(own)) throw unusable(path, `"${command}" is to hold flags of that command`, []);
  const values: Record<string, Settings[string]> = {};
  for (const [name, value] of [...Object.entries(tree).filter(([, inner]) => !isObject(inner)), ...Object.entries(own)]) {
    if (!isValue(value)) throw unusable(path, `"${name}" is neither text, number, yes or no, nor a list of them`, []);
    values[name] = value;
  }
  return { path, values };
}

function usualPlace(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const base = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, '.config') : undefined);
  return base === undefined || !isAbsolute(base) ? undefined : join(base, 'tlsmedic', 'config.json');
}

function parse(path: string, text: string): Record<string, unknown> {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (error) {
    throw unusable(path, messageOf(error), []);
  }
  if (!isObject(tree)) throw unusable(path, 'it is to be a JSON object', []);
  return tree;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is Settings[string] {
  if (Array.isArray(value)) return value.every((part) => typeof part === 'string' || typeof part === 'number');
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function unusable(path: string, why: string, next: readonly string[]): TlsmedicError {
  return new TlsmedicError('unusable-settings', `the settings file ${path} cannot be used`, {
    kind: 'input',
    why,
    next: [...next, 'an example: { "timeout": "5s", "issue": { "out": "tls" } }'],
  });
}
