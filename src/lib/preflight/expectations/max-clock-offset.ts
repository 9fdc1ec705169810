import { durationInWords, parseDuration } from '../../time-text.js';
import { failed, passed, unchecked } from '../judgement.js';
import type { ExpectationRule } from './expectation-rule.js';
import { placeholdersOf } from './placeholders.js';

/** The server's clock, as its HTTP Date tells it, is near ours; the uncertainty of the reading counts in the server's favour. */
export const maxClockOffset: ExpectationRule = {
  expectation: 'max-clock-offset',
  asked: (expect) => expect.maxClockOffset !== undefined,
  check: (facts) => {
    const { clock } = facts;
    if (clock?.status !== 'completed') {
      const why = clock === undefined ? 'nothing told the time' : clock.status === 'failed' ? clock.failure.message : clock.why;
      return unchecked('max-clock-offset', `the clock of the server could not be read: ${why}`);
    }
    const { offsetSeconds, uncertaintySeconds } = clock.value;
    const limit = parseDuration(facts.expect.maxClockOffset ?? '') ?? 0;
    const least = Math.max(0, Math.abs(offsetSeconds) - uncertaintySeconds);
    const text = `${durationInWords(offsetSeconds)} ${offsetSeconds < 0 ? 'behind' : 'ahead of'} ours (± ${durationInWords(uncertaintySeconds)})`;
    if (least <= limit) return passed('max-clock-offset', `the clock of the server is ${text}`);
    return failed('max-clock-offset', 'peer-clock-skew', {
      summary: `the clock of the server is ${text}; ${durationInWords(limit)} are allowed`,
      // Two clocks differ; which of them is wrong takes a third.
      confidence: 'likely',
      evidence: [{ fact: 'offsetSeconds', value: offsetSeconds, source: 'HTTP Date of the server' }],
      values: placeholdersOf(facts),
    });
  },
};
