import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectConforms } from '../cli/conforms.js';
import { MAY_HEED_PERMISSIONS, type ProgramResult, runProgram, startProgram } from '../cli/run-program.js';
import { installed, openssl, scratchFolder } from './openssl.js';

const scratch = scratchFolder();
const env = { XDG_DATA_HOME: join(scratch.path, 'data'), XDG_CONFIG_HOME: join(scratch.path, 'config') };
const ca = join(scratch.path, 'data', 'tlsmedic', 'ca');
const run = (
  args: readonly string[],
  more: { input?: string; env?: Record<string, string>; heedPermissions?: boolean } = {},
): ProgramResult => runProgram(args, { cwd: scratch.path, ...more, env: { ...env, ...more.env } });

beforeAll(() => {
  const made = run(['ca', 'init', '--yes']);
  expect(made, made.stderr).toMatchObject({ status: 0 });
});
afterAll(scratch.remove);

describe('ca init', () => {
  it('--yes makes a passphrase up and keeps it apart from the key', () => {
    const [name] = fs.readdirSync(join(scratch.path, 'config', 'tlsmedic')) as [string];
    const passphrase = join(scratch.path, 'config', 'tlsmedic', name);
    expect(fs.statSync(passphrase).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(join(ca, 'root.key'), 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
    if (installed('openssl'))
      expect(openssl(['pkey', '-in', join(ca, 'root.key'), '-passin', `file:${passphrase}`, '-noout']).ok).toBe(true);
  });

  it('asks nothing where nothing may be asked', () => {
    const result = run(['ca', 'init', '--ca-dir', 'other']);
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(/--yes/);
    expect(result.stderr).toMatch(/--passphrase-file/);
    expect(fs.existsSync(join(scratch.path, 'other'))).toBe(false);
  });

  it.each([
    ['standard input', '-'],
    ['a file', 'FILE'],
  ])('takes the passphrase from %s', (_, source) => {
    const folder = join(scratch.path, `from-${source === '-' ? 'stdin' : 'file'}`);
    const file = scratch.write('given', 'given secret\n');
    const result = run(['ca', 'init', '--ca-dir', folder, '--passphrase-file', source === '-' ? '-' : file], { input: 'given secret\n' });
    expect(result, result.stderr).toMatchObject({ status: 0 });
    expect(result.stdout + result.stderr).not.toContain('given secret');
    if (installed('openssl')) expect(openssl(['pkey', '-in', join(folder, 'root.key'), '-passin', `file:${file}`, '-noout']).ok).toBe(true);
  });

  it('prints one document with --json, without a secret', () => {
    const result = run(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', 'json-ca', '--json']);
    expect(JSON.parse(result.stdout)).toMatchObject({
      schema: 'tlsmedic/ca@1',
      action: 'init',
      generations: [{ root: { key: { protection: 'none' } } }],
    });
    expect(result.stdout).not.toContain('PRIVATE');
  });
});

describe('issue', () => {
  it('says what was inferred, where the files are and what comes next', () => {
    const { stdout, stderr, status } = run(['issue', 'ledger', '10.0.0.7', 'spiffe://prod/ledger', '--out', 'tls']);
    expect(status, stderr).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^✓ issued ledger, valid for 1 day, to /);
    expect(stdout).toMatch(/names +DNS:ledger, IP:10\.0\.0\.7, URI:spiffe:\/\/prod\/ledger/);
    expect(stdout).toMatch(/tls\/ledger\.crt .*\n +tls\/ledger\.key .*\n +tls\/ca\.crt/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('  next  tlsmedic verify-chain tls/ledger.crt --ca tls/ca.crt --hostname ledger');
    for (const line of stdout.split('\n').slice(0, -2)) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('sends a configuration alone to standard output', () => {
    const { stdout, stderr } = run(['issue', 'web.internal', '--out', 'tls', '--print-config', 'nginx']);
    expect(stdout).toMatch(/^server \{/);
    expect(stdout).not.toContain('issued');
    expect(stderr).toContain('issued web.internal');
  });

  it('says when a certificate is broken on purpose, and how it shows', () => {
    const { stdout } = run(['issue', 'web.internal', '--out', 'broken', '--fault', 'expired']);
    expect(stdout.split('\n')[0]).toMatch(/broken on purpose.*ran out an hour ago/);
    expect(stdout).toContain('certificate has expired');
  });

  it('wires batch, progress and exit status', () => {
    const file = scratch.write('batch.csv', 'names\na.internal\nb..internal\n');
    const { stdout, status } = run(['issue', '--batch', file, '--out', 'many', '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'tlsmedic/issue-batch@1', issued: 1, failed: [{ line: 3 }] });
    expect(run(['issue', '--batch', '-', '--out', 'many-2'], { input: 'x.internal\n' }).status).toBe(0);
  });

  it('does not let a hostile name act on the terminal', () => {
    const { stdout, stderr, status } = run(['issue', 'evil\u001b[2J\u202e.internal']);
    expect(status).toBe(2);
    expect(stdout + stderr).not.toMatch(/\u001b\[2J|\u202e/);
  });
});

describe('bad input: a clear error, exit status 2, nothing written', () => {
  beforeAll(() => {
    scratch.write('not.csr', 'hello');
    scratch.write('not.yaml', 'a: [');
    scratch.write('empty', '');
    fs.mkdirSync(join(scratch.path, 'taken'));
    fs.writeFileSync(join(scratch.path, 'taken', 'api.key'), 'mine');
  });
  it.each<[string, string[], RegExp]>([
    ['an unknown flag', ['issue', 'api', '--lifetme', '1h'], /did you mean --lifetime/],
    ['no name', ['issue'], /no name was given/],
    ['a bad duration', ['issue', 'api', '--lifetime', 'soon'], /no duration/],
    ['a bad date', ['issue', 'api', '--not-after', '2026-02-31'], /no time/],
    ['a bad name', ['issue', 'api..internal'], /empty label/],
    ['an address to connect to', ['issue', 'https://api.internal/'], /tlsmedic issue api\.internal/],
    ['an unknown fault', ['issue', 'api', '--fault', 'expird'], /expired/],
    ['an unknown key type', ['issue', 'api', '--key-type', 'rsa-512'], /rsa-2048/],
    ['two purposes', ['issue', 'api', '--server', '--client'], /server|client/],
    ['a life beyond the issuer', ['issue', 'api', '--lifetime', '20y'], /outlive its issuer/],
    ['a request that is none', ['issue', '--csr', 'not.csr'], /no certification request/],
    ['a request that is not there', ['issue', '--csr', 'absent.csr'], /no such file/],
    ['file names of a request that lead out of the folder', ['csr', 'api', '--as', '../evil'], /cannot be the name of the files/],
    ['a request with a fault', ['issue', 'api', '--csr', 'not.csr', '--fault', 'expired'], /./],
    ['a batch that is none', ['issue', '--batch', 'not.yaml'], /line 1/],
    ['a batch that is not there', ['issue', '--batch', 'absent.csv'], /no such file/],
    ['a name beside a batch', ['issue', 'api', '--batch', 'not.yaml'], /do not go together/],
    ['an empty passphrase', ['issue', 'api', '--format', 'p12', '--passphrase-file', 'empty'], /first line is empty/],
    ['a passphrase for nothing', ['issue', 'api', '--passphrase-file', 'not.csr'], /belongs to --format p12/],
    ['files that exist', ['issue', 'api', '--out', 'taken'], /api\.key exists/],
    ['a folder that is a file', ['issue', 'api', '--out', 'empty'], /./],
    ['no authority', ['issue', 'api', '--ca-dir', 'nowhere'], /tlsmedic ca init/],
    ['an authority that exists', ['ca', 'init', '--yes'], /already/],
    ['a bad constraint', ['ca', 'init', '--yes', '--ca-dir', 'new', '--permit', '10.0.0.0/99'], /constraint/],
    ['a bad trust domain', ['ca', 'init', '--yes', '--ca-dir', 'new', '--trust-domain', 'Prod!'], /trust domain/],
    [
      'an intermediate that outlives the root',
      ['ca', 'init', '--yes', '--ca-dir', 'new', '--root-lifetime', '1d', '--intermediate-lifetime', '2d'],
      /outlive the root/,
    ],
    ['a long name', ['ca', 'init', '--yes', '--ca-dir', 'new', '--name', 'x'.repeat(41)], /40 characters/],
    ['nothing to revoke', ['ca', 'revoke'], /which certificate/],
    ['what was not issued here', ['ca', 'revoke', 'deadbeefdeadbeef'], /no record/],
    ['a wrong passphrase', ['ca', 'rotate', '--passphrase-file', 'not.csr'], /does not open/],
  ])('%s', (_, args, message) => {
    const before = snapshot();
    const result = run(args);
    expect(result.status, result.stdout + result.stderr).toBe(2);
    expect(result.stderr).toMatch(message);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(snapshot()).toEqual(before);
  });

  it('is a document with --json, with the same status', () => {
    const json = run(['issue', 'api..internal', '--json']);
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'tlsmedic/error@1', error: { code: 'bad-name' }, exitStatus: 2 });
  });
});

/** Every file below the scratch folder, with its size. */
function snapshot(): string[] {
  return (fs.readdirSync(scratch.path, { recursive: true }) as string[])
    .map((name) => `${name} ${fs.statSync(join(scratch.path, name), { throwIfNoEntry: false })?.size}`)
    .sort();
}

describe('documents', () => {
  it('keep to their schemas', () => {
    const document = (...args: string[]) => {
      const { stdout, stderr } = run([...args, '--json']);
      expect(stdout, stderr).not.toBe('');
      const parsed = JSON.parse(stdout) as { schema: string };
      expectConforms(parsed);
      expect(stdout).not.toContain('PRIVATE KEY');
      return parsed;
    };
    document('ca', 'init', '--yes', '--ca-dir', 'schema-ca', '--trust-domain', 'prod.example', '--permit', 'internal');
    const issued = document('issue', 'a.internal', '--ca-dir', 'schema-ca', '--out', 'schema') as unknown as {
      serial: string;
      files: { certificate: string };
    };
    document('issue', 'b.internal', '--ca-dir', 'schema-ca', '--out', 'schema', '--fault', 'revoked', '--print-config', 'nginx');
    document('issue', 'c.internal', '--ca-dir', 'schema-ca', '--out', 'schema', '--format', 'p12');
    document('issue', '--batch', scratch.write('schema.csv', 'x.internal\nx..internal\n'), '--ca-dir', 'schema-ca', '--out', 'schema');
    document('ca', 'revoke', issued.files.certificate, '--ca-dir', 'schema-ca');
    document('ca', 'rotate', '--ca-dir', 'schema-ca');
    document('ca', 'show', '--ca-dir', 'schema-ca');
    document('ca', 'env', '--ca-dir', 'schema-ca');
    document('ca', 'trust', 'check', '--ca-dir', 'schema-ca');
    for (const [folder, name] of [
      ['issued', issued.serial],
      ['revoked', issued.serial],
    ] as const) {
      expectConforms(JSON.parse(fs.readFileSync(join(scratch.path, 'schema-ca', folder, `${name}.json`), 'utf8')));
    }
    expectConforms(JSON.parse(fs.readFileSync(join(scratch.path, 'schema-ca', 'authority.json'), 'utf8')));
  });
});

describe('many processes at once', () => {
  it('20 of them issuing 50 each leave 1,000 records with 1,000 serial numbers, and whole pairs', async () => {
    const before = new Set(fs.readdirSync(join(ca, 'issued')));
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, p) => {
        const file = scratch.write(`batch-${p}`, Array.from({ length: 50 }, (__, i) => `p${p}-${i}.internal`).join('\n'));
        return startProgram(['issue', '--batch', file, '--out', 'shared', '--json'], { cwd: scratch.path, env, timeoutMs: 120_000 }).done;
      }),
    );
    for (const result of results) expect(result.status, result.stderr).toBe(0);
    const records = fs.readdirSync(join(ca, 'issued')).filter((name) => !before.has(name));
    expect(records).toHaveLength(1000);
    const parsed = records.map(
      (name) => JSON.parse(fs.readFileSync(join(ca, 'issued', name), 'utf8')) as { serial: string; names: string[] },
    );
    expect(new Set(parsed.map((record) => record.serial)).size).toBe(1000);
    expect(new Set(parsed.map((record) => record.names.join())).size).toBe(1000);
    const names = fs.readdirSync(join(scratch.path, 'shared')).filter((name) => !name.startsWith('.'));
    expect(names.filter((name) => name.endsWith('.crt') && name !== 'ca.crt')).toHaveLength(1000);
    expect(names.filter((name) => name.endsWith('.key'))).toHaveLength(1000);
  }, 120_000);

  it('two making the same authority leave one, whole', async () => {
    const results = await Promise.all(
      Array.from(
        { length: 4 },
        () => startProgram(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', 'raced'], { cwd: scratch.path, env }).done,
      ),
    );
    expect(results.map((result) => result.status).sort()).toEqual([0, 2, 2, 2]);
    expect(run(['ca', 'show', '--ca-dir', 'raced']).status).toBe(0);
    expect(fs.readdirSync(scratch.path).filter((name) => name.startsWith('.tlsmedic'))).toEqual([]);
  });
});

describe('ca env', () => {
  it('prints what a shell understands, and keeps public sites trusted', () => {
    const { stdout } = run(['ca', 'env']);
    const bundle = /^export SSL_CERT_FILE='(.*)'$/m.exec(stdout)?.[1] as string;
    expect(stdout).toMatch(/^export NODE_EXTRA_CA_CERTS='.*\/ca\.crt'$/m);
    expect(stdout).toMatch(/^export JAVA_TOOL_OPTIONS='-Djavax\.net\.ssl\.trustStore=.*\.p12 /m);
    const roots = fs.readFileSync(bundle, 'utf8');
    expect(roots).toContain(fs.readFileSync(join(ca, 'ca.crt'), 'utf8').trim());
    expect(roots.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(50);
    expect(run(['ca', 'env', '--only']).stdout).toContain(`SSL_CERT_FILE='${join(ca, 'ca.crt')}'`);
  });

  it.each([
    ['fish', /^set -gx SSL_CERT_FILE '/m],
    ['powershell', /^\$env:SSL_CERT_FILE = '/m],
    ['dotenv', /^SSL_CERT_FILE="/m],
  ])('speaks %s', (shell, expected) => expect(run(['ca', 'env', '--shell', shell]).stdout).toMatch(expected));
});

describe('ca trust', () => {
  it('changes nothing with --dry-run, and shows the commands', () => {
    const { stdout, status } = run(['ca', 'trust', 'install', '--dry-run']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^would install .* nothing was changed/);
  });

  it('check fails where a store does not know the root', () => {
    const { stdout, status } = run(['ca', 'trust', 'check', '--json']);
    const document = JSON.parse(stdout) as { stores: { status: string }[] };
    expect(status).toBe(document.stores.some((store) => store.status === 'not-trusted') ? 1 : 0);
  });
});

it('what to type next can be pasted, whatever the folders are called', () => {
  const odd = "it's an odd folder";
  const made = run(['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', `${odd}/ca`]);
  expect(made.stdout).toContain(`tlsmedic ca trust install --ca-dir 'it'\\''s an odd folder/ca'`);
  const { stdout } = run(['issue', 'api.internal', '--ca-dir', `${odd}/ca`, '--out', odd]);
  const next = /next {2}tlsmedic (.*)$/m.exec(stdout)?.[1] ?? '';
  const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
  const pasted = spawnSync('sh', ['-c', `"${process.execPath}" "${program}" ${next}`], { cwd: scratch.path, encoding: 'utf8' });
  expect(pasted.status, pasted.stdout + pasted.stderr).toBe(0);
});

describe.skipIf(!MAY_HEED_PERMISSIONS)('a folder that may not be written to', () => {
  it('is said by issue and csr, nothing is on record that nobody got', () => {
    fs.mkdirSync(join(scratch.path, 'read-only'), { mode: 0o555 });
    const before = fs.readdirSync(join(ca, 'issued')).length;
    for (const args of [
      ['issue', 'api.internal', '--out', 'read-only'],
      ['issue', 'api.internal', '--out', 'read-only/below'],
      ['csr', 'api.internal', '--out', 'read-only'],
      ['ca', 'init', '--yes', '--unencrypted-root-key', '--ca-dir', 'read-only/ca'],
    ]) {
      const { status, stderr } = run(args, { heedPermissions: true });
      expect(status, args.join(' ')).toBe(2);
      expect(stderr).toMatch(/read-only[\s\S]*the permissions do not allow it/);
    }
    expect(fs.readdirSync(join(scratch.path, 'read-only'))).toEqual([]);
    expect(fs.readdirSync(join(ca, 'issued'))).toHaveLength(before);
  });
  it('of the authority: nothing is issued that cannot be recorded', () => {
    const run2 = (args: string[]) => run([...args, '--ca-dir', 'sealed'], { heedPermissions: true });
    expect(run2(['ca', 'init', '--yes', '--unencrypted-root-key']).status).toBe(0);
    fs.chmodSync(join(scratch.path, 'sealed/issued'), 0o500);
    const { status, stderr } = run2(['issue', 'api.internal', '--out', 'from-sealed']);
    fs.chmodSync(join(scratch.path, 'sealed/issued'), 0o700);
    expect(status).toBe(2);
    expect(stderr).toMatch(/cannot write\s+\S*sealed\/issued/);
    expect(fs.existsSync(join(scratch.path, 'from-sealed/api.internal.key'))).toBe(false);
  });
});
