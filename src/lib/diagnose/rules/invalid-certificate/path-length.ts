import { defineMeta } from '../../meta.js';
import { pathFindings } from '../../path-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'path-length',
  severity: 'error',
  party: 'server',
  title: 'the chain is longer than an authority in it allows',
  why: 'An authority can limit how many intermediates may follow below it (pathLenConstraint). This path has more. It happens when a team hangs its own intermediate under a corporate one that was made for leaves only.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=25:path length constraint exceeded' },
    { runtime: 'Node.js', text: 'PATH_LENGTH_EXCEEDED' },
    { runtime: 'Go', text: 'x509: too many intermediates for path length constraint' },
    {
      runtime: 'Java',
      text: 'basic constraints check failed: pathLenConstraint violated - this cert must be the last cert in the certification path',
    },
    { runtime: 'GnuTLS', text: "The certificate chain violates the signer's constraints" },
  ],
  confirm: [
    {
      title: 'the limits along the chain',
      command:
        "openssl s_client -connect {host}:{port} -servername {name} -showcerts </dev/null 2>/dev/null | openssl storeutl -noout -text -certs /dev/stdin | grep -A1 'Subject:\\|Basic Constraints'",
    },
  ],
  fixes: [
    { title: 'issue from the authority that may sign leaves, not from one below it' },
    { title: 'or have the upper intermediate issued again with a larger path length', command: 'tlsmedic ca init --path-length 1' },
  ],
  references: [
    { rfc: 5280, section: '4.2.1.9', title: 'Basic constraints' },
    { rfc: 5280, section: '6.1.4', title: 'Preparation for certificate i+1' },
  ],
  alerts: ['bad_certificate', 'unknown_ca'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => pathFindings(evidence, 'path-length'),
});
