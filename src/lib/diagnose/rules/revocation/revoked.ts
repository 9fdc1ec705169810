import { defineMeta } from '../../meta.js';
import { revokedFindings } from '../../revocation-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'revoked',
  severity: 'error',
  party: 'server',
  title: 'a certificate was revoked',
  why: 'The authority withdrew the certificate before it ran out, by a revocation list or an OCSP answer. Most clients never ask, so the certificate goes on working in one program and is refused in another.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=23:certificate revoked; alert certificate revoked (44)' },
    { runtime: 'Node.js', text: 'CERT_REVOKED: certificate revoked' },
    { runtime: 'Java', text: 'java.security.cert.CertificateRevokedException: Certificate has been revoked, reason: KEY_COMPROMISE' },
    { runtime: 'GnuTLS', text: 'The certificate chain is revoked.' },
    { runtime: 'curl', text: 'curl: (60) SSL certificate problem: certificate revoked' },
    { runtime: 'Firefox', text: 'SEC_ERROR_REVOKED_CERTIFICATE' },
    { runtime: 'Go', text: 'not checked by crypto/tls' },
  ],
  confirm: [
    { title: 'against the list', command: 'openssl verify -crl_check -CAfile {ca} -CRLfile {crl} server.crt' },
    {
      title: 'stapled answer',
      command: 'openssl s_client -connect {host}:{port} -servername {name} -status </dev/null 2>/dev/null | grep -A12 "OCSP response"',
    },
  ],
  fixes: [
    {
      title: 'issue a new certificate with a new key: a revoked one never comes back',
      command: 'tlsmedic issue {names} --{profile} --out ./tls',
    },
    { title: 'ask the authority for the reason: after keyCompromise replace everything that shared the key' },
  ],
  references: [
    { rfc: 5280, section: '5', title: 'CRL and CRL extensions profile' },
    { rfc: 6960, section: '2.2', title: 'OCSP response' },
  ],
  alerts: ['certificate_revoked'],
  supersedes: ['revocation-unavailable', 'client-cert-rejected'],
});

export const rule = defineRule({
  meta,
  check: revokedFindings,
});
