import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Origin, withOutsideValues } from '../../src/lib/cli/outside-values.js';
import { settingsFor } from '../../src/lib/cli/settings-file.js';
import { runProgram } from './run-program.js';

let home: string;
let file: string;
beforeAll(() => {
  home = fs.mkdtempSync(join(tmpdir(), 'tlsmedic-settings-'));
  fs.mkdirSync(join(home, 'tlsmedic'));
  file = join(home, 'tlsmedic/config.json');
});
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

const set = (settings: unknown) => fs.writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));

interface Defaulted {
  default?: unknown;
  multipleNonGreedy?: boolean;
}
async function laidOver(
  flag: object,
  {
    argv = [],
    env = {},
    settings = {},
  }: { argv?: string[]; env?: Record<string, string>; settings?: Record<string, string | number | boolean | string[]> },
) {
  const origins: Origin[] = [];
  const laid = withOutsideValues({ ca: flag } as Record<string, object>, argv, env, { path: 'config.json', values: settings }, origins)
    .ca as Defaulted;
  const value = typeof laid.default === 'function' ? await laid.default() : laid.default;
  return { value, from: origins[0]?.from };
}

describe('where a value comes from', () => {
  const list = { type: 'option', multiple: true };
  it('the environment beats the file', async () => {
    expect(await laidOver(list, { env: { TLSMEDIC_CA: 'a,b' }, settings: { ca: 'c' } })).toEqual({
      value: ['a', 'b'],
      from: 'TLSMEDIC_CA',
    });
    expect(await laidOver(list, { settings: { ca: ['c', 'd'] } })).toEqual({ value: ['c', 'd'], from: 'config.json' });
  });
  it('a typed flag beats both, and so does one that excludes it', async () => {
    expect(await laidOver(list, { argv: ['--ca', 'x'], env: { TLSMEDIC_CA: 'a' } })).toEqual({ value: undefined, from: undefined });
    expect(await laidOver({ type: 'option', exclusive: ['p12'] }, { argv: ['--p12=x'], env: { TLSMEDIC_CA: 'a' } })).toEqual({
      value: undefined,
      from: undefined,
    });
  });
  it('is read as a typed one would be, and named when it will not do', async () => {
    const number = {
      type: 'option',
      parse: async (text: string) => (Number.isNaN(Number(text)) ? Promise.reject(new Error('no number')) : Number(text)),
    };
    expect((await laidOver(number, { env: { TLSMEDIC_CA: '5' } })).value).toBe(5);
    await expect(laidOver(number, { env: { TLSMEDIC_CA: 'five' } })).rejects.toThrow('TLSMEDIC_CA: "five" will not do for --ca');
    await expect(laidOver({ type: 'option', options: ['a'] }, { settings: { ca: 'b' } })).rejects.toThrow(
      'config.json: "b" will not do for --ca',
    );
  });
});

describe('the settings file', () => {
  it('holds flags for all commands and for one', () => {
    set({ timeout: '5s', issue: { out: 'tls' }, 'ca init': { name: 'Dev' } });
    expect(settingsFor('issue', { XDG_CONFIG_HOME: home })).toEqual({ path: file, values: { timeout: '5s', out: 'tls' } });
    expect(settingsFor('ca:init', { XDG_CONFIG_HOME: home })?.values).toEqual({ timeout: '5s', name: 'Dev' });
  });
  it('need not be there, unless it was named', () => {
    expect(settingsFor('issue', { XDG_CONFIG_HOME: join(home, 'none') })).toBeUndefined();
    expect(settingsFor('issue', {})).toBeUndefined();
    expect(() => settingsFor('issue', { TLSMEDIC_CONFIG: join(home, 'none') })).toThrow(
      expect.objectContaining({ code: 'unusable-settings' }),
    );
  });
  it.each(['{', '[]', '{"timeout": null}', '{"issue": {"out": {}}}', '{"issue": "tls"}'])('%s', (text) => {
    set(text);
    if (text.includes('"tls"')) expect(settingsFor('probe', { XDG_CONFIG_HOME: home })?.values).toEqual({ issue: 'tls' });
    else expect(() => settingsFor('issue', { XDG_CONFIG_HOME: home })).toThrow(expect.objectContaining({ code: 'unusable-settings' }));
  });
  it('is what the program reads, and --debug says so', () => {
    set({ completion: { json: true } });
    const { stdout, stderr, status } = runProgram(['completion', 'bash', '--debug'], { env: { XDG_CONFIG_HOME: home } });
    expect(status).toBe(0);
    expect(stderr).toContain(`setting --json = true (${file})`);
    expect(JSON.parse(stdout).schema).toBe('tlsmedic/completion@1');
    expect(stderr).toContain('setting --debug = true (typed)');
    set('{');
    expect(runProgram(['completion', 'bash'], { env: { XDG_CONFIG_HOME: home } })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('the settings file'),
    });
  });
});
