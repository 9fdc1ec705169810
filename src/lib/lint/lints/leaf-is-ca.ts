import { certificateLint } from '../lint.js';

export const leafIsCa = certificateLint({
  meta: {
    name: 'leaf-is-ca',
    severity: 'warning',
    title: 'an end entity certificate that is a CA',
    why: 'Who has its key can issue certificates for any name that everybody with this certificate in their trust store accepts. "openssl req -x509" makes such certificates unless told otherwise.',
    fix: 'issue it from a CA of its own (tlsmedic ca init, tlsmedic issue), or with -addext basicConstraints=critical,CA:FALSE',
    citation: { rfc: 5280, section: '4.2.1.9' },
  },
  applies: ({ role }) => role === 'leaf',
  check: ({ certificate }) =>
    certificate.basicConstraints?.ca === true
      ? { message: 'it serves as end entity and is a CA as well: its key can sign certificates for any name' }
      : undefined,
});
