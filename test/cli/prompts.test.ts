import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installed, openssl, scratchFolder } from '../ca/openssl.js';
import { converse, HAS_PSEUDO_TERMINAL, KEYS } from './pseudo-terminal.js';
import { runProgram } from './run-program.js';

const { enter, down, interrupt } = KEYS;
const scratch = scratchFolder();
afterAll(scratch.remove);
const at = (...names: string[]): string => join(scratch.path, ...names);
const env = { XDG_DATA_HOME: at('data'), XDG_CONFIG_HOME: at('config') };
const options = { cwd: scratch.path, env };
const opens = (key: string, passphrase: string): boolean => openssl(['pkey', '-in', at(key), '-passin', `pass:${passphrase}`, '-noout']).ok;

describe.skipIf(!HAS_PSEUDO_TERMINAL)('at a terminal', () => {
  it('ca init asks for name, key, names and passphrase; what is wrong is asked again', async () => {
    const { screen, raw, status } = await converse(
      ['ca', 'init', '--ca-dir', 'asked'],
      [
        ['name of the authority', `Acme dev${enter}`],
        ['ECDSA P-384', `${down}${enter}`],
        ['names it may certify', `inter nal/8${enter}`],
        ['nal/8', `${'\u007f'.repeat(11)}internal 10.0.0.0/8${enter}`],
        ["passphrase for the root's key", `correct horse${enter}`],
        ['the same again', `correct house${enter}`],
        ["they differ; passphrase for the root's key", `battery staple${enter}`],
        ['the same again', `battery staple${enter}`],
      ],
      options,
    );
    expect(status, screen).toBe(0);
    expect(raw).not.toMatch(/horse|house|staple/);
    const shown = JSON.parse(runProgram(['ca', 'show', '--ca-dir', 'asked', '--json'], options).stdout);
    expect(shown).toMatchObject({
      name: 'Acme dev',
      generations: [{ keyType: 'ECDSA P-384', root: { key: { protection: 'passphrase' } } }],
    });
    expect(JSON.stringify(shown)).toContain('10.0.0.0/8');
    if (installed('openssl')) {
      expect(opens('asked/root.key', 'battery staple')).toBe(true);
      expect(opens('asked/root.key', 'correct horse')).toBe(false);
    }
    // ca rotate opens it with the same, asked for.
    const rotated = await converse(
      ['ca', 'rotate', '--ca-dir', 'asked'],
      [["passphrase of the present root's key", `battery staple${enter}`]],
      options,
    );
    expect(rotated.status, rotated.screen).toBe(0);
    if (installed('openssl')) expect(opens('asked/2-root.key', 'battery staple')).toBe(true);
  });

  it('an empty passphrase is not asked twice: one is made up', async () => {
    const { screen, status } = await converse(
      ['ca', 'init', '--ca-dir', 'made-up', '--name', 'Quick'],
      [["passphrase for the root's key (empty: make one up)", enter]],
      options,
    );
    expect(status, screen).toBe(0);
    expect(screen).not.toContain('again');
    expect(screen).toContain('its passphrase was made up');
  });

  it('Ctrl-C at a question leaves nothing behind', async () => {
    const { status } = await converse(['ca', 'init', '--ca-dir', 'left'], [['name of the authority', interrupt]], options);
    expect(status).toBe(130);
    expect(fs.existsSync(at('left'))).toBe(false);
  });

  it('a folder that is taken is told before anything is asked', async () => {
    fs.mkdirSync(at('taken'));
    fs.writeFileSync(at('taken', 'thesis.txt'), 'three years');
    const { status, screen } = await converse(['ca', 'init', '--ca-dir', 'taken'], [], options);
    expect(status).toBe(2);
    expect(screen).not.toContain('name of the authority');
  });

  it('issue asks for the passphrase of a key store, inspect for that of what it looks at', async () => {
    runProgram(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', 'ca'], options);
    const { screen, raw, status } = await converse(
      ['issue', 'api.internal', '--format', 'p12', '--ca-dir', 'ca', '--out', 'tls'],
      [
        ['passphrase for the key store', `grüße${enter}`],
        ['must be of ASCII characters', `${'\u007f'.repeat(7)}tulips${enter}`],
        ['the same again', `tulips${enter}`],
      ],
      options,
    );
    expect(status, screen).toBe(0);
    expect(raw).not.toContain('tulips');
    expect(fs.readdirSync(at('tls')).filter((name) => name.includes('passphrase'))).toEqual([]);
    const looked = await converse(['inspect', 'tls/api.internal.p12'], [['passphrase of tls/api.internal.p12', `tulips${enter}`]], options);
    expect(looked.status).toBe(0);
    expect(looked.screen).toContain('key and certificate belong together');
    const shut = await converse(['inspect', 'tls/api.internal.p12'], [['(empty: leave it shut)', enter]], options);
    expect(shut.status).toBe(2);
    const wrong = await converse(['inspect', 'tls/api.internal.p12'], [['passphrase of', `roses${enter}`]], options);
    expect(wrong.status).toBe(21);
  });

  it('asks nothing with --no-input, with --json, in CI', async () => {
    for (const [more, extra] of [
      [['--no-input'], {}],
      [['--json'], {}],
      [[], { CI: 'true' }],
    ] as const) {
      const { status, screen } = await converse(['ca', 'init', '--ca-dir', 'never', ...more], [], {
        ...options,
        env: { ...env, ...extra },
      });
      expect(status).toBe(2);
      expect(screen).toContain('may not be asked');
    }
    expect(fs.existsSync(at('never'))).toBe(false);
  });
});
