import { defineMeta } from '../../meta.js';
import { networkFinding } from '../../reach-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'reset',
  severity: 'error',
  party: 'network',
  title: 'the connection was cut off during the handshake',
  why: 'The other side, or something between, ended the connection without a TLS alert. A load balancer without a healthy backend does that, a firewall that dislikes the name in the ClientHello, a server that crashes on this connection, one that could not load its key, and a port that wants another protocol.',
  wordings: [
    {
      runtime: 'Node.js',
      text: 'read ECONNRESET; ECONNRESET: Client network socket disconnected before secure TLS connection was established; socket hang up',
    },
    { runtime: 'Go', text: 'read: connection reset by peer; EOF' },
    { runtime: 'Java', text: 'java.net.SocketException: Connection reset; Remote host terminated the handshake' },
    { runtime: 'OpenSSL', text: 'unexpected eof while reading; write:errno=104' },
    { runtime: 'curl', text: 'curl: (35) OpenSSL SSL_connect: Connection reset by peer' },
    { runtime: 'Envoy', text: 'upstream connect error or disconnect/reset before headers' },
  ],
  confirm: [{ title: 'see which side ended it', command: 'tlsmedic probe {host}:{port}' }],
  fixes: [
    { title: 'load balancer: has it a healthy backend on this port?' },
    { title: 'look into the log of the server at this moment', command: 'tlsmedic explain - < server.log' },
    { title: 'try the backend itself, past the balancer', command: 'tlsmedic diagnose {host}:{port} --connect BACKEND:{port}' },
    { title: 'does it depend on the name? ask without SNI', command: 'openssl s_client -connect {host}:{port} -noservername </dev/null' },
  ],
  references: [
    { rfc: 8446, section: '6.1', title: 'Closure alerts' },
    { rfc: 9293, section: '3.5.2', title: 'Reset generation' },
  ],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => networkFinding(evidence, 'reset'),
});
