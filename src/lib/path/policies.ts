import type { Certificate } from '../x509/certificate.js';
import { ANY_POLICY } from '../x509/oids.js';
import type { PolicyInputs } from './verification.js';

/**
 * Certificate policies (RFC 5280 §6.1.2 to §6.1.5) on the graph of RFC 9618: one node a policy and level, so that mappings cannot make
 * it grow exponentially as the tree of RFC 5280 does. Both give the same verdict.
 */

interface Node {
  /** Policies of the level above that this one comes from; empty when it comes from anyPolicy alone. */
  parents: string[];
  mapped: boolean;
}

interface Level {
  nodes: Map<string, Node>;
  any: boolean;
}

export interface PolicyFailure {
  rule: 'policy-required' | 'policy-mapping-any' | 'policy-not-acceptable';
  /** Index in the path as given, 0 the end entity. */
  index: number;
  why: string;
}

export interface PolicyResult {
  failure?: PolicyFailure;
  /** Policies that the path is valid for among those asked for; anyPolicy when all are. */
  policies: string[];
}

/**
 * Runs the policy algorithm. `path` goes from the end entity up. Its last certificate is the anchor only with `withAnchor`: its constraints
 * then count, and so do its policies when it has any.
 */
export function checkPolicies(path: readonly Certificate[], inputs: PolicyInputs, withAnchor = false): PolicyResult {
  const n = path.length;
  let explicit = inputs.explicit ? 0 : n + 1;
  let mapping = inputs.inhibitMapping ? 0 : n + 1;
  let any = inputs.inhibitAny ? 0 : n + 1;
  let level: Level = { nodes: new Map(), any: true };
  const levels: Level[] = [];
  for (let index = n - 1; index >= 0; index--) {
    const certificate = path[index] as Certificate;
    const last = index === 0;
    const selfIssued = certificate.selfIssued;
    const silentAnchor = withAnchor && index === n - 1 && certificate.policies === undefined;
    if (!silentAnchor) applyPolicies(level, certificate, any > 0 || (!last && selfIssued));
    levels.push(level);
    if (explicit === 0 && isEmpty(level)) return { policies: [], failure: { rule: 'policy-required', index, why: noPolicy(certificate) } };
    if (!last) {
      const mappings = certificate.policyMappings ?? [];
      if (mappings.some(({ issuerDomain, subjectDomain }) => issuerDomain === ANY_POLICY || subjectDomain === ANY_POLICY)) {
        return {
          policies: [],
          failure: { rule: 'policy-mapping-any', index, why: 'its policyMappings map anyPolicy (RFC 5280 §6.1.4 (a))' },
        };
      }
      level = mapPolicies(level, mappings, mapping > 0);
      if (!selfIssued) {
        if (explicit > 0) explicit--;
        if (mapping > 0) mapping--;
        if (any > 0) any--;
      }
    } else if (explicit > 0) explicit--;
    const constraints = certificate.policyConstraints;
    if (constraints?.requireExplicitPolicy !== undefined && (!last || constraints.requireExplicitPolicy === 0))
      explicit = Math.min(explicit, constraints.requireExplicitPolicy);
    if (!last) {
      if (constraints?.inhibitPolicyMapping !== undefined) mapping = Math.min(mapping, constraints.inhibitPolicyMapping);
      if (certificate.inhibitAnyPolicy !== undefined) any = Math.min(any, certificate.inhibitAnyPolicy);
    }
  }
  const policies = acceptable(levels, inputs.initial);
  if (explicit === 0 && policies.length === 0) {
    const asked = inputs.initial === null ? '' : ` among ${inputs.initial.join(', ')}`;
    return {
      policies,
      failure: { rule: 'policy-not-acceptable', index: 0, why: `the path is valid for no policy${asked}, and one is required` },
    };
  }
  return { policies };
}

function noPolicy(certificate: Certificate): string {
  const has = certificate.policies?.map(({ oid }) => oid).join(', ');
  return has === undefined
    ? 'an explicit policy is required here, and the certificate has none'
    : `an explicit policy is required here, and none of ${has} is left`;
}

const isEmpty = (level: Level): boolean => !level.any && level.nodes.size === 0;

/** §6.1.3 (d) and (e): keeps what the certificate asserts. */
function applyPolicies(level: Level, { policies }: Certificate, anyAllowed: boolean): void {
  const wasAny = level.any;
  const asserted = new Set(policies?.map(({ oid }) => oid));
  const keepsAll = asserted.delete(ANY_POLICY) && anyAllowed;
  if (!keepsAll) {
    for (const policy of level.nodes.keys()) if (!asserted.has(policy)) level.nodes.delete(policy);
    level.any = false;
  }
  if (wasAny) for (const policy of asserted) if (!level.nodes.has(policy)) level.nodes.set(policy, { parents: [], mapped: false });
}

/** §6.1.4 (b): the level that the next certificate starts from. */
function mapPolicies(level: Level, mappings: readonly { issuerDomain: string; subjectDomain: string }[], allowed: boolean): Level {
  const next: Level = { nodes: new Map(), any: level.any };
  const add = (policy: string, parent: string): void => {
    const node = next.nodes.get(policy);
    if (node === undefined) next.nodes.set(policy, { parents: [parent], mapped: false });
    else node.parents.push(parent);
  };
  for (const { issuerDomain } of mappings) {
    const node = level.nodes.get(issuerDomain);
    if (!allowed) level.nodes.delete(issuerDomain);
    else if (node !== undefined) node.mapped = true;
    else if (level.any) level.nodes.set(issuerDomain, { parents: [], mapped: true });
  }
  for (const [policy, { mapped }] of level.nodes) if (!mapped) add(policy, policy);
  if (allowed)
    for (const { issuerDomain, subjectDomain } of mappings)
      if (level.nodes.get(issuerDomain)?.mapped === true) add(subjectDomain, issuerDomain);
  return next;
}

/** §6.1.5 (g): which of the policies asked for survive, in the words of the anchor's domain. */
function acceptable(levels: readonly Level[], initial: readonly string[] | null): string[] {
  const top = levels.at(-1);
  if (top === undefined) return [];
  const wanted = initial === null || initial.includes(ANY_POLICY) ? undefined : new Set(initial);
  if (top.any) return wanted === undefined ? [ANY_POLICY] : [...wanted];
  // From the end entity's level up: a node without parents stands directly under anyPolicy, so its policy is in the anchor's words.
  const found = new Set<string>();
  let reached = new Set(top.nodes.keys());
  for (let i = levels.length - 1; i >= 0; i--) {
    const above = new Set<string>();
    for (const policy of reached) {
      const node = levels[i]?.nodes.get(policy);
      if (node === undefined) continue;
      if (node.parents.length === 0) {
        if (wanted === undefined || wanted.has(policy)) found.add(policy);
      } else for (const parent of node.parents) above.add(parent);
    }
    reached = above;
  }
  return [...found];
}
