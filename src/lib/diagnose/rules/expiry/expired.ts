import { dateFinding, lifetimeWarning } from '../../date-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found } from '../../rule.js';

export const meta = defineMeta({
  code: 'expired',
  severity: 'error',
  party: 'server',
  title: 'a certificate ran out',
  why: 'Every certificate of the path must be inside its validity window at the moment of the handshake, and the window ends at notAfter to the second. With short-lived certificates the usual story is not a forgotten renewal but a renewal that reached the disk and not the process: it loaded the file at start and goes on serving the old one. The expired certificate may also be an intermediate or a root, under a leaf that is fine.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=10:certificate has expired' },
    { runtime: 'Node.js', text: 'CERT_HAS_EXPIRED: certificate has expired' },
    {
      runtime: 'Go',
      text: 'x509: certificate has expired or is not yet valid: current time 2026-11-22T03:04:05Z is after 2026-11-21T23:51:00Z',
    },
    { runtime: 'Java', text: 'PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed' },
    { runtime: 'Python', text: '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired' },
    { runtime: 'curl', text: 'curl: (60) SSL certificate problem: certificate has expired' },
    { runtime: 'GnuTLS', text: 'The certificate chain uses expired certificate.' },
    { runtime: 'rustls', text: 'invalid peer certificate: Expired' },
  ],
  confirm: [
    {
      title: 'the dates of what is served',
      command: 'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -subject -dates',
    },
    {
      title: 'whether a clock is to blame instead',
      command: 'tlsmedic diagnose {host}:{port} --ca {ca} --time-source ntp://pool.ntp.org',
    },
  ],
  fixes: [
    {
      title: 'issue a new certificate from your own authority',
      command: 'tlsmedic issue {names} --{profile} --out ./tls',
      where: 'own-authority',
    },
    { title: 'renew it where it comes from (step-ca)', command: 'step ca renew --force server.crt server.key', where: 'step-ca' },
    { title: 'renew it where it comes from (ACME)', command: 'certbot renew', where: 'public-authority' },
    { title: 'in Kubernetes with cert-manager', command: 'cmctl renew NAME --namespace NAMESPACE', where: 'kubernetes' },
    {
      title: 'make the process load it (nginx; others want a SIGHUP or a restart)',
      command: 'nginx -t && nginx -s reload',
      where: 'nginx',
    },
    { title: 'make the process load it', command: 'apachectl configtest && apachectl graceful', where: 'apache' },
    { title: 'make the process load it', command: 'systemctl reload-or-restart SERVICE', where: 'no-nginx' },
    {
      title: 'find out whether the fresh file was only not loaded',
      command: 'tlsmedic diagnose {host}:{port} --ca {ca} --expect-cert /path/on/the/server/tls.crt',
    },
  ],
  references: [
    { rfc: 5280, section: '4.1.2.5', title: 'Validity' },
    { rfc: 5280, section: '6.1.3', title: 'Basic certificate processing' },
  ],
  alerts: ['certificate_expired'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => {
    const dates = evidence.server?.dates ?? [];
    const out = dates.filter(({ validity }) => validity.conclusion === 'expired').map((dated) => dateFinding(evidence, dated));
    return found(...(out.length > 0 ? out : lifetimeWarning(evidence)));
  },
});
