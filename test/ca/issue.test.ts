import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, DAY_SECONDS } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import type { KeyType } from '../../src/lib/ca/key-pair.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { mutualHandshake } from './handshake.js';

const now = Date.parse('2026-11-22T03:04:05.678Z');

describe('a certificate', () => {
  const authority = createAuthority({ now });
  const issued = issueCertificate(authority, { names: ['api.internal', '10.0.0.7'], now, profile: 'server' });
  const certificate = parseCertificate(issued.der);

  it('says what it was asked to say', () => {
    expect(certificate.problems).toEqual([]);
    expect(certificate.subject.text).toBe('CN=api.internal');
    expect(certificate.subjectAltName?.map((name) => name.value)).toEqual(['api.internal', '10.0.0.7']);
    expect(certificate.keyUsage).toEqual(['digitalSignature']);
    expect(certificate.extKeyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.basicConstraints).toMatchObject({ ca: false });
    expect(certificate.authorityKeyIdentifier?.keyIdentifier).toEqual(parseCertificate(authority.intermediate.der).subjectKeyIdentifier);
  });

  it('begins five minutes back and lasts 24 hours from now', () => {
    expect(certificate.notBefore).toBe(Date.parse('2026-11-22T02:59:05Z'));
    expect(certificate.notAfter).toBe(Date.parse('2026-11-23T03:04:05Z'));
  });

  it('has a random serial of 126 bits', () => {
    const serials = new Set(Array.from({ length: 200 }, () => issueCertificate(authority, { names: ['x'], now }).serial));
    expect(serials.size).toBe(200);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
    expect(new X509Certificate(issued.certPem).serialNumber.toLowerCase()).toBe(issued.serial);
  });

  it('takes time and randomness from its arguments', () => {
    const made = issueCertificate(authority, { names: ['x'], now, random: (octets) => new Uint8Array(octets).fill(7) });
    expect(made.serial).toBe(`47${'07'.repeat(15)}`);
  });

  it('carries addresses, stapling and an organisation when asked', () => {
    const made = parseCertificate(
      issueCertificate(authority, {
        names: ['x.internal'],
        now,
        organization: 'ops',
        aia: ['http://a/ca'],
        ocsp: ['http://a/ocsp'],
        cdp: ['http://a/crl'],
        mustStaple: true,
      }).der,
    );
    expect(made.authorityInfoAccess).toEqual({ ocsp: ['http://a/ocsp'], caIssuers: ['http://a/ca'] });
    expect(made.crlDistributionPoints?.[0]?.fullName?.[0]?.value).toBe('http://a/crl');
    expect(made.mustStaple).toBe(true);
    expect(made.subject.text).toContain('O=ops');
  });

  it('leaves the common name out when no name fits into 64 characters, and marks the names critical', () => {
    const name = `${'a'.repeat(60)}.${'b'.repeat(20)}.internal`;
    const made = parseCertificate(issueCertificate(authority, { names: [name], now }).der);
    expect(made.subject.rdns).toEqual([]);
    expect(made.extensions.find((extension) => extension.oid === '2.5.29.17')?.critical).toBe(true);
  });

  it('gives years beyond 2049 as they are', () => {
    const old = createAuthority({ now, lifetimes: { rootSeconds: 60 * 365 * DAY_SECONDS, intermediateSeconds: 50 * 365 * DAY_SECONDS } });
    const made = issueCertificate(old, { names: ['x'], now, lifetimeSeconds: 40 * 365 * DAY_SECONDS });
    expect(new X509Certificate(made.certPem).validTo).toContain('2066');
  });
});

describe('refused', () => {
  const authority = createAuthority({ now, lifetimes: { intermediateSeconds: 10 * DAY_SECONDS } });
  const issue = (request: Parameters<typeof issueCertificate>[1]) => () => issueCertificate(authority, { now, ...request });
  it.each([
    ['no name', issue({ names: [] }), 'no-name'],
    ['a life beyond the issuer', issue({ names: ['x'], lifetimeSeconds: 11 * DAY_SECONDS }), 'outlives-issuer'],
    ['an end beyond the issuer', issue({ names: ['x'], notAfter: now + 11 * DAY_SECONDS * 1000 }), 'outlives-issuer'],
    ['a beginning before the issuer', issue({ names: ['x'], notBefore: now - DAY_SECONDS * 1000 }), 'outlives-issuer'],
    ['an end before the beginning', issue({ names: ['x'], notAfter: now - DAY_SECONDS * 1000 }), 'bad-lifetime'],
    ['an issuer that ran out', issue({ names: ['x'], now: now + 20 * DAY_SECONDS * 1000 }), 'issuer-expired'],
  ])('%s', (_, attempt, code) => expect(attempt).toThrowError(expect.objectContaining({ code, kind: 'usage' })));

  it('an intermediate that outlives its root', () => {
    expect(() => createAuthority({ now, lifetimes: { rootSeconds: 10, intermediateSeconds: 20 } })).toThrowError(
      expect.objectContaining({ code: 'bad-lifetime' }),
    );
  });
});

describe('mutual TLS between what was issued', () => {
  // RSA-3072 and RSA-4096 take seconds to make: they are in the slow suite.
  for (const keyType of ['p256', 'p384', 'ed25519', 'rsa-2048'] satisfies KeyType[]) {
    const authority = createAuthority({ keyType });
    const server = issueCertificate(authority, { names: ['api.internal'], profile: 'server', keyType });
    const client = issueCertificate(authority, { names: ['alice@example.com'], profile: 'client', keyType });
    const material = (issued: typeof server) => ({ cert: issued.chainPem, key: issued.keyPem as string, ca: authority.root.pem });
    it.each(['TLSv1.2', 'TLSv1.3'] as const)(`${keyType} over %s`, async (version) => {
      expect(await mutualHandshake(material(server), material(client), 'api.internal', version)).toEqual({
        protocol: version,
        client: 'alice@example.com',
        authorized: true,
      });
    });
    it(`${keyType}: a client certificate is no server certificate`, async () => {
      await expect(mutualHandshake(material(client), material(client), 'api.internal', 'TLSv1.2')).rejects.toThrow(
        /unsuitable certificate purpose/,
      );
    });
  }
});
