import { certificateLint } from '../lint.js';

export const noSubjectAltName = certificateLint({
  meta: {
    name: 'no-subject-alt-name',
    severity: 'error',
    title: 'an end entity certificate without subjectAltName',
    why: 'Clients compare the name they wanted with subjectAltName alone: Node, Go, browsers, Java and Python no longer look at the common name.',
    fix: 'issue it again with its names: tlsmedic issue HOST --server',
    citation: { rfc: 9525, section: '6.3' },
  },
  applies: ({ role }) => role === 'leaf',
  check: ({ certificate }) => {
    const { subjectAltName, subject } = certificate;
    if (subjectAltName !== undefined && subjectAltName.length > 0) return undefined;
    const common = subject.commonName === undefined ? '' : `; the common name "${subject.commonName}" does not count`;
    return { message: `no client finds a name in it${common}` };
  },
});
