import { offsetText } from '../../../evidence/clock.js';
import { middle } from '../../../evidence/interval.js';
import { durationInWords } from '../../../time-text.js';
import { clockFacts, peerBlame, skewWarning } from '../../clock-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found, PASS } from '../../rule.js';
import { callName, fact, iso } from '../../wording.js';

export const meta = defineMeta({
  code: 'peer-clock-skew',
  severity: 'error',
  party: 'server',
  title: 'the clock of the server is wrong',
  why: 'A server that wants a client certificate judges its validity by its own clock. When that clock is ahead it calls a valid client certificate expired, when it is behind it calls a fresh one not yet valid. Only pods or hosts with the wrong clock refuse, so the failure looks intermittent.',
  wordings: [
    {
      runtime: 'OpenSSL client',
      text: 'tlsv1 alert certificate expired: SSL alert number 45 (server ahead), sslv3 alert bad certificate: SSL alert number 42 (server behind)',
    },
    { runtime: 'Go client', text: 'remote error: tls: expired certificate, or remote error: tls: bad certificate' },
    { runtime: 'nginx', text: '400 The SSL certificate error; log: client SSL certificate verify error: (9:certificate is not yet valid)' },
    { runtime: 'OpenSSL server', text: 'verify error:num=9:certificate is not yet valid' },
  ],
  confirm: [
    {
      title: 'compare the clocks',
      command: 'curl -sI --cacert {ca} --cert {cert} --key {key} https://{host}:{port}/ | grep -i ^date:; date -u',
    },
    { title: 'on the server', command: 'timedatectl status; chronyc tracking' },
  ],
  fixes: [
    { title: 'step the clock of the server', command: 'ssh {host} sudo chronyc makestep' },
    {
      title: 'start client certificates a few minutes in the past',
      command: 'tlsmedic issue {client} --client --not-before=-1h --out ./tls',
    },
    { title: 'watch the time service of every node, not of one' },
  ],
  references: [
    { rfc: 5280, section: '4.1.2.5', title: 'Validity' },
    { rfc: 8446, section: '6.2', title: 'Error alerts' },
  ],
  alerts: ['certificate_expired', 'bad_certificate'],
  supersedes: ['client-cert-rejected'],
});

export const rule = defineRule({
  meta,
  check: (evidence) => {
    const { clock, client } = evidence;
    const served = evidence.server?.dates.find(({ validity }) => validity.conclusion === 'peer-clock-skew');
    if (served !== undefined && clock.peer !== undefined)
      return found({
        confidence: served.validity.confidence,
        summary: `the clock of the server is ${offsetText(clock.peer.offset)} ahead: it serves a certificate for ${callName(served.certificate)} that begins only ${iso(served.certificate.notBefore)}`,
        evidence: clockFacts(evidence),
      });
    // The difference between the two clocks is told once, by the rule that blames this machine's.
    if (
      evidence.server?.dates.some(({ validity }) => validity.conclusion === 'local-clock-skew') === true ||
      client?.validity?.conclusion === 'local-clock-skew'
    )
      return PASS;
    const blame = peerBlame(evidence);
    if (blame === undefined || client?.leaf === undefined) return found(...skewWarning(evidence, 'peer'));
    const { leaf } = client;
    const by = clock.peer === undefined ? '' : ` ${offsetText(clock.peer.offset)}`;
    const margin = blame.side === 'ahead' ? leaf.notAfter - clock.local : clock.local - leaf.notBefore;
    return found({
      confidence: blame.confidence,
      summary: `the server refuses a client certificate that is valid: its clock is${by} ${blame.side}`,
      evidence: [
        fact('because', blame.because, 'clocks'),
        fact('refusal', blame.reception.how, `handshake ${blame.reception.handshake}`),
        fact('client certificate valid', `${iso(leaf.notBefore)} to ${iso(leaf.notAfter)}`, client.label),
        fact("margin by this machine's clock", durationInWords(margin / 1000), client.label),
        ...clockFacts(evidence),
        ...(clock.peer === undefined
          ? []
          : [fact("server's clock", iso(clock.local + middle(clock.peer.offset) * 1000), clock.peer.sources.join(', '))]),
      ],
      alternatives: blame.alternatives,
    });
  },
});
