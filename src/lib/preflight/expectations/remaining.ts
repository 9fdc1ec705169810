import { durationInWords, isoTime, parseDuration } from '../../time-text.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Check } from '../expectation.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** Enough lifetime is left, as a share of the whole (fit for short-lived certificates) or as a duration, for every certificate of the chain. */
export const remaining: ExpectationRule = {
  expectation: 'remaining',
  asked: (expect) => expect.remaining !== undefined,
  check: (facts) =>
    facts.certificates.length === 0
      ? unchecked('remaining', 'the server showed no certificate')
      : judgeRemaining(facts.certificates, facts.expect.remaining ?? '', facts.now, placeholdersOf(facts)),
};

/** Shared with certificate files. */
export function judgeRemaining(
  certificates: readonly Certificate[],
  wanted: string,
  now: number,
  values: Parameters<typeof failed>[2]['values'] = {},
): Check {
  const lefts = certificates.map((certificate, index) => ({ certificate, index, ...leftOf(certificate, now) }));
  const unreadable = lefts.find(({ seconds }) => Number.isNaN(seconds));
  if (unreadable !== undefined)
    return unchecked(
      'remaining',
      `the validity of certificate ${unreadable.index} (${unreadable.certificate.subject.text}) cannot be read`,
    );
  const short = lefts.filter(({ certificate, seconds, share }) => {
    const minimum = minimumOf(wanted);
    // A root or intermediate is renewed by other people in other rhythms: a share of 20 years would cry for years.
    if ('share' in minimum && certificate.basicConstraints?.ca === true) return seconds < 0;
    return 'share' in minimum ? share < minimum.share : seconds < minimum.seconds;
  });
  const worst = short.sort((a, b) => a.seconds - b.seconds)[0];
  const first = lefts[0];
  if (worst === undefined)
    return passed(
      'remaining',
      first === undefined ? 'nothing runs out' : `${durationInWords(first.seconds)} left, ${percent(first.share)} of the lifetime`,
    );
  const who = worst.certificate.subject.text || `certificate ${worst.index}`;
  const over = worst.seconds < 0;
  return failed('remaining', 'expired', {
    summary: over
      ? `${who} ran out ${durationInWords(worst.seconds)} ago`
      : `${who} runs out in ${durationInWords(worst.seconds)}: ${percent(worst.share)} of its lifetime left, ${wanted} wanted`,
    evidence: [
      { fact: 'notAfter', value: isoTime(worst.certificate.notAfter), source: `certificate ${worst.index}` },
      { fact: 'remainingSeconds', value: Math.round(worst.seconds), source: "this machine's clock" },
    ],
    values,
  });
}

function leftOf(certificate: Certificate, now: number): { seconds: number; share: number } {
  const seconds = (certificate.notAfter - now) / 1000;
  const whole = (certificate.notAfter - certificate.notBefore) / 1000;
  return { seconds, share: whole > 0 ? Math.min(1, seconds / whole) : seconds >= 0 ? 1 : 0 };
}

function minimumOf(wanted: string): { share: number } | { seconds: number } {
  const share = /^(\d{1,3})\s*%$/.exec(wanted.trim());
  return share === null ? { seconds: parseDuration(wanted) ?? 0 } : { share: Number(share[1]) / 100 };
}

function percent(share: number): string {
  return `${Math.max(0, Math.floor(share * 100))} %`;
}
