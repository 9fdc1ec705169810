import { defineMeta } from '../../meta.js';
import { networkFinding } from '../../reach-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'refused',
  severity: 'error',
  party: 'server',
  title: 'nothing listens on that port',
  why: 'The machine answered with a reset to the connection attempt: it is up, and no process listens there, or a firewall says so. The process may have failed at start, for example because it could not load its certificate.',
  wordings: [
    { runtime: 'Node.js', text: 'connect ECONNREFUSED' },
    { runtime: 'Go', text: 'dial tcp: connect: connection refused' },
    { runtime: 'Java', text: 'java.net.ConnectException: Connection refused' },
    { runtime: 'Python', text: 'ConnectionRefusedError: [Errno 111] Connection refused' },
    { runtime: 'curl', text: 'curl: (7) Failed to connect' },
  ],
  confirm: [{ title: 'on the server: is it listening', command: 'ss -ltnp | grep :{port}' }],
  fixes: [
    { title: 'start the service, and read its log for key or certificate errors', command: 'tlsmedic explain - < service.log' },
    { title: 'it may listen on another address: 127.0.0.1 only, or IPv6 only', command: 'ss -ltn | grep :{port}' },
    { title: 'in Kubernetes: does the service have endpoints?', command: 'kubectl get endpoints -A | grep -i {host}', where: 'kubernetes' },
  ],
  references: [{ rfc: 9293, section: '3.10.7', title: 'Segment arrives' }],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => networkFinding(evidence, 'refused'),
});
