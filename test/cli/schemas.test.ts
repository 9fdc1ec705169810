import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectConforms } from './conforms.js';
import { runProgram } from './run-program.js';

describe('tlsmedic schema', () => {
  const names = runProgram(['schema']).stdout.trim().split('\n');

  it('lists the documents, those of the contract among them', () => {
    for (const name of ['error@1', 'observation@1', 'verification@1']) expect(names).toContain(name);
    expect(names).toHaveLength(readdirSync(fileURLToPath(new URL('../../schemas', import.meta.url))).length);
  });
  it('prints each, by any way of naming it', () => {
    for (const name of names) {
      const schema = JSON.parse(runProgram(['schema', name]).stdout);
      expect(schema.title).toBe(`tlsmedic/${name}`);
      // The one file that people write names no schema of its own.
      if (name === 'preflight-config@1') continue;
      expect(JSON.stringify(schema).includes(`"const":"tlsmedic/${name}"`), `${name} is described by another type`).toBe(true);
    }
    const one = readFileSync(fileURLToPath(new URL('../../schemas/error.v1.json', import.meta.url)), 'utf8');
    for (const way of ['error', 'error@1', 'tlsmedic/error@1']) expect(runProgram(['schema', way]).stdout).toBe(one);
  });
  it('suggests a name', () => {
    expect(runProgram(['schema', 'eror'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('did you mean: tlsmedic schema error'),
    });
  });
});

describe('documents', () => {
  it('of errors are what the schema says', () => {
    for (const args of [
      ['schema', 'nothing', '--json'],
      ['completion', '--json'],
      ['nonsense', '--json'],
    ])
      expectConforms(JSON.parse(runProgram(args).stdout));
  });
  it('that the schema does not know are caught', () => {
    expect(() =>
      expectConforms({
        schema: 'tlsmedic/error@1',
        error: { code: 'x', kind: 'bug', message: '', next: [] },
        exitStatus: 1,
        more: 1,
      } as never),
    ).toThrow(/more/);
    expect(() => expectConforms({ schema: 'tlsmedic/error@1' })).toThrow(/required/);
  });
});
