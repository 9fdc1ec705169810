import { certificateLint } from '../lint.js';

export const mustStapleWithoutResponder = certificateLint({
  meta: {
    name: 'must-staple-without-responder',
    severity: 'warning',
    title: 'a stapled OCSP answer is demanded but nobody gives one',
    why: 'id-pe-tlsfeature obliges the server to staple, and without an OCSP address in the certificate it does not know whom to ask.',
    fix: 'issue it again without the feature, or with an OCSP address',
    citation: { rfc: 7633, section: '4.2.3' },
  },
  applies: ({ certificate }) => certificate.mustStaple,
  check: ({ certificate }) =>
    (certificate.authorityInfoAccess?.ocsp.length ?? 0) === 0
      ? { message: 'demands a stapled OCSP answer and names no OCSP responder' }
      : undefined,
});
