import { rejectedFinding } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'client-cert-rejected',
  severity: 'error',
  party: 'client',
  title: 'the server refuses the client certificate',
  why: 'The certificate is in its window, meant for clients, its key fits, and its issuer is one that the server names, and still it is refused. What remains happens on the server alone: a revocation list, a list of allowed names or SPIFFE IDs, a verify depth, a weak key or signature by its policy, or a start in the future.',
  wordings: [
    { runtime: 'OpenSSL', text: 'sslv3 alert bad certificate (42), certificate unknown (46), access denied (49)' },
    { runtime: 'Node.js', text: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE, or end without an error' },
    { runtime: 'Go', text: 'remote error: tls: bad certificate' },
    { runtime: 'Java', text: 'Received fatal alert: certificate_unknown' },
    { runtime: 'Envoy', text: 'upstream connect error … TLS error: CERTIFICATE_VERIFY_FAILED' },
    { runtime: 'HTTP', text: '401, 403 or 495 from the layer above TLS' },
  ],
  confirm: [
    {
      title: 'try it by hand, holding the connection long enough to see the refusal',
      command: '(sleep 1) | openssl s_client -connect {host}:{port} -servername {name} -CAfile {ca} -cert {cert} -key {key}',
    },
    { title: 'what the server has to say', command: 'tlsmedic explain - < server.log' },
  ],
  fixes: [
    { title: 'read the log line of the server for this moment: only there stands the reason' },
    { title: 'compare the identity in the certificate with what the server allows', command: 'tlsmedic inspect {cert}' },
    {
      title: 'issue a fresh client certificate with the identity that is allowed',
      command: 'tlsmedic issue {identity} --client --out ./tls',
    },
  ],
  references: [
    { rfc: 8446, section: '4.4.2.4', title: 'Receiving a certificate message' },
    { rfc: 8446, section: '6.2', title: 'Error alerts' },
  ],
  alerts: ['bad_certificate', 'certificate_unknown', 'access_denied', 'unsupported_certificate', 'handshake_failure'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: rejectedFinding,
});
