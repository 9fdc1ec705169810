import type { Alternative } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import { type DatedCertificate, trueTime } from '../evidence/server.js';
import { durationInWords } from '../time-text.js';
import { authorityDateFixes } from './authority-date-fixes.js';
import { clockFacts } from './clock-findings.js';
import type { Finding } from './rule.js';
import { callName, fact, iso } from './wording.js';

/** What stands in a report for a certificate outside its window when the clocks are not to blame. */
export function dateFinding(evidence: Evidence, dated: DatedCertificate): Finding {
  const { certificate, source, role, validity } = dated;
  const now = trueTime(evidence.clock);
  const expired = validity.conclusion === 'expired';
  const kind = role === 'end-entity' ? 'the certificate of' : role === 'anchor' ? 'the trust anchor' : 'the intermediate';
  const span = durationInWords((expired ? now - certificate.notAfter : certificate.notBefore - now) / 1000);
  const alternatives: Alternative[] =
    validity.confidence === 'certain'
      ? []
      : [
          {
            class: 'clock-skew',
            code: 'local-clock-skew',
            why: `if this machine's clock were ${durationInWords(validity.turnsAt)} ${expired ? 'ahead' : 'behind'}, the certificate would be fine; ${validity.because}`,
          },
        ];
  return {
    confidence: validity.confidence,
    ...(role === 'anchor' && { party: 'client' as const }),
    ...(role !== 'end-entity' && {
      ownFixesOnly: true,
      fixes: authorityDateFixes(expired ? 'expired' : 'not-yet-valid', {
        subject: certificate.subject.text,
        issuer: certificate.issuer.text,
        source,
        role,
      }),
    }),
    summary: `${kind} ${callName(certificate)} ${expired ? `ran out ${span} ago` : `is not valid for another ${span}`}`,
    evidence: [
      fact(expired ? 'notAfter' : 'notBefore', iso(expired ? certificate.notAfter : certificate.notBefore), source),
      fact('lifetime', durationInWords((certificate.notAfter - certificate.notBefore) / 1000), source),
      fact('now', iso(now), evidence.clock.reference?.sources.join(', ') ?? 'clock of this machine'),
      ...clockFacts(evidence),
      fact('confidence because', validity.because, 'clocks'),
    ],
    alternatives,
  };
}

/** Three quarters of a lifetime used up without a renewal: certificates that renew themselves do so at two thirds. */
const LATE_SHARE = 0.75;

/** By share of the lifetime, not by days: a 24-hour certificate with six hours left is late, a yearly one with 30 days is not. */
export function lifetimeWarning(evidence: Evidence): Finding[] {
  const { server } = evidence;
  if (server === undefined) return [];
  const now = trueTime(evidence.clock);
  return server.dates
    .filter(({ role, certificate }) => role !== 'anchor' && now < certificate.notAfter && now > certificate.notBefore)
    .map((dated) => ({ ...dated, used: (now - dated.certificate.notBefore) / (dated.certificate.notAfter - dated.certificate.notBefore) }))
    .filter(({ used }) => used >= LATE_SHARE)
    .map(({ certificate, source, used }) => ({
      confidence: 'certain' as const,
      warning: true,
      summary: `${callName(certificate)} has used ${Math.floor(used * 100)} % of its lifetime and runs out in ${durationInWords((certificate.notAfter - now) / 1000)}`,
      evidence: [fact('notAfter', iso(certificate.notAfter), source), fact('share of lifetime used', Math.floor(used * 100) / 100, source)],
    }));
}
