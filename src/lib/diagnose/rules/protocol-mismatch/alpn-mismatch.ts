import { defineMeta } from '../../meta.js';
import { alpnFinding } from '../../negotiation-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'alpn-mismatch',
  severity: 'error',
  party: 'client',
  title: 'client and server have no application protocol in common',
  why: 'The client lists application protocols (ALPN) and the server speaks none of them. RFC 7301 wants the alert no_application_protocol; some servers go on without a protocol and fail later, and Apache answers a protocol that was not offered, which OpenSSL calls a bad extension. gRPC needs h2 end to end: a proxy that terminates TLS without h2 breaks it here.',
  wordings: [
    { runtime: 'OpenSSL', text: 'tlsv1 alert no application protocol (SSL alert number 120)' },
    { runtime: 'Node.js', text: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL, ERR_SSL_BAD_EXTENSION' },
    { runtime: 'Go', text: 'remote error: tls: no application protocol; tls: client requested unsupported application protocols ([h2])' },
    { runtime: 'Java', text: 'Received fatal alert: no_application_protocol' },
    { runtime: 'gRPC', text: 'credentials: cannot check peer: missing selected ALPN property' },
    { runtime: 'rustls', text: 'received fatal alert: NoApplicationProtocol' },
  ],
  confirm: [
    {
      title: 'what the server selects',
      command: 'openssl s_client -connect {host}:{port} -servername {name} -alpn h2,http/1.1 </dev/null 2>&1 | grep ALPN',
    },
  ],
  fixes: [
    { title: 'nginx: `http2 on;` in the server block', command: 'nginx -t && nginx -s reload', where: 'nginx' },
    {
      title: 'Apache: `Protocols h2 http/1.1`, with its module',
      command: 'a2enmod http2 && apachectl configtest && apachectl graceful',
      where: 'apache',
    },
    { title: 'or let the client offer what the server has', command: 'tlsmedic probe {host}:{port} --alpn h2,http/1.1' },
  ],
  references: [
    { rfc: 7301, section: '3.2', title: 'Protocol selection' },
    { rfc: 9113, section: '3.2', title: 'Starting HTTP/2 for https URIs' },
  ],
  alerts: ['no_application_protocol'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: alpnFinding,
});
