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
 * (repeatable flags: separated by commas), unless a flag that excludes it was typed; repeatable flags take one value each time, so that
 * `--ca a.crt HOST:443` does not swallow the host.
 */
export function withOutsideValues<T extends object>(flags: T, argv: readonly string[], env: Env): T {
  const copies: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(flags) as [string, FlagLike][]) {
    const outside = env[environmentNameOf(name)];
    const excluded = (definition.exclusive ?? []).some((other) => isTyped(typeof other === 'string' ? other : other.name, argv));
    copies[name] = {
      ...definition,
      ...(definition.multiple === true ? { multipleNonGreedy: true } : {}),
      ...(outside === undefined || outside === '' || excluded ? {} : valueFrom(name, definition, outside)),
    };
  }
  return copies as T;
}

function valueFrom(name: string, definition: FlagLike, text: string): object {
  if (definition.type === 'boolean') return { default: /^(1|true|yes|y|on)$/i.test(text) };
  if (definition.multiple !== true) return { env: environmentNameOf(name) };
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const parse = definition.parse ?? (async (part: string) => part);
  return { default: () => Promise.all(parts.map((part) => parse(part, {}, definition))) };
}
