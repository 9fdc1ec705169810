import type { Confidence } from '../cause.js';
import { agrees, type ClockEvidence } from './clock.js';
import type { Interval } from './interval.js';

/** Where a moment known only within an interval stands to a validity window. */
export type Standing = 'valid' | 'expired' | 'not-yet-valid' | 'borderline';

export interface ValidityVerdict {
  /** By the local clock, as programs on this machine judge. */
  local: Standing;
  /** By independent clocks, when there are any. */
  reference?: Standing;
  /** By the clock of the server. */
  peer?: Standing;
  /** What follows from all of them. */
  conclusion: 'valid' | 'expired' | 'not-yet-valid' | 'local-clock-skew' | 'peer-clock-skew';
  confidence: Confidence;
  /** The reasoning in one clause. */
  because: string;
  /** Seconds by which the local clock would have to move to turn its verdict: positive forward, negative back. */
  turnsAt: number;
}

/** The standing of a moment in milliseconds, known to lie in `at`. notBefore and notAfter both count as inside (RFC 5280 §4.1.2.5). */
export function standing(window: { notBefore: number; notAfter: number }, at: Interval): Standing {
  // notAfter is a second, not an instant: the whole second belongs to the window.
  const end = window.notAfter + 999;
  if (at.lo >= window.notBefore && at.hi <= end) return 'valid';
  if (at.lo > end) return 'expired';
  if (at.hi < window.notBefore) return 'not-yet-valid';
  return 'borderline';
}

function shifted(clock: ClockEvidence, offset: Interval): Interval {
  return { lo: clock.local + offset.lo * 1000, hi: clock.local + offset.hi * 1000 };
}

function isOut(standing: Standing | undefined): standing is 'expired' | 'not-yet-valid' {
  return standing === 'expired' || standing === 'not-yet-valid';
}

/**
 * Is it the certificate or a clock? Judged by the local clock, by independent ones and by the server's. A clock is blamed only when
 * another one contradicts it; without another clock an expired certificate is only `possible`.
 */
export function judgeValidity(window: { notBefore: number; notAfter: number }, clock: ClockEvidence): ValidityVerdict {
  const local = standing(window, { lo: clock.local, hi: clock.local });
  const reference = clock.reference && standing(window, shifted(clock, clock.reference.offset));
  const peer = clock.peer && standing(window, shifted(clock, clock.peer.offset));
  const turnsAt =
    local === 'expired'
      ? (window.notAfter - clock.local) / 1000
      : local === 'not-yet-valid'
        ? (window.notBefore - clock.local) / 1000
        : Math.min(window.notAfter - clock.local, clock.local - window.notBefore) / 1000;
  const seen = { local, ...(reference && { reference }), ...(peer && { peer }), turnsAt };
  const say = (conclusion: ValidityVerdict['conclusion'], confidence: Confidence, because: string): ValidityVerdict => ({
    ...seen,
    conclusion,
    confidence,
    because,
  });

  if (reference !== undefined && clock.reference !== undefined) {
    const who = clock.reference.sources.join(', ');
    const sure = clock.reference.weak === true && peer !== 'valid' ? 'likely' : 'certain';
    if (reference === 'valid') {
      if (isOut(local)) return say('local-clock-skew', sure, `by ${who} the certificate is inside its window`);
      return say('valid', sure, `by ${who} as well`);
    }
    if (clock.reference.weak === true && local === 'valid')
      return say('valid', 'likely', `by the clock of this machine, though not by ${who}`);
    if (isOut(reference)) {
      if (reference === 'not-yet-valid' && peer === 'valid')
        return say('peer-clock-skew', 'likely', `${who} and this machine agree, and only by the clock of the server the window is open`);
      return say(
        reference,
        'certain',
        local === reference
          ? clock.reference.sources[0]?.startsWith('the time given')
            ? `judged as of ${who}`
            : `this machine's clock agrees with ${who}`
          : `by ${who}; the clock of this machine is wrong`,
      );
    }
    if (isOut(local)) return say(local, 'likely', `${who} cannot tell it apart to the second`);
    return say('valid', 'likely', `it is within seconds of its edge by ${who}`);
  }
  if (!isOut(local))
    return say('valid', clock.peer !== undefined && agrees(clock.peer.offset) ? 'certain' : 'likely', 'by the clock of this machine');

  if (local === 'not-yet-valid' && clock.floor !== undefined && clock.floor.at >= window.notBefore)
    return say('local-clock-skew', 'certain', `${clock.floor.source} was made after the certificate begins`);
  if (peer !== undefined && clock.peer !== undefined) {
    if (peer === 'valid')
      return say(
        'local-clock-skew',
        'likely',
        'by the clock of the server the certificate is inside its window, and the two clocks disagree',
      );
    if (peer === local && agrees(clock.peer.offset)) return say(local, 'certain', "this machine's clock agrees with the server's");
    if (peer === local) return say(local, 'certain', "by this machine's clock and by the server's, though the two disagree");
    return say(local, 'likely', "by this machine's clock; the server's is within a second of the edge");
  }
  return say(local, 'possible', "no other clock could be read, so this machine's own may be wrong");
}
