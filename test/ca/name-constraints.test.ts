import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/lib/ca/authority.js';
import { issueCertificate } from '../../src/lib/ca/issue.js';
import { parseNameSubtree } from '../../src/lib/ca/name-constraints.js';
import { TlsmedicError } from '../../src/lib/errors.js';
import { installed, openssl, scratchFolder, verifyErrors } from './openssl.js';

describe('what --permit and --exclude take', () => {
  it.each([
    ['internal', { kind: 'dns', value: 'internal' }],
    ['.internal', { kind: 'dns', value: '.internal' }],
    ['*.internal', { kind: 'dns', value: '.internal' }],
    ['10.0.0.0/8', { kind: 'ip', value: '10.0.0.0/8' }],
    ['10.0.0.7', { kind: 'ip', value: '10.0.0.7/32' }],
    ['2001:db8::/32', { kind: 'ip', value: '2001:db8::/32' }],
    ['@example.com', { kind: 'email', value: 'example.com' }],
    ['ops@example.com', { kind: 'email', value: 'ops@example.com' }],
    ['spiffe://prod.example', { kind: 'uri', value: 'prod.example' }],
  ])('%s', (typed, expected) => expect(parseNameSubtree(typed)).toEqual(expected));

  it.each(['', '10.0.0.0/33', 'a b', '*'])('%j is refused', (typed) => expect(() => parseNameSubtree(typed)).toThrow(TlsmedicError));
});

const scratch = scratchFolder();
afterAll(scratch.remove);

describe.skipIf(!installed('openssl'))('openssl judges names as we do', () => {
  const nameConstraints = {
    permitted: ['internal', '10.0.0.0/8', '@example.com', 'spiffe://prod.example'].map(parseNameSubtree),
    excluded: ['secret.internal', '10.9.0.0/16'].map(parseNameSubtree),
  };
  const authority = createAuthority({ nameConstraints });
  const root = scratch.write('root.crt', authority.root.pem);
  const intermediate = scratch.write('int.crt', authority.intermediate.pem);

  it.each([
    ['api.internal', true],
    ['internal', true],
    ['*.a.internal', true],
    ['api.example.org', false],
    ['notinternal', false],
    ['x.secret.internal', false],
    ['10.1.2.3', true],
    ['10.9.0.1', false],
    ['192.168.0.1', false],
    ['a@example.com', true],
    ['a@sub.example.com', false],
    ['a@example.org', false],
    ['spiffe://prod.example/a', true],
    ['spiffe://other.example/a', false],
  ])('%s: %s', (name, allowed) => {
    const issue = () => issueCertificate(authority, { names: [name] });
    if (allowed) expect(issue).not.toThrow();
    else expect(issue).toThrowError(expect.objectContaining({ code: 'name-not-permitted' }));
    const file = scratch.write('leaf.crt', issueCertificate(authority, { names: [name] }, { unchecked: true }).certPem);
    const { ok, text } = openssl(['verify', '-CAfile', root, '-untrusted', intermediate, file]);
    expect(ok, text).toBe(allowed);
    if (!allowed) expect(verifyErrors(text)[0]).toSatisfy((error: number) => error === 47 || error === 48);
  });
});
