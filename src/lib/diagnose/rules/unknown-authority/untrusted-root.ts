import { authorityFindings } from '../../authority-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'untrusted-root',
  severity: 'error',
  party: 'client',
  title: 'the chain ends at an authority that is not trusted here',
  why: "The path of the server leads to a root that is in none of the trust anchors in force. For a private authority that is normal until its root is installed where this program looks, and programs look in different places: Node.js has its own store, Java another, Go and OpenSSL use the system's, and an explicit bundle replaces them all.",
  wordings: [
    {
      runtime: 'OpenSSL',
      text: 'verify error:num=19:self-signed certificate in certificate chain, or num=20:unable to get local issuer certificate',
    },
    { runtime: 'Node.js', text: 'SELF_SIGNED_CERT_IN_CHAIN, UNABLE_TO_GET_ISSUER_CERT_LOCALLY, or UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    { runtime: 'Go', text: 'x509: certificate signed by unknown authority' },
    {
      runtime: 'Java',
      text: 'sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target',
    },
    { runtime: 'Python', text: 'certificate verify failed: unable to get local issuer certificate' },
    { runtime: 'curl', text: 'curl: (60) SSL certificate problem: self-signed certificate in certificate chain' },
    { runtime: 'GnuTLS', text: 'The certificate issuer is unknown.' },
    { runtime: '.NET', text: 'RemoteCertificateChainErrors: UntrustedRoot' },
  ],
  confirm: [
    {
      title: 'where the chain ends',
      command: 'openssl s_client -connect {host}:{port} -servername {name} -CAfile {ca} -verify_return_error -showcerts </dev/null',
    },
    { title: 'whether the bundle has that root', command: 'openssl crl2pkcs7 -nocrl -certfile {ca} | openssl pkcs7 -print_certs -noout' },
  ],
  fixes: [
    {
      title: 'get the root of the authority over a channel you trust, and give it',
      command: 'tlsmedic diagnose {host}:{port} --ca root.crt',
    },
    { title: 'Node.js', command: 'NODE_EXTRA_CA_CERTS=/path/root.crt node app.js' },
    { title: 'OpenSSL, Python, curl, Ruby', command: 'SSL_CERT_FILE=/path/bundle.crt' },
    {
      title: 'Debian and Ubuntu, for programs that use the system store',
      command: 'sudo cp root.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates',
    },
    { title: 'Java', command: 'keytool -importcert -cacerts -alias corp-root -file root.crt' },
  ],
  references: [
    { rfc: 5280, section: '6.1.1', title: 'Trust anchor information' },
    { rfc: 8446, section: '4.4.2.4', title: 'Receiving a certificate message' },
  ],
  alerts: ['unknown_ca', 'certificate_unknown', 'bad_certificate'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => authorityFindings(evidence, 'untrusted-root'),
});
