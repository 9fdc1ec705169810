import { certificateLint } from '../lint.js';

export const caWithoutBasicConstraints = certificateLint({
  meta: {
    name: 'ca-without-basic-constraints',
    severity: 'error',
    title: 'a CA certificate without basicConstraints',
    why: 'A path through a certificate that does not say CA:TRUE is refused by every validator; only a trust anchor slips through in some.',
    fix: 'make the CA again: tlsmedic ca init',
    citation: { rfc: 5280, section: '4.2.1.9' },
  },
  applies: ({ role }) => role !== 'leaf',
  check: ({ certificate }) => {
    if (certificate.basicConstraints?.ca === true) return undefined;
    return {
      message:
        certificate.basicConstraints === undefined
          ? 'acts as a CA and has no basicConstraints'
          : 'acts as a CA and its basicConstraints say CA:FALSE',
    };
  },
});
