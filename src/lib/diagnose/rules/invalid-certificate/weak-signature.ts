import { defineMeta } from '../../meta.js';
import { pathFindings } from '../../path-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'weak-signature',
  severity: 'error',
  party: 'server',
  title: 'a certificate is signed with a broken digest',
  why: "MD5 and SHA-1 collide, so a signature over them proves nothing, and current libraries refuse it in every certificate below the trust anchor. The anchor's own signature does not matter, since nobody verifies it.",
  wordings: [
    { runtime: 'OpenSSL', text: 'verify error:num=68:CA signature digest algorithm too weak; ca md too weak' },
    { runtime: 'Node.js', text: 'UNSPECIFIED: CA signature digest algorithm too weak' },
    {
      runtime: 'Go',
      text: 'x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm SHA1-RSA")',
    },
    { runtime: 'Java', text: 'Algorithm constraints check failed on signature algorithm: SHA1withRSA' },
    { runtime: 'GnuTLS', text: 'The certificate chain uses insecure algorithm.' },
    { runtime: 'nginx', text: 'SSL_CTX_use_certificate("…") failed (ca md too weak)' },
  ],
  confirm: [
    {
      title: 'signature algorithms along the chain',
      command:
        "openssl s_client -connect {host}:{port} -servername {name} -showcerts </dev/null 2>/dev/null | openssl storeutl -noout -text -certs /dev/stdin | grep -E 'Subject:|Signature Algorithm'",
    },
  ],
  fixes: [
    { title: 'issue it again with SHA-256', command: 'tlsmedic issue {names} --{profile} --out ./tls' },
    { title: 'with openssl: say so', command: 'openssl x509 -req -sha256 -in server.csr -CA ca.crt -CAkey ca.key -out server.crt' },
    { title: 'when it is an intermediate: have the authority issue that one again' },
  ],
  references: [
    { rfc: 9155, title: 'Deprecating MD5 and SHA-1 signature hashes in TLS 1.2' },
    { rfc: 8446, section: '4.4.2.4', title: 'Receiving a certificate message' },
  ],
  alerts: ['bad_certificate', 'unsupported_certificate'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => pathFindings(evidence, 'weak-signature'),
});
