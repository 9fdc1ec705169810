import { trueTime } from '../../../evidence/server.js';
import { durationInWords } from '../../../time-text.js';
import { clientDefect } from '../../client-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found } from '../../rule.js';
import { callName, fact, iso } from '../../wording.js';

export const meta = defineMeta({
  code: 'client-cert-expired',
  severity: 'error',
  party: 'client',
  title: 'the client certificate ran out',
  why: "The server checks the validity of the client certificate as the client checks the server's. An OpenSSL server says certificate_expired, Go says bad_certificate, Java certificate_unknown, GnuTLS access_denied, and nginx answers the request with status 400. A client process that loaded its pair at start goes on presenting the old one after the file was renewed.",
  wordings: [
    { runtime: 'OpenSSL client', text: 'sslv3 alert certificate expired (SSL alert number 45)' },
    { runtime: 'Node.js', text: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED' },
    { runtime: 'Go client', text: 'remote error: tls: expired certificate; from Go servers: remote error: tls: bad certificate' },
    { runtime: 'curl with TLS 1.2', text: 'curl: (60) SSL certificate verification failed (it blames the wrong side)' },
    { runtime: 'nginx', text: '400 The SSL certificate error; log: client SSL certificate verify error: (10:certificate has expired)' },
    { runtime: 'GnuTLS server', text: 'access_denied (49)' },
  ],
  confirm: [{ title: 'the dates of the client certificate', command: 'openssl x509 -in {cert} -noout -subject -dates; date -u' }],
  fixes: [
    { title: 'issue a new client certificate', command: 'tlsmedic issue {client} --client --out ./tls' },
    { title: 'or renew it where it comes from', command: 'step ca renew --force {cert} {key}' },
    { title: 'make the client load it: most programs read the pair once, at start' },
  ],
  references: [
    { rfc: 5280, section: '4.1.2.5', title: 'Validity' },
    { rfc: 8446, section: '6.2', title: 'Error alerts' },
  ],
  alerts: ['certificate_expired', 'bad_certificate', 'certificate_unknown', 'access_denied'],
  supersedes: ['client-cert-rejected'],
});

export const rule = defineRule({
  meta,
  needs: ['client'],
  check: (evidence) => {
    const { client } = evidence;
    const expired = client?.chainValidity.filter(({ verdict }) => verdict.conclusion === 'expired') ?? [];
    return found(
      ...expired.map(({ certificate, verdict }) =>
        clientDefect(evidence, {
          summary: `the client certificate of ${callName(certificate)} ran out ${durationInWords((trueTime(evidence.clock) - certificate.notAfter) / 1000)} ago`,
          confidence: verdict.confidence === 'possible' && evidence.receptions.given?.verdict === 'refused' ? 'likely' : verdict.confidence,
          evidence: [
            fact('notAfter', iso(certificate.notAfter), client?.label ?? ''),
            fact('confidence because', verdict.because, 'clocks'),
          ],
        }),
      ),
    );
  },
});
