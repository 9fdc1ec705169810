import { defineMeta } from '../../meta.js';
import { versionFinding } from '../../negotiation-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'version-mismatch',
  severity: 'error',
  party: 'server',
  title: 'client and server have no TLS version in common',
  why: 'Each side has a lowest and a highest TLS version, and the ranges do not meet. The alert (protocol_version, in GnuTLS also handshake_failure) does not say in which direction; only trying other versions does. TLS 1.0 and 1.1 are off by default everywhere by now, TLS 1.3 is missing in Java before 8u261 and OpenSSL before 1.1.1.',
  wordings: [
    {
      runtime: 'OpenSSL',
      text: 'tlsv1 alert protocol version (SSL alert number 70); unsupported protocol; legacy sigalg disallowed or unsupported',
    },
    { runtime: 'Node.js', text: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION, ERR_SSL_UNSUPPORTED_PROTOCOL' },
    { runtime: 'Go', text: 'remote error: tls: protocol version not supported; tls: client offered only unsupported versions: [301]' },
    {
      runtime: 'Java',
      text: 'Received fatal alert: protocol_version; No appropriate protocol (protocol is disabled or cipher suites are inappropriate)',
    },
    { runtime: 'curl', text: 'curl: (35) error:0A00042E:SSL routines::tlsv1 alert protocol version' },
    { runtime: 'GnuTLS', text: 'Error in protocol version' },
    { runtime: 'rustls', text: 'received fatal alert: ProtocolVersion' },
  ],
  confirm: [
    {
      title: 'each version alone',
      command:
        'for v in tls1 tls1_1 tls1_2 tls1_3; do echo "$v: $(openssl s_client -$v -connect {host}:{port} -servername {name} </dev/null 2>&1 | grep -m1 -E "Protocol *:|New, TLS|alert|error")"; done',
    },
  ],
  fixes: [
    { title: 'nginx: `ssl_protocols TLSv1.2 TLSv1.3;`', command: 'nginx -t && nginx -s reload', where: 'nginx' },
    { title: 'Apache: `SSLProtocol -all +TLSv1.2 +TLSv1.3`', command: 'apachectl configtest && apachectl graceful', where: 'apache' },
    { title: 'a client that ends at TLS 1.2: upgrade its runtime (Java 8u261, OpenSSL 1.1.1, Node.js 12, Go 1.13)' },
    { title: 'see what the server takes, version by version', command: 'tlsmedic probe {host}:{port} --scan' },
  ],
  references: [
    { rfc: 8446, section: '4.2.1', title: 'Supported versions' },
    { rfc: 8996, title: 'Deprecating TLS 1.0 and TLS 1.1' },
  ],
  alerts: ['protocol_version', 'handshake_failure', 'insufficient_security'],
  supersedes: ['cipher-mismatch'],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: versionFinding,
});
