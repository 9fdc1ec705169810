import { serverSignatureFails } from '../../../evidence/server-signature.js';
import { pairFacts } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found, PASS } from '../../rule.js';
import { callName, fact, handshakeSource } from '../../wording.js';

export const meta = defineMeta({
  code: 'key-mismatch',
  severity: 'error',
  party: 'local',
  title: 'key and certificate are not a pair',
  why: "The public key in the certificate is not the one of the private key. One of two files was renewed, or the order in a bundle is wrong, so that the first certificate is the intermediate's.",
  wordings: [
    { runtime: 'OpenSSL', text: 'x509 certificate routines::key values mismatch (1.1: X509_check_private_key)' },
    { runtime: 'Node.js', text: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' },
    { runtime: 'Go', text: 'tls: private key does not match public key' },
    { runtime: 'nginx', text: 'SSL_CTX_use_PrivateKey("…") failed (SSL: error:05800074:x509 certificate routines::key values mismatch)' },
    { runtime: 'haproxy', text: 'inconsistencies between private key and certificate loaded' },
    { runtime: 'Envoy', text: 'Failed to load private key … KEY_VALUES_MISMATCH' },
    { runtime: 'GnuTLS', text: 'The certificate and the given key do not match.' },
  ],
  confirm: [
    {
      title: 'the two public keys, which must be the same',
      command: 'openssl x509 -in {cert} -noout -pubkey | openssl sha256; openssl pkey -in {key} -pubout | openssl sha256',
    },
  ],
  fixes: [
    { title: 'see which certificate belongs to which key', command: 'tlsmedic inspect {cert} {key}' },
    { title: 'put the leaf first in the file' },
    { title: 'issue a new pair', command: 'tlsmedic issue {name} --out ./tls' },
  ],
  references: [{ rfc: 8446, section: '4.4.2', title: "Certificate: the sender's own comes first" }],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  needs: ['look'],
  check: (evidence) => {
    const { client, demand, look } = evidence;
    // Our side checks the server's CertificateVerify (or ServerKeyExchange) even when it does not verify the chain.
    if (look !== undefined && look.chain.length > 0 && serverSignatureFails(look))
      return found({
        confidence: 'likely',
        party: 'server',
        summary: 'the server signed the handshake with a key that is not the one in its certificate',
        evidence: [
          fact('our alert', look.alertSent === undefined ? null : `${look.alertSent.number} ${look.alertSent.name}`, handshakeSource(look)),
          fact('error', look.error?.message ?? null, handshakeSource(look)),
        ],
        alternatives: [
          {
            class: 'invalid-certificate',
            code: 'bad-signature',
            why: 'something between client and server may have changed the handshake',
          },
        ],
      });
    if (client?.leaf === undefined || client.keyMatches !== false) return PASS;
    if (demand !== undefined || evidence.receptions.none?.verdict === 'refused') return PASS;
    return found({
      confidence: 'certain',
      summary: `${client.keyLabel} is not the key of the certificate of ${callName(client.leaf)} (${client.label})`,
      evidence: pairFacts(evidence),
    });
  },
});
