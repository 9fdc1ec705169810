import { notEnforced } from '../../deployment-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'client-auth-not-enforced',
  severity: 'error',
  party: 'server',
  title: 'the server lets clients in without a certificate',
  why: 'Mutual TLS was expected here, and a client without a certificate, or with one that nobody signed, got through: client authentication is off, optional, or accepts anything, or the same port takes plaintext. Nothing fails, which is why nobody notices.',
  wordings: [
    { runtime: 'nginx', text: 'ssl_verify_client optional, optional_no_ca' },
    { runtime: 'Go', text: 'tls.RequestClientCert, tls.VerifyClientCertIfGiven, tls.RequireAnyClientCert' },
    { runtime: 'Node.js', text: 'requestCert: true with rejectUnauthorized: false' },
    { runtime: 'Java', text: 'setWantClientAuth(true)' },
    { runtime: 'Istio', text: 'PeerAuthentication mode: PERMISSIVE' },
    { runtime: 'Envoy', text: 'require_client_certificate: false' },
  ],
  confirm: [{ title: 'without a certificate', command: 'curl -s --cacert {ca} -o /dev/null -w "%{http_code}\\n" https://{host}:{port}/' }],
  fixes: [
    {
      title: 'nginx: `ssl_verify_client on;` and `ssl_client_certificate` naming the authority of the clients',
      command: 'nginx -t && nginx -s reload',
      where: 'nginx',
    },
    {
      title: 'Apache: `SSLVerifyClient require` with `SSLCACertificateFile`',
      command: 'apachectl configtest && apachectl graceful',
      where: 'apache',
    },
    { title: 'Go: `ClientAuth: tls.RequireAndVerifyClientCert` with `ClientCAs`' },
    { title: 'Node.js: `requestCert: true` together with `rejectUnauthorized: true` and `ca`' },
    {
      title: 'Istio',
      command:
        'kubectl apply -f - <<< \'{"apiVersion":"security.istio.io/v1","kind":"PeerAuthentication","metadata":{"name":"default","namespace":"NAMESPACE"},"spec":{"mtls":{"mode":"STRICT"}}}\'',
      where: 'kubernetes',
    },
    { title: 'then prove it', command: 'tlsmedic diagnose {host}:{port} --ca {ca} --expect-mtls' },
  ],
  references: [
    { rfc: 8446, section: '4.3.2', title: 'Certificate request' },
    { rfc: 8446, section: '4.4.2.4', title: 'Receiving a certificate message' },
  ],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: notEnforced,
});
