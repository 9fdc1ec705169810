import { defineMeta } from '../../meta.js';
import { pathFindings } from '../../path-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'wrong-purpose',
  severity: 'error',
  party: 'server',
  title: 'the certificate is not meant for servers',
  why: 'Its extended key usage does not include serverAuth, or its key usage does not allow what the handshake does with the key. Mostly a client certificate was put on a server, or one certificate was shared by two roles.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=26:unsuitable certificate purpose' },
    { runtime: 'Node.js', text: 'INVALID_PURPOSE: unsuitable certificate purpose' },
    { runtime: 'Go', text: 'x509: certificate specifies an incompatible key usage' },
    { runtime: 'Java', text: 'Extended key usage does not permit use for TLS server authentication' },
    { runtime: 'Python', text: 'certificate verify failed: unsuitable certificate purpose' },
    { runtime: 'GnuTLS', text: "The certificate chain violates the signer's constraints / key usage violation" },
  ],
  confirm: [
    {
      title: 'its usages',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -ext extendedKeyUsage,keyUsage',
    },
  ],
  fixes: [
    { title: 'issue it for servers', command: 'tlsmedic issue {names} --server --out ./tls' },
    { title: 'cert-manager: usages: [server auth, digital signature] in the Certificate' },
    { title: 'check that the files of two services were not swapped', command: 'tlsmedic inspect server.crt client.crt' },
  ],
  references: [
    { rfc: 5280, section: '4.2.1.12', title: 'Extended key usage' },
    { rfc: 5280, section: '4.2.1.3', title: 'Key usage' },
  ],
  alerts: ['unsupported_certificate', 'bad_certificate'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => pathFindings(evidence, 'wrong-purpose'),
});
