import { defineMeta } from '../../meta.js';
import { pathFindings } from '../../path-findings.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'weak-key',
  severity: 'error',
  party: 'server',
  title: 'a key of the path is too short',
  why: 'RSA below 2048 bits (and elliptic curves below 224) is refused by browsers, by the security level 2 that distributions set for OpenSSL, and by Java; Node.js draws the line at 1024. So it works in one program and not in the next.',
  wordings: [
    {
      runtime: 'OpenSSL',
      text: 'verify error:num=66:EE certificate key too weak; num=67:CA certificate key too weak; ee key too small; dh key too small',
    },
    { runtime: 'Node.js', text: 'UNSPECIFIED: EE certificate key too weak' },
    {
      runtime: 'Go',
      text: 'tls: server sent certificate containing RSA key larger/smaller than allowed; crypto/rsa: 1024-bit keys are insecure',
    },
    { runtime: 'Java', text: 'Algorithm constraints check failed on keysize limits: RSA 1024 bit key' },
    { runtime: 'GnuTLS', text: 'The certificate chain uses insecure algorithm.' },
    { runtime: 'nginx', text: 'SSL_CTX_use_certificate("…") failed (ee key too small)' },
  ],
  confirm: [
    {
      title: 'the key',
      command:
        'openssl s_client -connect {host}:{port} -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -text | grep "Public-Key"',
    },
  ],
  fixes: [
    { title: 'issue it with a new key', command: 'tlsmedic issue {names} --{profile} --out ./tls' },
    { title: 'when it is the authority: make a new one and roll it out beside the old', command: 'tlsmedic ca init' },
  ],
  references: [
    { rfc: 9325, section: '4.3', title: 'Key lengths' },
    { rfc: 8446, section: '4.4.2.2', title: 'Server certificate selection' },
  ],
  alerts: ['bad_certificate', 'insufficient_security'],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['server'],
  check: (evidence) => pathFindings(evidence, 'weak-key'),
});
