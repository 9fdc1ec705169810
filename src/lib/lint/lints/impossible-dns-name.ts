import { certificateLint } from '../lint.js';

export const impossibleDnsName = certificateLint({
  meta: {
    name: 'impossible-dns-name',
    severity: 'error',
    title: 'a DNS name that no host can have',
    why: 'A scheme, a port, a path or a blank in a dNSName never matches a host name; underscores are refused by some.',
    fix: 'issue it again with the bare host name',
    citation: { rfc: 5280, section: '4.2.1.6' },
  },
  applies: ({ certificate }) => certificate.subjectAltName?.some(({ kind }) => kind === 'dns') === true,
  check: ({ certificate }) => {
    const wrong = (certificate.subjectAltName ?? []).find(
      ({ kind, value }) =>
        kind === 'dns' && (/[\s/:@]/.test(value) || value === '' || value.length > 253 || value.includes('..') || value.startsWith('.')),
    );
    return wrong === undefined ? undefined : { message: `the DNS name "${wrong.value}" cannot be a host name` };
  },
});
