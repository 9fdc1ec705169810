import { certificateLint } from '../lint.js';

export const serialTrouble = certificateLint({
  meta: {
    name: 'serial-trouble',
    severity: 'warning',
    title: 'a serial number that some programs refuse',
    why: 'Go 1.23 and later refuse negative serial numbers, RFC 5280 forbids zero and more than 20 octets, and CRLs name certificates by this number alone.',
    fix: 'have it issued again with a random positive number of up to 20 octets',
    citation: { rfc: 5280, section: '4.1.2.2' },
  },
  applies: ({ certificate }) => certificate.serial !== '',
  check: ({ certificate: { serial, serialNegative } }) => {
    if (serialNegative) return { message: 'its serial number is negative' };
    if (/^0*$/.test(serial)) return { message: 'its serial number is zero' };
    return serial.length > 40 ? { message: `its serial number has ${serial.length / 2} octets, 20 are allowed` } : undefined;
  },
});
