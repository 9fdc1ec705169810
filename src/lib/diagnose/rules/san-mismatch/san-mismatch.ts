import { defineMeta } from '../../meta.js';
import { nameFindings } from '../../name-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'san-mismatch',
  severity: 'error',
  party: 'server',
  title: 'the certificate is for other names',
  why: 'A client compares the name it was told to reach with the subject alternative names of the certificate, and with nothing else. An address needs an IP entry, a wildcard stands for exactly one label, and in Kubernetes the short name, name.namespace, name.namespace.svc and the name with the cluster domain are four different names.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=62:Hostname mismatch, num=64:IP address mismatch' },
    { runtime: 'Node.js', text: "ERR_TLS_CERT_ALTNAME_INVALID: Hostname/IP does not match certificate's altnames" },
    {
      runtime: 'Go',
      text: "x509: certificate is valid for A, not B; cannot validate certificate for 10.0.0.7 because it doesn't contain any IP SANs",
    },
    { runtime: 'Java', text: 'No subject alternative DNS name matching X found' },
    { runtime: 'Python', text: "certificate verify failed: Hostname mismatch, certificate is not valid for 'X'" },
    { runtime: 'curl', text: "curl: (60) SSL: no alternative certificate subject name matches target host name 'X'" },
    { runtime: 'GnuTLS', text: 'The name in the certificate does not match the expected.' },
    { runtime: 'rustls', text: 'invalid peer certificate: NotValidForName' },
  ],
  confirm: [
    {
      title: 'the names it has',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName',
    },
    {
      title: 'whether another certificate comes without SNI',
      command: 'openssl s_client -connect {host}:{port} -noservername </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName',
    },
  ],
  fixes: [
    { title: 'issue it for the name that clients use', command: 'tlsmedic issue {names} --{profile} --out ./tls' },
    { title: 'or call the service by a name that the certificate has' },
    {
      title: 'cert-manager: add the name under spec.dnsNames of the Certificate',
      command: 'kubectl edit certificate NAME -n NAMESPACE',
      where: 'kubernetes',
    },
  ],
  references: [
    { rfc: 9525, section: '6', title: 'Verifying service identity' },
    { rfc: 9525, section: '6.3', title: 'Matching the DNS domain name portion' },
    { rfc: 5280, section: '4.2.1.6', title: 'Subject alternative name' },
  ],
  alerts: ['bad_certificate', 'certificate_unknown'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => nameFindings(evidence, 'san-mismatch'),
});
