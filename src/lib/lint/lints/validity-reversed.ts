import { certificateLint } from '../lint.js';

export const validityReversed = certificateLint({
  meta: {
    name: 'validity-reversed',
    severity: 'error',
    title: 'it ends before it begins',
    why: 'No time lies inside such a window: the certificate was never valid.',
    fix: 'issue it again; look at the clock of the machine that made it',
    citation: { rfc: 5280, section: '4.1.2.5' },
  },
  applies: ({ certificate }) => Number.isFinite(certificate.notBefore) && Number.isFinite(certificate.notAfter),
  check: ({ certificate: { notBefore, notAfter } }) =>
    notAfter < notBefore ? { message: 'notAfter lies before notBefore: it is valid at no time' } : undefined,
});
