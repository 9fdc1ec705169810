import type { Alternative, Cause, CauseCode, EvidenceItem } from '../../cause.js';
import { classOf } from '../../cause.js';
import { validatePath } from '../../path/validate.js';
import type { SourcedCertificate } from '../../path/verification.js';
import { hostReference, matchIdentity } from '../../x509/server-identity.js';
import { make } from './assess-client.js';
import type { AlertSeen } from './events.js';

/** Alerts by which a client says something about the server's certificate (RFC 8446 §6.2). */
const ABOUT_CERTIFICATE = new Map<number, readonly CauseCode[]>([
  [42, ['bad-signature', 'untrusted-root', 'san-mismatch', 'expired']],
  [43, ['wrong-purpose', 'weak-key']],
  [44, ['revoked']],
  [45, ['expired', 'peer-clock-skew']],
  [46, ['untrusted-root', 'san-mismatch', 'missing-intermediate']],
  [48, ['untrusted-root', 'missing-intermediate', 'self-signed']],
  [51, ['key-mismatch', 'bad-signature']],
]);

/** What this server showed the client. */
export interface Shown {
  chain: readonly SourcedCertificate[];
  /** The SNI of the client, which is most often the name it checks. */
  servername: string | undefined;
  /** Roots that this server knows to stand above its chain, if any. */
  roots: readonly SourcedCertificate[];
  at: number;
}

/** How a client left that gave no reason. */
export interface Departure {
  /** Its Finished came: the handshake was complete. */
  finished: boolean;
  /** It said close_notify, as programs do that end in order. */
  goodbye: boolean;
  /** By RST, not by FIN. */
  reset: boolean;
}

/**
 * Why a client may have left right after it saw our certificate, without an alert and without a request. Node does so when it does not trust the
 * certificate: in TLS 1.3 before its Finished, in TLS 1.2 after it, never with a close_notify. Scanners and health checks leave too, so nothing here is
 * certain; after an orderly goodbye only a fault of our own is worth a word.
 */
export function assessDeparture(shown: Shown, { finished, goodbye, reset }: Departure): Cause | undefined {
  const own = ownFault(shown);
  const how = finished ? 'after the handshake, without an alert or a request' : 'at the sight of our certificate, without an alert';
  const evidence: EvidenceItem[] = [
    { fact: 'left', value: `${how}${reset ? ', by RST' : ''}${goodbye ? ', with close_notify' : ''}`, source: 'client' },
  ];
  if (own !== undefined) {
    // curl checks the name itself after the handshake, and says goodbye in order.
    return make(own.code, 'server', `the client hung up without an alert: ${own.message}`, [...evidence, ...own.evidence], {
      confidence: 'likely',
    });
  }
  if (goodbye) return undefined;
  const top = shown.chain.at(-1)?.certificate;
  const authority = top?.issuer.text || top?.subject.text || 'our root';
  return make(
    'untrusted-root',
    'client',
    `the client hung up ${how}; Node does so when it does not trust "${authority}", the authority above our certificate`,
    evidence,
    {
      confidence: finished || reset ? 'possible' : 'likely',
      alternatives: [
        { class: classOf('san-mismatch'), code: 'san-mismatch', why: 'the client may check another name than the one it sent in SNI' },
        { class: classOf('reset'), code: 'reset', why: 'scanners and health checks leave in the same way' },
      ],
    },
  );
}

/**
 * Why a client may have refused the server's certificate by an alert: what is really wrong with the certificate first, and when nothing is,
 * what the client must lack. Undefined for an alert that is not about certificates.
 */
export function assessRefusal(shown: Shown, alert: AlertSeen): Cause | undefined {
  const candidates = ABOUT_CERTIFICATE.get(alert.number);
  if (candidates === undefined) return undefined;
  const said: EvidenceItem[] = [{ fact: 'alert', value: `${alert.name} (${alert.number})`, source: 'sent by the client' }];
  const own = ownFault(shown);
  if (own === undefined) return blameless(shown, alert, candidates, said);
  const fits = candidates.includes(own.code) || candidates.includes('untrusted-root');
  return make(own.code, 'server', `the client said ${alert.name}: ${own.message}`, [...said, ...own.evidence], {
    confidence: fits ? 'certain' : 'likely',
  });
}

/** Nothing is wrong with the certificate by our own validation: the client lacks something. */
function blameless(shown: Shown, alert: AlertSeen, candidates: readonly CauseCode[], evidence: EvidenceItem[]): Cause {
  const top = shown.chain.at(-1)?.certificate;
  if (alert.number === 45) {
    return make(
      'peer-clock-skew',
      'client',
      'the client says that our certificate has expired, and it has not: the clock of the client is ahead',
      evidence,
      { confidence: 'likely' },
    );
  }
  if (alert.number === 51) {
    return make('key-mismatch', 'server', 'the client could not verify our signature with the key in our certificate', evidence, {
      confidence: 'likely',
    });
  }
  const code: CauseCode = alert.number === 43 ? 'wrong-purpose' : alert.number === 44 ? 'revoked' : 'untrusted-root';
  const others: Alternative[] = candidates
    .filter((one) => one !== code)
    .map((one) => ({
      class: classOf(one),
      code: one,
      why: 'some clients say it with the same alert; our own validation does not bear it out',
    }));
  const summary =
    code === 'untrusted-root'
      ? `the client said ${alert.name}: it does not trust "${top?.issuer.text || top?.subject.text || 'our root'}", the authority above our certificate`
      : `the client said ${alert.name} about our certificate`;
  return make(code, code === 'revoked' ? 'server' : 'client', summary, evidence, {
    // Without SNI the name that the client checks is not known here.
    confidence: alert.number === 48 ? 'certain' : shown.servername === undefined ? 'possible' : 'likely',
    alternatives: others,
  });
}

/** What is wrong with our own chain, as a strict client sees it. */
function ownFault(shown: Shown): { code: CauseCode; message: string; evidence: EvidenceItem[] } | undefined {
  const [leaf, ...intermediates] = shown.chain;
  if (leaf === undefined) return undefined;
  const verdict = validatePath({
    leaf,
    intermediates,
    anchors: shown.roots,
    at: shown.at,
    purpose: 'server',
    profile: 'rfc5280',
    revocation: 'none',
  });
  const problem = verdict.problems.find(({ code }) => shown.roots.length > 0 || !['untrusted-root', 'stale-trust-bundle'].includes(code));
  if (problem !== undefined) {
    const evidence = Object.entries(problem.facts).map(([fact, value]) => ({ fact, value, source: `our certificate ${problem.index}` }));
    return { code: problem.code, message: problem.message, evidence };
  }
  if (shown.servername === undefined) return undefined;
  const match = matchIdentity(leaf.certificate, hostReference(shown.servername));
  if (match.ok) return undefined;
  return {
    code: match.code ?? 'san-mismatch',
    message: `it asked for ${shown.servername}, and our certificate is for ${match.presented.join(', ') || 'no name at all'}`,
    evidence: [{ fact: 'servername', value: shown.servername, source: 'ClientHello' }],
  };
}
