import { authorityFindings } from '../../authority-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'self-signed',
  severity: 'error',
  party: 'server',
  title: 'the certificate signed itself',
  why: 'The server shows a certificate whose issuer is its own subject and whose signature is made with its own key. No authority stands behind it, so it is trusted only where exactly this certificate is a trust anchor. Often it is a default that a package or an ingress controller made up because the real secret was not found.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=18:self-signed certificate' },
    { runtime: 'Node.js', text: 'DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate' },
    { runtime: 'Go', text: 'x509: certificate signed by unknown authority' },
    { runtime: 'Java', text: 'PKIX path building failed: unable to find valid certification path to requested target' },
    { runtime: 'Python', text: 'certificate verify failed: self-signed certificate' },
    { runtime: 'curl', text: 'curl: (60) SSL certificate problem: self-signed certificate' },
    { runtime: 'Firefox', text: 'MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT' },
  ],
  confirm: [
    {
      title: 'issuer and subject are the same',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -subject -issuer -fingerprint -sha256',
    },
  ],
  fixes: [
    {
      title: 'issue a certificate from an authority that the clients trust',
      command: 'tlsmedic issue {names} --{profile} --out ./tls',
    },
    {
      title: 'look whether the server fell back to a default (Kubernetes ingress: is the secret there, of type kubernetes.io/tls?)',
      command: 'kubectl get secret -A --field-selector type=kubernetes.io/tls',
      where: 'kubernetes',
    },
    {
      title: 'if this very certificate is meant to be trusted, compare its fingerprint over another channel and give it as the anchor',
      command: 'tlsmedic diagnose {host}:{port} --ca {file}',
    },
  ],
  references: [
    { rfc: 5280, section: '6.1', title: 'Basic path validation' },
    { rfc: 8446, section: '4.4.2.4', title: 'Receiving a certificate message' },
  ],
  alerts: ['unknown_ca', 'bad_certificate'],
  supersedes: ['untrusted-root', 'missing-intermediate'],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => authorityFindings(evidence, 'self-signed'),
});
