import { certificateLint } from '../lint.js';

export const caWithoutKeyUsage = certificateLint({
  meta: {
    name: 'ca-without-key-usage',
    severity: 'warning',
    title: 'a CA certificate without keyUsage',
    why: 'RFC 5280 wants keyCertSign in every CA certificate that signs; webpki-like validators refuse a CA whose keyUsage is there without it.',
    fix: 'make the CA again with keyCertSign and cRLSign',
    citation: { rfc: 5280, section: '4.2.1.3' },
  },
  applies: ({ role }) => role !== 'leaf',
  check: ({ certificate }) => {
    if (certificate.keyUsage === undefined) return { message: 'a CA without keyUsage' };
    return certificate.keyUsage.includes('keyCertSign')
      ? undefined
      : { message: 'a CA whose keyUsage lacks keyCertSign: what it signs is refused' };
  },
});
