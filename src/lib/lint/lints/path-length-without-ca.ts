import { certificateLint } from '../lint.js';

export const pathLengthWithoutCa = certificateLint({
  meta: {
    name: 'path-length-without-ca',
    severity: 'warning',
    title: 'a path length on a certificate that is no CA',
    why: 'RFC 5280 allows pathLenConstraint on CA certificates alone; OpenSSL and strict validators call the certificate invalid.',
    fix: 'issue it again without a path length',
    citation: { rfc: 5280, section: '4.2.1.9' },
  },
  applies: ({ certificate }) => certificate.basicConstraints !== undefined,
  check: ({ certificate: { basicConstraints } }) =>
    basicConstraints?.ca === false && basicConstraints.pathLength !== undefined
      ? { message: `path length ${basicConstraints.pathLength}, but it is no CA` }
      : undefined,
});
