import { certificateLint } from '../lint.js';

export const weakSignature = certificateLint({
  meta: {
    name: 'weak-signature',
    severity: 'error',
    title: 'signed with a broken hash',
    why: 'OpenSSL 3, Go 1.18+, Java and browsers refuse SHA-1 and MD5 signatures ("CA md too weak"): collisions can be made, so the signature proves nothing.',
    fix: 'have it issued again with SHA-256',
    citation: { rfc: 9155, section: '2' },
  },
  applies: ({ certificate, role }) => !(role === 'root' && certificate.selfIssued),
  check: ({ certificate: { signatureAlgorithm } }) =>
    /^(?:md2|md4|md5|sha1)$/.test(signatureAlgorithm.hash ?? '') ? { message: `signed with ${signatureAlgorithm.name}` } : undefined,
});
