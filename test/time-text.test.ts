import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationInWords,
  formatDuration,
  isoTime,
  parseDuration,
  parseMoment,
  relativeTime,
  utcRange,
  utcTime,
} from '../src/lib/time-text.js';

const now = Date.UTC(2026, 10, 22, 3, 15);
const hours = 3_600_000;

describe('durations in words', () => {
  it.each([
    [0.4, '0.4 s'],
    [48, '48 s'],
    [90, '1 min 30 s'],
    [1200, '20 min'],
    [11_520, '3 h 12 min'],
    [86_400, '1 day'],
    [4.25 * 86_400, '4 days 6 h'],
    [90 * 86_400, '90 days'],
    [4 * 365.25 * 86_400, '4 years'],
    [Number.POSITIVE_INFINITY, 'forever'],
  ])('%d s: %s', (seconds, words) => expect(durationInWords(seconds)).toBe(words));
  it('says before and after', () => {
    expect(relativeTime(now - 3.2 * hours, now)).toBe('3 h 12 min ago');
    expect(relativeTime(now + 26 * hours, now)).toBe('in 1 day 2 h');
    expect(relativeTime(now, now)).toBe('now');
  });
});

describe('times', () => {
  it('are UTC', () => expect(utcTime(Date.UTC(2026, 10, 21, 0, 3))).toBe('21 Nov 2026 00:03 UTC'));
  it('ranges are as short as they stay clear', () => {
    expect(utcRange(now - 27 * hours, now - 3 * hours, now)).toBe('21 Nov 00:15 → 22 Nov 00:15 UTC');
    expect(utcRange(Date.UTC(2026, 0, 3), Date.UTC(2031, 0, 3), now)).toBe('3 Jan 2026 → 3 Jan 2031');
    expect(utcRange(Date.UTC(2025, 11, 31), Date.UTC(2026, 0, 1), now)).toBe('31 Dec 2025 00:00 → 1 Jan 2026 00:00 UTC');
  });
  it('unreadable ones are said to be so', () => {
    expect(utcTime(Number.NaN)).toBe('unreadable time');
    expect(isoTime(Number.NaN)).toBeNull();
  });
});

describe('reading durations', () => {
  it.each([
    ['24h', 86_400],
    ['90d', 7_776_000],
    ['1h30m', 5400],
    ['1 hour 30 minutes', 5400],
    ['PT1H30M', 5400],
    ['P1Y', 31_536_000],
    ['P2W', 1_209_600],
    ['1.5h', 5400],
    ['3mo', 7_776_000],
    ['500ms', 0.5],
    ['90', 90],
  ])('%s', (text, seconds) => expect(parseDuration(text)).toBe(seconds));
  it.each(['', 'h', 'P', 'PT', '1x', '-1h', '1h-', 'tomorrow', '1h 2', '∞'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
  it('reads what it wrote', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (seconds) => parseDuration(formatDuration(seconds)) === seconds));
  });
});

describe('reading moments', () => {
  it.each([
    ['2026-11-22', Date.UTC(2026, 10, 22)],
    ['2026-11-22T03:04', Date.UTC(2026, 10, 22, 3, 4)],
    ['2026-11-22T03:04:05.678Z', Date.UTC(2026, 10, 22, 3, 4, 5, 678)],
    ['2026-11-22 03:04+0100', Date.UTC(2026, 10, 22, 2, 4)],
    ['@1700000000', 1_700_000_000_000],
    ['now', now],
    ['+30d', now + 720 * hours],
    ['-1h', now - hours],
  ])('%s', (text, ms) => expect(parseMoment(text, now)).toBe(ms));
  it.each(['2026-02-31', '2026-13-01', '22.11.2026', 'soon', '+', '@', ''])('refuses %j', (text) =>
    expect(parseMoment(text, now)).toBeUndefined(),
  );
});
