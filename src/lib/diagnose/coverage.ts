import type { Cause } from '../cause.js';
import { agrees, offsetText } from '../evidence/clock.js';
import { byExperiment, type Evidence } from '../evidence/evidence.js';
import type { Judgement } from './engine.js';
import { listText } from './wording.js';

/** What was left unchecked, and why: "healthy" is only worth something together with this list. */
export function notCheckedBy(evidence: Evidence, judgements: readonly Judgement[]): string[] {
  const { observation, server, clock, demand, receptions, target, look } = evidence;
  const list: string[] = [];
  for (const { rule, outcome } of judgements) {
    if (outcome.status === 'crashed') list.push(`${rule.meta.code}: the rule crashed (${outcome.message}); please report it`);
    if (outcome.status === 'inconclusive') list.push(`${rule.meta.code}: ${outcome.missing}`);
  }
  if (server === undefined) {
    list.push('the certificate of the server: none was shown');
  } else {
    list.push(...revocationGaps(evidence));
    if (clock.reference === undefined && clock.peer === undefined)
      list.push('the clock of this machine: no other clock was read (--time-source URL or HOST)');
    if (observation.given.trust.kind === 'none') list.push('trust: no store is in force (--trust none)');
  }
  const identity = observation.given.client !== undefined ? receptions.given : receptions.none;
  if (demand !== undefined && look?.secureConnect === true && identity?.verdict === 'unknown')
    list.push(
      `whether the server accepts this client: ${identity.how}${byExperiment(evidence, 'request') === undefined ? ', and no request was made' : ''}`,
    );
  if (target.resolution.status === 'completed') {
    const skipped = target.resolution.value.addresses.filter((address) => !evidence.backends.addresses.includes(address));
    if (skipped.length > 0)
      list.push(
        `${skipped.length} more ${skipped.length === 1 ? 'address' : 'addresses'} of ${target.host}: ${listText(skipped)} (--all-addresses)`,
      );
  }
  return [...new Set(list)];
}

function revocationGaps({ server, observation, handshakes }: Evidence): string[] {
  if (server === undefined) return [];
  const answered = server.path.best.steps[0]?.checked.includes('revocation') === true;
  if (answered) return [];
  const offered = (server.leaf.authorityInfoAccess?.ocsp.length ?? 0) + (server.leaf.crlDistributionPoints?.length ?? 0) > 0;
  const asked = handshakes.some(({ sent }) => sent.requestOcsp);
  const tried = observation.fetched.some(({ kind }) => kind === 'ocsp' || kind === 'crl');
  if (observation.given.crls.length > 0) return ['revocation: the given list does not settle it'];
  if (!offered) return [`revocation: no CRL given, no address of one in the certificate${asked ? ', nothing stapled' : ''}`];
  return [
    tried
      ? 'revocation: no usable answer from the addresses in the certificate'
      : 'revocation: the addresses in the certificate were not asked (--fetch)',
  ];
}

/** What was looked at and found in order, in the order of a handshake. */
export function checkedBy(evidence: Evidence, causes: readonly Cause[]): string[] {
  const { server, look, symptom, demand, receptions, clock, backends, observation } = evidence;
  const failing = new Set(causes.map((cause) => cause.class));
  const list: string[] = [];
  if (look === undefined) return list;
  if (look.secureConnect)
    list.push(`handshake: ${look.negotiated?.version.replace('TLSv', 'TLS ') ?? ''} ${look.negotiated?.cipher ?? ''}`.trim());
  if (server !== undefined) {
    if (!failing.has('unknown-authority') && !failing.has('invalid-certificate'))
      list.push(`path to a trust anchor (${observation.given.trust.store})`);
    if (!failing.has('san-mismatch')) list.push(`name ${listText(server.identities.map(({ reference }) => reference.value))}`);
    if (!failing.has('expiry') && !failing.has('clock-skew')) list.push('validity of every certificate');
    if (server.path.best.steps[0]?.checked.includes('revocation') === true && !failing.has('revocation')) list.push('revocation');
  }
  if (symptom?.secureConnect === true && symptom.authorizationError === undefined && symptom.error === undefined)
    list.push('verification by node, as a program would');
  const given = receptions.given;
  if (demand !== undefined && given?.verdict === 'accepted') list.push(`client certificate accepted (${given.how})`);
  if (demand !== undefined && receptions.none?.verdict === 'accepted' && observation.given.client === undefined)
    list.push(`a client certificate is asked for, and the server goes on without one (${receptions.none.how})`);
  if (demand === undefined && look.secureConnect) list.push('no client certificate asked for');
  if (clock.reference !== undefined && agrees(clock.reference.offset))
    list.push(
      `clock agrees with ${listText(clock.reference.sources)} to ${offsetText({ lo: 0, hi: Math.max(Math.abs(clock.reference.offset.lo), Math.abs(clock.reference.offset.hi)) })}`,
    );
  else if (clock.peer !== undefined && agrees(clock.peer.offset)) list.push("clock agrees with the server's");
  if (backends.addresses.length > 1 && !failing.has('deployment')) list.push(`${backends.addresses.length} addresses alike`);
  return list;
}
