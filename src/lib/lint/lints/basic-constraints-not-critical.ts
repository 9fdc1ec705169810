import { EXT } from '../../x509/oids.js';
import { certificateLint } from '../lint.js';

export const basicConstraintsNotCritical = certificateLint({
  meta: {
    name: 'basic-constraints-not-critical',
    severity: 'warning',
    title: 'basicConstraints of a CA are not critical',
    why: 'A program that does not know the extension may take the certificate for an end entity; strict profiles refuse it.',
    fix: 'make the CA again with critical basicConstraints',
    citation: { rfc: 5280, section: '4.2.1.9' },
  },
  applies: ({ role, certificate }) => role !== 'leaf' && certificate.basicConstraints?.ca === true,
  check: ({ certificate }) =>
    certificate.extensions.some(({ oid, critical }) => oid === EXT.basicConstraints && !critical)
      ? { message: 'basicConstraints are not marked critical' }
      : undefined,
});
