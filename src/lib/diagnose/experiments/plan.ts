import type { Evidence } from '../../evidence/evidence.js';
import { failedEarly } from '../../evidence/negotiation.js';
import type { HandshakeRecord } from '../../observe/observation.js';
import type { PlaintextProbe } from '../../observe/plaintext.js';
import { clientExperiments } from './client-experiments.js';
import { type Experiment, listAddresses, mayAskHttp, type PlanLimits, shake } from './experiment.js';

/** Experiments of one round at most; each is a connection to somebody's server. */
const MOST_AT_ONCE = 12;

/** The next experiments that the evidence calls for: each changes one thing and asks whether the result changes. Pure. */
export function planExperiments(evidence: Evidence, done: ReadonlySet<string>, limits: PlanLimits): Experiment[] {
  const { look } = evidence;
  if (look === undefined || look.outcome === 'unreachable') return [];
  const shown = look.secureConnect || look.chain.length > 0;
  const wanted = shown ? afterCertificate(evidence, look, limits) : beforeCertificate(evidence, look);
  return wanted.filter(({ key }) => !done.has(key)).slice(0, MOST_AT_ONCE);
}

/** What a port is that does not answer a ClientHello: one small question for each protocol that starts in plaintext. */
export function plainLooks(address: string): Experiment[] {
  const probes: [PlaintextProbe, string][] = [
    ['listen', 'what it says unasked'],
    ['http', 'whether it speaks plain HTTP'],
    ['redis', 'whether it speaks plain Redis'],
    ['postgres', 'whether it wants an SSLRequest first'],
    ['ldap', 'whether it wants StartTLS first (LDAP)'],
    ['mqtt', 'whether it speaks plain MQTT'],
    ['proxy-protocol', 'whether it wants a PROXY protocol header first'],
  ];
  return probes.map(([probe, why]) => ({ kind: 'plaintext', key: `plain ${probe}`, why, probe, address }));
}

/** Nothing was shown: is it TLS at all, and if so, what is in the way: version, suite, name or application protocol? */
function beforeCertificate(evidence: Evidence, look: HandshakeRecord): Experiment[] {
  const { target, observation } = evidence;
  const given = observation.given.limits;
  const plan: Experiment[] = [];
  if (look.outcome === 'preface-failed' || look.sent.proxy !== undefined) return plan;
  const unspoken =
    look.outcome === 'closed' ||
    look.outcome === 'silent' ||
    (look.outcome === 'not-tls' && (evidence.spoken === undefined || evidence.spoken.name === 'unknown')) ||
    (look.outcome === 'broken-off-here' &&
      /UNEXPECTED_MESSAGE|WRONG_VERSION|PACKET|RECORD|LENGTH|UNEXPECTED_EOF/.test(look.error?.code ?? ''));
  if (unspoken && target.starttls === undefined) plan.push(...plainLooks(look.sent.address));
  // A silent port would cost a time-out for each; a plain answer needs no trials.
  if (look.outcome === 'silent' || look.outcome === 'not-tls' || !failedEarly(look)) return plan;
  const { alpn, ...rest } = given;
  const keepAlpn = alpn === undefined ? {} : { alpn };
  if (alpn !== undefined && alpn.length > 0) plan.push(shake(look, 'no-alpn', 'without application protocols (ALPN)', { limits: rest }));
  if (Object.keys(rest).length > 0)
    plan.push(shake(look, 'any-limits', 'with the usual versions and suites in place of the limits given', { limits: keepAlpn }));
  if (look.sent.servername !== undefined) plan.push(shake(look, 'no-sni', 'without a server name (SNI)', { servername: null }));
  plan.push(
    shake(look, 'tls12-only', 'TLS 1.2 alone', { limits: { ...keepAlpn, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } }),
    shake(look, 'tls13-only', 'TLS 1.3 alone', { limits: { ...keepAlpn, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } }),
    shake(look, 'legacy', 'TLS 1.0 to 1.2 with every suite that is there', {
      limits: { ...keepAlpn, minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0' },
    }),
  );
  return plan;
}

/** The certificate was shown: what is left to learn about path, name, clocks, revocation, and the client's side? */
function afterCertificate(evidence: Evidence, look: HandshakeRecord, limits: PlanLimits): Experiment[] {
  const { server, target, observation } = evidence;
  const plan: Experiment[] = [];
  if (evidence.symptom === undefined) plan.push(shake(look, 'symptom', 'as your program would', { verify: true }));
  if (look.secureConnect) plan.push(shake(look, 'ocsp', 'asking for a stapled OCSP answer', { requestOcsp: true }));
  const mismatch = server?.identities.some(({ ok }) => !ok) === true;
  if (mismatch && look.sent.servername !== undefined) plan.push(shake(look, 'no-sni', 'without a server name (SNI)', { servername: null }));
  if (server !== undefined) plan.push(...pathExperiments(evidence, limits));
  plan.push(...clientExperiments(evidence, look, limits));
  plan.push(...clockExperiments(evidence, look, limits));
  plan.push(...backendExperiments(evidence, look, limits));
  if (mayAskHttp(evidence, look, limits)) {
    if (worthARequest(evidence, look))
      plan.push(shake(look, 'request', 'one small GET, to see what the server makes of this client', { request: true }));
    else if (observation.given.limits.alpn === undefined)
      plan.push(
        shake(look, 'alpn-http', 'offering HTTP/1.1, to see whether the port speaks HTTP', {
          limits: { ...observation.given.limits, alpn: ['http/1.1'] },
        }),
      );
  }
  if (target.starttls === undefined && look.sent.proxy === undefined && observation.given.expectMtls)
    plan.push({
      kind: 'plaintext',
      key: 'plain http',
      why: 'whether plaintext is taken beside TLS',
      probe: 'http',
      address: look.sent.address,
    });
  return plan;
}

/** What the look's address answered to a request, asked of the others too: where they may refuse above TLS, or it did. */
function backendExperiments({ backends, handshakes }: Evidence, look: HandshakeRecord, limits: PlanLimits): Experiment[] {
  if (limits.noRequest || !handshakes.some(({ experiment }) => experiment === 'request')) return [];
  const others = backends.refusedAboveTls ? backends.addresses : backends.undecided;
  return others
    .filter((address) => address !== look.sent.address)
    .map((address) => ({
      ...shake(look, 'address-request', `the same GET to ${address}`, { request: true }),
      key: `address-request ${address}`,
      address,
    }));
}

/** Whether the answer to a request would change anything: the client's acceptance is open, a clock is wanted, or the port surely speaks HTTP. */
function worthARequest(evidence: Evidence, look: HandshakeRecord): boolean {
  const { demand, observation, target, handshakes } = evidence;
  // Another address asks for a certificate and keeps silent: only a request to both tells them apart.
  if (evidence.backends.undecided.length > 0) return true;
  if (demand !== undefined || observation.given.client !== undefined || observation.given.expectMtls) return true;
  if (target.scheme === 'https' || look.negotiated?.alpn !== undefined) return true;
  if (handshakes.some(({ experiment, negotiated }) => experiment === 'alpn-http' && negotiated?.alpn === 'http/1.1')) return true;
  return datesInQuestion(evidence);
}

/** A certificate is outside its window by some clock, or so near an edge that a little drift decides. */
function datesInQuestion(evidence: Evidence): boolean {
  const NEAR_SECONDS = 600;
  const verdicts = [
    ...(evidence.server?.dates ?? []).map(({ validity }) => validity),
    ...(evidence.client?.chainValidity ?? []).map(({ verdict }) => verdict),
  ];
  return verdicts.some((verdict) => verdict.local !== 'valid' || Math.abs(verdict.turnsAt) < NEAR_SECONDS);
}

function pathExperiments(evidence: Evidence, limits: PlanLimits): Experiment[] {
  const { server, observation } = evidence;
  if (server === undefined) return [];
  const plan: Experiment[] = [];
  const unknown = server.path.problems.some(
    ({ code }) => code === 'self-signed' || code === 'missing-intermediate' || code === 'untrusted-root' || code === 'stale-trust-bundle',
  );
  if (unknown) {
    plan.push({ kind: 'other-stores', key: 'other-stores', why: 'whether another store of this machine has the authority' });
    const urls = server.path.best.missing?.aia ?? [];
    if (limits.fetch)
      for (const url of urls.slice(0, 2))
        if (/^http:\/\//i.test(url))
          plan.push({
            kind: 'fetch',
            key: `aia ${url}`,
            why: 'the issuer, from the address in the certificate',
            what: 'aia',
            url,
            certificate: server.leaf.fingerprint,
          });
  }
  const stapled = observation.handshakes.some(({ ocspStaple }) => ocspStaple !== undefined);
  const asked = observation.handshakes.some(({ sent }) => sent.requestOcsp);
  if (limits.fetch && asked && !stapled && observation.given.crls.length === 0 && server.path.best.end === 'anchor') {
    const [ocsp] = server.leaf.authorityInfoAccess?.ocsp ?? [];
    const [crl] = listAddresses(server.leaf);
    if (ocsp !== undefined && /^http:\/\//i.test(ocsp))
      plan.push({
        kind: 'fetch',
        key: `ocsp ${ocsp}`,
        why: 'whether it was revoked (OCSP)',
        what: 'ocsp',
        url: ocsp,
        certificate: server.leaf.fingerprint,
      });
    else if (crl !== undefined)
      plan.push({
        kind: 'fetch',
        key: `crl ${crl}`,
        why: 'whether it was revoked (CRL)',
        what: 'crl',
        url: crl,
        certificate: server.leaf.fingerprint,
      });
  }
  return plan;
}

function clockExperiments(evidence: Evidence, look: HandshakeRecord, limits: PlanLimits): Experiment[] {
  if (limits.fixedTime) return [];
  const { receptions, clock, target } = evidence;
  const inQuestion = datesInQuestion(evidence) || receptions.given?.verdict === 'refused';
  if (!inQuestion) return [];
  const plan: Experiment[] = [{ kind: 'time-service', key: 'time-service', why: 'whether the clock of this machine is in step' }];
  // Servers that refuse the client over TLS may still answer a plain request, and its Date is their clock.
  if (
    clock.peer === undefined &&
    target.starttls === undefined &&
    look.sent.proxy === undefined &&
    !mayAskHttp(evidence, look, limits) &&
    !limits.noRequest
  )
    plan.push({
      kind: 'plaintext',
      key: 'plain http',
      why: "the server's clock, from its answer to a plain request",
      probe: 'http',
      address: look.sent.address,
    });
  return plan;
}
