import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../../src/lib/ca/authority.js';
import { createCrl } from '../../../src/lib/ca/crl.js';
import { issueCertificate } from '../../../src/lib/ca/issue.js';
import { createOcspError, createOcspResponse } from '../../../src/lib/ca/ocsp.js';
import { parseCertificateRequest } from '../../../src/lib/x509/certificate-request.js';
import { type DerKind, sniffDer } from '../../../src/lib/x509/container/der-structure.js';
import { readContainer } from '../../../src/lib/x509/container/read-container.js';
import { HAS_OPENSSL, runIn } from './programs.js';

const now = Date.now();
const { root, intermediate, ...rest } = createAuthority({ now });
const authority = { ...rest, root, intermediate };
const leaf = issueCertificate(authority, { names: ['web.internal'], now });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');
const secret = (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1', more: object = {}): Uint8Array =>
  key.export({ format: 'der', type, ...more } as never) as unknown as Uint8Array;
const open = (key: KeyObject, type: 'spki' | 'pkcs1'): Uint8Array => key.export({ format: 'der', type });
const crl = (entries: number): Uint8Array =>
  createCrl({
    issuer: intermediate,
    thisUpdate: now,
    nextUpdate: undefined,
    number: 1,
    revoked: Array.from({ length: entries }, (_, i) => ({ serial: (i + 256).toString(16).padStart(4, '0'), at: now })),
  }).der;

const KINDS: [string, DerKind, Uint8Array][] = [
  ['a certificate', 'certificate', leaf.der],
  ['a root certificate', 'certificate', root.der],
  ['a CRL', 'crl', crl(2)],
  ['an empty CRL', 'crl', crl(0)],
  [
    'an OCSP response',
    'ocsp-response',
    createOcspResponse({ issuer: intermediate, responder: intermediate, serial: '0a', status: 'good', thisUpdate: now }),
  ],
  ['an OCSP error', 'ocsp-response', createOcspError(3)],
  ['PKCS#8, EC', 'pkcs8', secret(ec.privateKey, 'pkcs8')],
  ['PKCS#8, RSA', 'pkcs8', secret(rsa.privateKey, 'pkcs8')],
  ['PKCS#8, Ed25519', 'pkcs8', secret(ed.privateKey, 'pkcs8')],
  ['PKCS#8, encrypted', 'encrypted-pkcs8', secret(ec.privateKey, 'pkcs8', { cipher: 'aes-256-cbc', passphrase: 'x' })],
  ['PKCS#1', 'pkcs1', secret(rsa.privateKey, 'pkcs1')],
  ['SEC 1', 'sec1', secret(ec.privateKey, 'sec1')],
  ['SubjectPublicKeyInfo, EC', 'spki', open(ec.publicKey, 'spki')],
  ['SubjectPublicKeyInfo, RSA', 'spki', open(rsa.publicKey, 'spki')],
  ['SubjectPublicKeyInfo, Ed25519', 'spki', open(ed.publicKey, 'spki')],
  ['RSAPublicKey', 'pkcs1-public', open(rsa.publicKey, 'pkcs1')],
];

describe('a structure is told by its shape', () => {
  it.each(KINDS)('%s', async (_, kind, der) => {
    expect(sniffDer(der)).toMatchObject({ kind, next: der.length });
    const { items } = await readContainer(der, { passphrases: [] });
    expect(items).toHaveLength(1);
    expect(items[0]?.kind).not.toBe('damaged');
  });
  it('several one after another, and what follows the last', async () => {
    const { items, remarks } = await readContainer(Buffer.concat([leaf.der, root.der, crl(1), Buffer.from('trailing')]), {
      passphrases: [],
    });
    expect(items.map(({ kind, place }) => `${kind} ${place.path.join()}`)).toEqual(['certificate #1', 'certificate #2', 'crl #3']);
    expect(remarks.map(({ text }) => text)).toEqual([expect.stringMatching(/^8 bytes after the end/)]);
  });
  it('public halves of private keys are the right ones', async () => {
    for (const [, kind, der] of KINDS) {
      if (kind !== 'pkcs8' && kind !== 'pkcs1' && kind !== 'sec1') continue;
      const { items } = await readContainer(der, { passphrases: [] });
      const spkis = [ec, rsa, ed].map(({ publicKey }) => Buffer.from(open(publicKey, 'spki')).toString('hex'));
      expect(items[0]?.kind === 'private-key' && spkis.includes(Buffer.from(items[0].key.spki ?? []).toString('hex'))).toBe(true);
    }
  });
});

describe.skipIf(!HAS_OPENSSL)('structures of openssl', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tlsmedic-der-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  it('requests, with and without attributes', async () => {
    writeFileSync(join(folder, 'k'), ec.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    runIn(
      folder,
      'openssl',
      'req',
      '-new',
      '-key',
      'k',
      '-subj',
      '/O=Shop/CN=web',
      '-addext',
      'subjectAltName=DNS:web.internal,IP:10.0.0.7',
      '-addext',
      'keyUsage=digitalSignature',
      '-outform',
      'DER',
      '-out',
      'r.csr',
    );
    const der = readFileSync(join(folder, 'r.csr'));
    expect(sniffDer(der)?.kind).toBe('certificate-request');
    const request = parseCertificateRequest(der);
    expect(request.problems).toEqual([]);
    expect(request.subject.text).toBe('CN=web, O=Shop');
    expect(request.subjectAltName?.map(({ value }) => value)).toEqual(['web.internal', '10.0.0.7']);
    expect(request.keyUsage).toEqual(['digitalSignature']);
    expect(Buffer.from(request.publicKey.spki).equals(open(ec.publicKey, 'spki'))).toBe(true);
    runIn(folder, 'openssl', 'req', '-new', '-key', 'k', '-subj', '/', '-outform', 'DER', '-out', 'bare.csr');
    const bare = readFileSync(join(folder, 'bare.csr'));
    expect(sniffDer(bare)?.kind).toBe('certificate-request');
    expect(parseCertificateRequest(bare)).toMatchObject({ problems: [], version: 1 });
  });
  it('parameters, and a request damaged at every byte', () => {
    runIn(folder, 'openssl', 'ecparam', '-name', 'prime256v1', '-outform', 'DER', '-out', 'ec');
    expect(sniffDer(readFileSync(join(folder, 'ec')))?.kind).toBe('ec-parameters');
    const whole = readFileSync(join(folder, 'r.csr'));
    for (let at = 0; at < whole.length; at++) {
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] as number) ^ 0x55;
      parseCertificateRequest(changed);
      parseCertificateRequest(whole.subarray(0, at));
    }
  });
});
