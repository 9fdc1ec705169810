import { authorityFindings } from '../../authority-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'stale-trust-bundle',
  severity: 'error',
  party: 'client',
  title: 'the trust bundle has an authority of that name, with another key',
  why: 'The authority was rotated: the bundle still has (or already has) a root of the same name whose key is not the one that signed this chain. By name everything fits, so a look at the bundle shows nothing; the key identifiers differ, or the signature does not verify. Old images in forgotten workloads keep old bundles.',
  wordings: [
    {
      runtime: 'OpenSSL',
      text: 'unable to get local issuer certificate (key identifiers differ), or num=7:certificate signature failure (no identifiers)',
    },
    { runtime: 'Node.js', text: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE or CERT_SIGNATURE_FAILURE' },
    {
      runtime: 'Go',
      text: 'x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "Corp Root")',
    },
    { runtime: 'Java', text: 'PKIX path validation failed: signature check failed; or Path does not chain with any of the trust anchors' },
    { runtime: 'GnuTLS', text: 'The certificate issuer is unknown.' },
    { runtime: 'rustls', text: 'invalid peer certificate: BadSignature' },
  ],
  confirm: [
    { title: 'key identifier wanted by the chain', command: 'openssl x509 -in server.crt -noout -ext authorityKeyIdentifier' },
    {
      title: 'key identifiers in the bundle',
      command: 'openssl storeutl -noout -text -certs {ca} | grep -A1 "Subject:\\|Subject Key Identifier"',
    },
  ],
  fixes: [
    { title: 'roll the new root out to this bundle, beside the old one until every leaf has moved', command: 'cat new-root.crt >> {ca}' },
    {
      title: 'in Kubernetes: restart what mounts or bakes in the old bundle',
      command: 'kubectl rollout restart deployment -n NAMESPACE',
      where: 'kubernetes',
    },
    {
      title: 'check before the next rotation which leaves verify under the old, the new, or both',
      command: 'tlsmedic verify-chain server.crt --ca {ca} --next-ca new-bundle.pem',
    },
    {
      title: 'if the server is the one left behind, issue its certificate from the new authority',
      command: 'tlsmedic issue {names} --{profile} --out ./tls',
    },
  ],
  references: [
    { rfc: 5280, section: '4.2.1.1', title: 'Authority key identifier' },
    { rfc: 5280, section: '4.2.1.2', title: 'Subject key identifier' },
    { rfc: 4210, section: '4.4', title: 'Root CA key update' },
  ],
  alerts: ['unknown_ca', 'bad_certificate', 'decrypt_error'],
  supersedes: ['untrusted-root', 'missing-intermediate', 'bad-signature'],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => authorityFindings(evidence, 'stale-trust-bundle'),
});
