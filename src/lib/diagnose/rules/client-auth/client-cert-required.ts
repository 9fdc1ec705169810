import { requiredFinding } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'client-cert-required',
  severity: 'error',
  party: 'client',
  title: 'the server demands a client certificate, and none was given',
  why: 'The server sent a CertificateRequest and the client answered with an empty list. In TLS 1.3 the client has finished by then and believes the connection stands, so the refusal arrives with the first read; in TLS 1.2 it comes as the same handshake_failure that "no common cipher" has. nginx and others let the handshake pass and refuse the HTTP request with status 400.',
  wordings: [
    { runtime: 'OpenSSL', text: 'tlsv13 alert certificate required (SSL alert number 116); TLS 1.2: sslv3 alert handshake failure (40)' },
    { runtime: 'Node.js', text: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED after secureConnect, or socket hang up' },
    {
      runtime: 'Go',
      text: "remote error: tls: certificate required (before Go 1.21: bad certificate); server: tls: client didn't provide a certificate",
    },
    { runtime: 'Java', text: 'Received fatal alert: certificate_required or bad_certificate; server: Empty client certificate chain' },
    { runtime: 'Python', text: '[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required' },
    { runtime: 'curl', text: 'curl: (56) OpenSSL SSL_read: tlsv13 alert certificate required' },
    { runtime: 'nginx', text: '400 No required SSL certificate was sent' },
    { runtime: 'GnuTLS', text: 'Certificate is required.' },
  ],
  confirm: [
    {
      title: 'the server names the authorities that it accepts',
      command:
        "(sleep 1) | openssl s_client -connect {host}:{port} -servername {name} 2>/dev/null | sed -n '/Acceptable client certificate CA names/,/Shared\\|Peer signing/p'",
    },
  ],
  fixes: [
    { title: 'give the client its certificate and key', command: 'tlsmedic diagnose {host}:{port} --ca {ca} --cert {cert} --key {key}' },
    {
      title: 'no certificate yet: issue one from the authority that the server accepts',
      command: 'tlsmedic issue {client} --client --out ./tls',
    },
    { title: 'curl', command: 'curl --cacert {ca} --cert {cert} --key {key} https://{host}:{port}/' },
  ],
  references: [
    { rfc: 8446, section: '4.3.2', title: 'Certificate request' },
    { rfc: 8446, section: '4.4.2.4', title: 'Receiving a certificate message' },
    { rfc: 5246, section: '7.4.6', title: 'Client certificate' },
  ],
  alerts: ['certificate_required', 'handshake_failure', 'bad_certificate', 'decode_error'],
  supersedes: ['cipher-mismatch', 'reset'],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: requiredFinding,
});
