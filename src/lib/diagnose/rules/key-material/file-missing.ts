import { materialFinding } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'file-missing',
  severity: 'error',
  party: 'local',
  title: 'a certificate or key file is not there',
  why: 'The path leads nowhere or may not be read. In containers the mount or the secret is missing, the key of the secret has another name (tls.crt, ca.crt), or the process runs as a user that may not read the key.',
  wordings: [
    { runtime: 'OpenSSL', text: "system library::No such file or directory; Can't open … for reading" },
    { runtime: 'Node.js', text: 'ENOENT: no such file or directory, open; EACCES: permission denied' },
    { runtime: 'Go', text: 'open /etc/certs/tls.crt: no such file or directory' },
    { runtime: 'Python', text: 'FileNotFoundError: [Errno 2] No such file or directory' },
    { runtime: 'Java', text: 'java.io.FileNotFoundException' },
    { runtime: 'nginx', text: 'cannot load certificate "…": BIO_new_file() failed (No such file or directory)' },
  ],
  confirm: [{ title: 'what is there, for whom', command: 'ls -l {file}; id' }],
  fixes: [
    { title: 'check the path and the rights', command: 'ls -ld "$(dirname {file})" {file}' },
    {
      title: 'in Kubernetes: has the secret that key, is it mounted?',
      command: 'kubectl describe secret NAME -n NAMESPACE',
      where: 'kubernetes',
    },
    { title: 'give the group of the service the right to read, not the world', command: 'chgrp SERVICE {file} && chmod 0640 {file}' },
  ],
  references: [],
  alerts: [],
  supersedes: ['client-cert-required'],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: (evidence) => materialFinding(evidence, 'file-missing'),
});
