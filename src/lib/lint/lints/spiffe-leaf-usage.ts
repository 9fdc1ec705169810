import { certificateLint } from '../lint.js';

export const spiffeLeafUsage = certificateLint({
  meta: {
    name: 'spiffe-leaf-usage',
    severity: 'error',
    title: 'an X.509-SVID leaf whose key usage is wrong',
    why: 'A leaf SVID must have digitalSignature and must not be able to sign certificates or CRLs; validators refuse it otherwise.',
    fix: 'issue it again with digitalSignature alone',
    citation: { url: 'https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md', title: 'SPIFFE X.509-SVID, section 4.3' },
  },
  applies: ({ role, certificate }) =>
    role === 'leaf' && certificate.subjectAltName?.some(({ kind, value }) => kind === 'uri' && value.startsWith('spiffe:')) === true,
  check: ({ certificate: { keyUsage } }) => {
    if (keyUsage === undefined || !keyUsage.includes('digitalSignature'))
      return { message: 'keyUsage lacks digitalSignature, which a leaf SVID must have' };
    const signs = keyUsage.find((bit) => bit === 'keyCertSign' || bit === 'cRLSign');
    return signs === undefined ? undefined : { message: `keyUsage has ${signs}, which a leaf SVID must not have` };
  },
});
