import { certificateLint } from '../lint.js';

export const noAuthorityKeyIdentifier = certificateLint({
  meta: {
    name: 'no-authority-key-identifier',
    severity: 'info',
    title: 'a certificate without authorityKeyIdentifier',
    why: 'With it a validator picks the issuer by key instead of trying every CA of that name: it matters while two CA keys are in use.',
    fix: 'have the CA add it; every usual tool does',
    citation: { rfc: 5280, section: '4.2.1.1' },
  },
  applies: ({ certificate }) => !certificate.selfIssued,
  check: ({ certificate }) => (certificate.authorityKeyIdentifier === undefined ? { message: 'no authorityKeyIdentifier' } : undefined),
});
