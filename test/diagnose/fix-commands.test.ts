import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fillTemplates } from '../../src/lib/diagnose/meta.js';
import { METAS } from '../../src/lib/diagnose/registry.js';

/** A fix that cannot be pasted is worse than none: every `tlsmedic …` line of the catalogue must parse with today's flags. */
interface Manifest {
  commands: Record<string, { flags: Record<string, { type: string; options?: string[] }> }>;
}
const manifest = JSON.parse(readFileSync(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as Manifest;

const lines = METAS.flatMap((meta) =>
  fillTemplates([...meta.fixes, ...meta.confirm]).flatMap(({ command }) =>
    // One pasted line may hold several commands.
    (command ?? '')
      .split(/&&|\|\||;|\||\n|\$\(/)
      .map((part) => part.trim())
      .filter((part) => part.startsWith('tlsmedic '))
      .map((line) => ({ code: meta.code, line })),
  ),
);

function problemOf(line: string): string | undefined {
  const words = line.split(/\s+/).slice(1);
  const id = [words.slice(0, 2).join(':'), words[0] ?? ''].find((candidate) => manifest.commands[candidate] !== undefined);
  if (id === undefined) return `no command "${words[0]}"`;
  const flags = manifest.commands[id]?.flags ?? {};
  const rest = words.slice(id.split(':').length);
  for (let i = 0; i < rest.length; i += 1) {
    const word = rest[i] ?? '';
    if (!word.startsWith('--') || word === '--') continue;
    const [name = '', inline] = word.slice(2).split('=', 2);
    const flag = flags[name];
    if (flag === undefined) return `${id} has no flag --${name}`;
    if (flag.type !== 'option' || inline !== undefined) continue;
    i += 1;
    const value = rest[i];
    if (value === undefined || value.startsWith('--')) return `--${name} of ${id} lacks its value`;
    // Placeholders stand for a value that the report fills in.
    if (flag.options !== undefined && !/[{A-Z]/.test(value) && !flag.options.includes(value))
      return `--${name} of ${id} does not take ${value}`;
  }
  return undefined;
}

describe('commands of the catalogue', () => {
  it('are there', () => {
    expect(lines.length).toBeGreaterThan(40);
  });
  it.each(lines)('$code: $line', ({ line }) => {
    expect(problemOf(line)).toBeUndefined();
  });
  it('never advise to switch verification off', () => {
    const all = METAS.flatMap((meta) => [...meta.fixes, ...meta.confirm].map(({ title, command }) => `${title} ${command ?? ''}`)).join(
      '\n',
    );
    expect(all).not.toMatch(
      /rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED|InsecureSkipVerify|(curl|wget)[^\n]* (-k|--insecure|--no-check-certificate)\b|verify\s*=\s*False|ssl_verify off/i,
    );
  });
});
