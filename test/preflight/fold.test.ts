import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CauseCode, classOf } from '../../src/lib/cause.js';
import { inShard, parseShard } from '../../src/lib/operations/preflight/shard.js';
import { applyDeviations, expiredDeviations } from '../../src/lib/preflight/deviation.js';
import type { Check, TargetResult } from '../../src/lib/preflight/expectation.js';
import { foldResults } from '../../src/lib/preflight/fold.js';
import { readResultLines } from '../../src/lib/preflight/result-lines.js';
import { fitsPattern } from '../../src/lib/preflight/wildcard.js';

const strict = { sharedCertificates: 'forbid', unchecked: 'fail' } as const;
const at = '2026-11-22T03:00:00.000Z';

function failure(code: CauseCode): Check {
  const cls = classOf(code);
  return {
    expectation: 'trusted',
    status: 'failed',
    summary: code,
    class: cls,
    cause: { class: cls, code, party: 'server', confidence: 'certain', summary: code, evidence: [], fixes: [], alternatives: [] },
  };
}

function result(name: string, extra: Partial<TargetResult> = {}): TargetResult {
  return {
    schema: 'tlsmedic/preflight-result@1',
    name,
    input: name,
    kind: 'endpoint',
    at,
    status: 'passed',
    checks: [{ expectation: 'trusted', status: 'passed', summary: 'ok' }],
    fingerprints: [],
    attempts: 1,
    retries: [],
    durationMs: 1,
    ...extra,
  };
}

describe('the fold of a run', () => {
  it('is 0 only when everything was checked and passed', () => {
    expect(foldResults([result('a'), result('b')], strict, at).exitStatus).toBe(0);
    expect(foldResults([], strict, at).exitStatus).toBe(1);
    expect(foldResults([result('a'), result('b', { status: 'unchecked' })], strict, at).exitStatus).toBe(1);
    expect(foldResults([result('a'), result('b', { status: 'unchecked' })], { ...strict, unchecked: 'allow' }, at).exitStatus).toBe(0);
  });

  it("is the class's status when one class failed and 1 when several did", () => {
    const expired = result('a', { status: 'failed', checks: [failure('expired')] });
    const name = result('b', { status: 'failed', checks: [failure('san-mismatch')] });
    expect(foldResults([expired, result('c')], strict, at).exitStatus).toBe(10);
    expect(foldResults([expired, name], strict, at).exitStatus).toBe(1);
    expect(foldResults([expired, result('c', { status: 'unchecked' })], strict, at).exitStatus).toBe(1);
  });

  it('takes the latest result of a target, whatever the order', () => {
    const old = result('a', { at: '2026-11-22T02:00:00.000Z', status: 'failed', checks: [failure('expired')] });
    const fresh = result('a');
    for (const list of [
      [old, fresh],
      [fresh, old],
    ])
      expect(foldResults(list, strict, at)).toMatchObject({ targets: 1, passed: 1, exitStatus: 0 });
  });

  it('finds a certificate, and a key under two certificates, that several endpoints serve', () => {
    const one = foldResults([result('a', { fingerprints: ['f1'] }), result('b', { fingerprints: ['f1'] })], strict, at);
    expect(one.shared).toEqual([{ fingerprint: 'f1', of: 'certificate', targets: ['a', 'b'] }]);
    expect(one.exitStatus).toBe(20);
    const key = foldResults(
      [result('a', { fingerprints: ['f1'], keyFingerprint: 'k' }), result('b', { fingerprints: ['f2'], keyFingerprint: 'k' })],
      strict,
      at,
    );
    expect(key.shared).toEqual([{ fingerprint: 'k', of: 'key', targets: ['a', 'b'] }]);
    expect(
      foldResults(
        [result('a', { fingerprints: ['f1'] }), result('b', { fingerprints: ['f1'] })],
        { ...strict, sharedCertificates: 'allow' },
        at,
      ).exitStatus,
    ).toBe(0);
  });
});

describe('shards', () => {
  it('cover every target exactly once', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 50 }), fc.integer({ min: 1, max: 9 }), (names, count) => {
        for (const name of names) {
          const owners = Array.from({ length: count }, (_, i) => inShard(name, { index: i + 1, count })).filter(Boolean);
          expect(owners).toHaveLength(1);
        }
      }),
    );
  });

  it('are read from the flag and from the index of a Kubernetes Job', () => {
    expect(parseShard('2/5', undefined)).toEqual({ index: 2, count: 5 });
    expect(parseShard('/5', '0')).toEqual({ index: 1, count: 5 });
    for (const [flag, job] of [
      ['0/5', undefined],
      ['6/5', undefined],
      ['x', undefined],
      ['/5', undefined],
      ['/5', '5'],
      ['1/0', undefined],
    ] as const) {
      expect(() => parseShard(flag, job)).toThrow();
    }
  });
});

describe('deviations', () => {
  const now = Date.parse(at);
  const check = failure('expired');
  it('admit a failure until their day and not after', () => {
    const [allowed] = applyDeviations('ledger', [check], [{ target: 'led*', code: 'expired', until: '2026-11-23', reason: 'CHG-1' }], now);
    expect(allowed).toMatchObject({ status: 'allowed', allowed: { until: '2026-11-23', reason: 'CHG-1' } });
    const over = [{ target: '*', until: '2026-11-22', reason: 'x' }];
    expect(applyDeviations('ledger', [check], over, now)[0]?.status).toBe('failed');
    expect(expiredDeviations(over, now)).toEqual(over);
  });
  it('admit nothing that they do not name', () => {
    for (const d of [{ target: 'other' }, { target: '*', code: 'revoked' as const }, { target: '*', expectation: 'mtls' as const }]) {
      expect(applyDeviations('ledger', [check], [{ until: '2027-01-01', reason: 'x', ...d }], now)[0]?.status).toBe('failed');
    }
  });
  it('fit patterns as a regular expression would, in linear time', () => {
    const alphabet = fc.stringMatching(/^[ab*]{0,8}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^[ab]{0,8}$/), alphabet, (name, pattern) => {
        const regex = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        expect(fitsPattern(name, pattern)).toBe(regex.test(name));
      }),
    );
    expect(fitsPattern('a'.repeat(50_000), `${'a*'.repeat(5_000)}b`)).toBe(false);
  });
});

describe('result lines', () => {
  const line = JSON.stringify(result('a'));
  it('survive a kill at any byte: whole lines are kept, the cut one is dropped', () => {
    const text = `${line}\n${JSON.stringify(result('b'))}\n`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { results } = readResultLines(text.slice(0, cut), 'r');
      expect(results.length).toBe(cut < line.length ? 0 : cut < text.length - 1 ? 1 : 2);
    }
  });
  it('name the line that is damaged', () => {
    expect(() => readResultLines(`${line}\nnonsense\n${line}\n`, 'r.ndjson')).toThrow(/line 2/);
    expect(() => readResultLines('{"schema":"x"}\n{}\n', 'r.ndjson')).toThrow(/line 1/);
  });
});
