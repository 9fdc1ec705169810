import { materialFinding } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'bad-pem',
  severity: 'error',
  party: 'local',
  title: 'a file is not what it should be',
  why: 'Expected was a PEM certificate or key; the file holds something else: DER, an HTML page, base64 without its frame, two objects run together, a truncated copy, Windows line ends inside an environment variable, the key where the certificate belongs.',
  wordings: [
    { runtime: 'OpenSSL', text: 'PEM routines::no start line; bad base64 decode; bad end line' },
    { runtime: 'Node.js', text: 'ERR_OSSL_PEM_NO_START_LINE, ERR_OSSL_UNSUPPORTED' },
    { runtime: 'Go', text: 'tls: failed to find any PEM data in certificate input; failed to find "CERTIFICATE" PEM block' },
    { runtime: 'Python', text: 'ssl.SSLError: [SSL] PEM lib' },
    { runtime: 'Java', text: 'java.security.cert.CertificateException: Could not parse certificate: Empty input' },
    { runtime: 'nginx', text: 'cannot load certificate "…": PEM_read_bio_X509_AUX() failed (no start line)' },
  ],
  confirm: [
    { title: 'what is it really', command: 'tlsmedic inspect {file}' },
    { title: 'its frames', command: 'grep -n -- ----- {file}' },
  ],
  fixes: [
    { title: 'let it be recognised', command: 'tlsmedic inspect {file}' },
    { title: 'DER to PEM', command: 'openssl x509 -inform DER -in {file} -out {file}.pem' },
    {
      title: 'out of a Kubernetes secret',
      command: 'kubectl get secret NAME -o jsonpath="{.data.tls\\.crt}" | base64 -d > tls.crt',
      where: 'kubernetes',
    },
  ],
  references: [{ rfc: 7468, title: 'Textual encodings of PKIX structures' }],
  alerts: [],
  supersedes: ['client-cert-required'],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: (evidence) => materialFinding(evidence, 'bad-pem'),
});
