import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ALL_CODES, classOf } from '../../src/lib/cause.js';
import { weightOfCause } from '../../src/lib/cause-weight.js';
import { fillTemplate, PLACEHOLDERS } from '../../src/lib/diagnose/meta.js';
import { METAS, metaOf, RULES } from '../../src/lib/diagnose/registry.js';
import { allWorlds } from '../../src/lib/lab/registry.js';
import { cataloguePages } from '../../src/lib/report/catalogue-pages.js';

describe('the registry', () => {
  it('has one rule for every code of the contract, in its order, and no other', () => {
    expect(METAS.map(({ code }) => code)).toEqual([...ALL_CODES]);
  });
  it.each(RULES.map((rule) => [rule.meta.code, rule] as const))('%s: everything for a person is filled in', (code, { meta }) => {
    expect(meta.class).toBe(classOf(code));
    expect(meta.title).toMatch(/^[a-z].*[^.]$/);
    expect(meta.why.length).toBeGreaterThan(120);
    expect(meta.wordings.length).toBeGreaterThanOrEqual(2);
    expect(meta.confirm.some(({ command }) => command !== undefined)).toBe(true);
    expect(meta.fixes.length).toBeGreaterThanOrEqual(2);
    for (const { command } of [...meta.fixes, ...meta.confirm])
      for (const [, name] of (command ?? '').matchAll(/(?<![%$\w"])\{([a-z]+)\}/g)) expect(Object.keys(PLACEHOLDERS)).toContain(name);
    for (const other of meta.supersedes) expect(metaOf(other), `${code} supersedes ${other}`).toBeDefined();
    expect(meta.supersedes).not.toContain(code);
  });
  it('ranks every code', () => {
    const weights = ALL_CODES.map(weightOfCause);
    expect(new Set(weights).size).toBe(ALL_CODES.length);
  });
  it.each([...ALL_CODES])('%s: a world of the lab has it, and its page is there', (code) => {
    expect(allWorlds.some(({ expected }) => expected.outcome === 'broken' && expected.code === code)).toBe(true);
    expect(existsSync(new URL(`../../docs/causes/${code}.md`, import.meta.url))).toBe(true);
  });
  it('the pages of the catalogue are what the rules say (npm run docs)', () => {
    for (const { name, text } of cataloguePages())
      expect(readFileSync(new URL(`../../docs/causes/${name}.md`, import.meta.url), 'utf8') === text, name).toBe(true);
  });
});

describe('commands', () => {
  it('take values of the caller as one word, whatever they hold', () => {
    expect(fillTemplate('x -connect {host}:{port} -CAfile {ca}', { host: 'a.b', port: 1, ca: "my ca's.crt" })).toBe(
      "x -connect a.b:1 -CAfile 'my ca'\\''s.crt'",
    );
    expect(fillTemplate('tlsmedic inspect {file}', { file: '$(reboot);\n`id`' })).toBe("tlsmedic inspect '$(reboot);`id`'");
    expect(fillTemplate('cat {cert}', { cert: '-rf' })).toBe("cat '-rf'");
    expect(fillTemplate('curl -w %{http_code} {host}')).toBe('curl -w %{http_code} HOST');
  });
});
