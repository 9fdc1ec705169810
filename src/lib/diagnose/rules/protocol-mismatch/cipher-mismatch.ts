import { defineMeta } from '../../meta.js';
import { cipherFinding } from '../../negotiation-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'cipher-mismatch',
  severity: 'error',
  party: 'server',
  title: 'client and server have no cipher suite, group or signature algorithm in common',
  why: 'Within a common version both sides must share a cipher suite, a key exchange group, and a signature algorithm that fits the server\'s key. An ECDSA certificate alone shuts out clients that offer only RSA suites, and a list of legacy suites shuts out everybody current. In TLS 1.2 the same alert (handshake_failure) also means "no client certificate".',
  wordings: [
    { runtime: 'OpenSSL', text: 'sslv3 alert handshake failure (SSL alert number 40); server side: no shared cipher' },
    { runtime: 'Node.js', text: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' },
    { runtime: 'Go', text: 'remote error: tls: handshake failure; tls: no cipher suite supported by both client and server' },
    { runtime: 'Java', text: 'Received fatal alert: handshake_failure; no cipher suites in common' },
    { runtime: 'curl', text: 'curl: (35) error:0A000410:SSL routines::sslv3 alert handshake failure' },
    { runtime: 'GnuTLS', text: 'No supported cipher suites have been found.' },
    { runtime: 'rustls', text: 'received fatal alert: HandshakeFailure' },
  ],
  confirm: [
    {
      title: 'what the server takes when everything is offered',
      command:
        "openssl s_client -connect {host}:{port} -servername {name} -tls1_2 -cipher 'ALL:@SECLEVEL=0' </dev/null | grep -E 'Cipher|Protocol'",
    },
  ],
  fixes: [
    {
      title:
        'nginx: `ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384;` is a list that every current client shares',
      command: 'nginx -t && nginx -s reload',
      where: 'nginx',
    },
    { title: 'serve an RSA certificate beside the ECDSA one for old clients' },
    { title: 'see every suite that the server takes', command: 'tlsmedic probe {host}:{port} --scan' },
  ],
  references: [
    { rfc: 8446, section: '4.1.1', title: 'Cryptographic negotiation' },
    { rfc: 5246, section: '7.4.1.3', title: 'Server hello' },
    { rfc: 9325, section: '4', title: 'Recommendations: cipher suites' },
  ],
  alerts: ['handshake_failure', 'insufficient_security', 'illegal_parameter'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: cipherFinding,
});
