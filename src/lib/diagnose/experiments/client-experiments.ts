import type { Evidence } from '../../evidence/evidence.js';
import { loginOf } from '../../evidence/login.js';
import type { HandshakeRecord } from '../../observe/observation.js';
import { type Experiment, listAddresses, mayAskHttp, type PlanLimits, shake } from './experiment.js';

/** Other clients than the caller's: to see which property of the certificate the server objects to, and whether it objects at all. */
export function clientExperiments(evidence: Evidence, look: HandshakeRecord, limits: PlanLimits): Experiment[] {
  const { demand, receptions, observation } = evidence;
  const plan: Experiment[] = [];
  const asks = demand !== undefined;
  const expected = observation.given.expectMtls;
  const request = mayAskHttp(evidence, look, limits);
  const refused = receptions.given?.verdict === 'refused';
  if (!asks && !refused && !expected) return plan;
  const usable = look.sent.client === 'given';
  // What the file itself gives away needs no twins to tell.
  const unexplained = refused && !explainsItself(evidence);
  // A server that refused above TLS says nothing to a twin without a request.
  const login = asks && !limits.noRequest ? loginOf(look) : undefined;
  const provoke = login === undefined ? { request: true } : { login };
  const above = refused && receptions.given?.aboveTls === true && !limits.noRequest ? provoke : {};
  if (login !== undefined) {
    plan.push(shake(look, 'login', 'the first word of a login, to see whether the server lets this client begin one', { login }));
    if (usable && expected)
      plan.push(shake(look, 'client-none-login', 'the same without the client certificate', { client: 'none', login }));
  }
  if (usable && (unexplained || expected)) plan.push(shake(look, 'client-none', 'without the client certificate', { client: 'none' }));
  if (unexplained || expected || receptions.none?.cutOff === true)
    plan.push(
      shake(look, 'client-untrusted', 'with a throw-away client certificate', {
        client: 'untrusted',
        ...(login === undefined ? above : provoke),
      }),
    );
  if (refused) {
    if (unexplained && limits.fetch && observation.given.crls.length === 0) plan.push(...clientListExperiments(evidence));
    if (unexplained)
      plan.push(
        shake(look, 'client-impostor', 'with a client certificate whose issuer only has the right name', { client: 'impostor', ...above }),
      );
    if (evidence.target.starttls === undefined)
      plan.push({
        kind: 'plaintext',
        key: 'plain http',
        why: "the server's clock, from its answer to a plain request",
        probe: 'http',
        address: look.sent.address,
      });
  }
  // Where a client without a certificate gets in, its request shows the server's clock.
  const none = receptions.none;
  if (
    refused &&
    !limits.noRequest &&
    look.acceptance !== 'application-data' &&
    evidence.target.starttls === undefined &&
    evidence.clock.peer === undefined &&
    none !== undefined &&
    none.verdict !== 'refused' &&
    none.verdict !== 'not-reached'
  )
    plan.push(
      shake(look, 'client-none-request', "the server's clock, from its answer without the client certificate", {
        client: 'none',
        request: true,
      }),
    );
  // Silence is no answer: the same again with a request.
  if (asks && request && expected) {
    if (usable && receptions.none?.verdict === 'unknown' && receptions.none.status === undefined)
      plan.push(shake(look, 'client-none-request', 'a small GET without the client certificate', { client: 'none', request: true }));
    if (receptions.untrusted?.verdict === 'unknown')
      plan.push(
        shake(look, 'client-untrusted-request', 'a small GET with a throw-away client certificate', { client: 'untrusted', request: true }),
      );
  }
  // One kind of client refused and the other met with silence: a server that judges slowly (a JVM on its first handshakes) must not be called open.
  const asked = !request || evidence.handshakes.some(({ experiment }) => experiment === 'client-untrusted-request');
  if (asks && expected && asked && receptions.none?.verdict === 'refused' && receptions.untrusted?.verdict === 'unknown')
    plan.push(
      shake(look, 'client-untrusted-patient', 'with a throw-away client certificate, listening longer', {
        client: 'untrusted',
        patient: true,
      }),
    );
  return plan;
}

/** A certificate that is refused and in order otherwise: the list at the address in it may have it. */
function clientListExperiments({ client }: Evidence): Experiment[] {
  const leaf = client?.leaf;
  const [url] = leaf === undefined ? [] : listAddresses(leaf);
  if (leaf === undefined || url === undefined) return [];
  return [
    {
      kind: 'fetch',
      key: `crl ${url}`,
      why: 'whether the client certificate was revoked (CRL)',
      what: 'crl',
      url,
      certificate: leaf.fingerprint,
    },
  ];
}

/** The given file has a defect that any server would refuse it for, or the server has said which one. */
function explainsItself({ client, receptions }: Evidence): boolean {
  if (client === undefined) return true;
  const said = receptions.given?.alert?.number;
  return (
    said === 48 ||
    said === 44 ||
    client.named === false ||
    client.purposeOk === false ||
    client.keyMatches === false ||
    client.weakness !== undefined ||
    client.chainValidity.some(({ verdict }) => verdict.local !== 'valid')
  );
}
