import { certificateLint } from '../lint.js';

export const noExtendedKeyUsage = certificateLint({
  meta: {
    name: 'no-extended-key-usage',
    severity: 'warning',
    title: 'an end entity certificate without extendedKeyUsage',
    why: 'Without it the certificate is good for every purpose: a stolen server certificate also logs in as a client. Some servers ask for clientAuth by name and refuse it.',
    fix: 'issue it again for one purpose: tlsmedic issue HOST --server, or --client',
    citation: { rfc: 5280, section: '4.2.1.12' },
  },
  applies: ({ role }) => role === 'leaf',
  check: ({ certificate }) =>
    certificate.extKeyUsage === undefined ? { message: 'good for every purpose, as server and as client' } : undefined,
});
