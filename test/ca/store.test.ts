import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuthority, openRoot } from '../../src/lib/ca/store.js';
import { TlsmedicError } from '../../src/lib/errors.js';
import { type CaInitRequest, initAuthority } from '../../src/lib/operations/ca-init.js';
import { revokeCertificates } from '../../src/lib/operations/ca-revoke.js';
import { rotateAuthority } from '../../src/lib/operations/ca-rotate.js';
import { showAuthority } from '../../src/lib/operations/ca-show.js';
import { type IssueOptions, issue } from '../../src/lib/operations/issue.js';
import { installed, openssl, scratchFolder } from './openssl.js';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

const now = Date.now();
const folder = () => join(scratch.path, 'ca');
const mode = (path: string) => (fs.statSync(path).mode & 0o777).toString(8);

function init(more: Partial<CaInitRequest> = {}) {
  return initAuthority({ folder: folder(), name: 'Test', keyType: 'p256', rootKey: { protection: 'none' }, now, ...more });
}

function issueOne(more: Partial<IssueOptions> = {}) {
  return issue({
    folder: folder(),
    names: ['api.internal'],
    profile: 'peer',
    keyType: 'p256',
    out: join(scratch.path, 'tls'),
    format: 'pem',
    force: false,
    now,
    ...more,
  });
}

describe('the folder', () => {
  it('is private from the first byte, and git ignores it', () => {
    init();
    expect(mode(folder())).toBe('700');
    expect(fs.readFileSync(join(folder(), '.gitignore'), 'utf8')).toBe('*\n');
    for (const name of ['root.key', 'intermediate.key', 'authority.json', 'faults/expired.key'])
      expect(mode(join(folder(), name)), name).toBe('600');
    for (const name of ['issued', 'revoked', 'faults']) expect(mode(join(folder(), name)), name).toBe('700');
  });

  it('is not made over another authority, nor over other files', () => {
    init();
    const before = fs.readFileSync(join(folder(), 'root.key'));
    expect(() => init()).toThrowError(expect.objectContaining({ code: 'authority-exists' }));
    expect(fs.readFileSync(join(folder(), 'root.key'))).toEqual(before);
    const other = join(scratch.path, 'other');
    fs.mkdirSync(other);
    fs.writeFileSync(join(other, 'thesis.txt'), 'x');
    expect(() => init({ folder: other })).toThrowError(expect.objectContaining({ code: 'folder-not-empty' }));
    expect(fs.readdirSync(other)).toEqual(['thesis.txt']);
  });

  it('may be an empty folder that is there already', () => {
    fs.mkdirSync(folder());
    init();
    expect(mode(folder())).toBe('700');
  });

  it('leaves nothing behind when it cannot be made', () => {
    const blocked = join(scratch.write('file', ''), 'ca');
    const [key, passphrases] = [join(scratch.path, 'stick', 'root.key'), join(scratch.path, 'config')];
    expect(() => init({ folder: blocked, rootKeyOut: key, rootKey: { protection: 'generated', passphraseFolder: passphrases } })).toThrow(
      TlsmedicError,
    );
    expect(fs.existsSync(key)).toBe(false);
    expect(fs.existsSync(passphrases) ? fs.readdirSync(passphrases) : []).toEqual([]);
    expect(fs.readdirSync(scratch.path).filter((name) => name.startsWith('.tlsmedic'))).toEqual([]);
  });

  it('names the two authorities of one name apart', () => {
    const [one, two] = [init(), init({ folder: join(scratch.path, 'second') })];
    expect(one.generations[0]?.root.commonName).not.toBe(two.generations[0]?.root.commonName);
  });
});

describe("the root's key", () => {
  const encrypted = { rootKey: { protection: 'passphrase', passphrase: 'pässphrase' } } as const;
  const open = (passphrase: string) => openRoot(folder(), openAuthority(folder()).generation, async () => passphrase);

  it('opens with its passphrase and no other', async () => {
    init(encrypted);
    await expect(open('pässphrase')).resolves.toMatchObject({ commonName: expect.stringContaining('Test Root') });
    await expect(open('passphrase')).rejects.toThrowError(expect.objectContaining({ code: 'wrong-passphrase' }));
  });

  it.skipIf(!installed('openssl'))('is PKCS#8 with 600,000 rounds of PBKDF2, which openssl opens', () => {
    init(encrypted);
    const file = join(folder(), 'root.key');
    const pass = scratch.write('pass', 'pässphrase\n');
    expect(openssl(['pkey', '-in', file, '-passin', `file:${pass}`, '-noout', '-check']).text).toContain('Key is valid');
    const text = openssl(['asn1parse', '-in', file]).text;
    expect(text).toContain('PBKDF2');
    expect(text).toContain('hmacWithSHA256');
    expect(text).toContain('aes-256-cbc');
    expect(text).toMatch(/INTEGER\s+:0927C0/);
  });

  it('can lie elsewhere: the daily folder holds the intermediate alone', async () => {
    const key = join(scratch.path, 'stick', 'root.key');
    init({ ...encrypted, rootKeyOut: key });
    expect(fs.existsSync(join(folder(), 'root.key'))).toBe(false);
    expect(mode(key)).toBe('600');
    await expect(open('pässphrase')).resolves.toBeDefined();
    expect(issueOne().serial).toHaveLength(32);
    fs.rmSync(key);
    expect(showAuthority(folder(), now).generations[0]?.root.key.present).toBe(false);
    await expect(open('pässphrase')).rejects.toThrowError(expect.objectContaining({ code: 'root-key-missing' }));
  });
});

describe('a damaged folder', () => {
  const damage: [string, (path: string) => void, RegExp][] = [
    ['authority.json is gone', (path) => fs.rmSync(join(path, 'authority.json')), /missing/],
    ['authority.json is empty', (path) => fs.writeFileSync(join(path, 'authority.json'), ''), /empty/],
    ['authority.json is cut off', (path) => fs.truncateSync(join(path, 'authority.json'), 200), /no JSON/],
    ['authority.json is of another kind', (path) => fs.writeFileSync(join(path, 'authority.json'), '{"schema":"x"}'), /schema/],
    [
      'authority.json lost its generations',
      (path) =>
        fs.writeFileSync(
          join(path, 'authority.json'),
          '{"schema":"tlsmedic/authority@1","name":"x","constraints":{"permitted":[],"excluded":[]},"generations":[]}',
        ),
      /incomplete/,
    ],
    ['the root is another', (path) => fs.copyFileSync(join(path, 'intermediate.crt'), join(path, 'root.crt')), /fingerprint/],
    ['the intermediate is gone', (path) => fs.rmSync(join(path, 'intermediate.crt')), /cannot be read/],
    ["the intermediate's key is cut off", (path) => fs.truncateSync(join(path, 'intermediate.key'), 60), /no private key/],
    [
      "the intermediate's key is another",
      (path) => fs.copyFileSync(join(path, 'faults/expired.key'), join(path, 'intermediate.key')),
      /does not belong/,
    ],
    ["the intermediate's key is gone", (path) => fs.rmSync(join(path, 'intermediate.key')), /no such file/],
  ];
  it.each(damage)('%s', (_, harm, why) => {
    init();
    harm(folder());
    const before = fs.readdirSync(folder()).sort();
    expect(() => issueOne()).toThrowError(
      expect.objectContaining({ code: 'authority-corrupt', kind: 'input', why: expect.stringMatching(why) }),
    );
    expect(fs.readdirSync(folder()).sort()).toEqual(before);
    expect(fs.existsSync(join(scratch.path, 'tls'))).toBe(false);
  });

  it('that others may read is warned of', () => {
    init();
    fs.chmodSync(join(folder(), 'intermediate.key'), 0o644);
    expect(issueOne().warnings.join()).toContain('chmod 600');
  });
});

describe('issuing into a folder', () => {
  it('writes certificate, key and bundle, and puts it on record', () => {
    init();
    const document = issueOne();
    expect(fs.readdirSync(join(scratch.path, 'tls')).sort()).toEqual(['api.internal.crt', 'api.internal.key', 'ca.crt']);
    expect(mode(document.files.key as string)).toBe('600');
    expect(fs.readdirSync(join(folder(), 'issued'))).toEqual([`${document.serial}.json`]);
    expect(JSON.stringify(document)).not.toContain('PRIVATE KEY');
  });

  it('overwrites nothing unasked, and then leaves no record', () => {
    init();
    issueOne();
    const before = fs.readFileSync(join(scratch.path, 'tls', 'api.internal.key'), 'utf8');
    expect(() => issueOne()).toThrowError(expect.objectContaining({ code: 'file-exists' }));
    expect(fs.readFileSync(join(scratch.path, 'tls', 'api.internal.key'), 'utf8')).toBe(before);
    expect(fs.readdirSync(join(folder(), 'issued'))).toHaveLength(1);
    issueOne({ force: true });
    expect(fs.readFileSync(join(scratch.path, 'tls', 'api.internal.key'), 'utf8')).not.toBe(before);
  });

  it("leaves another authority's ca.crt alone", () => {
    init();
    fs.mkdirSync(join(scratch.path, 'tls'));
    const other = init({ folder: join(scratch.path, 'second') });
    fs.copyFileSync(other.files.bundle, join(scratch.path, 'tls', 'ca.crt'));
    expect(() => issueOne()).toThrowError(expect.objectContaining({ code: 'file-exists' }));
    expect(fs.readdirSync(join(scratch.path, 'tls'))).toEqual(['ca.crt']);
  });

  it('takes the record back when the files cannot be written', () => {
    init();
    expect(() => issueOne({ out: join(scratch.write('file', ''), 'tls') })).toThrow(TlsmedicError);
    expect(fs.readdirSync(join(folder(), 'issued'))).toEqual([]);
  });

  it('keeps to the trust domain and to one URI', () => {
    init({ trustDomain: 'prod.example' });
    expect(issueOne({ names: [], spiffe: 'spiffe://prod.example/a', as: 'a' }).names).toEqual([
      { typed: '--spiffe spiffe://prod.example/a', name: 'URI:spiffe://prod.example/a' },
    ]);
    expect(() => issueOne({ spiffe: 'spiffe://other.example/a' })).toThrowError(expect.objectContaining({ code: 'other-trust-domain' }));
    expect(() => issueOne({ names: ['urn:x:y'], spiffe: 'spiffe://prod.example/a' })).toThrowError(
      expect.objectContaining({ code: 'several-uris' }),
    );
    expect(() => issueOne({ names: [], spiffe: 'spiffe://prod.example' })).toThrowError(expect.objectContaining({ code: 'no-workload' }));
  });

  it.skipIf(!installed('openssl'))('leaves an address out of the common name where DNS names are constrained', () => {
    init({ permit: ['internal', '10.0.0.0/8'] });
    const { files, commonName } = issueOne({ names: ['10.0.0.7'] });
    expect(commonName).toBeNull();
    const { ok, text } = openssl([
      'verify',
      '-CAfile',
      files.bundle,
      '-untrusted',
      files.certificate as string,
      files.certificate as string,
    ]);
    expect(ok, text).toBe(true);
  });
});

describe('rotation', () => {
  const passphrase = async () => 'secret';

  it.skipIf(!installed('openssl'))(
    'locks nobody out: old and new certificates verify with the old root, the new root and the bundle',
    async () => {
      init({ rootKey: { protection: 'passphrase', passphrase: 'secret' } });
      const oldRoot = scratch.write('old-root.crt', fs.readFileSync(join(folder(), 'root.crt')));
      const before = issueOne({ as: 'before' });
      const document = await rotateAuthority({ folder: folder(), oldPassphrase: passphrase, rootKey: { protection: 'same' }, now });
      expect(document.generations.map((generation) => generation.number)).toEqual([2, 1]);
      expect(document.generations[0]).toMatchObject({ bridged: true, root: { key: { protection: 'passphrase' } } });
      const after = issueOne({ as: 'after' });
      const newRoot = join(folder(), '2-root.crt');
      const verify = (anchors: string, chain: string | undefined) =>
        openssl(['verify', '-x509_strict', '-CAfile', anchors, '-untrusted', chain as string, chain as string]);
      for (const [anchors, chain] of [
        [oldRoot, before.files.certificate],
        [oldRoot, after.files.certificate],
        [newRoot, after.files.certificate],
        [document.files.bundle, before.files.certificate],
        [document.files.bundle, after.files.certificate],
      ] as const) {
        const { ok, text } = verify(anchors, chain);
        expect(ok, text).toBe(true);
      }
      expect(verify(newRoot, before.files.certificate).ok).toBe(false);
      // The bundle beside the files was brought up to date without asking.
      expect(fs.readFileSync(after.files.bundle, 'utf8')).toBe(fs.readFileSync(document.files.bundle, 'utf8'));
      // Twice more, with faults and revocation still at work.
      await rotateAuthority({ folder: folder(), oldPassphrase: passphrase, rootKey: { protection: 'same' }, now });
      issueOne({ as: 'broken', fault: 'expired-intermediate' });
      const list = revokeCertificates({ folder: folder(), certificates: [before.serial, after.serial], reason: 'superseded', now });
      expect(list.crl.entries).toBe(2);
      for (const serial of [before, after]) {
        const { text } = openssl([
          'verify',
          '-CAfile',
          document.files.bundle,
          '-untrusted',
          serial.files.certificate as string,
          '-crl_check_all',
          '-CRLfile',
          list.crl.path,
          serial.files.certificate as string,
        ]);
        expect(text).toContain('error 23');
      }
    },
  );

  it('with the wrong passphrase changes nothing', async () => {
    init({ rootKey: { protection: 'passphrase', passphrase: 'secret' } });
    const before = fs.readdirSync(folder()).sort();
    await expect(
      rotateAuthority({ folder: folder(), oldPassphrase: async () => 'wrong', rootKey: { protection: 'same' }, now }),
    ).rejects.toThrowError(expect.objectContaining({ code: 'wrong-passphrase' }));
    expect(fs.readdirSync(folder()).sort()).toEqual(before);
    expect(showAuthority(folder(), now).generations).toHaveLength(1);
  });
});

describe('revocation', () => {
  it('is refused for what this authority did not issue, before anything is revoked', () => {
    init();
    const { serial } = issueOne();
    expect(() =>
      revokeCertificates({ folder: folder(), certificates: [serial, 'deadbeefdeadbeef'], reason: 'unspecified', now }),
    ).toThrowError(expect.objectContaining({ code: 'not-issued-here' }));
    expect(showAuthority(folder(), now).issued.revoked).toBe(0);
  });

  it('happens once; a second time changes nothing', () => {
    init();
    const { files } = issueOne();
    const certificates = [files.certificate as string];
    expect(revokeCertificates({ folder: folder(), certificates, reason: 'keyCompromise', now }).revoked[0]).toMatchObject({
      already: false,
    });
    expect(revokeCertificates({ folder: folder(), certificates, reason: 'superseded', now }).revoked[0]).toMatchObject({ already: true });
    expect(showAuthority(folder(), now).issued).toMatchObject({ total: 1, revoked: 1, valid: 0 });
  });
});
