import { defineMeta } from '../../meta.js';
import { dnsFinding } from '../../reach-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'dns',
  severity: 'error',
  party: 'network',
  title: 'the name has no address',
  why: 'The resolver answered that the name does not exist, or did not answer. No handshake was started. In Kubernetes a short name resolves only inside its namespace.',
  wordings: [
    { runtime: 'Node.js', text: 'getaddrinfo ENOTFOUND, EAI_AGAIN' },
    { runtime: 'Go', text: 'dial tcp: lookup X: no such host' },
    { runtime: 'Java', text: 'java.net.UnknownHostException' },
    { runtime: 'Python', text: 'socket.gaierror: [Errno -2] Name or service not known' },
    { runtime: 'curl', text: 'curl: (6) Could not resolve host' },
  ],
  confirm: [{ title: 'ask the resolver', command: 'getent ahosts {host}; cat /etc/resolv.conf' }],
  fixes: [
    { title: 'check the spelling, and in Kubernetes use the full name', command: 'getent ahosts {host}' },
    { title: 'is the service there?', command: 'kubectl get svc -A | grep -i {host}', where: 'kubernetes' },
    { title: 'connect to an address you know while keeping the name', command: 'tlsmedic diagnose {host}:{port} --connect ADDRESS:{port}' },
  ],
  references: [{ rfc: 1035, title: 'Domain names' }],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  check: dnsFinding,
});
