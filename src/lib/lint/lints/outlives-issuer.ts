import { certificateLint } from '../lint.js';

export const outlivesIssuer = certificateLint({
  meta: {
    name: 'outlives-issuer',
    severity: 'warning',
    title: 'it ends after its issuer',
    why: 'The path breaks when the issuer ends, not when this certificate does: monitoring that looks at the leaf alone sees nothing coming.',
    fix: 'renew the CA first, then issue it again',
    citation: { rfc: 5280, section: '6.1.3' },
  },
  applies: ({ issuer }) => issuer !== undefined,
  check: ({ certificate, issuer }) => {
    if (issuer === undefined || !(certificate.notAfter > issuer.notAfter)) return undefined;
    return {
      message: `ends ${Math.ceil((certificate.notAfter - issuer.notAfter) / 86_400_000)} days after its issuer, with which its path ends`,
    };
  },
});
