/**
 * Flags as they can be typed again behind another command, quoted for a shell; those of `names` that were given, in that order. Values are the parsed ones:
 * text, lists, switches, and `{ host, port }` of --connect.
 */
export function flagsText(flags: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return names.flatMap((name) => words(name, flags[name])).join(' ');
}

function words(name: string, value: unknown): string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [`--${name}`];
  // Only --alpn is one value with commas; the others that take several are typed several times.
  if (Array.isArray(value)) return name === 'alpn' ? words(name, value.join(',')) : value.flatMap((one) => words(name, one));
  if (typeof value === 'string' || typeof value === 'number') return [`--${name} ${quoted(String(value))}`];
  if (typeof value === 'object' && value !== null && 'host' in value && 'port' in value) {
    const host = String(value.host);
    return [`--${name} ${quoted(`${host.includes(':') ? `[${host}]` : host}:${String(value.port)}`)}`];
  }
  return [];
}

function quoted(text: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
