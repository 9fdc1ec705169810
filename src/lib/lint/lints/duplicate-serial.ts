import type { Certificate } from '../../x509/certificate.js';
import { setLint } from '../lint.js';

export const duplicateSerial = setLint({
  meta: {
    name: 'duplicate-serial',
    severity: 'error',
    title: 'two certificates of one issuer with the same serial number',
    why: 'Issuer and serial number name a certificate: Firefox refuses the second (SEC_ERROR_REUSED_ISSUER_AND_SERIAL), and revoking one revokes both.',
    fix: 'let the CA choose random serial numbers; issue one of them again',
    citation: { rfc: 5280, section: '4.1.2.2' },
  },
  applies: ({ members }) => members.length > 1,
  check: ({ members }) => {
    const byNumber = new Map<string, Certificate[]>();
    for (const { certificate } of members) {
      if (certificate.serial === '') continue;
      const key = `${certificate.serial} ${certificate.issuer.key}`;
      byNumber.set(key, [...(byNumber.get(key) ?? []), certificate]);
    }
    return [...byNumber.values()]
      .filter((group) => group.length > 1)
      .map((group) => ({
        message: `${group.length} different certificates of the same issuer have the serial number ${group[0]?.serial ?? ''}`,
        about: group,
      }));
  },
});
