import { certificateLint } from '../lint.js';

export const leafMaySignCertificates = certificateLint({
  meta: {
    name: 'leaf-may-sign-certificates',
    severity: 'error',
    title: 'keyCertSign without being a CA',
    why: 'RFC 5280 forbids keyCertSign where basicConstraints do not say CA; Go and webpki-like validators refuse the certificate.',
    fix: 'issue it again without keyCertSign',
    citation: { rfc: 5280, section: '4.2.1.3' },
  },
  applies: ({ role, certificate }) => role === 'leaf' && certificate.basicConstraints?.ca !== true,
  check: ({ certificate }) =>
    certificate.keyUsage?.includes('keyCertSign') === true ? { message: 'keyUsage has keyCertSign, but it is no CA' } : undefined,
});
