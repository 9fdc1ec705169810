import { defineMeta } from '../../meta.js';
import { sniFinding } from '../../negotiation-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'sni-rejected',
  severity: 'error',
  party: 'server',
  title: 'the server has no certificate for the name that was asked for (SNI)',
  why: "The client sends the name it wants in the first message, and the server has no configuration for it, so it ends the handshake instead of showing a default certificate. The name is missing in the server's list of hosts, misspelt, or was changed on the way; or no name was sent at all, as when connecting by address.",
  wordings: [
    { runtime: 'OpenSSL', text: 'tlsv1 unrecognized name (SSL alert number 112)' },
    { runtime: 'Node.js', text: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' },
    { runtime: 'Go', text: 'remote error: tls: unrecognized name; a Go server sends internal_error (80)' },
    { runtime: 'Java', text: 'Received fatal alert: unrecognized_name' },
    { runtime: 'curl', text: 'curl: (35) error:0A000458:SSL routines::tlsv1 unrecognized name' },
    { runtime: 'GnuTLS', text: 'The server name sent was not recognized' },
    { runtime: 'haproxy', text: 'SSL handshake failure (strict-sni)' },
  ],
  confirm: [
    {
      title: 'with and without the name',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>&1 | head -3; openssl s_client -connect {host}:{port} -noservername </dev/null 2>&1 | head -3',
    },
  ],
  fixes: [
    { title: "add the name to the server: a server_name in nginx, a certificate in haproxy's crt list, a host in the ingress or gateway" },
    { title: 'or ask for a name that the server has', command: 'tlsmedic diagnose {host}:{port} --servername {name}' },
  ],
  references: [
    { rfc: 6066, section: '3', title: 'Server name indication' },
    { rfc: 8446, section: '6.2', title: 'Error alerts' },
  ],
  alerts: ['unrecognized_name', 'internal_error', 'handshake_failure', 'access_denied'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: sniFinding,
});
