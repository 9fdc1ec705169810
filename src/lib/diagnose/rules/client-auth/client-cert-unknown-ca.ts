import { unknownClientAuthority } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'client-cert-unknown-ca',
  severity: 'error',
  party: 'client',
  title: 'the server does not know the authority of the client certificate',
  why: 'The server has its own list of authorities for clients, often another one than the clients have for servers, and the issuer of this certificate is not in it. The names stand in the CertificateRequest. A client that sends its certificate without the intermediate above it fails in the same way, and Go and Java clients that find no match send no certificate at all.',
  wordings: [
    { runtime: 'OpenSSL', text: 'tlsv1 alert unknown ca (SSL alert number 48); server log: unable to get local issuer certificate' },
    { runtime: 'Node.js client', text: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA; a Node.js server closes without an alert' },
    {
      runtime: 'Go',
      text: 'remote error: tls: unknown certificate authority, or bad certificate; server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    },
    { runtime: 'Java', text: 'Received fatal alert: certificate_unknown' },
    {
      runtime: 'nginx',
      text: '400 The SSL certificate error; log: client SSL certificate verify error: (20:unable to get local issuer certificate)',
    },
    { runtime: 'GnuTLS', text: 'access_denied (49)' },
  ],
  confirm: [
    { title: 'who issued the client certificate', command: 'openssl x509 -in {cert} -noout -issuer -ext authorityKeyIdentifier' },
    {
      title: 'whom the server accepts',
      command:
        "(sleep 1) | openssl s_client -connect {host}:{port} -servername {name} 2>/dev/null | sed -n '/Acceptable client certificate CA names/,/Shared\\|Peer signing/p'",
    },
  ],
  fixes: [
    { title: 'use a certificate from an authority that the server names', command: 'tlsmedic issue {client} --client --out ./tls' },
    {
      title:
        'or add the issuing authority to the server: ssl_client_certificate in nginx, SSLCACertificateFile in Apache, ca-file in haproxy, ClientCAs in Go',
    },
    { title: 'when the intermediate is missing: send it along, leaf first', command: 'cat {cert} {intermediate} > client-chain.crt' },
  ],
  references: [
    { rfc: 8446, section: '4.2.4', title: 'Certificate authorities' },
    { rfc: 8446, section: '6.2', title: 'Error alerts: unknown_ca' },
  ],
  alerts: ['unknown_ca', 'bad_certificate', 'certificate_unknown', 'access_denied', 'decrypt_error'],
  supersedes: ['client-cert-rejected'],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: unknownClientAuthority,
});
