import { certificateLint } from '../lint.js';

export const commonNameNotInAltNames = certificateLint({
  meta: {
    name: 'common-name-not-in-alt-names',
    severity: 'info',
    title: 'the common name is not among the names',
    why: 'Clients ignore the common name when subjectAltName is there: who reads only the subject believes in a name that does not work.',
    fix: 'issue it again with the common name as DNS name too',
    citation: { rfc: 9525, section: '6.3' },
  },
  applies: ({ role, certificate }) =>
    role === 'leaf' &&
    certificate.subject.commonName !== undefined &&
    certificate.subjectAltName?.some(({ kind }) => kind === 'dns') === true,
  check: ({ certificate }) => {
    const common = certificate.subject.commonName ?? '';
    if (!/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(common)) return undefined;
    const names = (certificate.subjectAltName ?? []).map(({ value }) => value.toLowerCase());
    return names.includes(common.toLowerCase())
      ? undefined
      : { message: `the common name "${common}" looks like a host and is not among the DNS names` };
  },
});
