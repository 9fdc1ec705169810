import { defineMeta } from '../../meta.js';
import { unavailableFindings } from '../../revocation-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'revocation-unavailable',
  severity: 'error',
  party: 'network',
  title: 'nobody can tell whether the certificate was revoked',
  why: 'Revocation was asked for and no usable answer exists: the list is out of date or from another authority, the responder does not answer, or a certificate that promises a stapled answer (must-staple) came without one. Unreachable is not "good": most clients go on as if it were, strict ones stop.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=3:unable to get certificate CRL; num=12:CRL has expired' },
    { runtime: 'Node.js', text: 'UNABLE_TO_GET_CRL, CRL_HAS_EXPIRED' },
    { runtime: 'Java', text: 'Certificate revocation status could not be determined (Undetermined revocation status)' },
    {
      runtime: 'GnuTLS',
      text: 'The certificate requires the server to include an OCSP status in its response, but the OCSP status is missing.',
    },
    { runtime: 'Windows', text: '0x80092013 CRYPT_E_REVOCATION_OFFLINE' },
    { runtime: 'Firefox', text: 'MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING' },
  ],
  confirm: [
    { title: 'dates of the list', command: 'openssl crl -in {crl} -noout -issuer -lastupdate -nextupdate' },
    {
      title: 'ask the responder',
      command: 'openssl ocsp -issuer {ca} -cert server.crt -url "$(openssl x509 -in server.crt -noout -ocsp_uri)" -CAfile {ca}',
    },
  ],
  fixes: [
    { title: 'publish a fresh list', command: 'tlsmedic ca revoke --renew-list' },
    {
      title: 'make the responder reachable from here, or let the server staple',
      command: 'nginx -t && nginx -s reload',
    },
    { title: 'or let certificates live a day at most: they run out before a list would be read' },
  ],
  references: [
    { rfc: 5280, section: '6.3', title: 'CRL validation' },
    { rfc: 6960, section: '2.4', title: 'Semantics of thisUpdate, nextUpdate' },
    { rfc: 7633, title: 'TLS feature extension (must-staple)' },
  ],
  alerts: ['bad_certificate_status_response'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  check: unavailableFindings,
});
