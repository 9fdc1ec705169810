import { pairFacts } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found, PASS } from '../../rule.js';
import { callName } from '../../wording.js';

export const meta = defineMeta({
  code: 'client-key-mismatch',
  severity: 'error',
  party: 'client',
  title: 'the client key does not belong to the client certificate',
  why: 'The client proves that it holds the key of its certificate by a signature, and the given key is another one. With keys of the same type libraries notice when loading; with different types Node.js silently sends no certificate at all and the server says that none was given. Usually one of the two files was renewed and the other was not.',
  wordings: [
    { runtime: 'OpenSSL', text: 'x509 certificate routines::key values mismatch' },
    { runtime: 'Node.js', text: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH, thrown by tls.connect' },
    { runtime: 'Go', text: 'tls: private key does not match public key' },
    { runtime: 'Java', text: 'KeyStoreException: private key does not match certificate' },
    { runtime: 'nginx', text: 'SSL_CTX_use_PrivateKey("…") failed (key values mismatch)' },
    { runtime: 'server', text: 'decrypt_error (51), when a client sent them all the same' },
  ],
  confirm: [
    {
      title: 'the two public keys, which must be the same',
      command: 'openssl x509 -in {cert} -noout -pubkey | openssl sha256; openssl pkey -in {key} -pubout | openssl sha256',
    },
  ],
  fixes: [
    { title: 'find the key that belongs to the certificate', command: 'tlsmedic inspect {cert} {key}' },
    { title: 'or issue a new pair', command: 'tlsmedic issue {client} --client --out ./tls' },
    { title: 'write both files in one step (a new directory and a rename), so that no reader sees half of it' },
  ],
  references: [{ rfc: 8446, section: '4.4.3', title: 'Certificate verify' }],
  alerts: ['decrypt_error', 'bad_certificate', 'certificate_required'],
  supersedes: ['client-cert-rejected', 'client-cert-required', 'key-mismatch'],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: (evidence) => {
    const { client, demand } = evidence;
    if (client?.leaf === undefined || client.keyMatches !== false) return PASS;
    // Without a CertificateRequest the pair plays no part in this handshake, but no program could load it: key-material/key-mismatch says so.
    if (demand === undefined && evidence.receptions.none?.verdict !== 'refused') return PASS;
    return found({
      confidence: 'certain',
      summary: `${client.keyLabel} is not the key of the client certificate of ${callName(client.leaf)} (${client.label})`,
      evidence: pairFacts(evidence),
    });
  },
});
