import { describe, expect, it } from 'vitest';
import { createAuthority, signAuthority } from '../../src/lib/ca/authority.js';
import { guessIssuerRole } from '../../src/lib/evidence/issuer-role.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';

const now = Date.UTC(2026, 10, 26);

/** An issuing authority whose own issuer, of the given name, nobody shows; and a trusted root. */
function roleOf(issuerName: string, rootName: string): string {
  const common = { keyType: 'p256', notBefore: now, notAfter: now + 86_400_000 } as const;
  const upper = signAuthority({ ...common, commonName: issuerName });
  const last = parseCertificate(signAuthority({ ...common, commonName: 'Globex TLS E5' }, upper).der);
  const root = createAuthority({ name: 'x', rootName, now }).root;
  const anchors = [{ name: rootName, organization: undefined, key: parseCertificate(root.der).subject.key }];
  return guessIssuerRole({ last, chain: [last], anchors }).role;
}

describe('the issuer of an intermediate, which nobody shows', () => {
  it('is another intermediate when its name says so and a trusted root is of its house', () => {
    expect(roleOf('Globex Policy', 'Globex Primary')).toBe('intermediate');
  });
  it('is a root otherwise', () => {
    expect(roleOf('Globex Root G2', 'Globex Root G1')).toBe('root');
    expect(roleOf('Initech Policy', 'Globex Primary')).toBe('root');
    expect(roleOf('Globex', 'Initech')).toBe('root');
  });
});
