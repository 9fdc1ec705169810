import { describe, expect, it } from 'vitest';
import { agreement, around } from '../../src/lib/evidence/interval.js';
import { judgeValidity, standing } from '../../src/lib/evidence/validity.js';
import { offsetOfHttpDate, parseTimeSource } from '../../src/lib/io/time-source.js';

const NOW = Date.parse('2026-11-22T03:04:05Z');
const clock = (seconds: number, uncertainty = 0.5) => ({ offset: around(seconds, uncertainty), sources: ['a clock'], outvoted: [] });
/** A certificate that was made 30 seconds ago, for a day. */
const fresh = { notBefore: NOW - 30_000, notAfter: NOW + 86_370_000 };

describe('expiry or clock skew', () => {
  it('finds 90 seconds of drift on a certificate that was made 30 seconds ago', () => {
    // The local clock is 90 s behind: it reads NOW - 90 s, the certificate begins at NOW - 30 s.
    const local = NOW - 90_000;
    const withServer = judgeValidity(fresh, { local, peer: clock(90) });
    expect(withServer).toMatchObject({
      local: 'not-yet-valid',
      peer: 'valid',
      conclusion: 'local-clock-skew',
      confidence: 'likely',
      turnsAt: 60,
    });
    const withReference = judgeValidity(fresh, { local, reference: clock(90, 0.05) });
    expect(withReference).toMatchObject({ conclusion: 'local-clock-skew', confidence: 'certain' });
  });
  it('says only "possible" when no other clock could be read', () => {
    expect(judgeValidity({ notBefore: NOW - 1e9, notAfter: NOW - 1e6 }, { local: NOW })).toMatchObject({
      conclusion: 'expired',
      confidence: 'possible',
    });
  });
  it('is certain of expiry when another clock agrees', () => {
    const over = { notBefore: NOW - 1e9, notAfter: NOW - 1e6 };
    expect(judgeValidity(over, { local: NOW, peer: clock(0.2) })).toMatchObject({ conclusion: 'expired', confidence: 'certain' });
    expect(judgeValidity(over, { local: NOW, reference: clock(0.2) })).toMatchObject({ conclusion: 'expired', confidence: 'certain' });
  });
  it('calls a certificate expired that the slow local clock still takes for valid', () => {
    expect(judgeValidity(fresh, { local: NOW, reference: clock(100_000) })).toMatchObject({
      local: 'valid',
      conclusion: 'expired',
      confidence: 'certain',
    });
  });
  it('does not blame a clock within its uncertainty', () => {
    const edge = { notBefore: NOW + 300, notAfter: NOW + 86_400_000 };
    expect(judgeValidity(edge, { local: NOW, peer: clock(0, 0.5) })).toMatchObject({
      local: 'not-yet-valid',
      peer: 'borderline',
      conclusion: 'not-yet-valid',
      confidence: 'likely',
    });
  });
  it('takes an OCSP answer that was made after notBefore as proof that the local clock is behind', () => {
    const floor = { at: NOW - 10_000, source: 'stapled answer' };
    expect(judgeValidity(fresh, { local: NOW - 90_000, floor })).toMatchObject({ conclusion: 'local-clock-skew', confidence: 'certain' });
  });
  it('does not call anything certain by the clock of the file system alone', () => {
    const files = { ...clock(90, 0.05), weak: true };
    expect(judgeValidity(fresh, { local: NOW - 90_000, reference: files })).toMatchObject({
      conclusion: 'local-clock-skew',
      confidence: 'likely',
    });
    expect(judgeValidity(fresh, { local: NOW - 90_000, reference: files, peer: clock(90) })).toMatchObject({
      conclusion: 'local-clock-skew',
      confidence: 'certain',
    });
    expect(judgeValidity(fresh, { local: NOW, reference: { ...clock(1e6), weak: true } })).toMatchObject({ conclusion: 'valid' });
  });
  it('counts the whole second of notAfter as inside (RFC 5280)', () => {
    const window = { notBefore: NOW - 1000, notAfter: NOW };
    expect(standing(window, { lo: NOW + 999, hi: NOW + 999 })).toBe('valid');
    expect(standing(window, { lo: NOW + 1000, hi: NOW + 1000 })).toBe('expired');
  });
});

describe('readings', () => {
  it('an HTTP date is known to a second, widened by the round trip', () => {
    const value = offsetOfHttpDate('Sun, 22 Nov 2026 03:05:35 GMT', NOW, NOW + 200);
    expect(value?.offsetSeconds).toBeCloseTo(90.4, 5);
    expect(value?.uncertaintySeconds).toBeCloseTo(0.6, 5);
    expect(offsetOfHttpDate('yesterday', NOW, NOW)).toBeUndefined();
  });
  it('a clock that contradicts the majority is outvoted', () => {
    const agreed = agreement([around(0.1, 0.5), around(3600, 0.5), around(-0.2, 0.5)]);
    expect(agreed?.members).toEqual([0, 2]);
    expect(agreed?.region.lo).toBeCloseTo(-0.4, 5);
    expect(agreed?.region.hi).toBeCloseTo(0.3, 5);
  });
  it('time sources are read as people type them', () => {
    expect(parseTimeSource('https://time.internal/')).toEqual({ kind: 'http', url: 'https://time.internal/' });
    expect(parseTimeSource('ntp://10.0.0.1:1123')).toEqual({ kind: 'sntp', host: '10.0.0.1', port: 1123 });
    expect(parseTimeSource('pool.ntp.org')).toEqual({ kind: 'sntp', host: 'pool.ntp.org', port: 123 });
    expect(() => parseTimeSource('ftp://x')).toThrow(/no time source/);
  });
});
