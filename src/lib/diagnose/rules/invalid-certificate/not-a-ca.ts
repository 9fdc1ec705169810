import { defineMeta } from '../../meta.js';
import { pathFindings } from '../../path-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'not-a-ca',
  severity: 'error',
  party: 'server',
  title: 'a certificate was signed by one that is no authority',
  why: 'An issuer must say CA:TRUE in its basic constraints and, when it has a key usage, keyCertSign. Here a certificate of the path was signed with the key of one that lacks it, so anybody with a leaf could have made it. Usually the authority was made with a plain `openssl x509 -req`, without extensions.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=79:invalid CA certificate; num=32:key usage does not include certificate signing' },
    { runtime: 'Node.js', text: 'INVALID_CA, or UNSPECIFIED: key usage does not include certificate signing' },
    {
      runtime: 'Go',
      text: 'x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate")',
    },
    {
      runtime: 'Java',
      text: 'TrustAnchor with subject "…" is not a CA certificate; basic constraints check failed: this is not a CA certificate',
    },
    { runtime: 'GnuTLS', text: 'The certificate chain is invalid: signer is not a CA' },
    { runtime: 'rustls', text: 'invalid peer certificate: Other(EndEntityUsedAsCa)' },
  ],
  confirm: [
    { title: 'what the issuer says of itself', command: 'openssl x509 -in {intermediate} -noout -subject -ext basicConstraints,keyUsage' },
  ],
  fixes: [
    {
      title: 'make a proper authority and issue from it',
      command: 'tlsmedic ca init && tlsmedic issue {names} --{profile} --out ./tls',
    },
    {
      title: 'with openssl: give the authority its extensions',
      command:
        'openssl req -x509 -new -key ca.key -subj "/CN=Dev CA" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -days 3650 -out ca.crt',
    },
  ],
  references: [
    { rfc: 5280, section: '4.2.1.9', title: 'Basic constraints' },
    { rfc: 5280, section: '6.1.4', title: 'Preparation for certificate i+1' },
  ],
  alerts: ['unknown_ca', 'bad_certificate'],
  supersedes: ['untrusted-root', 'missing-intermediate'],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => pathFindings(evidence, 'not-a-ca'),
});
