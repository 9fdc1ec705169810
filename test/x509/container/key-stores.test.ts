import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/lib/ca/authority.js';
import { issueCertificate } from '../../../src/lib/ca/issue.js';
import type { ContainerReading } from '../../../src/lib/x509/container/contained.js';
import { readContainer } from '../../../src/lib/x509/container/read-container.js';
import { parseCertificate } from '../../../src/lib/x509/parse-certificate.js';
import { HAS_KEYTOOL, HAS_LEGACY, HAS_OPENSSL, runIn } from './programs.js';

const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-stores-'));
const issued = issueCertificate(createAuthority(), { names: ['web.internal'] });
const spki = Buffer.from(parseCertificate(issued.der).publicKey.spki).toString('hex');

beforeAll(() => {
  writeFileSync(join(folder, 'web.key'), issued.keyPem as string, { mode: 0o600 });
  writeFileSync(join(folder, 'chain.pem'), issued.chainPem);
  if (HAS_OPENSSL)
    runIn(
      folder,
      'openssl',
      'pkcs12',
      '-export',
      '-inkey',
      'web.key',
      '-in',
      'chain.pem',
      '-name',
      'web',
      '-passout',
      'pass:secret',
      '-out',
      'web.p12',
    );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(name: string, ...passphrases: string[]): Promise<ContainerReading> {
  return readContainer(readFileSync(join(folder, name)), { passphrases });
}

/** What a reading comes to: kinds in order, and whether the key is the one that was put in. */
function summary({ items, locked, formats }: ContainerReading) {
  return {
    formats,
    certificates: items.filter(({ kind }) => kind === 'certificate').length,
    keys: items.flatMap((item) =>
      item.kind === 'private-key'
        ? [item.key.lock ?? (Buffer.from(item.key.spki ?? []).toString('hex') === spki ? 'the right one' : 'another')]
        : [],
    ),
    damaged: items.filter(({ kind }) => kind === 'damaged').length,
    locked,
  };
}

const OPEN = { certificates: 2, keys: ['the right one'], damaged: 0, locked: undefined };

describe.skipIf(!HAS_OPENSSL)('PKCS#12 of openssl', () => {
  it('opens with its passphrase, whichever of several it is', async () => {
    expect(summary(await read('web.p12', 'secret'))).toEqual({ formats: ['PKCS#12'], ...OPEN });
    expect(summary(await read('web.p12', 'other', 'secret'))).toEqual({ formats: ['PKCS#12'], ...OPEN });
    expect((await read('web.p12', 'secret')).items.find(({ alias }) => alias === 'web')).toBeDefined();
  });
  it('tells no passphrase and a wrong one apart', async () => {
    expect(summary(await read('web.p12'))).toMatchObject({ certificates: 0, keys: ['passphrase-needed'], locked: 'passphrase-needed' });
    expect(summary(await read('web.p12', 'wrong'))).toMatchObject({
      certificates: 0,
      keys: ['wrong-passphrase'],
      locked: 'wrong-passphrase',
    });
  });
  it('without a MAC, and with the empty passphrase', async () => {
    runIn(
      folder,
      'openssl',
      'pkcs12',
      '-export',
      '-nomac',
      '-inkey',
      'web.key',
      '-in',
      'chain.pem',
      '-passout',
      'pass:secret',
      '-out',
      'nomac.p12',
    );
    runIn(folder, 'openssl', 'pkcs12', '-export', '-inkey', 'web.key', '-in', 'chain.pem', '-passout', 'pass:', '-out', 'empty.p12');
    expect(summary(await read('nomac.p12', 'secret'))).toEqual({ formats: ['PKCS#12'], ...OPEN });
    expect(summary(await read('nomac.p12', 'wrong'))).toMatchObject({ locked: 'wrong-passphrase' });
    const empty = await read('empty.p12');
    expect(summary(empty)).toEqual({ formats: ['PKCS#12'], ...OPEN });
    expect(empty.remarks.map(({ text }) => text).join()).toContain('empty passphrase');
  });
  it.skipIf(!HAS_LEGACY).each([
    ['RC2-40 and 3DES', []],
    ['RC2-128', ['-certpbe', 'PBE-SHA1-RC2-128', '-keypbe', 'PBE-SHA1-RC2-128']],
    ['3DES', ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES']],
    ['RC4', ['-certpbe', 'PBE-SHA1-RC4-128', '-keypbe', 'PBE-SHA1-RC4-40']],
    ['2-key 3DES', ['-certpbe', 'PBE-SHA1-2DES', '-keypbe', 'PBE-SHA1-2DES']],
  ])('old protection: %s, and says who refuses it', async (_, options) => {
    runIn(
      folder,
      'openssl',
      'pkcs12',
      '-export',
      '-legacy',
      ...options,
      '-inkey',
      'web.key',
      '-in',
      'chain.pem',
      '-passout',
      'pass:sécret',
      '-out',
      'old.p12',
    );
    const reading = await read('old.p12', 'sécret');
    expect(summary(reading)).toEqual({ formats: ['PKCS#12'], ...OPEN });
    expect(reading.remarks.filter(({ level }) => level === 'refused')).toHaveLength(1);
    expect(summary(await read('old.p12', 'wrong'))).toMatchObject({ locked: 'wrong-passphrase' });
  });
  it('truncated: says so and throws nothing', async () => {
    const whole = readFileSync(join(folder, 'web.p12'));
    const { items } = await readContainer(whole.subarray(0, 400), { passphrases: ['secret'] });
    expect(items.map(({ kind }) => kind)).toEqual(['damaged']);
  });
});

describe.skipIf(!HAS_KEYTOOL || !HAS_OPENSSL)('key stores of keytool', () => {
  const convert = (type: string, name: string): void =>
    runIn(
      folder,
      'keytool',
      '-importkeystore',
      '-srckeystore',
      'web.p12',
      '-srcstoretype',
      'PKCS12',
      '-srcstorepass',
      'secret',
      '-srcalias',
      'web',
      '-destkeystore',
      name,
      '-deststoretype',
      type,
      '-deststorepass',
      'changeit',
      '-destkeypass',
      'changeit',
      '-noprompt',
    );
  it.each([
    ['JKS', 'web.jks'],
    ['JCEKS', 'web.jceks'],
  ])('%s: certificates without the passphrase, the key with it', async (type, name) => {
    convert(type, name);
    expect(summary(await read(name))).toMatchObject({ formats: [type], certificates: 2, keys: ['passphrase-needed'] });
    expect(summary(await read(name, 'changeit'))).toEqual({ formats: [type], ...OPEN });
    expect((await read(name, 'changeit')).remarks.map(({ text }) => text).join()).toContain('integrity checked');
    expect(summary(await read(name, 'wrong'))).toMatchObject({ certificates: 2, keys: ['wrong-passphrase'], locked: 'wrong-passphrase' });
  });
  it('JKS: a changed byte is found by its digest, a cut file by its place', async () => {
    convert('JKS', 'changed.jks');
    const bytes = readFileSync(join(folder, 'changed.jks'));
    const changed = Uint8Array.from(bytes);
    changed[bytes.length - 60] = (changed[bytes.length - 60] as number) ^ 1;
    const { remarks } = await readContainer(changed, { passphrases: ['changeit'] });
    expect(remarks.map(({ text }) => text).join()).toContain('file was changed');
    const cut = await readContainer(bytes.subarray(0, bytes.length - 200), { passphrases: [] });
    expect(cut.items.at(-1)).toMatchObject({ kind: 'damaged', problem: expect.stringContaining('cut off at byte') });
  });
  it('PKCS12 as Java writes it, and a trust store with its anchor marked', async () => {
    convert('PKCS12', 'java.p12');
    expect(summary(await read('java.p12', 'changeit'))).toEqual({ formats: ['PKCS#12'], ...OPEN });
    writeFileSync(join(folder, 'leaf.pem'), issued.certPem);
    runIn(
      folder,
      'keytool',
      '-importcert',
      '-noprompt',
      '-alias',
      'anchor',
      '-file',
      'leaf.pem',
      '-keystore',
      'trust.p12',
      '-storetype',
      'PKCS12',
      '-storepass',
      'changeit',
    );
    const { items } = await read('trust.p12', 'changeit');
    expect(items).toMatchObject([{ kind: 'certificate', trusted: true, alias: 'anchor' }]);
  });
});

describe.skipIf(!HAS_OPENSSL)('keys and PKCS#7 of openssl', () => {
  it.each([
    ['PKCS#8, AES', ['pkcs8', '-topk8', '-passout', 'pass:secret']],
    ['PKCS#8, scrypt', ['pkcs8', '-topk8', '-scrypt', '-passout', 'pass:secret']],
    ['PKCS#8, 3DES by PKCS#12', ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES', '-passout', 'pass:secret']],
    ['PKCS#8, AES-128 with HMAC-SHA512', ['pkcs8', '-topk8', '-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA512', '-passout', 'pass:secret']],
    ['SEC 1 with PEM encryption', ['ec', '-aes256', '-passout', 'pass:secret']],
  ])('%s', async (_, args) => {
    runIn(folder, 'openssl', ...args, '-in', 'web.key', '-out', 'enc.key');
    expect(summary(await read('enc.key'))).toMatchObject({ keys: ['passphrase-needed'] });
    expect(summary(await read('enc.key', 'secret'))).toMatchObject({ keys: ['the right one'], locked: undefined });
    expect(summary(await read('enc.key', 'wrong'))).toMatchObject({ keys: ['wrong-passphrase'] });
  });
  it.skipIf(!HAS_LEGACY).each(['PBE-MD5-DES', 'PBE-SHA1-DES', 'PBE-MD5-RC2-64', 'PBE-SHA1-RC2-64', 'PBE-SHA1-RC4-128', 'PBE-SHA1-RC4-40'])(
    'PKCS#8, %s',
    async (scheme) => {
      const legacy = ['-provider', 'legacy', '-provider', 'default'];
      runIn(folder, 'openssl', 'pkcs8', '-topk8', '-v1', scheme, ...legacy, '-passout', 'pass:secret', '-in', 'web.key', '-out', 'old.key');
      expect(summary(await read('old.key'))).toMatchObject({ keys: ['passphrase-needed'] });
      expect(summary(await read('old.key', 'secret'))).toMatchObject({ keys: ['the right one'], locked: undefined });
      expect(summary(await read('old.key', 'wrong'))).toMatchObject({ keys: ['wrong-passphrase'] });
    },
  );
  it.each(['PEM', 'DER'])('PKCS#7 in %s', async (form) => {
    runIn(folder, 'openssl', 'crl2pkcs7', '-nocrl', '-certfile', 'chain.pem', '-outform', form, '-out', 'chain.p7b');
    expect(summary(await read('chain.p7b'))).toMatchObject({ certificates: 2, damaged: 0 });
  });
  it('PKCS#7 in BER with indefinite lengths and strings in pieces', async () => {
    writeFileSync(join(folder, 'mail.txt'), 'x'.repeat(10_000));
    runIn(
      folder,
      'openssl',
      'cms',
      '-sign',
      '-stream',
      '-nodetach',
      '-binary',
      '-in',
      'mail.txt',
      '-signer',
      'chain.pem',
      '-inkey',
      'web.key',
      '-outform',
      'DER',
      '-out',
      'mail.p7m',
    );
    const bytes = readFileSync(join(folder, 'mail.p7m'));
    expect(bytes[1]).toBe(0x80);
    expect(summary(await read('mail.p7m'))).toMatchObject({ formats: ['PKCS#7'], certificates: 1, damaged: 0 });
  });
});
