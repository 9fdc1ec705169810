import type { Certificate } from '../../x509/certificate.js';
import { setLint } from '../lint.js';

/** Who a certificate is for: its names, or its subject when it has none. */
function identityOf(certificate: Certificate): string {
  const names = (certificate.subjectAltName ?? []).map(({ kind, value }) => `${kind}:${value}`).sort();
  return names.length === 0 ? certificate.subject.key : names.join(' ');
}

export const sharedKey = setLint({
  meta: {
    name: 'shared-key',
    severity: 'warning',
    title: 'one key in certificates for different names',
    why: 'Who takes the key from one service is all of them, and one revocation takes all of them down. A renewal with the same key is not meant here.',
    fix: 'give each service a key of its own: tlsmedic issue makes a new key each time',
    citation: { url: 'https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final', title: 'NIST SP 800-57 Part 1, section 5.2' },
  },
  applies: ({ members }) => members.length > 1,
  check: ({ members }) => {
    const byKey = new Map<string, Certificate[]>();
    for (const { certificate, role } of members) {
      if (role !== 'leaf' || certificate.publicKey.spki.length === 0) continue;
      const key = Buffer.from(certificate.publicKey.spki).toString('latin1');
      byKey.set(key, [...(byKey.get(key) ?? []), certificate]);
    }
    return [...byKey.values()]
      .filter((group) => new Set(group.map(identityOf)).size > 1)
      .map((group) => ({ message: `${group.length} certificates for different names have the same key`, about: group }));
  },
});
