import { offsetText } from '../../../evidence/clock.js';
import { clockFacts, lookedWrong, skewWarning } from '../../clock-findings.js';
import { defineMeta } from '../../meta.js';
import { defineRule, found } from '../../rule.js';
import { callName, fact, iso } from '../../wording.js';

export const meta = defineMeta({
  code: 'local-clock-skew',
  severity: 'error',
  party: 'local',
  title: 'the clock of this machine is wrong',
  why: 'Validity is judged by the clock of the one who verifies. Other clocks agree with each other and not with this one, and at their time the certificate is inside its window: nothing is wrong with the certificate. A virtual machine that lost its time service drifts by seconds a day; with 24-hour certificates that are used at once, 90 seconds are enough.',
  wordings: [
    { runtime: 'Go', text: 'x509: certificate has expired or is not yet valid: current time … is before …' },
    { runtime: 'Node.js', text: 'CERT_NOT_YET_VALID or CERT_HAS_EXPIRED' },
    { runtime: 'Java', text: 'CertificateNotYetValidException / CertificateExpiredException' },
    { runtime: 'curl', text: 'curl: (60) SSL certificate problem: certificate is not yet valid' },
    { runtime: 'browsers', text: 'NET::ERR_CERT_DATE_INVALID, "Your clock is behind"' },
  ],
  confirm: [
    { title: 'is the time service in step', command: 'timedatectl status; chronyc tracking' },
    { title: 'what time the server thinks it is', command: 'tlsmedic diagnose {host}:{port} --verbose; date -u' },
  ],
  fixes: [
    { title: 'step the clock now', command: 'sudo chronyc makestep' },
    { title: 'with systemd-timesyncd', command: 'sudo systemctl restart systemd-timesyncd && timedatectl status' },
    { title: 'in a virtual machine or container: set the clock of the host below it' },
    { title: 'alert on clock offset above 30 seconds before certificates do it for you' },
  ],
  references: [
    { rfc: 5280, section: '4.1.2.5', title: 'Validity' },
    { rfc: 5905, title: 'NTPv4' },
  ],
  alerts: [],
  supersedes: [],
});

export const rule = defineRule({
  meta,
  check: (evidence) => {
    const { clock, client } = evidence;
    const blamed = [
      ...(evidence.server?.dates ?? []).filter(({ validity }) => validity.conclusion === 'local-clock-skew'),
      ...(client?.leaf !== undefined && client.validity?.conclusion === 'local-clock-skew'
        ? [{ certificate: client.leaf, source: client.label, validity: client.validity }]
        : []),
    ];
    const [first] = blamed;
    if (first === undefined) return found(...skewWarning(evidence, 'local'));
    const better = clock.reference ?? clock.peer;
    const side = first.validity.local === 'expired' ? 'ahead' : 'behind';
    const by =
      better === undefined
        ? `at least ${offsetText({ lo: first.validity.turnsAt, hi: first.validity.turnsAt })}`
        : offsetText(better.offset);
    return found({
      confidence: first.validity.confidence,
      summary: `the clock of this machine is ${by} ${side}: the certificate of ${callName(first.certificate)} only looks ${lookedWrong(first.validity.local)}`,
      evidence: [
        ...clockFacts(evidence),
        fact('window', `${iso(first.certificate.notBefore)} to ${iso(first.certificate.notAfter)}`, first.source),
        fact('verdict turns after moving the clock by (s)', Math.round(first.validity.turnsAt), 'own path validation'),
        fact('because', first.validity.because, 'clocks'),
      ],
      ...(clock.reference === undefined && {
        alternatives: [
          {
            class: 'clock-skew',
            code: 'peer-clock-skew',
            why: "only two clocks were read and they disagree: the wrong one may be the server's",
          },
          ...(first.validity.local === 'expired'
            ? [
                {
                  class: 'expiry' as const,
                  code: 'expired' as const,
                  why: "if it is the server's clock that is wrong, the certificate really ran out",
                },
              ]
            : []),
        ],
      }),
    });
  },
});
