import { staleServed } from '../../deployment-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'stale-served-certificate',
  severity: 'error',
  party: 'server',
  title: 'the server does not serve the certificate that lies on disk',
  why: 'The file was renewed and the process was not told: most servers read certificate and key once, at start. Everything looks renewed (file, secret, monitoring of the file) until the old one runs out in memory.',
  wordings: [
    { runtime: 'symptom', text: 'the dates of the file and of the handshake differ' },
    { runtime: 'nginx', text: 'serves the old one until reload' },
    { runtime: 'Go', text: 'tls.LoadX509KeyPair at start; only GetCertificate reads again' },
    { runtime: 'Kubernetes', text: 'the mounted secret changes within a minute, the process does not notice' },
  ],
  confirm: [
    {
      title: 'served',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -serial -dates -fingerprint -sha256',
    },
    { title: 'on disk', command: 'openssl x509 -in {file} -noout -serial -dates -fingerprint -sha256' },
  ],
  fixes: [
    { title: 'reload: nginx', command: 'nginx -t && nginx -s reload', where: 'nginx' },
    { title: 'haproxy, Apache, Postfix, Dovecot: reload by their unit', command: 'systemctl reload SERVICE' },
    { title: 'in Kubernetes', command: 'kubectl rollout restart deployment/NAME -n NAMESPACE', where: 'kubernetes' },
    { title: 'for good: load on change (GetCertificate in Go, setSecureContext in Node.js, reloader in Kubernetes)' },
    { title: 'watch until it is served everywhere', command: 'tlsmedic diagnose {host}:{port} --expect-cert {file} --watch' },
  ],
  references: [{ rfc: 8446, section: '4.4.2', title: 'Certificate' }],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: staleServed,
});
