import { messageOf, TlsmedicError } from '../errors.js';
import type { Settings } from './settings-file.js';

/** What the house rules need to know of an oclif flag. */
interface FlagLike {
  type: 'boolean' | 'option';
  multiple?: boolean;
  options?: readonly string[];
  exclusive?: readonly (string | { name: string })[];
  default?: unknown;
  parse?: (input: string, context: unknown, options: unknown) => Promise<unknown>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Where a flag's value came from, for `--debug`. */
export interface Origin {
  flag: string;
  from: string;
}

/** The environment name of a flag: `--ca-dir` is TLSMEDIC_CA_DIR. */
export function environmentNameOf(flag: string): string {
  return `TLSMEDIC_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** Whether a flag was typed, as `--name`, `--name=value` or `--no-name`. */
function isTyped(name: string, argv: readonly string[]): boolean {
  return argv.some((token) => token === `--${name}` || token.startsWith(`--${name}=`) || token === `--no-${name}`);
}

/**
 * Copies of flag definitions with the house rules laid over them: a flag that was not typed takes its value from TLSMEDIC_NAME
 * (repeatable flags: separated by commas), else from the settings file, unless a flag that excludes it was typed; repeatable flags take one
 * value each time, so that `--ca a.crt HOST:443` does not swallow the host. What came from outside is added to `origins`.
 */
export function withOutsideValues<T extends object>(
  flags: T,
  argv: readonly string[],
  env: Env,
  settings: { path: string; values: Settings } | undefined,
  origins: Origin[],
): T {
  const copies: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(flags) as [string, FlagLike][]) {
    const excluded =
      isTyped(name, argv) || (definition.exclusive ?? []).some((other) => isTyped(typeof other === 'string' ? other : other.name, argv));
    const outside = excluded ? undefined : outsideValue(name, env, settings);
    if (outside !== undefined) origins.push({ flag: name, from: outside.from });
    copies[name] = {
      ...definition,
      ...(definition.multiple === true ? { multipleNonGreedy: true } : {}),
      ...(outside === undefined ? {} : defaultFrom(name, definition, outside)),
    };
  }
  return copies as T;
}

function outsideValue(
  name: string,
  env: Env,
  settings: { path: string; values: Settings } | undefined,
): { value: Settings[string]; from: string } | undefined {
  const variable = environmentNameOf(name);
  const text = env[variable];
  if (text !== undefined && text !== '') return { value: text, from: variable };
  const set = settings?.values[name];
  return set === undefined || settings === undefined ? undefined : { value: set, from: settings.path };
}

/** Outside values go through the flag's own reader, as a typed one would; oclif does not do that for defaults. */
function defaultFrom(name: string, definition: FlagLike, { value, from }: { value: Settings[string]; from: string }): object {
  if (definition.type === 'boolean') return { default: /^(1|true|yes|y|on)$/i.test(String(value)) };
  const texts =
    typeof value === 'object' ? value.map(String) : definition.multiple === true ? commaSeparated(String(value)) : [String(value)];
  const refuse = (text: string, why: string): TlsmedicError =>
    new TlsmedicError('usage', `${from}: "${text}" will not do for --${name}`, {
      kind: 'usage',
      why,
      next: [`correct ${from}, or give --${name}`],
    });
  const read = async (text: string) => {
    if (definition.options !== undefined && !definition.options.includes(text))
      throw refuse(text, `it is to be one of ${definition.options.join(', ')}`);
    try {
      return definition.parse === undefined ? text : await definition.parse(text, {}, { ...definition, name });
    } catch (error) {
      throw refuse(text, messageOf(error));
    }
  };
  return { required: false, default: definition.multiple === true ? () => Promise.all(texts.map(read)) : () => read(texts[0] ?? '') };
}

function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
