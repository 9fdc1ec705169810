import { defineMeta } from '../../meta.js';
import { pathFindings } from '../../path-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'name-constraint',
  severity: 'error',
  party: 'server',
  title: 'the certificate has a name that its authority may not certify',
  why: 'An authority can be limited to some names (name constraints), such as only corp.example. The certificate has a name outside. All names count, also those that this connection does not use.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=47:permitted subtree violation; num=48:excluded subtree violation' },
    { runtime: 'Node.js', text: 'UNSPECIFIED: permitted subtree violation' },
    { runtime: 'Go', text: 'x509: a root or intermediate certificate is not authorized to sign for this name' },
    { runtime: 'Java', text: 'name constraints check failed' },
    { runtime: 'GnuTLS', text: "The certificate chain violates the signer's constraints" },
    { runtime: 'rustls', text: 'invalid peer certificate: NameConstraintViolation' },
  ],
  confirm: [
    { title: 'what the authority may certify', command: 'openssl x509 -in {intermediate} -noout -ext nameConstraints' },
    {
      title: 'what the certificate claims',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName',
    },
  ],
  fixes: [
    { title: 'issue the certificate without the name outside', command: 'tlsmedic issue {name} --{profile} --out ./tls' },
    { title: 'or from an authority that may certify it' },
  ],
  references: [{ rfc: 5280, section: '4.2.1.10', title: 'Name constraints' }],
  alerts: ['bad_certificate', 'certificate_unknown'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => pathFindings(evidence, 'name-constraint'),
});
