import { describe, expect, it } from 'vitest';
import { createCrl } from '../../src/lib/ca/crl.js';
import { keyIdentifier } from '../../src/lib/ca/key-pair.js';
import { TlsmedicError } from '../../src/lib/errors.js';
import { verifyChain } from '../../src/lib/operations/verify-chain.js';
import { writePem } from '../../src/lib/x509/pem.js';
import { cpuMs } from '../cpu-clock.js';
import { chain, DAY, make, NOW } from '../path/tree.js';

const pem = ({ der }: { der: Uint8Array }): string => writePem('CERTIFICATE', der);
const { root, intermediate, leaf } = chain({ sans: ['api.internal', '10.0.0.7', 'ops@corp.test', 'spiffe://corp.test/api'] });
const base = { leaf: leaf.der, intermediates: [intermediate.der], roots: [root.der], at: NOW };

describe('verifyChain', () => {
  it('takes PEM, DER and a chain in one text', async () => {
    expect((await verifyChain(base)).valid).toBe(true);
    expect((await verifyChain({ leaf: pem(leaf) + pem(intermediate), roots: [pem(root)], at: new Date(NOW) })).valid).toBe(true);
    expect(
      (
        await verifyChain({
          leaf: Buffer.from(leaf.der),
          intermediates: [pem(intermediate)],
          roots: [pem(root)],
          at: new Date(NOW).toISOString(),
        })
      ).valid,
    ).toBe(true);
  });

  it.each([
    [{ hostname: 'api.internal' }, true],
    [{ hostname: '10.0.0.7' }, true],
    [{ ip: '10.0.0.8' }, false],
    [{ email: 'ops@CORP.test' }, true],
    [{ uri: 'spiffe://corp.test/api' }, true],
    [{ spiffeId: 'spiffe://corp.test/db' }, false],
    [{ trustDomain: 'corp.test' }, true],
    [
      {
        peerNames: [
          { kind: 'DNS', value: 'api.internal' },
          { kind: 'RFC822', value: 'ops@corp.test' },
        ],
      },
      true,
    ],
    [
      {
        peerNames: [
          { kind: 'DNS', value: 'api.internal' },
          { kind: 'DNS', value: 'db.internal' },
        ],
      },
      false,
    ],
  ])('matches %j: %s', async (names, valid) => expect((await verifyChain({ ...base, ...names })).valid).toBe(valid));

  it('gives causes in the contract’s shape, with the fixes of the catalogue', async () => {
    const old = make({ cn: 'old.internal', sans: ['old.internal'], issuer: intermediate, notAfter: NOW - DAY });
    const { causes, paths, chain: given, validIfClockMovedSeconds } = await verifyChain({ ...base, leaf: old.der });
    expect(causes).toMatchObject([
      {
        class: 'expiry',
        code: 'expired',
        party: 'server',
        confidence: 'certain',
        summary: expect.stringContaining('1 day'),
        alternatives: [],
      },
    ]);
    expect(causes[0]?.fixes.length).toBeGreaterThan(0);
    expect(causes[0]?.evidence).toContainEqual({
      fact: 'notAfter',
      value: new Date(NOW - DAY).toISOString().replace('.000Z', 'Z'),
      source: 'end entity',
    });
    expect(paths[0]?.steps.map(({ role, ok }) => [role, ok])).toEqual([
      ['end-entity', false],
      ['intermediate', true],
      ['anchor', true],
    ]);
    expect(given.map(({ source }) => source)).toEqual(['end entity', 'intermediate 1']);
    expect(validIfClockMovedSeconds).toBe(-86_400);
  });

  it('mends the dates of an authority at the authority, and says whose rule is broken', async () => {
    const expired = make({ cn: 'Issuing CA', ca: true, issuer: root, key: intermediate.key, notAfter: NOW - DAY });
    const { causes } = await verifyChain({ ...base, intermediates: [expired.der] });
    expect(causes.map(({ code, fixes }) => [code, fixes[0]?.title])).toEqual([
      ['expired', 'have CN=Issuing CA renewed by CN=Root with the same key: the certificates below it stay as they are'],
    ]);
    const weak = make({ cn: 'Weak CA', ca: true, issuer: root, signatureAlgorithm: 'ecdsa-sha1' });
    const below = make({ cn: 'api', sans: ['api.internal'], issuer: weak });
    const verdict = await verifyChain({ ...base, leaf: below.der, intermediates: [weak.der] });
    expect(verdict.causes.map(({ summary }) => summary)).toEqual(['CN=Weak CA: signed with ecdsa-with-SHA1: sha1 is broken']);
  });

  it('warns when the revocation data given say nothing about the certificate', async () => {
    const crl = createCrl({
      issuer: { subject: intermediate.name, keyIdentifier: keyIdentifier(intermediate.key.spki), key: intermediate.key.key },
      thisUpdate: NOW - 9 * DAY,
      nextUpdate: NOW - DAY,
      number: 1,
      revoked: [],
    }).der;
    const { valid, warnings, notChecked } = await verifyChain({ ...base, crls: [crl] });
    expect([valid, warnings.map(({ code }) => code)]).toEqual([true, ['revocation-unavailable']]);
    expect(warnings[0]?.summary).toMatch(/out of date since/);
    expect(notChecked).toContainEqual('revocation of CN=Issuing CA: no CRL of CN=Root is at hand');
  });

  it('says where Node, OpenSSL and Go would judge otherwise', async () => {
    const bare = make({ cn: 'old.internal', issuer: intermediate });
    const { valid, elsewhere } = await verifyChain({ ...base, leaf: bare.der, hostname: 'old.internal' });
    expect(valid).toBe(false);
    expect(elsewhere).toMatchObject([{ profile: 'openssl', runtime: 'OpenSSL / Node', valid: true }]);
  });

  it('holds CAs to their duties unless told otherwise', async () => {
    const bare = make({ cn: 'api', sans: ['api.internal'], issuer: intermediate, without: ['2.5.29.35'] });
    expect((await verifyChain({ ...base, leaf: bare.der })).causes).toMatchObject([{ code: 'malformed' }]);
    const lenient = await verifyChain({ ...base, leaf: bare.der, duties: 'warn' });
    expect([lenient.valid, lenient.warnings.map(({ summary }) => summary)]).toEqual([
      true,
      [expect.stringContaining('no authorityKeyIdentifier')],
    ]);
  });

  it('throws only for what no certificate can cause', async () => {
    await expect(verifyChain({ ...base, leaf: 'nothing' })).rejects.toBeInstanceOf(TlsmedicError);
    await expect(verifyChain({ ...base, at: 'some day' })).rejects.toThrow('"some day" is no time');
    await expect(verifyChain({ ...base, peerNames: [{ kind: 'X400', value: 'x' }] })).rejects.toThrow('no kind of name');
    for (const hostile of [new Uint8Array(0), Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), Buffer.alloc(4096, 0x30)]) {
      expect(
        (
          await verifyChain({
            leaf: hostile,
            intermediates: [hostile],
            roots: [hostile],
            crls: [hostile],
            ocspResponses: [hostile],
            at: NOW,
            revocation: 'hard',
          })
        ).valid,
      ).toBe(false);
    }
  });

  it('is not held up by a flood of certificates', async () => {
    const flood = pem(make({ cn: 'Flood', ca: true })).repeat(20_000);
    const before = cpuMs();
    expect((await verifyChain({ ...base, intermediates: [intermediate.der, flood], roots: [root.der] })).valid).toBe(true);
    expect(cpuMs() - before).toBeLessThan(1500);
  });
});
