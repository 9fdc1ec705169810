import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { inferSubjectAltName, kubernetesServiceNames, spiffeId, subjectAltNameText } from '../../src/lib/ca/subject-alt-name.js';
import { TlsmedicError } from '../../src/lib/errors.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';

describe('kind inferred from what was typed', () => {
  it.each([
    ['api.internal', 'DNS:api.internal'],
    ['API.Internal.', 'DNS:api.internal'],
    ['localhost', 'DNS:localhost'],
    ['*.svc.internal', 'DNS:*.svc.internal'],
    ['_dmarc.example.com', 'DNS:_dmarc.example.com'],
    ['bücher.example', 'DNS:xn--bcher-kva.example'],
    ['10.0.0.7', 'IP:10.0.0.7'],
    ['::1', 'IP:::1'],
    ['[2001:0DB8::0007]', 'IP:2001:db8::7'],
    ['::ffff:10.0.0.1', 'IP:::ffff:a00:1'],
    ['alice@example.com', 'email:alice@example.com'],
    ['Alice+x@Example.com', 'email:Alice+x@example.com'],
    ['spiffe://prod.example/payments/gateway', 'URI:spiffe://prod.example/payments/gateway'],
    ['urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'URI:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
    ['uri:https://example.com/x', 'URI:https://example.com/x'],
    ['dns:api.internal', 'DNS:api.internal'],
    ['ip:10.0.0.7', 'IP:10.0.0.7'],
  ])('%s is %s', (typed, expected) => expect(subjectAltNameText(inferSubjectAltName(typed))).toBe(expected));

  it.each([
    ['', /empty/],
    ['api..internal', /empty label/],
    ['-api', /letters, digits and inner hyphens/],
    ['a b', /character that no DNS name has/],
    ['https://api.internal/x', /address to connect to/],
    ['api.internal:8443', /not a port/],
    ['10.0.0.256', /IPv4/],
    ['10.0.0', /IPv4/],
    ['2001:db8::zz', /no IP address/],
    ['fe80::1%eth0', /no zone/],
    ['foo.*.bar', /wildcard/],
    ['f*.bar', /wildcard/],
    ['*.com', /top-level/],
    ['foo@', /behind the @/],
    ['@example.com', /e-mail/],
    ['jürgen@example.com', /ASCII/],
    ['spiffe://Prod/x', /trust domain/],
    ['spiffe://prod/a//b', /segment/],
    ['spiffe://prod/a/../b', /segment/],
    ['spiffe://prod/a?x', /query/],
    ['spiffe://prod:8080/a', /trust domain/],
    [`${'a'.repeat(64)}.example`, /64 characters/],
    [Array(60).fill('abcde').join('.'), /253/],
    ['https://', /names no host/],
    ['uri:https:///x', /names no host/],
    ['evil\u001b[31m', /character|DNS name/],
  ])('%j is refused', (typed, why) => {
    expect(() => inferSubjectAltName(typed)).toThrowError(
      expect.objectContaining({ code: 'bad-name', kind: 'usage', message: expect.stringMatching(why) }),
    );
  });

  it('of any text never fails in another way, and what is accepted goes into a certificate and comes back the same', () => {
    const authority = createAuthority();
    const text = fc.oneof(
      fc.string(),
      fc.domain(),
      fc.ipV4(),
      fc.ipV6(),
      fc.emailAddress(),
      fc.webUrl(),
      fc.string({ unit: fc.constantFrom(...'ab.-*@:/[]%1') }),
    );
    fc.assert(
      fc.property(text, (typed) => {
        let san: ReturnType<typeof inferSubjectAltName>;
        try {
          san = inferSubjectAltName(typed);
        } catch (error) {
          expect(error).toBeInstanceOf(TlsmedicError);
          return;
        }
        // Typing what was shown gives the same name again.
        expect(inferSubjectAltName(`${san.kind}:${san.value}`)).toEqual(san);
        const issued = issueCertificate(authority, { sans: [san] });
        const certificate = parseCertificate(issued.der);
        expect(certificate.subjectAltName).toMatchObject([san]);
        expect(certificate.problems).toEqual([]);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('Kubernetes services', () => {
  const all = ['payments', 'payments.prod', 'payments.prod.svc', 'payments.prod.svc.cluster.local'];
  it.each(['payments.prod', 'payments.prod.svc', 'payments.prod.svc.cluster.local', 'payments.prod.cluster.local'])(
    '%s gives every name',
    (typed) => expect(kubernetesServiceNames(typed).map((name) => name.value)).toEqual(all),
  );
  it('keeps another cluster domain', () =>
    expect(kubernetesServiceNames('a.b.svc.corp.example').at(-1)?.value).toBe('a.b.svc.corp.example'));
  it.each(['payments', 'a_b.c', '', 'a.b/c'])('%j is refused', (typed) =>
    expect(() => kubernetesServiceNames(typed)).toThrow(TlsmedicError),
  );
});

it('a SPIFFE ID longer than 2048 bytes is refused', () => {
  expect(() => spiffeId(`spiffe://prod/${'a/'.repeat(1100)}b`)).toThrow(/2048/);
});
