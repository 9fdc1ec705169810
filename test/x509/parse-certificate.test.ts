import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as der from '../../src/lib/ca/der-writer.js';
import * as ext from '../../src/lib/ca/extensions.js';
import { oidName } from '../../src/lib/x509/oids.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';
import { certificatesFromPem, readPem, writePem } from '../../src/lib/x509/pem.js';
import { type EntityRequest, make, NOW } from '../path/tree.js';

const KEYS = ['p256', 'p384', 'ed25519', 'rsa-2048'] as const;

describe('a certificate', () => {
  it.each(KEYS)('with a %s key reads as node:crypto reads it', (keyType) => {
    const { der: bytes } = make({ cn: 'api', keyType, sans: ['api.internal', '10.0.0.7', 'ops@corp.test', 'spiffe://corp/api'] });
    const [ours, theirs] = [parseCertificate(bytes), new X509Certificate(bytes)];
    expect(ours.problems).toEqual([]);
    expect(ours).toMatchObject({
      version: 3,
      serial: theirs.serialNumber.toLowerCase(),
      fingerprint: theirs.fingerprint256.replaceAll(':', '').toLowerCase(),
      selfIssued: true,
      notBefore: Date.parse(theirs.validFrom),
      notAfter: Date.parse(theirs.validTo),
    });
    expect(Buffer.from(ours.publicKey.spki).equals(theirs.publicKey.export({ format: 'der', type: 'spki' }))).toBe(true);
    expect(ours.subjectAltName?.map(({ kind, value }) => `${kind}:${value}`).sort()).toEqual([
      'dns:api.internal',
      'email:ops@corp.test',
      'ip:10.0.0.7',
      'uri:spiffe://corp/api',
    ]);
    expect(ours.extKeyUsage).toEqual(theirs.keyUsage);
    expect(theirs.verify(theirs.publicKey)).toBe(true);
    expect(ours.publicKey.bits).toBe({ p256: 256, p384: 384, ed25519: 253, 'rsa-2048': 2048 }[keyType]);
  });

  it('has its extensions decoded', () => {
    const certificate = parseCertificate(
      make({
        ca: true,
        pathLength: 2,
        extensions: [
          ext.certificatePolicies(['1.2.3', '2.5.29.32.0']),
          ext.crlDistributionPoints(['http://pki.test/a.crl']),
          ext.mustStaple(),
          ext.authorityInfoAccess({ ocsp: ['http://ocsp.test/'], caIssuers: ['http://pki.test/ca.der'] }),
          ext.nameConstraints({
            permitted: [
              { kind: 'dns', value: 'internal' },
              { kind: 'ip', value: '10.0.0.0/8' },
            ],
            excluded: [{ kind: 'email', value: 'bad.test' }],
          }),
          {
            oid: '2.5.29.36',
            critical: true,
            value: der.sequence(der.contextPrimitive(0, Uint8Array.of(1)), der.contextPrimitive(1, Uint8Array.of(0))),
          },
          { oid: '2.5.29.33', critical: true, value: der.sequence(der.sequence(der.oid('1.2.3'), der.oid('1.2.4'))) },
          { oid: '2.5.29.54', critical: true, value: der.integer(3) },
        ],
      }).der,
    );
    expect(certificate.problems).toEqual([]);
    expect(certificate).toMatchObject({
      basicConstraints: { ca: true, pathLength: 2 },
      keyUsage: ['keyCertSign', 'cRLSign'],
      policies: [{ oid: '1.2.3' }, { oid: '2.5.29.32.0' }],
      mustStaple: true,
      crlDistributionPoints: [{ fullName: [{ kind: 'uri', value: 'http://pki.test/a.crl' }] }],
      authorityInfoAccess: { ocsp: ['http://ocsp.test/'], caIssuers: ['http://pki.test/ca.der'] },
      policyConstraints: { requireExplicitPolicy: 1, inhibitPolicyMapping: 0 },
      policyMappings: [{ issuerDomain: '1.2.3', subjectDomain: '1.2.4' }],
      inhibitAnyPolicy: 3,
    });
    expect(certificate.nameConstraints?.permitted.map(({ base }) => `${base.kind}:${base.value}`)).toEqual([
      'dns:internal',
      'ip:10.0.0.0/255.0.0.0',
    ]);
    expect(certificate.nameConstraints?.excluded.map(({ base }) => `${base.kind}:${base.value}`)).toEqual(['email:bad.test']);
    expect(certificate.extensions.map(({ oid }) => oidName(oid))).toContain('policyConstraints');
  });

  /** What is wrong with a certificate made like this, without the offsets. */
  const problemsOf = (request: EntityRequest) =>
    parseCertificate(make(request).der).problems.map(({ severity, message }) => `${severity} ${message}`);
  const raw = (oid: string, hex: string): EntityRequest => ({ extensions: [{ oid, critical: false, value: Buffer.from(hex, 'hex') }] });

  it.each<[string, EntityRequest, string]>([
    [
      'a subjectAltName that is text',
      raw('2.5.29.17', Buffer.from('example.com').toString('hex')),
      'fatal subjectAltName: expected SEQUENCE, found [APPLICATION 5]',
    ],
    ['an empty subjectAltName', raw('2.5.29.17', '3000'), 'strict subjectAltName: empty list of names'],
    ['an address of five octets', raw('2.5.29.17', '300787050a00000001'), 'strict subjectAltName: iPAddress of 5 octets'],
    ['an empty extKeyUsage', raw('2.5.29.37', '3000'), 'strict extKeyUsage: empty list (RFC 5280 §4.2.1.12)'],
    ['a keyUsage without a bit', raw('2.5.29.15', '03020700'), 'strict keyUsage: no bit is set (RFC 5280 §4.2.1.3)'],
    ['basicConstraints with bytes behind', raw('2.5.29.19', '30030101ff0500'), 'strict basicConstraints: 2 bytes too many'],
    ['TRUE that is not 0xff', raw('2.5.29.19', '3003010101'), 'strict basicConstraints: cA: BOOLEAN is 0x01, DER wants 0xff'],
    ['empty nameConstraints', raw('2.5.29.30', '3000'), 'strict nameConstraints: empty (RFC 5280 §4.2.1.10)'],
    ['a non-ASCII DNS name', raw('2.5.29.17', '30058203c3bc78'), 'strict subjectAltName: dNSName: IA5String with bytes outside ASCII'],
    ['an authorityInfoAccess that is none', raw('1.3.6.1.5.5.7.1.1', '0500'), 'fatal authorityInfoAccess: expected SEQUENCE, found NULL'],
  ])('with %s says so', (_, request, expected) => expect(problemsOf(request)).toContainEqual(expected));

  it('says at which byte it is wrong', () => {
    const { der: bytes } = make({ cn: 'api' });
    // notBefore as YYMMDDhhmmssZ; a random serial number may hold a Z of its own.
    const at =
      Buffer.from(bytes)
        .toString('latin1')
        .search(/\d{12}Z/) + 2;
    const broken = Uint8Array.from(bytes);
    broken[at] = 0x39; // the month's first digit
    const [problem] = parseCertificate(broken).problems;
    expect(problem).toMatchObject({ severity: 'fatal', message: expect.stringMatching(/^notBefore: month 9\d/) });
    expect(Math.abs((problem?.offset ?? 0) - at)).toBeLessThan(4);
  });

  it('reads on where it can: a broken extension does not hide the others', () => {
    const certificate = parseCertificate(
      make({ cn: 'api', extensions: [{ oid: '2.5.29.17', critical: false, value: Uint8Array.of(0x30, 0x82, 0xff) }] }).der,
    );
    expect(certificate.subjectAltName).toEqual([]);
    expect(certificate.extKeyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate.notAfter).toBeGreaterThan(NOW);
  });

  it('is empty, not an exception, when there is nothing to read', () => {
    for (const bytes of [
      new Uint8Array(0),
      Uint8Array.of(0x30),
      Uint8Array.of(0x04, 1, 2),
      new TextEncoder().encode('-----BEGIN CERTIFICATE-----'),
    ]) {
      const certificate = parseCertificate(bytes);
      expect(certificate.problems.length).toBeGreaterThan(0);
      expect(certificate).toMatchObject({ version: 0, serial: '', notAfter: Number.NaN, subjectAltName: undefined, extensions: [] });
    }
  });
});

describe('PEM', () => {
  const { der: bytes } = make({ cn: 'api' });
  const block = writePem('CERTIFICATE', bytes);

  it('reads any order, wrapping and company, with the line of each block', () => {
    const key = writePem('PRIVATE KEY', Uint8Array.of(1, 2, 3));
    const text = `Bag Attributes\n    friendlyName: api\n${key}subject=CN = api\n${block.replaceAll('\n', '\r\n')}trailing`;
    expect(readPem(text).map(({ label, line, problem }) => [label, line, problem])).toEqual([
      ['PRIVATE KEY', 3, undefined],
      ['CERTIFICATE', 7, undefined],
    ]);
    expect(certificatesFromPem(`\ufeff${block}${block}`)).toHaveLength(2);
    expect(Buffer.from(certificatesFromPem(JSON.stringify({ cert: block }))[0] ?? []).equals(Buffer.from(bytes))).toBe(true);
    expect(
      certificatesFromPem(
        block
          .split('\n')
          .map((line) => `    ${line}`)
          .join('\n'),
      ),
    ).toHaveLength(1);
  });

  it('has headers of the old form apart from the body', () => {
    const old =
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQID\n-----END RSA PRIVATE KEY-----\n';
    expect(readPem(old)).toMatchObject([
      { headers: { 'proc-type': '4,ENCRYPTED', 'dek-info': 'AES-128-CBC,00' }, der: Uint8Array.of(1, 2, 3) },
    ]);
  });

  it.each([
    ['cut off', block.slice(0, 200), /cut off/],
    ['closed by another label', block.replace('END CERTIFICATE', 'END X509 CRL'), /another label/],
    ['empty', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', /nothing between/],
    ['no base64', '-----BEGIN CERTIFICATE-----\nMII$\n-----END CERTIFICATE-----\n', /"\$" is not base64/],
    ['short of characters', '-----BEGIN CERTIFICATE-----\nMIIBx\n-----END CERTIFICATE-----\n', /impossible length/],
    ['followed too soon', `-----BEGIN CERTIFICATE-----\nMIIB\n${block}`, /another block begins/],
  ])('that is %s says so', (_, text, problem) => expect(readPem(text)[0]?.problem).toMatch(problem));

  it('is written with lines of 64 characters', () => {
    expect(
      block
        .split('\n')
        .slice(1, -3)
        .every((line) => line.length === 64),
    ).toBe(true);
    expect(block.endsWith('-----END CERTIFICATE-----\n')).toBe(true);
  });
});
