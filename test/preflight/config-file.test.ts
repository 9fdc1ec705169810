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
    const { message, why = '', mistakes } = error as TlsmedicError;
    return [message, why, ...mistakes].join('\n');
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
    ['duplicate targets', 'targets:\n  - endpoint: a:1\n  - endpoint: a:1\n', /:3:5 .*stands on line 2 already/],
    ['duplicate keys', 'targets:\n  - endpoint: a:1\n    endpoint: b:1\n', /unique/],
    [
      'a pattern of suites that there are not',
      'targets:\n  - endpoint: a:1\n    expect: { forbidCiphers: ["*RC4*", "*RC44*"] }\n',
      /called \*RC44\*/,
    ],
    [
      'what can only be said of endpoints',
      'targets:\n  - files: a.crt\n    expect: { mtls: required }\n',
      /expect\.mtls: takes a handshake/,
    ],
    ['a way to connect to a file', 'targets:\n  - files: a.crt\n    connect: b:1\n', /connect: is for endpoints/],
    ['a tag that nobody knows', 'targets:\n  - endpoint: !vault a:1\n', /:2:15 .*!vault/],
    ['a second document', 'targets:\n  - endpoint: a:1\n---\ntargets: []\n', /:3:1 a second document/],
    ['a waiting time of nothing', 'targets:\n  - endpoint: a:1\n    timeout: 0s\n', /leaves no time/],
    ['a list with an empty name', 'targets:\n  - endpoint: a:1\n    ca: [""]\n', /ca\[0\]: is empty/],
    ['text that is no UTF-8', 't\u0000a\u0000', /UTF-8/],
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
    await expect(mistake(bomb)).resolves.toMatch(/aliases unfold/);
  });

  it('takes anchors, merge keys and a place for them', async () => {
    const { config } = await read(
      'x-common: &common { ca: ca.crt, expect: { mtls: none } }\ntargets:\n  - { <<: *common, endpoint: "a:1" }\n  - { <<: *common, endpoint: "b:1" }\n',
    );
    expect(config.targets.map(({ endpoint, ca, expect: { mtls } = {} }) => [endpoint, ca, mtls])).toEqual([
      ['a:1', ['ca.crt'], 'none'],
      ['b:1', ['ca.crt'], 'none'],
    ]);
    await expect(
      mistake('x-common: &common { mtsl: none }\ntargets:\n  - { endpoint: "a:1", expect: { <<: *common } }\n'),
    ).resolves.toMatch(/:3:\d+ .*did you mean "mtls"/);
  });

  it('takes a version as YAML reads it without quotes', async () => {
    const { config } = await read(
      'targets:\n  - { endpoint: "a:1", expect: { minVersion: 1.2 } }\n  - { endpoint: "b:1", expect: { minVersion: 1.0 } }\n',
    );
    expect(config.targets.map(({ expect: { minVersion } = {} }) => minVersion)).toEqual(['1.2', '1.0']);
    await expect(mistake('targets:\n  - { endpoint: "a:1", expect: { minVersion: 1.4 } }\n')).resolves.toMatch(/1\.0, 1\.1, 1\.2, 1\.3/);
  });

  it('says which address is none, at its place', async () => {
    const text = 'targets:\n  - endpoint: a:99999\n    connect: b:1\n';
    await expect(readConfig(text, 'f', (kind, address) => (kind === 'endpoint' ? `${address} is none` : undefined))).rejects.toThrow(
      /f:2:15 targets\[0\]\.endpoint: a:99999 is none/,
    );
  });

  it('has a JSON Schema that forbids unknown keys and describes every expectation', () => {
    const schema = JSON.stringify(configJsonSchema());
    expect(schema).toContain('"additionalProperties":false');
    for (const word of ['mtls', 'servedCertificate', 'forbidCiphers', 'sharedCertificates']) expect(schema).toContain(`"${word}"`);
  });
});
