import * as fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrl, type RevokedEntry } from '../../src/lib/ca/crl.js';
import * as ext from '../../src/lib/ca/extensions.js';
import { generateKeyPair, keyIdentifier } from '../../src/lib/ca/key-pair.js';
import { createOcspResponse } from '../../src/lib/ca/ocsp.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { writePem } from '../../src/lib/x509/pem.js';
import { chain, DAY, type Entity, HOUR, make, NOW } from '../path/tree.js';
import { expectConforms } from './conforms.js';
import { expectGolden, type Normaliser } from './golden.js';
import { runProgram, startProgram } from './run-program.js';

const folder = fs.mkdtempSync(join(tmpdir(), 'tlsmedic-verify-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Keys are made anew each time. */
const KEYS: Normaliser = [
  [/\b(?:[0-9a-f]{2}:){3}[0-9a-f]{2}…/g, 'KE:YI:DH:EX…'],
  [/SHA-256 [0-9a-f]{16}…/g, 'SHA-256 0123456789abcdef…'],
];
const AT = ['--at', new Date(NOW).toISOString()];

function write(name: string, ...entities: Pick<Entity, 'der'>[]): string {
  fs.writeFileSync(join(folder, name), entities.map(({ der }) => writePem('CERTIFICATE', der)).join(''));
  return name;
}

const verify = (...args: string[]) => runProgram(['verify-chain', ...args, ...(args.includes('--at') ? [] : AT)], { cwd: folder });
const { root, intermediate, leaf } = chain({ sans: ['api.internal', '*.api.internal'] }, { pathLength: 0 });

beforeAll(() => {
  write('root.pem', root);
  write('chain.pem', leaf, intermediate);
  write('leaf.pem', leaf);
  write('intermediate.pem', intermediate);
  write('wrong-order.pem', intermediate, leaf, intermediate);
  write('other.pem', make({ cn: 'Other Root', ca: true }));
  write('stale.pem', make({ cn: 'Other Root', ca: true }), make({ cn: 'Root', ca: true, notAfter: NOW + 400 * DAY }));
  write(
    'expired.pem',
    make({ cn: 'old.internal', sans: ['old.internal'], issuer: intermediate, notAfter: NOW - 3 * HOUR - 720_000 }),
    intermediate,
  );
  write(
    'client.pem',
    make({ cn: 'cli', sans: ['cli.internal'], issuer: intermediate, extensions: [ext.extendedKeyUsage(['clientAuth'])] }),
    intermediate,
  );
  write('hostile.pem', make({ cn: 'x\u001b[2J\u202e', sans: ['api.internal'], issuer: intermediate, notAfter: NOW - HOUR }), intermediate);
  const key = generateKeyPair('p256');
  const gone = make({ cn: 'Gone Root', ca: true });
  const ran = make({ cn: 'Shared CA', ca: true, key, issuer: root, notAfter: NOW - HOUR });
  write(
    'cross-signed.pem',
    make({ cn: 'api.internal', sans: ['api.internal'], issuer: ran }),
    ran,
    make({ cn: 'Shared CA', ca: true, key, issuer: gone }),
  );
  fs.writeFileSync(join(folder, 'empty.pem'), '');
  fs.writeFileSync(join(folder, 'page.pem'), '<!DOCTYPE html><html><body>login</body></html>');
});

describe('verify-chain', () => {
  it.each<[string, number, string[]]>([
    ['valid', 0, ['chain.pem', '--ca', 'root.pem', '--hostname', 'api.internal']],
    ['stale-bundle', 12, ['chain.pem', '--ca', 'stale.pem', '--hostname', 'api.internal']],
    ['missing-intermediate', 12, ['leaf.pem', '--ca', 'root.pem']],
    ['several-defects', 10, ['expired.pem', '--ca', 'root.pem', '--hostname', 'api.internal', '--purpose', 'client']],
    ['expired', 10, ['expired.pem', '--ca', 'root.pem', '--hostname', 'old.internal']],
    ['wrong-name', 13, ['chain.pem', '--ca', 'root.pem', '--hostname', 'a.b.api.internal']],
    ['wrong-order', 0, ['wrong-order.pem', '--ca', 'root.pem']],
    ['untrusted', 12, ['chain.pem', '--ca', 'other.pem']],
    ['cross-signed', 10, ['cross-signed.pem', '--ca', 'root.pem']],
    ['trusted-itself', 0, ['leaf.pem', '--ca', 'leaf.pem']],
    ['rotation', 12, ['chain.pem', 'client.pem', '--ca', 'root.pem', '--next-ca', 'stale.pem']],
  ])('%s', (name, status, args) => {
    const result = verify(...args);
    expect(result.status).toBe(status);
    expectGolden(`verify-chain/${name}`, `tlsmedic verify-chain ${args.join(' ')}`, result, KEYS);
  });

  it('prints the contract’s document, which conforms to its schema', () => {
    for (const args of [
      ['chain.pem', '--ca', 'root.pem'],
      ['chain.pem', '--ca', 'stale.pem'],
      ['expired.pem', '--ca', 'root.pem', '--hostname', 'x'],
    ]) {
      const { stdout, status } = verify(...args, '--json');
      const document = JSON.parse(stdout);
      expectConforms(document);
      expect(document).toMatchObject({ schema: 'tlsmedic/verification@1', valid: status === 0 });
    }
    const rotation = JSON.parse(verify('chain.pem', '--ca', 'root.pem', '--next-ca', 'root.pem', '--json').stdout);
    expectConforms(rotation);
    expect(rotation).toMatchObject({ ready: true, leaves: [{ old: true, next: true, both: true }] });
  });

  it('takes several chains, one document a line, and says when they differ', () => {
    const { stdout, status } = verify('chain.pem', 'expired.pem', 'client.pem', '--ca', 'root.pem', '--json');
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(documents.map(({ input, valid }) => [input, valid])).toEqual([
      ['chain.pem', true],
      ['expired.pem', false],
      ['client.pem', false],
    ]);
    expect(status).toBe(1);
    expect(verify('leaf.pem', 'intermediate.pem', '--ca', 'root.pem').status).toBe(0);
  });

  it.each([
    [['chain.pem', '--ca', 'empty.pem'], 'empty.pem holds no certificate'],
    [['chain.pem', '--ca', 'page.pem'], 'HTML'],
    [['chain.pem', '--ca', 'nowhere.pem'], 'cannot read nowhere.pem'],
    [['page.pem', '--ca', 'root.pem'], 'page.pem holds no certificate'],
    [['chain.pem', '--ca', 'root.pem', '--crl', 'root.pem'], 'root.pem holds no revocation list'],
  ])('%j is an error of the caller and never falls back to another store', (args, words) => {
    const { status, stderr, stdout } = verify(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
  });

  it('names the store that it used', () => {
    expect(verify('chain.pem', '--trust', 'none').stdout).toContain('no store');
    expect(verify('chain.pem', '--trust', 'mozilla').stdout).toContain('Mozilla roots of node');
  });

  it('takes revocation lists and OCSP responses', () => {
    const issuer = { subject: intermediate.name, keyIdentifier: keyIdentifier(intermediate.key.spki), key: intermediate.key.key };
    const list = (revoked: RevokedEntry[]) => createCrl({ issuer, thisUpdate: NOW - HOUR, nextUpdate: NOW + DAY, number: 1, revoked }).pem;
    const { serial } = parseCertificate(leaf.der);
    fs.writeFileSync(join(folder, 'good.crl'), list([]));
    fs.writeFileSync(join(folder, 'bad.crl'), list([{ serial, at: NOW - HOUR, reason: 'superseded' }]));
    const answer = {
      issuer: { subject: intermediate.name, spki: intermediate.key.spki },
      responder: intermediate.key,
      serial,
      thisUpdate: NOW - HOUR,
    };
    fs.writeFileSync(join(folder, 'revoked.ocsp'), createOcspResponse({ ...answer, status: { revokedAt: NOW - HOUR } }));
    expect(verify('chain.pem', '--ca', 'root.pem', '--crl', 'good.crl').stdout).toContain('✓ not revoked');
    expect(verify('chain.pem', '--ca', 'root.pem', '--crl', 'good.crl', '--revocation', 'hard').status).toBe(16);
    const revoked = verify('chain.pem', '--ca', 'root.pem', '--crl', 'bad.crl');
    expect([revoked.status, revoked.stdout]).toEqual([
      16,
      expect.stringMatching(/^✗ revoked: CN=api\.internal was revoked at 2026-11-22T11:00:00Z,\s+reason\s+superseded/),
    ]);
    expect(verify('chain.pem', '--ca', 'root.pem', '--ocsp', 'revoked.ocsp').status).toBe(16);
  });

  it('says how other runtimes judge, and what is not needed', () => {
    write('no-san.pem', make({ cn: 'old.internal', issuer: intermediate }), intermediate);
    const { stdout, status } = verify('no-san.pem', '--ca', 'root.pem', '--hostname', 'old.internal');
    expect([status, stdout]).toEqual([13, expect.stringContaining('OpenSSL / Node accepts it')]);
    expect(verify('no-san.pem', '--ca', 'root.pem', '--hostname', 'old.internal', '--profile', 'openssl').status).toBe(0);
    write('with-root.pem', leaf, intermediate, root);
    expect(verify('with-root.pem', '--ca', 'root.pem').stdout).toContain('is the trust anchor itself');
  });

  it('reads standard input', () => {
    const input = fs.readFileSync(join(folder, 'chain.pem'));
    expect(runProgram(['verify-chain', '-', '--ca', 'root.pem', ...AT], { cwd: folder, input }).status).toBe(0);
  });

  it('lets no control sequence of a certificate through', () => {
    const { stdout } = verify('hostile.pem', '--ca', 'root.pem');
    expect(stdout).toContain('x\\x1b[2J\\u{202e}');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });

  it('fetches a missing issuer only when told to', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end(intermediate.der);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ca.der`;
      write(
        'aia.pem',
        make({
          cn: 'api.internal',
          sans: ['api.internal'],
          issuer: intermediate,
          extensions: [ext.authorityInfoAccess({ caIssuers: [address] })],
        }),
      );
      const args = ['verify-chain', 'aia.pem', '--ca', 'root.pem', ...AT];
      const without = await startProgram(args, { cwd: folder }).done;
      expect([without.status, asked]).toEqual([12, 0]);
      expect(without.stdout).toContain('--fetch-missing');
      const fetched = await startProgram([...args, '--fetch-missing'], { cwd: folder }).done;
      expect([fetched.status, asked]).toEqual([0, 1]);
      expect(fetched.stdout).toContain(`${address}: 1 certificate`);
    } finally {
      server.close();
    }
  });
});
