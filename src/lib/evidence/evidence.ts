import type { HandshakeRecord, Observation, TargetObservation } from '../observe/observation.js';
import { validatePath } from '../path/validate.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { type BackendEvidence, readBackends } from './backends.js';
import { type ClientEvidence, type DemandEvidence, type Receptions, readClient, readDemand, readReceptions } from './client.js';
import { type ClockEvidence, readClocks } from './clock.js';
import { looksLikeTls, type SpokenProtocol, spokenProtocol, wantsTls } from './first-bytes.js';
import { type NegotiationEvidence, readNegotiation } from './negotiation.js';
import { anchorsOf, readServer, type ServerEvidence, trueTime } from './server.js';
import { readSurroundings, type Surroundings } from './surroundings.js';

/** Everything that rules may ask, worked out once from an observation. Derived, never observed: the same observation gives the same evidence. */
export interface Evidence {
  observation: Observation;
  target: TargetObservation;
  handshakes: readonly HandshakeRecord[];
  /** As the caller's program would connect, verification on. */
  symptom?: HandshakeRecord;
  /** The look that got furthest, at the address a program would take. */
  look?: HandshakeRecord;
  clock: ClockEvidence;
  server?: ServerEvidence;
  /** Trust anchors in force by name. */
  anchorNames: { name: string; organization: string | undefined; key: string }[];
  client?: ClientEvidence;
  demand?: DemandEvidence;
  receptions: Receptions;
  /** Whether an authority that the caller trusts issued the client certificate: `other-key` when one of that name did not sign it. */
  clientOfTrustedAuthority?: 'yes' | 'no' | 'other-key';
  /** Where the intermediate is that the client's file leaves out, if it is known. */
  clientIntermediate?: string;
  /** Machines behind the name whose certificate is not fine. */
  badBackends: { address: string; why: string }[];
  negotiation: NegotiationEvidence;
  backends: BackendEvidence;
  /** What speaks on the port in place of TLS. */
  spoken?: SpokenProtocol & { how: string };
  /** A TLS answer came after a PROXY protocol header. */
  wantsProxyHeader: boolean;
  /** Who issued, what serves, where it runs: for fixes that fit. */
  surroundings: Surroundings;
  /** Plain HTTP was answered on the same port beside TLS, with something else than a hint to use TLS. */
  plaintextBesideTls?: { how: string };
}

/** The first record of an experiment. */
export function byExperiment(evidence: Pick<Evidence, 'handshakes'>, experiment: string): HandshakeRecord | undefined {
  return evidence.handshakes.find((record) => record.experiment === experiment);
}

/** How far a handshake got: for choosing the one that says most. */
function reach(record: HandshakeRecord): number {
  if (record.chain.length > 0) return 4;
  if (record.secureConnect) return 3;
  if (record.outcome === 'unreachable') return 0;
  return record.outcome === 'not-tls' || record.outcome === 'rejected' ? 2 : 1;
}

/** The look at the first address that connects, as a program would take it; else the first look. */
function chooseLook(handshakes: readonly HandshakeRecord[]): HandshakeRecord | undefined {
  const looks = handshakes.filter(({ experiment }) => experiment === 'look' || experiment === 'address');
  return looks.find((record) => record.outcome !== 'unreachable') ?? looks[0];
}

/** Derives all evidence. Pure; bounded by the size of the observation. */
export function derive(observation: Observation): Evidence {
  const { handshakes, target } = observation;
  const clock = readClocks(observation);
  const look = chooseLook(handshakes);
  const sameAddress = handshakes.filter(({ sent }) => sent.address === look?.sent.address);
  const symptom = sameAddress.find(({ experiment }) => experiment === 'symptom');
  const demand = readDemand(sameAddress);
  const client = readClient(observation, clock, demand);
  const staples = sameAddress.flatMap(({ ocspStaple }) => (ocspStaple === undefined ? [] : [ocspStaple]));
  // A refusal may cut the chain off in one handshake and show it in the next: of those that ask the same, take the one that shows most.
  const shown = [look, symptom, ...sameAddress.filter(({ experiment }) => SHOWS_THE_SAME.has(experiment))]
    .filter((record) => record !== undefined)
    .reduce<HandshakeRecord | undefined>((best, record) => (best === undefined || reach(record) > reach(best) ? record : best), undefined);
  const server = shown && readServer(observation, shown, clock, staples);
  const issued =
    client && server !== undefined
      ? clientAuthority(observation, client, server, clock)
      : client && clientAuthority(observation, client, undefined, clock);
  const spoken = readSpoken(observation, look);
  const beside = server === undefined ? undefined : plaintextBeside(observation);
  return {
    observation,
    target,
    handshakes,
    clock,
    anchorNames: anchorsOf(observation).map(({ certificate: { subject } }) => ({
      name: subject.commonName ?? subject.text,
      organization: subject.rdns.flat().find(({ type }) => type === 'O')?.value,
      key: subject.key,
    })),
    receptions: readReceptions(handshakes, look?.sent.address),
    negotiation: readNegotiation(handshakes, look, observation.given.limits),
    backends: readBackends(handshakes),
    surroundings: readSurroundings(observation, server, client),
    wantsProxyHeader: observation.plaintext.some(
      ({ probe, result }) => probe === 'proxy-protocol' && result.status === 'completed' && looksLikeTls(result.value.first),
    ),
    ...(symptom && { symptom }),
    ...(look && { look }),
    ...(server && { server }),
    ...(client && { client }),
    ...(demand && { demand }),
    ...issued,
    badBackends: badBackendsOf(observation, clock),
    ...(spoken && { spoken }),
    ...(beside && { plaintextBesideTls: beside }),
  };
}

/** Handshakes with other limits than the caller's that show the certificate which the caller's program never got to see. */
const SHOWS_THE_SAME = new Set(['request', 'any-limits', 'tls12-only', 'tls13-only', 'legacy', 'no-alpn']);

/** What the port speaks in place of TLS, by the handshake's own answer or by the plain looks. */
function readSpoken(observation: Observation, look: HandshakeRecord | undefined): Evidence['spoken'] {
  if (look === undefined || look.chain.length > 0 || look.secureConnect || look.outcome === 'rejected') return undefined;
  const answer = look.notTls && spokenProtocol(look.notTls);
  const candidates: NonNullable<Evidence['spoken']>[] = answer === undefined ? [] : [{ ...answer, how: 'its answer to our ClientHello' }];
  for (const { probe, result } of observation.plaintext) {
    if (result.status !== 'completed' || probe === 'proxy-protocol') continue;
    const { first } = result.value;
    if (probe === 'postgres') {
      // One byte: S (TLS may start) or N (no TLS here).
      if (first.length === 1 && first[0] === 0x53)
        candidates.push({ name: 'postgres', label: 'PostgreSQL', starttls: 'postgres', said: 'S', how: 'its answer S to an SSLRequest' });
      else if (first.length === 1 && first[0] === 0x4e)
        candidates.push({ name: 'postgres', label: 'PostgreSQL without TLS', said: 'N', how: 'its answer N to an SSLRequest' });
      else if (first[0] === 0x45 && spokenProtocol(first)?.name === 'postgres')
        candidates.push({ name: 'postgres', label: 'PostgreSQL', starttls: 'postgres', said: 'E', how: 'its error to an SSLRequest' });
      continue;
    }
    const spoken = spokenProtocol(first);
    if (spoken === undefined || wantsTls(first)) continue;
    // A question is only good for its own protocol, unless the answer is plain.
    if ((probe === 'mqtt' || probe === 'ldap' || (probe === 'redis' && spoken.name !== 'memcached')) && spoken.name !== probe) continue;
    const how =
      probe === 'listen' ? 'what it says unasked' : `its answer to a plain ${probe === 'http' ? 'HTTP' : probe.toUpperCase()} question`;
    candidates.push({ ...spoken, how });
  }
  return candidates.find(({ starttls }) => starttls !== undefined) ?? candidates.find(({ name }) => name !== 'unknown') ?? candidates[0];
}

function plaintextBeside(observation: Observation): { how: string } | undefined {
  for (const { probe, result } of observation.plaintext) {
    if (probe !== 'http' || result.status !== 'completed') continue;
    const text = Buffer.from(result.value.first).toString('latin1');
    const status = Number(/^HTTP\/\d(?:\.\d)? (\d{3})/.exec(text)?.[1]);
    if (!Number.isFinite(status) || wantsTls(result.value.first)) continue;
    // A redirect to https, an error, or "upgrade required" is no service in plaintext.
    if (status >= 200 && status < 300) return { how: `HTTP ${status} to a plain request on the same port` };
  }
  return undefined;
}

/** Does the caller's own trust lead to the client certificate? A server of the same house mostly trusts the same root. */
function clientAuthority(
  observation: Observation,
  client: ClientEvidence,
  server: ServerEvidence | undefined,
  clock: ClockEvidence,
): Pick<Evidence, 'clientOfTrustedAuthority' | 'clientIntermediate'> {
  const [leaf, ...rest] = client.certificates;
  const anchors = observation.given.trust.kind === 'file' ? anchorsOf(observation) : [];
  if (leaf === undefined || anchors.length === 0) return {};
  const source = client.label;
  const elsewhere = [
    ...observation.given.intermediates.flatMap(({ label, certificates }) =>
      certificates.map((der) => ({ certificate: parseCertificate(der), source: label })),
    ),
    ...(server?.chain.slice(1) ?? []).map(({ certificate }) => ({ certificate, source: 'the chain of the server' })),
  ];
  const question = {
    leaf: { certificate: leaf, source },
    anchors,
    at: trueTime(clock),
    purpose: 'client' as const,
    profile: 'openssl' as const,
  };
  const { best } = validatePath({ ...question, intermediates: rest.map((certificate) => ({ certificate, source })), elsewhere });
  if (best.end === 'anchor')
    return { clientOfTrustedAuthority: best.problems.some(({ code }) => code === 'bad-signature') ? 'other-key' : 'yes' };
  if (best.missing?.sameName.some(({ trusted }) => trusted)) return { clientOfTrustedAuthority: 'other-key' };
  const between = best.missing?.found.find(({ selfSigned }) => !selfSigned);
  return { clientOfTrustedAuthority: 'no', ...(between && { clientIntermediate: between.source }) };
}

/** Every different certificate behind the name, judged like the first one. */
function badBackendsOf(observation: Observation, clock: ClockEvidence): Evidence['badBackends'] {
  const { answers, certificatesDiffer } = readBackends(observation.handshakes);
  if (!certificatesDiffer) return [];
  const seen = new Set<string>();
  return answers.flatMap(({ address, fingerprint, handshakes }) => {
    const record = observation.handshakes.find(({ id }) => id === handshakes[0]);
    if (fingerprint === undefined || record === undefined || seen.has(fingerprint)) return [];
    seen.add(fingerprint);
    const server = readServer(observation, record, clock, []);
    const why =
      server?.dates.find(({ validity }) => validity.conclusion === 'expired' || validity.conclusion === 'not-yet-valid')?.validity
        .conclusion ??
      server?.path.problems.find(({ code }) => code !== 'expired' && code !== 'not-yet-valid')?.code ??
      server?.identities.find(({ ok }) => !ok)?.code;
    return why === undefined ? [] : [{ address, why }];
  });
}
