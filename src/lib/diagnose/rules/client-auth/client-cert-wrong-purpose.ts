import { oidName } from '../../../x509/oids.js';
import { clientDefect } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found, PASS } from '../../rule.js';
import { callName, fact, listText } from '../../wording.js';

export const meta = defineMeta({
  code: 'client-cert-wrong-purpose',
  severity: 'error',
  party: 'client',
  title: 'the client certificate is not meant for clients',
  why: 'The extended key usage of the certificate does not include clientAuth, so a server may not accept it from a client. Public authorities stopped putting clientAuth into web certificates in 2026: certificates that did double duty lose the second use at their next renewal.',
  wordings: [
    { runtime: 'OpenSSL', text: 'sslv3 alert unsupported certificate (SSL alert number 43); server log: unsuitable certificate purpose' },
    { runtime: 'Node.js', text: 'ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE' },
    { runtime: 'Go', text: 'remote error: tls: bad certificate; server: x509: certificate specifies an incompatible key usage' },
    {
      runtime: 'Java',
      text: 'Received fatal alert: certificate_unknown; server: Extended key usage does not permit use for TLS client authentication',
    },
    { runtime: 'nginx', text: '400 The SSL certificate error; log: (26:unsuitable certificate purpose)' },
  ],
  confirm: [
    { title: 'its extended key usage', command: 'openssl x509 -in {cert} -noout -ext extendedKeyUsage,keyUsage' },
    { title: 'would it do as a client certificate', command: 'openssl verify -purpose sslclient -CAfile {ca} {cert}' },
  ],
  fixes: [
    { title: 'issue it for clients, or for both ends', command: 'tlsmedic issue {client} --client --out ./tls' },
    { title: 'cert-manager: usages: [client auth] in the Certificate' },
    { title: 'from a public authority: move client authentication to a private authority, that use is gone for good' },
  ],
  references: [
    { rfc: 5280, section: '4.2.1.12', title: 'Extended key usage' },
    { rfc: 8446, section: '4.4.2.3', title: 'Client certificate selection' },
  ],
  alerts: ['unsupported_certificate', 'bad_certificate', 'certificate_unknown'],
  supersedes: ['client-cert-rejected'],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: (evidence) => {
    const { client } = evidence;
    if (client?.leaf === undefined || client.purposeOk !== false) return PASS;
    const uses = client.purposes.map((oid) => oidName(oid));
    return found(
      clientDefect(evidence, {
        summary:
          uses.length > 0 && !uses.includes('clientAuth')
            ? `the client certificate of ${callName(client.leaf)} is for ${listText(uses)} only, not for clientAuth`
            : `the key usage of the client certificate of ${callName(client.leaf)} does not allow it to sign a handshake`,
        confidence: 'certain',
        evidence: [
          fact('extended key usage', uses.join(', ') || 'absent', client.label),
          fact('key usage', client.leaf.keyUsage?.join(', ') ?? 'absent', client.label),
        ],
      }),
    );
  },
});
