import { keyFileLint } from '../lint.js';

export const keyReadableByOthers = keyFileLint({
  meta: {
    name: 'key-readable-by-others',
    severity: 'warning',
    title: 'a private key that others on this machine can read',
    why: 'Every account on the machine, and every process that breaks out of its own, can take the key and be the service. Some servers (PostgreSQL, ssh) refuse to start.',
    fix: 'chmod 600 FILE',
    citation: { url: 'https://cwe.mitre.org/data/definitions/732.html', title: 'CWE-732: incorrect permission assignment' },
  },
  applies: ({ mode, encrypted }) => mode !== undefined && !encrypted,
  check: ({ mode = 0 }) => {
    const others = (mode & 0o007) !== 0;
    if ((mode & 0o077) === 0) return undefined;
    return {
      message: `mode ${mode.toString(8).padStart(4, '0')}: ${others ? 'everybody on this machine' : 'its whole group'} can ${((others ? mode : mode >> 3) & 2) !== 0 ? 'change' : 'read'} the private key`,
    };
  },
});
