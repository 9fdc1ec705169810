import { certificateLint } from '../lint.js';

export const spiffeExactlyOneUri = certificateLint({
  meta: {
    name: 'spiffe-exactly-one-uri',
    severity: 'error',
    title: 'an X.509-SVID with more than one URI',
    why: 'A SPIFFE validator must refuse a certificate with a second URI name: it would have two identities.',
    fix: 'issue it again with the SPIFFE ID alone: tlsmedic issue --spiffe spiffe://DOMAIN/PATH',
    citation: { url: 'https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md', title: 'SPIFFE X.509-SVID, section 2' },
  },
  applies: ({ certificate }) =>
    certificate.subjectAltName?.some(({ kind, value }) => kind === 'uri' && value.startsWith('spiffe:')) === true,
  check: ({ certificate }) => {
    const uris = (certificate.subjectAltName ?? []).filter(({ kind }) => kind === 'uri');
    return uris.length > 1 ? { message: `${uris.length} URI names beside each other: an SVID has exactly one` } : undefined;
  },
});
