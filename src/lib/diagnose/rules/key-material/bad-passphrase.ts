import { materialFinding } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule } from '../../rule.js';

export const meta = defineMeta({
  code: 'bad-passphrase',
  severity: 'error',
  party: 'local',
  title: 'the key is encrypted and the passphrase does not open it',
  why: 'The private key (or PKCS#12 file) is protected, and no passphrase or a wrong one was given. A passphrase file with a line end too many, or in another character set, is a wrong passphrase. Old PKCS#12 files use RC2 or 3DES, which current OpenSSL refuses with words that sound like a wrong passphrase.',
  wordings: [
    { runtime: 'OpenSSL', text: 'bad decrypt; maybe wrong password; pkcs12 routines::mac verify failure' },
    { runtime: 'Node.js', text: 'ERR_OSSL_BAD_DECRYPT, ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED, mac verify failure' },
    { runtime: 'Go', text: 'tls: failed to parse private key (encrypted keys are not supported by crypto/tls)' },
    { runtime: 'Java', text: 'keystore password was incorrect; java.security.UnrecoverableKeyException' },
    { runtime: 'Python', text: 'ssl.SSLError: [SSL] PEM lib; bad password read' },
    { runtime: 'nginx', text: 'cannot load certificate key "…": PEM_read_bio_PrivateKey() failed (bad password read)' },
  ],
  confirm: [{ title: 'try it', command: 'openssl pkey -in {key} -noout && echo "the passphrase fits"' }],
  fixes: [
    {
      title: 'give it in a file that only you can read',
      command: 'tlsmedic diagnose {host}:{port} --cert {cert} --key {key} --passphrase-file pass.txt',
    },
    {
      title: 'old PKCS#12: write it again with current algorithms',
      command: 'openssl pkcs12 -legacy -in old.p12 -nodes | openssl pkcs12 -export -out new.p12',
    },
  ],
  references: [
    { rfc: 7292, title: 'PKCS#12' },
    { rfc: 8018, title: 'PKCS#5: password-based cryptography' },
  ],
  alerts: [],
  supersedes: ['client-cert-required'],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: (evidence) => materialFinding(evidence, 'bad-passphrase'),
});
