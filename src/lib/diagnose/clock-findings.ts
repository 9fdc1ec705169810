import type { Alternative, Confidence, EvidenceItem } from '../cause.js';
import { agrees, offsetText } from '../evidence/clock.js';
import type { Evidence } from '../evidence/evidence.js';
import { type Interval, middle } from '../evidence/interval.js';
import type { Reception } from '../evidence/reception.js';
import { type Standing, standing } from '../evidence/validity.js';
import type { Finding } from './rule.js';
import { fact, iso } from './wording.js';

/** Alert at 30 seconds of offset, long before certificates notice. */
const WARN_SECONDS = 30;

export function lookedWrong(standing: Standing): string {
  return standing === 'expired' ? 'expired' : 'not yet valid';
}

/** `this machine 93 s behind`. */
function sideText(offset: Interval): string {
  return middle(offset) > 0 ? 'behind' : 'ahead';
}

/** What was read of every clock, as evidence. */
export function clockFacts(evidence: Evidence): EvidenceItem[] {
  const { clock } = evidence;
  return [
    fact('local clock', iso(clock.local), 'this machine'),
    ...(clock.reference === undefined
      ? []
      : [
          fact(
            'offset of independent clocks (s)',
            Math.round(middle(clock.reference.offset) * 10) / 10,
            clock.reference.sources.join(', '),
          ),
        ]),
    ...(clock.peer === undefined
      ? []
      : [fact("offset of the server's clock (s)", Math.round(middle(clock.peer.offset) * 10) / 10, clock.peer.sources.join(', '))]),
  ];
}

/** A clock that is off without having broken anything yet. */
export function skewWarning(evidence: Evidence, whose: 'local' | 'peer'): Finding[] {
  const { reference, peer } = evidence.clock;
  if (whose === 'local') {
    if (reference === undefined || agrees(reference.offset, WARN_SECONDS)) return [];
    return [
      {
        confidence: 'certain',
        warning: true,
        summary: `the clock of this machine is ${offsetText(reference.offset)} ${sideText(reference.offset)}`,
        evidence: clockFacts(evidence),
      },
    ];
  }
  if (peer === undefined) return [];
  const against = reference?.offset ?? { lo: 0, hi: 0 };
  const difference = { lo: peer.offset.lo - against.hi, hi: peer.offset.hi - against.lo };
  if (agrees(difference, WARN_SECONDS)) return [];
  const ahead = middle(difference) > 0 ? 'ahead' : 'behind';
  return [
    {
      confidence: reference === undefined ? 'possible' : 'certain',
      warning: true,
      summary:
        reference === undefined
          ? `the clocks of the server and of this machine differ by ${offsetText(difference)}; the server's is ${ahead}`
          : `the clock of the server is ${offsetText(difference)} ${ahead}`,
      evidence: clockFacts(evidence),
      ...(reference === undefined && {
        alternatives: [
          {
            class: 'clock-skew' as const,
            code: 'local-clock-skew' as const,
            why: "no third clock was read: the wrong one may be this machine's",
          },
        ],
      }),
    },
  ];
}

const staleServerList: Alternative = {
  class: 'revocation',
  code: 'revocation-unavailable',
  why: 'OpenSSL servers say "expired" too when their own revocation list (CRL) ran out',
};

function nearerToBeginning({ notBefore, notAfter }: { notBefore: number; notAfter: number }, at: number): boolean {
  return at - notBefore < notAfter - at;
}

/** Whether the refusal of a client certificate that is fine is best explained by the server's clock. */
export interface PeerBlame {
  side: 'ahead' | 'behind';
  confidence: Confidence;
  reception: Reception;
  because: string;
  alternatives: Alternative[];
}

/**
 * A client certificate inside its window, meant for clients, with its key, is refused. The server's clock is to blame when its Date header
 * says a time outside the window; without a Date, when the alert says "expired" (45), or "bad" (42) where the same server has other
 * words for an unknown authority (OpenSSL's answer to "not yet valid").
 */
export function peerBlame(evidence: Evidence): PeerBlame | undefined {
  const { client, receptions, clock, demand } = evidence;
  const reception = receptions.given;
  if (
    client?.leaf === undefined ||
    reception?.verdict !== 'refused' ||
    client.keyMatches === false ||
    client.purposeOk === false ||
    client.weakness !== undefined
  )
    return undefined;
  // One that signed itself is refused for that, whatever the clock says.
  if (client.leaf.selfIssued) return undefined;
  const fine = client.chainValidity.every(({ verdict }) => verdict.conclusion === 'valid');
  if (!fine) return undefined;
  const noReference: Alternative[] =
    clock.reference === undefined
      ? [{ class: 'clock-skew', code: 'local-clock-skew', why: 'only two clocks were read and they disagree' }]
      : [];
  if (clock.peer !== undefined) {
    const at = { lo: clock.local + clock.peer.offset.lo * 1000, hi: clock.local + clock.peer.offset.hi * 1000 };
    const there = client.certificates
      .map((certificate) => standing(certificate, at))
      .find((one) => one === 'expired' || one === 'not-yet-valid');
    if (there === undefined) return undefined;
    return {
      side: there === 'expired' ? 'ahead' : 'behind',
      confidence: clock.reference === undefined ? 'likely' : 'certain',
      reception,
      because: `by its own clock (${iso(clock.local + middle(clock.peer.offset) * 1000)}) the client certificate ${there === 'expired' ? 'has run out' : 'is not valid yet'}`,
      alternatives: noReference,
    };
  }
  const rejected: Alternative = { class: 'client-auth', code: 'client-cert-rejected', why: 'the clock of the server could not be read' };
  if (reception.alert?.number === 45 || reception.says === 'expired')
    return {
      // Go says "expired" to a certificate that is not valid yet as well: the nearer edge of the window is the likelier one.
      side: demand?.stack === 'go' && nearerToBeginning(client.leaf, clock.local) ? 'behind' : 'ahead',
      confidence: 'likely',
      reception,
      because: 'it calls a certificate expired that is not',
      alternatives: [rejected, staleServerList],
    };
  const untrusted = receptions.untrusted?.alert?.number;
  // Of a server that says 48 to an unknown authority (OpenSSL), and does not say 42 to an impostor of the right one. Go says 42 when the
  // program's own check (VerifyPeerCertificate) says no, and never for a date.
  if (
    reception.alert?.number === 42 &&
    untrusted === 48 &&
    demand?.stack !== 'go' &&
    receptions.impostor?.alert?.number !== 42 &&
    client.named !== false
  )
    return {
      side: 'behind',
      confidence: 'likely',
      reception,
      because: 'it answers as servers do to a certificate that is not valid yet',
      alternatives: [rejected],
    };
  return undefined;
}
