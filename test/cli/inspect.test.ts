import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { HAS_OPENSSL, runIn } from '../x509/container/programs.js';
import { expectConforms } from './conforms.js';
import { expectGolden, FINGERPRINTS, type Normaliser } from './golden.js';
import { MAY_HEED_PERMISSIONS, type ProgramResult, runProgram, startProgram } from './run-program.js';

const NOW = Date.UTC(2026, 10, 22, 3, 4, 5);
const AT = ['--at', '2026-11-22T03:04:05Z'];
const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-inspect-'));
const authority = createAuthority({ name: 'Golden', now: NOW });
const issue = (name: string, hours = 24) => issueCertificate(authority, { names: [name], now: NOW, lifetimeSeconds: hours * 3600 });
const web = issue('web.shop.svc');
const mail = issue('mail.shop.svc', 48);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Keys, serial numbers and fingerprints are new in every run. */
const FRESH: Normaliser = [
  [/(?:^ {8,}(?:[0-9a-f]{2}:)+(?:[0-9a-f]{2})?\n)+/gm, '        HEX\n'],
  ...FINGERPRINTS,
  [/\b[0-9a-f]{9}…[0-9a-f]{8}\b/g, 'KEY-ID'],
  [/\b[0-9a-f]{16,40}\b/g, 'HEX'],
  [/\b\d+ of \d+ bytes\b/g, 'N of M bytes'],
  [/\b(last|from byte|byte) \d+/g, '$1 N'],
  [/^[A-Za-z0-9+/=]{20,64}$/gm, 'BASE64'],
  [/(?:BASE64\n)+(?:[A-Za-z0-9+/=]+\n)?(?=-----END)/g, 'BASE64\n'],
];

beforeAll(() => {
  const put = (name: string, text: string, mode = 0o644): void => writeFileSync(join(folder, name), text, { mode });
  put('server.crt', web.chainPem);
  put('server.key', web.keyPem as string, 0o600);
  put('other.key', mail.keyPem as string, 0o600);
  put('open.key', web.keyPem as string, 0o644);
  put('wrong-order.pem', authority.intermediate.pem + web.certPem);
  put('renewed.crt', issueCertificate(authority, { names: ['web.shop.svc', 'web'], now: NOW + 3_600_000 }).certPem);
  put('login.html', '<!doctype html><html><body>Sign in</body></html>\n');
  put('truncated.pem', web.certPem.slice(0, 420));
  put('bare.txt', base64(web.certPem));
  mkdirSync(join(folder, 'many'));
  for (let i = 0; i < 9; i++) put(`many/s${i}.pem`, issue(`s${i}.shop.svc`, 9 - i).certPem);
  put('many/README', 'not of interest\n');
  put(
    'secret.yaml',
    `apiVersion: v1\nkind: Secret\nmetadata: {name: web, namespace: shop}\ndata:\n  tls.crt: ${base64(web.chainPem)}\n  tls.key: ${base64(mail.keyPem as string)}\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (args: readonly string[], more: { input?: string; heedPermissions?: boolean } = {}): ProgramResult =>
  runProgram(['inspect', ...args, ...AT], { cwd: folder, env: { COLUMNS: '80' }, ...more });

describe('the screen', () => {
  it.each<[string, string[], number]>([
    ['inspect-pair', ['server.crt', 'server.key'], 0],
    ['inspect-mismatch', ['server.crt', 'other.key'], 21],
    ['inspect-wrong-order', ['wrong-order.pem', 'server.key'], 21],
    ['inspect-folder', ['many'], 0],
    ['inspect-secret', ['secret.yaml'], 21],
    ['inspect-instead', ['login.html'], 2],
    ['inspect-truncated', ['truncated.pem'], 21],
    ['inspect-base64', ['bare.txt'], 0],
    ['inspect-missing', ['nowhere.pem'], 2],
    ['inspect-diff', ['--diff', 'server.crt', 'renewed.crt'], 0],
    ['inspect-pem', ['wrong-order.pem', 'other.key', '--pem'], 21],
    ['inspect-text', ['renewed.crt', '--text'], 0],
    ['inspect-lints', ['open.key'], 0],
  ])('%s', (name, args, status) => {
    const result = run(args);
    expectGolden(name, `tlsmedic inspect ${args.join(' ')}`, result, FRESH);
    expect(result.status).toBe(status);
  });
  it('reads standard input', () => {
    const result = run(['-'], { input: web.chainPem });
    expect(result.status).toBe(0);
    expect(result.stdout).toMatch(/^✓ 2 certificates: chain in order/);
    expect(result.stdout).not.toContain('verify-chain');
  });
  it('the verdict of many inputs, one of them unreadable, is not fine', () => {
    expect(run(['server.crt', 'nowhere.pem'])).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^✗ 2 certificates: cannot read nowhere.pem/),
    });
  });
  it('an empty folder and one with nothing of PKI are not fine', () => {
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'notes'));
    writeFileSync(join(folder, 'notes/README'), 'nothing');
    expect(run(['empty'])).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^✗ nothing of a certificate or key: there is no file in it/),
    });
    expect(run(['notes'])).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/^✗ nothing of a certificate or key: 1 file passed over/),
    });
  });
  it.skipIf(!MAY_HEED_PERMISSIONS)('a folder that may not be read is told, and what is beside it shown', () => {
    mkdirSync(join(folder, 'partly/shut'), { recursive: true, mode: 0o755 });
    writeFileSync(join(folder, 'partly/web.pem'), web.certPem);
    chmodSync(join(folder, 'partly/shut'), 0);
    const result = run(['partly'], { heedPermissions: true });
    chmodSync(join(folder, 'partly/shut'), 0o755);
    expect(result).toMatchObject({ status: 2, stdout: expect.stringContaining('cannot read') });
    expect(result.stdout).toContain('web.shop.svc');
  });
  it('a pattern', () => {
    expect(run(['many/s[12].pem']).stdout).toMatch(/^✓ 2 certificates/);
    expect(run(['many/*.xyz'])).toMatchObject({ status: 2, stdout: expect.stringContaining('no file matches') });
  });
});

describe('passphrases', () => {
  it.skipIf(!HAS_OPENSSL)('from a file, from standard input, wrong, missing', () => {
    runIn(
      folder,
      'openssl',
      'pkcs12',
      '-export',
      '-inkey',
      'server.key',
      '-in',
      'server.crt',
      '-passout',
      'pass:secret',
      '-out',
      'web.p12',
    );
    writeFileSync(join(folder, 'pass'), 'secret\n', { mode: 0o600 });
    writeFileSync(join(folder, 'wrong'), 'nothing\n', { mode: 0o600 });
    expect(run(['web.p12', '--passphrase-file', 'pass'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('key and certificate belong together'),
    });
    expect(run(['web.p12', '--passphrase-file', '-'], { input: 'secret\n' }).status).toBe(0);
    expect(run(['web.p12', '--passphrase-file', 'wrong'])).toMatchObject({
      status: 21,
      stdout: expect.stringContaining('the passphrase does not open web.p12'),
    });
    expect(run(['web.p12'])).toMatchObject({ status: 2, stdout: expect.stringContaining('a passphrase is needed') });
    expect(run(['-', '--passphrase-file', '-']).status).toBe(2);
  });
});

describe('--each', () => {
  it('one line a file, by its path; what is across files is not held against it; the worst class is the exit status', () => {
    const { stdout, stderr, status } = run(['--each', 'many', 'server.crt', 'server.key', 'truncated.pem']);
    expect(stdout.split('\n').slice(0, 9).sort()).toEqual(
      Array.from({ length: 9 }, (_, i) => `✓ many/s${i}.pem: 1 certificate: expires in ${9 - i} h`),
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(12);
    expect(stdout).toMatch(/^✗ truncated\.pem: .*key-material\/bad-pem \(21\)$/m);
    expect(stderr).toBe('12 looked at, 1 with a cause, 1 passed over: nothing of a certificate or key in them\n');
    expect(status).toBe(21);
  });
  it('one document a line with --json, each of which keeps to the schema', () => {
    const { stdout, status } = run(['--each', '--json', 'many', 'server.key', 'nowhere.pem']);
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { schema: string; inputs: { label: string }[] });
    expect(documents.map(({ inputs }) => inputs[0]?.label)).toEqual([
      ...Array.from({ length: 9 }, (_, i) => `many/s${i}.pem`),
      'server.key',
      'nowhere.pem',
    ]);
    documents.forEach(expectConforms);
    expect(status).toBe(2);
  });
  it('Ctrl-C: what was looked at was printed', async () => {
    mkdirSync(join(folder, 'crowd'));
    for (let i = 0; i < 4000; i++) writeFileSync(join(folder, `crowd/${i}.pem`), web.chainPem);
    const { child, done, soFar } = startProgram(['inspect', '--each', 'crowd'], { cwd: folder });
    while (!soFar().stdout.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGINT');
    const { stdout, stderr, status } = await done;
    expect(status).toBe(130);
    expect(stderr).toMatch(/^[\d,]+ looked at, 0 with a cause\n$/);
    expect(stdout.trimEnd().split('\n').length).toBeLessThan(4000);
  });
  it('does not go with what is across files', () => {
    expect(run(['--each', '--diff', 'server.crt', 'renewed.crt']).status).toBe(2);
    expect(run(['--each', '--pem', 'server.crt']).status).toBe(2);
  });
});

describe('--json', () => {
  it.each([
    [['server.crt', 'server.key']],
    [['secret.yaml']],
    [['login.html']],
    [['nowhere.pem']],
    [['many']],
    [['truncated.pem']],
    [['--diff', 'server.crt', 'renewed.crt']],
  ])('%j keeps to its schema', (args) => {
    const { stdout, stderr, status } = run([...args, '--json']);
    const document = JSON.parse(stdout);
    expectConforms(document);
    expect(stdout).not.toContain('PRIVATE KEY');
    expect(status).toBe(run(args).status);
    if (status === 0) expect(stderr).toBe('');
  });
});
