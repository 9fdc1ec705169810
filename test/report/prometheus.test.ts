import { describe, expect, it } from 'vitest';
import type { TargetResult } from '../../src/lib/preflight/expectation.js';
import { foldResults } from '../../src/lib/preflight/fold.js';
import { renderPrometheus } from '../../src/lib/report/prometheus.js';

const at = '2026-11-22T00:00:00.000Z';
const result = (name: string, more: Partial<TargetResult> = {}): TargetResult => ({
  schema: 'tlsmedic/preflight-result@1',
  name,
  input: name,
  kind: 'endpoint',
  at,
  status: 'passed',
  checks: [{ expectation: 'trusted', status: 'passed', summary: 'ok' }],
  fingerprints: ['ab'],
  attempts: 1,
  retries: [],
  durationMs: 1,
  validity: { notBefore: '2026-11-12T00:00:00Z', notAfter: '2026-12-22T00:00:00Z' },
  ...more,
});
const report = foldResults(
  [
    result('ledger:8443', {
      service: 'ledger',
      clockOffsetSeconds: -2,
      checks: [{ expectation: 'served-certificate', status: 'passed', summary: 'ok' }],
    }),
    result('bad "name"\n\\x', { status: 'unchecked', checks: [{ expectation: 'mtls', status: 'unchecked', summary: '?' }] }),
  ],
  { sharedCertificates: 'allow', unchecked: 'fail' },
  at,
);
const text = renderPrometheus(report);

describe('metrics', () => {
  it('are in the text format: every family announced once, its samples together, labels escaped', () => {
    const families: string[] = [];
    let family = '';
    for (const line of text.trimEnd().split('\n')) {
      const help = /^# HELP ([a-z_:][a-z0-9_:]*) .+$/.exec(line);
      const type = /^# TYPE ([a-z_:][a-z0-9_:]*) gauge$/.exec(line);
      if (help !== null) {
        family = help[1] ?? '';
        families.push(family);
      } else if (type !== null) expect(type[1]).toBe(family);
      else expect(line).toMatch(new RegExp(`^${family}(\\{([a-z]+="([^"\\\\\\n]|\\\\["\\\\n])*",?)+\\})? -?\\d+(\\.\\d+)?(e[+-]?\\d+)?$`));
    }
    expect(new Set(families).size).toBe(families.length);
  });
  it('tell lifetimes, clocks and verdicts, and nothing of what was not checked', () => {
    expect(text).toContain('ssl_cert_not_after{service="ledger",target="ledger:8443",kind="endpoint"} 1797897600\n');
    expect(text).toContain('cert_expiry_seconds{service="ledger",target="ledger:8443",kind="endpoint"} 2592000\n');
    expect(text).toContain('cert_age_seconds{service="ledger",target="ledger:8443",kind="endpoint"} 864000\n');
    expect(text).toContain('cert_lifetime_remaining_ratio{service="ledger",target="ledger:8443",kind="endpoint"} 0.75\n');
    expect(text).toContain('served_matches_file{service="ledger",target="ledger:8443",kind="endpoint"} 1\n');
    expect(text).toContain('clock_skew_seconds{service="ledger",target="ledger:8443",kind="endpoint"} -2\n');
    expect(text).not.toContain('mtls_enforced');
    expect(text).toContain('tlsmedic_preflight_ok 0\n');
  });
});
