import { defineMeta } from '../../meta.js';
import { networkFinding } from '../../reach-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'timeout',
  severity: 'error',
  party: 'network',
  title: 'no answer came in time',
  why: 'Either no packet came back to the connection attempt (a firewall that drops, a route that leads nowhere, a machine that is down), or the connection stands and the other side stays silent: its accept queue is served by the kernel while the process hangs, or the port waits for something else than a ClientHello.',
  wordings: [
    { runtime: 'Node.js', text: 'connect ETIMEDOUT; no time-out of its own while the handshake waits' },
    { runtime: 'Go', text: 'dial tcp: i/o timeout; net/http: TLS handshake timeout; context deadline exceeded' },
    { runtime: 'Java', text: 'java.net.SocketTimeoutException: Read timed out' },
    { runtime: 'Python', text: 'TimeoutError: _ssl.c: The handshake operation timed out' },
    { runtime: 'curl', text: 'curl: (28) Operation timed out' },
  ],
  confirm: [
    { title: 'connect only', command: 'timeout 5 bash -c "</dev/tcp/{host}/{port}" && echo connects || echo "does not connect"' },
    { title: 'where packets end', command: 'traceroute -T -p {port} {host}' },
  ],
  fixes: [
    { title: 'does not connect: security group, firewall, route', command: 'traceroute -T -p {port} {host}' },
    { title: 'in Kubernetes: does a network policy stand in the way?', command: 'kubectl get networkpolicy -A', where: 'kubernetes' },
    {
      title: 'connects and stays silent: is the process alive, are its workers busy?',
      command: 'ss -tnp state established sport = :{port} | head',
    },
    { title: 'give it more time', command: 'tlsmedic diagnose {host}:{port} --timeout 30' },
  ],
  references: [{ rfc: 9293, section: '3.8', title: 'Data communication' }],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => networkFinding(evidence, 'timeout'),
});
