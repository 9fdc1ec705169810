import { certificateLint } from '../lint.js';

export const addressAsDnsName = certificateLint({
  meta: {
    name: 'address-as-dns-name',
    severity: 'error',
    title: 'an IP address written as a DNS name',
    why: 'Clients compare an address with iPAddress entries alone; the text of an address in a dNSName entry never matches.',
    fix: 'issue it again with the address as such: tlsmedic issue HOST ADDRESS --server',
    citation: { rfc: 9525, section: '6.4' },
  },
  applies: ({ certificate }) => certificate.subjectAltName !== undefined,
  check: ({ certificate }) => {
    const addresses = new Set((certificate.subjectAltName ?? []).filter(({ kind }) => kind === 'ip').map(({ value }) => value));
    const wrong = (certificate.subjectAltName ?? []).filter(
      ({ kind, value }) =>
        kind === 'dns' && /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:]*:[0-9a-f.]*)$/i.test(value) && !addresses.has(value),
    );
    return wrong[0] === undefined ? undefined : { message: `the DNS name "${wrong[0].value}" is an IP address and matches no client` };
  },
});
