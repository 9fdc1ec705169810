import { describe, expect, it } from 'vitest';
import { checkPolicies } from '../../src/lib/path/policies.js';
import type { PolicyInputs } from '../../src/lib/path/verification.js';
import type { Certificate, PolicyConstraints, PolicyMapping } from '../../src/lib/x509/certificate.js';
import { ANY_POLICY } from '../../src/lib/x509/oids.js';

/** The fields that the policy algorithm reads. */
function certificate(
  policies: string[] | undefined,
  more: { mappings?: [string, string][]; constraints?: PolicyConstraints; inhibitAny?: number; selfIssued?: boolean } = {},
): Certificate {
  return {
    policies: policies?.map((oid) => ({ oid, cps: [], notices: [] })),
    policyMappings: more.mappings?.map(([issuerDomain, subjectDomain]): PolicyMapping => ({ issuerDomain, subjectDomain })),
    policyConstraints: more.constraints,
    inhibitAnyPolicy: more.inhibitAny,
    selfIssued: more.selfIssued ?? false,
  } as unknown as Certificate;
}

const run = (path: Certificate[], inputs: Partial<PolicyInputs> = {}) =>
  checkPolicies(path, { initial: null, explicit: false, inhibitMapping: false, inhibitAny: false, ...inputs });

describe('certificate policies (RFC 5280 §6.1, RFC 9618)', () => {
  it('asks for none unless one is required', () => {
    expect(run([certificate(undefined), certificate(undefined)]).failure).toBeUndefined();
    expect(run([certificate(undefined), certificate(['1.1'])], { explicit: true }).failure?.rule).toBe('policy-required');
  });

  it('keeps what every certificate asserts', () => {
    expect(run([certificate(['1.1', '1.2']), certificate(['1.2', '1.3'])], { explicit: true }).policies).toEqual(['1.2']);
    expect(run([certificate(['1.1']), certificate(['1.3'])], { explicit: true }).failure).toBeDefined();
    expect(run([certificate(['1.1']), certificate(['1.1'])], { explicit: true, initial: ['1.9'] }).failure?.rule).toBe(
      'policy-not-acceptable',
    );
  });

  it('lets anyPolicy stand for all until it is inhibited', () => {
    expect(run([certificate(['1.1']), certificate([ANY_POLICY])], { explicit: true, initial: ['1.1'] }).policies).toEqual(['1.1']);
    expect(run([certificate(['1.1']), certificate([ANY_POLICY])], { explicit: true, inhibitAny: true }).failure).toBeDefined();
    // Skip-certs 0 counts from the next certificate; a self-issued one in between does not use it up.
    const root = certificate(['1.1'], { inhibitAny: 0 });
    expect(run([certificate([ANY_POLICY]), root], { explicit: true }).failure).toBeDefined();
    expect(run([certificate(['1.1']), certificate([ANY_POLICY], { selfIssued: true }), root], { explicit: true }).policies).toEqual([
      '1.1',
    ]);
  });

  it('maps policies, and speaks of them in the words of the anchor', () => {
    const path = [certificate(['2.1']), certificate(['1.1'], { mappings: [['1.1', '2.1']] })];
    expect(run(path, { explicit: true, initial: ['1.1'] }).policies).toEqual(['1.1']);
    expect(run(path, { explicit: true, initial: ['2.1'] }).failure).toBeDefined();
    expect(run(path, { explicit: true, initial: ['1.1'], inhibitMapping: true }).failure).toBeDefined();
    expect(
      run([certificate(['2.1']), certificate([ANY_POLICY], { mappings: [['1.1', '2.1']] })], { explicit: true, initial: ['1.1'] }).policies,
    ).toEqual(['1.1']);
  });

  it('refuses to map anyPolicy', () => {
    expect(run([certificate(['2.1']), certificate(['1.1'], { mappings: [['1.1', ANY_POLICY]] })]).failure?.rule).toBe('policy-mapping-any');
    expect(run([certificate(['2.1']), certificate(['1.1'], { mappings: [[ANY_POLICY, '2.1']] })]).failure?.rule).toBe('policy-mapping-any');
  });

  it('counts requireExplicitPolicy down, self-issued certificates left out', () => {
    const top = (n: number) => certificate(undefined, { constraints: { requireExplicitPolicy: n } });
    const plain = certificate(undefined);
    // §6.1.5 (a): the end entity takes one off as well.
    expect(run([plain, plain, top(3)]).failure).toBeUndefined();
    expect(run([plain, plain, top(2)]).failure).toBeDefined();
    expect(run([plain, certificate(undefined, { selfIssued: true }), top(2)]).failure).toBeUndefined();
    expect(run([plain, certificate(undefined, { selfIssued: true }), top(1)]).failure).toBeDefined();
    expect(run([certificate(undefined, { constraints: { requireExplicitPolicy: 0 } })]).failure).toBeDefined();
    expect(run([certificate(undefined, { constraints: { requireExplicitPolicy: 1 } })]).failure).toBeUndefined();
  });

  it('does not grow exponentially under mappings that fan out at every level', () => {
    const policies = Array.from({ length: 60 }, (_, i) => `1.${i}`);
    const mappings = policies.flatMap((a) => policies.map((b): [string, string] => [a, b]));
    const path = [certificate(policies), ...Array.from({ length: 12 }, () => certificate(policies, { mappings }))];
    const start = process.cpuUsage();
    expect(run(path, { explicit: true, initial: ['1.7'] }).policies).toEqual(['1.7']);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
  });
});
