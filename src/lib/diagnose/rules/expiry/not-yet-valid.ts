import { dateFinding } from '../../date-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found } from '../../rule.js';

export const meta = defineMeta({
  code: 'not-yet-valid',
  severity: 'error',
  party: 'server',
  title: 'a certificate is not valid yet',
  why: 'The validity window starts at notBefore. A certificate from the future is either issued with a wrong start, issued by an authority whose clock runs ahead, or used seconds after it was made by a machine whose clock lags a little: authorities therefore date notBefore a few minutes back.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=9:certificate is not yet valid' },
    { runtime: 'Node.js', text: 'CERT_NOT_YET_VALID: certificate is not yet valid' },
    {
      runtime: 'Go',
      text: 'x509: certificate has expired or is not yet valid: current time 2026-11-22T03:04:05Z is before 2026-11-22T03:05:30Z',
    },
    { runtime: 'Java', text: 'java.security.cert.CertificateNotYetValidException: NotBefore: Sun Nov 22 03:05:30 UTC 2026' },
    { runtime: 'Python', text: '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid' },
    { runtime: 'GnuTLS', text: 'The certificate chain uses not yet valid certificate.' },
    { runtime: 'NSS', text: 'SEC_ERROR_EXPIRED_CERTIFICATE (the same as for expired)' },
  ],
  confirm: [
    {
      title: 'the dates of what is served',
      command: 'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -dates',
    },
    { title: 'the clock here', command: 'date -u; timedatectl show -p NTPSynchronized -p TimeUSec' },
  ],
  fixes: [
    { title: 'issue it again with a start in the past', command: 'tlsmedic issue {names} --{profile} --out ./tls' },
    { title: 'set the clock of the machine that issues', command: 'chronyc makestep' },
    { title: 'go back to the previous certificate until the window opens' },
  ],
  references: [{ rfc: 5280, section: '4.1.2.5', title: 'Validity' }],
  alerts: ['bad_certificate', 'certificate_expired', 'certificate_unknown'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => {
    const dates = evidence.server?.dates ?? [];
    return found(...dates.filter(({ validity }) => validity.conclusion === 'not-yet-valid').map((dated) => dateFinding(evidence, dated)));
  },
});
