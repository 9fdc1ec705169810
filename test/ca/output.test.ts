import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONFIG_TARGETS } from '../../src/lib/ca/config-snippets.js';
import { KEY_TYPES } from '../../src/lib/ca/key-pair.js';
import { fileBaseName } from '../../src/lib/ca/output-files.js';
import { inferSubjectAltName } from '../../src/lib/ca/subject-alt-name.js';
import { initAuthority } from '../../src/lib/operations/ca-init.js';
import { type IssueOptions, issue } from '../../src/lib/operations/issue.js';
import { installed, openssl, scratchFolder } from './openssl.js';

const scratch = scratchFolder();
const folder = join(scratch.path, 'ca');
const now = Date.now();
let count = 0;

beforeAll(() => {
  initAuthority({ folder, name: 'Test', keyType: 'p256', rootKey: { protection: 'none' }, now });
});
afterAll(scratch.remove);

function issueOne(more: Partial<IssueOptions> = {}) {
  count++;
  return issue({
    folder,
    names: ['api.internal'],
    profile: 'peer',
    keyType: 'p256',
    out: join(scratch.path, `out-${count}`),
    format: 'pem',
    force: false,
    now,
    ...more,
  });
}

describe('file names', () => {
  it.each([
    ['api.internal', 'api.internal'],
    ['*.svc.internal', '_wildcard.svc.internal'],
    ['2001:db8::7', '2001-db8-7'],
    ['alice@example.com', 'alice@example.com'],
    ['spiffe://prod/payments/gw', 'prod-payments-gw'],
    ['ca', 'ca-host'],
  ])('%s: %s', (typed, expected) => expect(fileBaseName(inferSubjectAltName(typed))).toBe(expected));

  it('a host called ca does not fall on the bundle', () => {
    const { files } = issueOne({ names: ['ca'] });
    expect(files).toMatchObject({ certificate: expect.stringMatching(/ca-host\.crt$/), bundle: expect.stringMatching(/ca\.crt$/) });
  });

  it.each(['../x', 'a/b', '', 'ca', '.hidden', '-x'])('--as %j is refused', (as) =>
    expect(() => issueOne({ as })).toThrowError(expect.objectContaining({ kind: 'usage' })),
  );
});

describe('PKCS#12', () => {
  for (const keyType of KEY_TYPES.filter((type) => !/rsa-[34]/.test(type))) {
    it(`${keyType}: is opened by Node and openssl, with its generated passphrase`, () => {
      const { files } = issueOne({ format: 'p12', keyType });
      const passphrase = fs.readFileSync(files.passphrase as string, 'utf8').trim();
      expect(passphrase).toHaveLength(24);
      for (const secret of [files.passphrase, files.keyStore]) expect(fs.statSync(secret as string).mode & 0o777).toBe(0o600);
      expect(() => createSecureContext({ pfx: fs.readFileSync(files.keyStore as string), passphrase })).not.toThrow();
      expect(() => createSecureContext({ pfx: fs.readFileSync(files.keyStore as string), passphrase: 'wrong' })).toThrow(
        /mac verify|password|decrypt/i,
      );
      const { text } = openssl(['pkcs12', '-in', files.keyStore as string, '-passin', `file:${files.passphrase}`, '-nodes', '-info']);
      expect(text).toContain('MAC: sha256');
      expect(text).toContain('PBES2, PBKDF2, AES-256-CBC');
      expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      const key = /-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----/.exec(text)?.[0] ?? '';
      expect(
        new X509Certificate(text.slice(text.indexOf('-----BEGIN CERT'))).publicKey.equals(createPublicKey(createPrivateKey(key))),
      ).toBe(true);
    });
  }

  it('takes a given passphrase and writes it nowhere', () => {
    const { files } = issueOne({ format: 'p12', passphrase: 'correct horse' });
    expect(files.passphrase).toBeUndefined();
    expect(() => createSecureContext({ pfx: fs.readFileSync(files.keyStore as string), passphrase: 'correct horse' })).not.toThrow();
    const directory = join(scratch.path, `out-${count}`);
    for (const name of fs.readdirSync(directory)) expect(fs.readFileSync(join(directory, name)).includes('correct horse')).toBe(false);
  });

  it('refuses a passphrase that Java could not type', () => {
    expect(() => issueOne({ format: 'p12', passphrase: 'pässwort' })).toThrowError(expect.objectContaining({ code: 'bad-passphrase' }));
  });
});

it('a Kubernetes Secret holds the pair and the bundle', () => {
  const { files } = issueOne({ names: [], k8s: ['payments.prod'], format: 'k8s-secret' });
  const secret = parse(fs.readFileSync(files.secret as string, 'utf8')) as { type: string; metadata: object; data: Record<string, string> };
  expect(secret).toMatchObject({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'payments-tls', namespace: 'prod' },
  });
  const text = (name: string) => Buffer.from(secret.data[name] ?? '', 'base64').toString('utf8');
  expect(() => createSecureContext({ cert: text('tls.crt'), key: text('tls.key'), ca: text('ca.crt') })).not.toThrow();
  expect(fs.statSync(files.secret as string).mode & 0o777).toBe(0o600);
});

it('JSON holds the pair and the bundle', () => {
  const { files } = issueOne({ format: 'json' });
  const { certificate, key, ca } = JSON.parse(fs.readFileSync(files.json as string, 'utf8')) as Record<string, string>;
  expect(() => createSecureContext({ cert: certificate, key, ca })).not.toThrow();
  expect(fs.statSync(files.json as string).mode & 0o777).toBe(0o600);
});

it.each(CONFIG_TARGETS)('the configuration for %s names files that are there', (printConfig) => {
  const { config } = issueOne({ printConfig, format: printConfig === 'java' ? 'p12' : 'pem' });
  const named = [...(config?.text.matchAll(/\/[\w./@-]*\/out-\d+\/[\w.-]+/g) ?? [])].map((match) => match[0]);
  expect(named.length).toBeGreaterThanOrEqual(3);
  // haproxy's is made by the line above it.
  for (const path of named.filter((name) => !name.includes('.haproxy.'))) expect(fs.existsSync(path), path).toBe(true);
  expect(config?.text).toMatch(
    /verify_client|verify required|require_client|rejectUnauthorized|RequireAndVerify|CERT_REQUIRED|NeedClientAuth|--cert |all cert/,
  );
});

describe.skipIf(!installed('openssl'))('signing a request', () => {
  const key = scratch.write('request.key', '');
  openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key]);
  const request = (name: string, ...args: string[]) => {
    const file = join(scratch.path, `${name}.csr`);
    const { ok, text } = openssl(['req', '-new', '-key', key, '-out', file, ...args]);
    if (!ok) throw new Error(text);
    return file;
  };

  it('takes names and key over, and says what it left out', () => {
    const csr = request(
      'full',
      '-subj',
      '/C=DE/O=Acme/CN=api.internal',
      '-addext',
      'subjectAltName=DNS:api.internal,IP:10.0.0.7,RID:1.2.3.4',
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=keyCertSign',
    );
    const document = issueOne({ names: [], csr });
    const certificate = new X509Certificate(fs.readFileSync(document.files.certificate as string));
    expect(certificate.subjectAltName).toBe('DNS:api.internal, IP Address:10.0.0.7');
    expect(certificate.ca).toBe(false);
    expect(certificate.publicKey.equals(createPublicKey(createPrivateKey(fs.readFileSync(key))))).toBe(true);
    expect(document.files.key).toBeUndefined();
    expect(document.request?.taken.join()).toMatch(/public key \(ECDSA P-256.*DNS:api\.internal.*IP:10\.0\.0\.7/);
    expect(document.request?.left.join()).toMatch(/rid.*C=DE.*O=Acme.*basicConstraints.*keyUsage/);
    const { ok, text } = openssl([
      'verify',
      '-CAfile',
      document.files.bundle,
      '-untrusted',
      document.files.certificate as string,
      document.files.certificate as string,
    ]);
    expect(ok, text).toBe(true);
  });

  it('makes a name of the common name where the request has no other', () => {
    const document = issueOne({ names: [], csr: request('cn', '-subj', '/CN=only.internal') });
    expect(document.names).toEqual([{ typed: 'request', name: 'DNS:only.internal' }]);
  });

  it('leaves names out that no certificate may hold, and says why', () => {
    const csr = request('odd', '-subj', '/CN=a b', '-addext', 'subjectAltName=DNS:good.internal,DNS:*.*.bad');
    const { names, request: said } = issueOne({ names: [], csr });
    expect(names).toEqual([{ typed: 'request', name: 'DNS:good.internal' }]);
    expect(said?.left.join()).toMatch(/name dns:\*\.\*\.bad: a wildcard may only stand alone/);
  });

  it('does not say that names were taken over when others were typed', () => {
    const csr = request('both', '-subj', '/CN=asked.internal', '-addext', 'subjectAltName=DNS:asked.internal');
    const { request: said, names } = issueOne({ names: ['typed.internal'], csr });
    expect(names).toEqual([{ typed: 'typed.internal', name: 'DNS:typed.internal' }]);
    expect(said?.taken.join()).not.toContain('asked.internal');
    expect(said?.left.join()).toContain('DNS:asked.internal: other names were typed');
  });

  it('prefers names that were typed', () => {
    expect(issueOne({ names: ['typed.internal'], csr: request('typed', '-subj', '/CN=only.internal') }).names).toEqual([
      { typed: 'typed.internal', name: 'DNS:typed.internal' },
    ]);
  });

  it('reads DER as well', () => {
    const der = join(scratch.path, 'der.csr');
    openssl(['req', '-in', request('for-der', '-subj', '/CN=der.internal'), '-outform', 'DER', '-out', der]);
    expect(issueOne({ names: [], csr: der }).names[0]?.name).toBe('DNS:der.internal');
  });

  it.each([
    [
      'of another key',
      () => {
        const good = fs.readFileSync(request('good', '-subj', '/CN=api.internal'), 'utf8');
        const der = Buffer.from(good.replace(/-----[^-]+-----|\s/g, ''), 'base64');
        der[der.length - 1] = (der[der.length - 1] as number) ^ 1;
        return scratch.write('tampered.csr', der);
      },
      /does not prove/,
    ],
    ['that is a certificate', () => issueOne().files.certificate as string, /CERTIFICATE, not a CERTIFICATE REQUEST/],
    ['that is nothing', () => scratch.write('nothing.csr', 'hello\n'), /neither PEM nor DER/],
    ['that is empty', () => scratch.write('empty.csr', ''), /neither PEM nor DER/],
    ['that is cut off', () => scratch.write('cut.csr', fs.readFileSync(request('whole', '-subj', '/CN=x')).subarray(0, 200)), /./],
  ] as const)('refuses one %s', (_, make, why) => {
    const csr = make();
    expect(() => issueOne({ names: [], csr })).toThrowError(
      expect.objectContaining({
        kind: expect.stringMatching(/input|usage/),
        why: why.source === '.' ? expect.anything() : expect.stringMatching(why),
      }),
    );
  });

  it('refuses one without any name, unless names are typed', () => {
    const csr = request('nameless', '-subj', '/O=Acme');
    expect(() => issueOne({ names: [], csr })).toThrowError(expect.objectContaining({ code: 'no-name', kind: 'usage' }));
    expect(issueOne({ csr }).commonName).toBe('api.internal');
  });

  it('refuses a weak key', () => {
    const weak = scratch.write('weak.key', '');
    openssl(['genrsa', '-out', weak, '1024']);
    const csr = join(scratch.path, 'weak.csr');
    openssl(['req', '-new', '-key', weak, '-subj', '/CN=api.internal', '-out', csr]);
    expect(() => issueOne({ names: [], csr })).toThrowError(expect.objectContaining({ code: 'weak-request-key' }));
  });
});
