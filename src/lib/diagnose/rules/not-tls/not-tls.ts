import { defineMeta } from '../../meta.js';
import { spokenFinding } from '../../reach-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'not-tls',
  severity: 'error',
  party: 'client',
  title: 'the port does not speak TLS',
  why: 'Something answers on this port, in another language than TLS: SSH, a database, a message broker, or a listener that wants the PROXY protocol header first. The port number is wrong, or TLS is not switched on there.',
  wordings: [
    { runtime: 'OpenSSL', text: 'wrong version number; unexpected message; packet length too long' },
    { runtime: 'Node.js', text: 'ERR_SSL_WRONG_VERSION_NUMBER, ERR_SSL_UNEXPECTED_MESSAGE, read ECONNRESET' },
    { runtime: 'Go', text: 'tls: first record does not look like a TLS handshake' },
    { runtime: 'Java', text: 'Unsupported or unrecognized SSL message' },
    { runtime: 'GnuTLS', text: 'An unexpected TLS packet was received.' },
    { runtime: 'rustls', text: 'received corrupt message of type InvalidContentType' },
  ],
  confirm: [{ title: 'what it says unasked', command: 'timeout 3 nc {host} {port} </dev/null | head -c 200 | xxd' }],
  fixes: [
    { title: 'check host and port: is another service published under this number?', command: 'ss -ltnp | grep :{port}' },
    { title: 'switch TLS on in the service (redis: tls-port, mosquitto: listener with certfile, PostgreSQL: ssl=on)' },
    { title: 'behind a load balancer that sends the PROXY header: go through the balancer, or let the listener do without' },
  ],
  references: [{ rfc: 8446, section: '5.1', title: 'Record layer' }],
  alerts: [],
  supersedes: ['reset', 'timeout'],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => spokenFinding(evidence, 'not-tls'),
});
