import { defineMeta } from '../../meta.js';
import { pathProblems, problemFinding } from '../../path-findings.js';
import { defineRule, found } from '../../rule.js';

export const meta = defineMeta({
  code: 'bad-signature',
  severity: 'error',
  party: 'server',
  title: 'the signature of a certificate does not verify',
  why: 'By name and key identifier the issuer is the right one, and its key does not verify the signature: the certificate was changed after signing, damaged on the way, or made by somebody who only knows the name. Or the server signed the handshake with a key that is not that of its certificate.',
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=7:certificate signature failure' },
    { runtime: 'Node.js', text: 'CERT_SIGNATURE_FAILURE: certificate signature failure' },
    {
      runtime: 'Go',
      text: 'x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" …); tls: invalid signature by the server certificate',
    },
    { runtime: 'Java', text: 'PKIX path validation failed: signature check failed' },
    { runtime: 'GnuTLS', text: 'The signature in the certificate is invalid.' },
    { runtime: 'rustls', text: 'invalid peer certificate: BadSignature' },
  ],
  confirm: [{ title: 'against the issuer', command: 'openssl verify -partial_chain -CAfile {intermediate} server.crt' }],
  fixes: [
    { title: 'issue the certificate again', command: 'tlsmedic issue {names} --{profile} --out ./tls' },
    {
      title: 'compare the file at the authority with the one on the server',
      command: 'openssl x509 -in server.crt -noout -fingerprint -sha256',
    },
    { title: 'if nobody changed it: treat it as an attack, and look at what stands between client and server' },
  ],
  references: [
    { rfc: 5280, section: '6.1.3', title: 'Basic certificate processing' },
    { rfc: 8446, section: '4.4.3', title: 'Certificate verify' },
  ],
  alerts: ['bad_certificate', 'decrypt_error'],
  supersedes: ['untrusted-root'],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => found(...pathProblems(evidence, 'bad-signature').map((problem) => problemFinding(evidence, problem))),
});
