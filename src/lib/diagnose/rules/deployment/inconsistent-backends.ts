import { inconsistentBackends } from '../../deployment-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'inconsistent-backends',
  severity: 'error',
  party: 'server',
  title: 'the machines behind the name do not behave alike',
  why: 'The name has several addresses, or several machines behind one, and they serve different certificates or fail differently. Clients take one of them, mostly the first that connects, so the failure comes and goes. One machine missed the roll-out.',
  wordings: [
    { runtime: 'symptom', text: 'it fails for one request in n, or only from some pods' },
    { runtime: 'any runtime', text: 'whatever the bad backend causes, intermittently' },
  ],
  confirm: [
    {
      title: 'every address',
      command:
        'for a in $(getent ahosts {host} | awk \'{print $1}\' | sort -u); do echo "$a $(openssl s_client -connect "$a":{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate | tr "\\n" " ")"; done',
    },
  ],
  fixes: [
    { title: 'bring the odd one into line: deploy the same certificate and configuration, then reload' },
    { title: 'take it out of the name or the balancer until then' },
    { title: 'check again, several times per address', command: 'tlsmedic diagnose {host}:{port} --all-addresses --repeat 10' },
  ],
  references: [{ rfc: 8305, title: 'Happy Eyeballs' }],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: inconsistentBackends,
});
