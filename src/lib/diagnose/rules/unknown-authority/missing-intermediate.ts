import { authorityFindings } from '../../authority-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'missing-intermediate',
  severity: 'error',
  party: 'server',
  title: 'the server does not send an intermediate certificate',
  why: 'A client knows roots, not intermediates: the server has to send every certificate between its own and the root. Browsers hide the omission because they remember intermediates or fetch them by the address in the certificate; programs do neither, so "it works in the browser" is the usual report.',
  wordings: [
    {
      runtime: 'OpenSSL',
      text: 'verify error:num=20:unable to get local issuer certificate, then num=21:unable to verify the first certificate',
    },
    { runtime: 'Node.js', text: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE: unable to verify the first certificate' },
    { runtime: 'Go', text: 'x509: certificate signed by unknown authority' },
    { runtime: 'Java', text: 'PKIX path building failed: unable to find valid certification path to requested target' },
    { runtime: 'Python', text: 'certificate verify failed: unable to get local issuer certificate' },
    { runtime: 'curl', text: 'curl: (60) SSL certificate problem: unable to get local issuer certificate' },
    { runtime: 'GnuTLS', text: 'The certificate is NOT trusted. The certificate issuer is unknown.' },
    { runtime: 'rustls', text: 'invalid peer certificate: UnknownIssuer' },
  ],
  confirm: [
    {
      title: 'what is sent, and who would have issued it',
      command: 'openssl s_client -connect {host}:{port} -servername {name} -CAfile {ca} -verify_return_error -showcerts </dev/null',
    },
    {
      title: 'it verifies as soon as the intermediate is given',
      command: 'openssl verify -CAfile {ca} -untrusted {intermediate} server.crt',
    },
  ],
  fixes: [
    { title: 'put the intermediate behind the certificate, leaf first', command: 'cat server.crt {intermediate} > {chain}' },
    { title: 'nginx: ssl_certificate names the joined file', command: 'nginx -t && nginx -s reload', where: 'nginx' },
    {
      title: 'Apache since 2.4.8: SSLCertificateFile names the joined file',
      command: 'apachectl configtest && apachectl graceful',
      where: 'apache',
    },
    { title: 'haproxy: crt holds leaf, intermediates and key; then reload it', command: 'systemctl reload haproxy', where: 'no-nginx' },
    { title: 'step-ca and ACME clients write the joined file as fullchain.pem: use that one, not cert.pem' },
    {
      title: 'only as a bridge: give clients the intermediate',
      command: 'tlsmedic diagnose {host}:{port} --ca {ca} --intermediates {intermediate}',
    },
  ],
  references: [
    { rfc: 8446, section: '4.4.2', title: 'Certificate' },
    { rfc: 5280, section: '4.2.2.1', title: 'Authority information access' },
    { rfc: 4158, title: 'Certification path building' },
  ],
  alerts: ['unknown_ca', 'bad_certificate', 'certificate_unknown'],
  supersedes: ['untrusted-root'],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => authorityFindings(evidence, 'missing-intermediate'),
});
