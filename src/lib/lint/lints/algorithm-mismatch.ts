import { certificateLint } from '../lint.js';

export const algorithmMismatch = certificateLint({
  meta: {
    name: 'algorithm-mismatch',
    severity: 'error',
    title: 'the two places that name the signature algorithm differ',
    why: 'The algorithm stands inside and outside the signed part and must be the same in both; validators that compare them refuse the certificate.',
    fix: 'have it issued again; the tool that made it is broken',
    citation: { rfc: 5280, section: '4.1.1.2' },
  },
  applies: ({ certificate }) => certificate.signatureAlgorithm.oid !== '' && certificate.tbsSignatureAlgorithm.oid !== '',
  check: ({ certificate: { signatureAlgorithm: outer, tbsSignatureAlgorithm: inner } }) =>
    outer.oid === inner.oid ? undefined : { message: `says ${outer.name} outside and ${inner.name} inside the signed part` },
});
