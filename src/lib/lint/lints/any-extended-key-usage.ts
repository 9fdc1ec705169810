import { EKU } from '../../x509/oids.js';
import { certificateLint } from '../lint.js';

export const anyExtendedKeyUsage = certificateLint({
  meta: {
    name: 'any-extended-key-usage',
    severity: 'info',
    title: 'extendedKeyUsage allows any purpose',
    why: 'anyExtendedKeyUsage is accepted by OpenSSL and Go, while strict programs want the purpose itself and RFC 5280 lets them refuse.',
    fix: 'name serverAuth or clientAuth instead',
    citation: { rfc: 5280, section: '4.2.1.12' },
  },
  applies: ({ role, certificate }) => role === 'leaf' && certificate.extKeyUsage !== undefined,
  check: ({ certificate }) =>
    certificate.extKeyUsage?.includes(EKU.any) === true &&
    !certificate.extKeyUsage.includes(EKU.serverAuth) &&
    !certificate.extKeyUsage.includes(EKU.clientAuth)
      ? { message: 'extendedKeyUsage says anyExtendedKeyUsage and names neither serverAuth nor clientAuth' }
      : undefined,
});
