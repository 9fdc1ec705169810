import { certificateLint } from '../lint.js';

export const weakKey = certificateLint({
  meta: {
    name: 'weak-key',
    severity: 'error',
    title: 'a key that is too weak',
    why: 'OpenSSL 3 and Node refuse RSA keys under 2048 bits at their default security level ("ee key too small"), and so do Java and Go for smaller ones.',
    fix: 'make a new key: tlsmedic issue makes P-256 keys',
    citation: { url: 'https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final', title: 'NIST SP 800-57 Part 1, table 2' },
  },
  applies: ({ certificate }) => certificate.publicKey.type !== 'unknown',
  check: ({ certificate: { publicKey } }) => {
    const { type, bits, rsaExponent } = publicKey;
    if ((type === 'rsa' || type === 'rsa-pss') && bits > 0 && bits < 2048)
      return { message: `RSA of ${bits} bits; 2048 is the least that is accepted` };
    if ((type === 'rsa' || type === 'rsa-pss') && rsaExponent !== undefined && (rsaExponent < 3n || rsaExponent % 2n === 0n))
      return { message: `RSA exponent ${rsaExponent} gives no security` };
    if (type === 'ec' && bits > 0 && bits < 224) return { message: `elliptic curve of ${bits} bits; 256 is usual, 224 the least` };
    if (type === 'dsa') return { message: 'DSA key: TLS 1.3 and current libraries have no use for it' };
    return undefined;
  },
});
