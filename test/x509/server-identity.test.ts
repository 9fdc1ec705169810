import { describe, expect, it } from 'vitest';
import { ipText, isPrefixMask, parseIp } from '../../src/lib/x509/ip-address.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { hostReference, matchDnsName, matchEmail, matchIdentity, parseSpiffeId } from '../../src/lib/x509/server-identity.js';
import { make } from '../path/tree.js';

const issued = (cn: string, ...sans: string[]) => parseCertificate(make(sans.length === 0 ? { cn } : { cn, sans }).der);

describe('DNS names (RFC 9525 §6.3)', () => {
  it.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com', 'example.COM'],
    ['example.com', 'example.com.'],
    ['*.example.com', 'www.example.com'],
    ['*.example.com', 'xn--e1afmkfd.example.com'],
  ])('%s covers %s', (presented, host) => expect(matchDnsName(presented, host).ok).toBe(true));

  it.each([
    ['example.com', 'www.example.com'],
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['w*.example.com', 'www.example.com'],
    ['*w.example.com', 'www.example.com'],
    ['www.*.com', 'www.example.com'],
    ['*.*.com', 'www.example.com'],
    ['*.com', 'example.com'],
    ['*', 'example'],
    ['example.com.', 'example.com'],
    ['example.com\u0000.evil.test', 'example.com'],
    ['', 'example.com'],
    ['foo_bar.example.com', 'foo_bar.example.com'],
    ['-a.example.com', '-a.example.com'],
    ['10.0.0.1', '10.0.0.1'],
  ])('%s does not cover %s', (presented, host) => expect(matchDnsName(presented, host).ok).toBe(false));

  it('says what stands against it', () => {
    expect(matchDnsName('*.example.com', 'a.b.example.com').why).toMatch(/one label only/);
    expect(matchDnsName('*.example.com', 'example.com').why).toMatch(/itself/);
    expect(matchDnsName('foo_bar.test', 'foo_bar.test').why).toMatch(/underscore/);
    expect(matchDnsName('foo_bar.test', 'foo_bar.test', 'lenient').ok).toBe(true);
  });
});

describe('identity of a certificate', () => {
  it('tells addresses from names, and an address in a DNS name does not count', () => {
    expect(hostReference('::1')).toEqual({ kind: 'ip', value: '::1' });
    expect(hostReference('10.0.0.7').kind).toBe('ip');
    expect(hostReference('10.0.0.7.nip.io').kind).toBe('dns');
    expect(hostReference('Bücher.example')).toEqual({ kind: 'dns', value: 'xn--bcher-kva.example' });
    const certificate = issued('x', '10.0.0.7', 'fd00::7');
    expect(matchIdentity(certificate, hostReference('10.0.0.7')).matched).toBe('ip:10.0.0.7');
    expect(matchIdentity(certificate, hostReference('fd00:0:0:0:0:0:0:7')).matched).toBe('ip:fd00::7');
    expect(matchIdentity(certificate, hostReference('10.0.0.8')).ok).toBe(false);
  });

  it('does not take the common name, but says so', () => {
    const match = matchIdentity(issued('api.internal'), hostReference('api.internal'));
    expect(match).toMatchObject({ ok: false, code: 'no-san', why: expect.stringContaining('"api.internal" does not count') });
    expect(matchIdentity(issued('api.internal'), hostReference('api.internal'), 'lenient').matched).toBe('cn:api.internal');
    expect(matchIdentity(issued('api.internal', 'other.internal'), hostReference('api.internal'), 'lenient').ok).toBe(false);
  });

  it('lists the names that the certificate does have', () => {
    expect(matchIdentity(issued('x', 'a.internal', 'b.internal'), hostReference('c.internal'))).toMatchObject({
      code: 'san-mismatch',
      presented: ['dns:a.internal', 'dns:b.internal'],
      why: expect.stringContaining('dns:a.internal, dns:b.internal'),
    });
  });

  it('matches mailboxes with the local part as it is', () => {
    expect(matchEmail('Ops@Corp.test', 'Ops@corp.TEST')).toBe(true);
    expect(matchEmail('ops@corp.test', 'Ops@corp.test')).toBe(false);
  });
});

describe('SPIFFE', () => {
  const id = 'spiffe://prod.example/ns/pay/sa/ledger';
  it('matches the ID exactly and the trust domain alone', () => {
    const certificate = issued('x', id);
    expect(matchIdentity(certificate, { kind: 'spiffe-id', value: id }).ok).toBe(true);
    expect(matchIdentity(certificate, { kind: 'spiffe-id', value: `${id}2` })).toMatchObject({
      ok: false,
      why: `the certificate is for ${id}, not for ${id}2`,
    });
    expect(matchIdentity(certificate, { kind: 'trust-domain', value: 'prod.example' }).ok).toBe(true);
    expect(matchIdentity(certificate, { kind: 'trust-domain', value: 'spiffe://Prod.Example/' }).ok).toBe(true);
    expect(matchIdentity(certificate, { kind: 'trust-domain', value: 'example' }).ok).toBe(false);
  });
  it('wants exactly one URI', () => {
    expect(matchIdentity(issued('x', id, 'spiffe://prod.example/other'), { kind: 'spiffe-id', value: id }).why).toMatch(/2 URIs/);
    expect(matchIdentity(issued('x', 'api.internal'), { kind: 'trust-domain', value: 'prod.example' }).why).toMatch(/no URI/);
  });
  it.each([
    'https://prod.example/x',
    'spiffe:///x',
    'spiffe://Prod.example/x',
    'spiffe://prod.example/x?y',
    'spiffe://prod.example//x',
    'spiffe://prod.example/../x',
    'spiffe://user@prod.example/x',
    'spiffe://prod.example:1/x',
    'spiffe://prod.example/x/',
  ])('%s is no SPIFFE ID', (uri) => expect(parseSpiffeId(uri)).toHaveProperty('problem'));
});

describe('addresses', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::', '::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:10.0.0.7', '::ffff:a00:7'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ])('%s is written %s (RFC 5952)', (typed, text) => expect(ipText(parseIp(typed) as Uint8Array)).toBe(text));
  it.each(['10.0.0', '10.0.0.256', '010.0.0.1', '1::2::3', ':1', '12345::', 'fe80::1%eth0', ''])('%s is none', (text) =>
    expect(parseIp(text)).toBeUndefined(),
  );
  it('knows masks', () => {
    expect(isPrefixMask(Uint8Array.of(255, 255, 240, 0))).toBe(true);
    expect(isPrefixMask(Uint8Array.of(255, 0, 255, 0))).toBe(false);
    expect(isPrefixMask(Uint8Array.of(255, 5, 0, 0))).toBe(false);
  });
});
