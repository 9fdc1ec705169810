import { defineMeta } from '../../meta.js';
import { nameFindings } from '../../name-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'no-san',
  severity: 'error',
  party: 'server',
  title: 'the certificate has no subject alternative name',
  why: 'The name stands only in the common name of the subject, which RFC 9525 no longer allows clients to look at. Go, Python and browsers refuse such a certificate; Node.js, OpenSSL and Java still fall back to the common name, so it works in one program and fails in the next. The classic `openssl req -x509 -subj /CN=…` recipe makes them.',
  wordings: [
    { runtime: 'Go', text: 'x509: certificate relies on legacy Common Name field, use SANs instead' },
    { runtime: 'Python', text: "certificate verify failed: Hostname mismatch, certificate is not valid for 'X'" },
    { runtime: 'Chrome', text: 'NET::ERR_CERT_COMMON_NAME_INVALID' },
    { runtime: 'Node.js', text: "accepts a matching common name; otherwise: Host: X. is not cert's CN: Y" },
    { runtime: 'Java', text: 'No subject alternative names present (for an address)' },
    { runtime: 'rustls', text: 'invalid peer certificate: NotValidForName' },
  ],
  confirm: [
    {
      title: 'no SAN line comes out',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName',
    },
  ],
  fixes: [
    { title: 'issue it again with the name as SAN', command: 'tlsmedic issue {names} --{profile} --out ./tls' },
    {
      title: 'with openssl: -addext when making the certificate or request',
      command: 'openssl req -new -key server.key -subj /CN={name} -addext subjectAltName=DNS:{name} -out server.csr',
    },
    {
      title: 'and copy it when signing',
      command: 'openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -copy_extensions copy -days 90 -out server.crt',
    },
  ],
  references: [
    { rfc: 9525, section: '6.3', title: 'Matching the DNS domain name portion' },
    { rfc: 9525, section: '2', title: 'Naming of application services' },
    { rfc: 5280, section: '4.2.1.6', title: 'Subject alternative name' },
  ],
  alerts: ['bad_certificate', 'certificate_unknown'],
  supersedes: ['san-mismatch'],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => nameFindings(evidence, 'no-san'),
});
