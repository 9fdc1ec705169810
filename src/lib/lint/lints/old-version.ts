import { certificateLint } from '../lint.js';

export const oldVersion = certificateLint({
  meta: {
    name: 'old-version',
    severity: 'warning',
    title: 'a certificate of version 1',
    why: 'Version 1 has no extensions: no names, no purposes, no CA flag. Go takes no version 1 CA, and no client finds a name in such a leaf.',
    fix: 'issue it again; any current tool makes version 3',
    citation: { rfc: 5280, section: '4.1.2.1' },
  },
  applies: ({ certificate }) => certificate.version > 0,
  check: ({ certificate }) =>
    certificate.version < 3 ? { message: `X.509 version ${certificate.version}: it cannot carry names, purposes or a CA flag` } : undefined,
});
