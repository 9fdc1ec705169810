import { defineMeta } from '../../meta.js';
import { spokenFinding } from '../../reach-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'plaintext-http',
  severity: 'error',
  party: 'client',
  title: 'the port speaks plain HTTP',
  why: 'The client spoke TLS, the server answered in plain HTTP. The port number or the scheme is wrong, TLS is not switched on in the listener, or a proxy in front already took TLS off.',
  wordings: [
    { runtime: 'OpenSSL', text: 'wrong version number' },
    { runtime: 'Node.js', text: 'ERR_SSL_WRONG_VERSION_NUMBER' },
    { runtime: 'Go', text: 'tls: first record does not look like a TLS handshake; http: server gave HTTP response to HTTPS client' },
    { runtime: 'Java', text: 'Unsupported or unrecognized SSL message' },
    { runtime: 'curl', text: 'curl: (35) error:0A00010B:SSL routines::wrong version number' },
    { runtime: 'Firefox', text: 'SSL_ERROR_RX_RECORD_TOO_LONG' },
    { runtime: 'GnuTLS', text: 'An unexpected TLS packet was received.' },
  ],
  confirm: [{ title: 'ask in plain HTTP', command: 'curl -sI http://{host}:{port}/' }],
  fixes: [
    { title: 'use the TLS port of the service (often 443 or 8443)', command: 'tlsmedic diagnose {host}:443' },
    { title: 'nginx: the listener lacks ssl, as in `listen 443 ssl;`', command: 'nginx -t && nginx -s reload' },
    { title: 'in a mesh: the sidecar may accept plaintext on this port (PERMISSIVE); address the port that it guards' },
  ],
  references: [
    { rfc: 8446, section: '5.1', title: 'Record layer' },
    { rfc: 9110, section: '4.2.2', title: 'https URI scheme' },
  ],
  alerts: [],
  supersedes: ['not-tls', 'reset'],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => spokenFinding(evidence, 'plaintext-http'),
});
