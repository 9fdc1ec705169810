import { describe, expect, it } from 'vitest';
import { TlsmedicError } from '../../src/lib/errors.js';
import { readConfig } from '../../src/lib/preflight/config-file.js';
import { configJsonSchema } from '../../src/lib/preflight/config-schema.js';

const read = (text: string) => readConfig(text, 'tlsmedic.yaml');

async function mistake(text: string): Promise<string> {
  try {
    await read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(TlsmedicError);
    expect((error as TlsmedicError).kind).toBe('input');
    return `${(error as TlsmedicError).message} ${(error as TlsmedicError).why ?? ''}`;
  }
  throw new Error('the file was taken');
}

describe('a preflight file', () => {
  it('is read with the line of each target, a single string standing for a list', async () => {
    const { config, lines } = await read(
      'defaults:\n  ca: ca.crt\ntargets:\n  - endpoint: ledger:8443\n    expect:\n      mtls: required\n      remaining: 25%\n  - files: certs/*.pem\n',
    );
    expect(config.defaults?.ca).toEqual(['ca.crt']);
    expect(lines).toEqual([4, 8]);
    expect(config.targets[1]?.files).toEqual(['certs/*.pem']);
  });

  it('may be JSON', async () => {
    const { config } = await read('{"targets":[{"endpoint":"a:1"}]}');
    expect(config.targets).toHaveLength(1);
  });

  it.each([
    [
      'an unknown key with the one that was meant',
      'targets:\n  - endpoint: a:1\n    expect:\n      mtsl: required\n',
      /tlsmedic\.yaml:4:\d+ .*unknown key "mtsl": did you mean "mtls"/,
    ],
    ['an unknown key at the top', 'target:\n  - endpoint: a:1\n', /did you mean "targets"/],
    ['no targets', 'targets: []\n', /check of nothing/],
    ['an empty file', '', /empty/],
    [
      'a wrong value with its line',
      'targets:\n  - endpoint: a:1\n    expect:\n      mtls: maybe\n',
      /:4:\d+ targets\[0\]\.expect\.mtls: .*"required".*"maybe"/,
    ],
    ['a bad duration', 'targets:\n  - endpoint: a:1\n    expect: { remaining: soon }\n', /neither a share \(25%\) nor a duration/],
    ['both endpoint and files', 'targets:\n  - endpoint: a:1\n    files: b\n', /either endpoint or files/],
    ['duplicate targets', 'targets:\n  - endpoint: a:1\n  - endpoint: a:1\n', /:3:1 .*stands on line 2 already/],
    ['duplicate keys', 'targets:\n  - endpoint: a:1\n    endpoint: b:1\n', /unique/],
    ['broken YAML', 'targets:\n  - endpoint: "a\n', /tlsmedic\.yaml:\d+:\d+/],
    ['a client certificate without its key', 'targets:\n  - endpoint: a:1\n    client: { cert: c.pem }\n', /without its key/],
    ['a deviation without an end', 'targets:\n  - endpoint: a:1\nallow:\n  - { target: a, reason: x }\n', /allow\[0\]\.until/],
    [
      'a code that does not exist',
      'targets:\n  - endpoint: a:1\nallow:\n  - { target: a, code: expird, until: 2027-01-01, reason: x }\n',
      /expired/,
    ],
  ])('says %s', async (_, text, wording) => {
    expect(await mistake(text)).toMatch(wording);
  });

  it('lists all mistakes at once', async () => {
    const message = await mistake(
      'targets:\n  - endpoint: a:1\n    expect:\n      mtsl: required\n      remaining: soon\n  - files: b\n    portt: 1\n',
    );
    expect(message).toMatch(/mtsl/);
    expect(message).toMatch(/remaining/);
    expect(message).toMatch(/portt/);
  });

  it('does not blow up on a YAML bomb', async () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((n, i) => `${n}: &${n} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}\ntargets: *h\n`;
    await expect(read(bomb)).rejects.toThrow();
  });

  it('has a JSON Schema that forbids unknown keys and describes every expectation', () => {
    const schema = JSON.stringify(configJsonSchema());
    expect(schema).toContain('"additionalProperties":false');
    for (const word of ['mtls', 'servedCertificate', 'forbidCiphers', 'sharedCertificates']) expect(schema).toContain(`"${word}"`);
  });
});
