import { certificateLint } from '../lint.js';

export const caWithoutSubjectKeyIdentifier = certificateLint({
  meta: {
    name: 'ca-without-subject-key-identifier',
    severity: 'warning',
    title: 'a CA certificate without subjectKeyIdentifier',
    why: 'After a renewal with a new key, validators find the right one of two CAs of the same name by this identifier; without it they may try the wrong one and give up.',
    fix: 'make the CA again; every usual tool adds it',
    citation: { rfc: 5280, section: '4.2.1.2' },
  },
  applies: ({ role }) => role !== 'leaf',
  check: ({ certificate }) =>
    certificate.subjectKeyIdentifier === undefined ? { message: 'a CA without subjectKeyIdentifier' } : undefined,
});
