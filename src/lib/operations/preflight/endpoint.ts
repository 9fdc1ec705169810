import { isIP } from 'node:net';
import { TlsmedicError } from '../../errors.js';
import { gotServerHello } from '../../evidence/negotiation.js';
import { readReception } from '../../evidence/reception.js';
import { localNow } from '../../io/local-clock.js';
import { offsetOfHttpDate } from '../../io/time-source.js';
import { handshake } from '../../observe/handshake.js';
import type { HandshakeRequest } from '../../observe/handshake-request.js';
import type { HandshakeRecord } from '../../observe/observation.js';
import { parseProxy } from '../../observe/proxy/proxy-server.js';
import { resolve } from '../../observe/resolve.js';
import { parseTarget, type Target } from '../../observe/target.js';
import { validatePath } from '../../path/validate.js';
import type { PathVerdict } from '../../path/verification.js';
import type { Expect, TargetEntry } from '../../preflight/config-schema.js';
import type { EndpointFacts, NegativeHandshake } from '../../preflight/endpoint-facts.js';
import type { HostGate } from '../../preflight/host-gate.js';
import { parseDuration } from '../../time-text.js';
import type { Certificate } from '../../x509/certificate.js';
import { parseCertificate } from '../../x509/parse-certificate.js';
import { hostReference, type ReferenceIdentifier } from '../../x509/server-identity.js';
import { endEntityFirst } from './file.js';
import { asking, offerForbidden, offerOlder } from './hello-offers.js';
import type { MaterialReader, TargetMaterial } from './material.js';
import { type NegativeClient, negativeClients } from './negative-clients.js';

/** Addresses that `sameOnAllAddresses` looks at, at most. */
const MAX_ADDRESSES = 64;
const MAX_CACHED = 20_000;

/** Endpoints of one fleet send the same intermediates over and over: a certificate is parsed once by its bytes. */
const PARSED = new Map<string, Certificate>();

export interface EndpointContext {
  reader: MaterialReader;
  /** Every connection to a host waits for its turn here. */
  gate?: HostGate;
  signal?: AbortSignal;
}

/**
 * Makes the handshakes that the expectations of an endpoint need, and no others: one for most, more only for what is asked.
 * @throws TlsmedicError for files of the target that cannot be used, or an address that is none
 */
export async function observeEndpoint(entry: TargetEntry, context: EndpointContext): Promise<EndpointFacts> {
  const { reader, gate, signal } = context;
  const expect = entry.expect ?? {};
  const target = parseTarget(entry.endpoint ?? '');
  const material = await reader.materialOf(entry);
  const started = performance.now();
  const to = entry.connect === undefined ? target : parseTarget(entry.connect);
  const timeoutMs = (parseDuration(entry.timeout ?? '') ?? 5) * 1000;
  const proxy = entry.proxy === undefined ? undefined : parseProxy(entry.proxy, process.env);
  // A proxy resolves the name itself.
  const resolution = proxy === undefined ? await resolve(to.host, timeoutMs) : undefined;
  const addresses = resolution?.status === 'completed' ? resolution.value.addresses : [];
  const turn = <T>(work: () => Promise<T>): Promise<T> => (gate === undefined ? work() : gate.run(to.host, work));
  const servername = entry.servername ?? (isIP(target.host) ? undefined : target.host);
  const hostname = entry.hostname ?? servername ?? target.host;
  const base: HandshakeRequest = {
    why: 'a look',
    experiment: 'look',
    address: addresses[0] ?? to.host,
    port: to.port,
    hostname,
    timeoutMs,
    connectTimeoutMs: timeoutMs,
    omitTranscript: true,
    ...(proxy === undefined ? {} : { proxy }),
    ...(to.socketPath === undefined ? {} : { socketPath: to.socketPath }),
    ...(servername === undefined ? {} : { servername }),
    ...(entry.alpn === undefined ? {} : { limits: { alpn: entry.alpn } }),
    ...((entry.starttls ?? target.starttls) === undefined ? {} : { starttls: entry.starttls ?? target.starttls }),
    ...(signal === undefined ? {} : { signal }),
  };
  const httpPath = target.httpPath ?? (expect.maxClockOffset === undefined ? undefined : '/');
  const http = httpPath === undefined ? {} : { http: { path: httpPath, host: hostHeader(target) } };
  let made = 0;
  const make = async (change: Partial<HandshakeRequest>): Promise<HandshakeRecord> => {
    const record = await turn(() => handshake({ ...base, ...change, id: made++ }));
    return record;
  };

  let main: HandshakeRecord | undefined;
  const client = material.client === undefined ? {} : { client: material.client, clientIdentity: 'given' as const };
  for (const address of addresses.length === 0 ? [to.host] : addresses.slice(0, 4)) {
    main = await make({ address, ...client, ...http, dnsMs: performance.now() - started });
    if (main.outcome !== 'unreachable') break;
  }
  if (main === undefined)
    throw new TlsmedicError('bad-target', `${entry.endpoint ?? ''} has no address`, { kind: 'input', next: ['tlsmedic probe HOST:PORT'] });

  const now = localNow();
  const certificates = main.chain.map(cachedCertificate);
  const verdict = verdictOf(certificates, material, expect, hostname, now);
  const reached = main.outcome !== 'unreachable' && main.outcome !== 'preface-failed';
  const facts: EndpointFacts = {
    now,
    target: seenFromHere(entry, reader),
    expect,
    main,
    certificates,
    store: material.store,
    addresses: [],
    negatives: [],
    foreign: [],
    older: [],
    forbidden: { suites: [], offers: [] },
    ...(verdict === undefined ? {} : { verdict }),
  };
  if (expect.maxClockOffset !== undefined) facts.clock = clockOf(main);
  if (expect.servedCertificate !== undefined) facts.expected = await expectedCertificate(expect.servedCertificate, reader);
  if (!reached) return facts;
  if (expect.sameOnAllAddresses === true && proxy === undefined && to.socketPath === undefined) {
    const { address } = main.sent;
    const all = addresses.filter((one) => one !== address);
    const others = all.slice(0, MAX_ADDRESSES);
    if (others.length < all.length) facts.unlooked = all.length - others.length;
    facts.addresses = [
      main,
      ...(await Promise.all(others.map((one) => make({ address: one, experiment: 'address', why: `a look at ${one}`, ...client })))),
    ];
  }
  const at = { address: main.sent.address };
  const { clients, foreign, control } = await negativeClients(entry, material, reader, main, certificates, now);
  facts.foreign = foreign;
  const request = { http: { path: target.httpPath ?? '/', host: hostHeader(target) } };
  const tryOut = async (client: NegativeClient, older: boolean): Promise<NegativeHandshake> => {
    const label = older ? `${client.label} in TLS 1.2` : client.label;
    const change: Partial<HandshakeRequest> = {
      ...at,
      experiment: client.experiment,
      why: `with ${label}`,
      clientIdentity: client.identity,
      ...(client.credential === undefined ? {} : { client: client.credential }),
      ...(older ? { limits: { ...base.limits, maxVersion: 'TLSv1.2' } } : {}),
    };
    const quiet = await make({ ...change, ...(target.httpPath === undefined ? {} : http) });
    const record = await decided(quiet, () => make({ ...change, ...request }), entry);
    return { label, named: client.named, record, ...(client.client === undefined ? {} : { client: client.client }) };
  };
  const negatives = await Promise.all(clients.map((client) => tryOut(client, false)));
  // Enforced in one version is not enforced: a verifier may be wired into one of two code paths.
  const [first, ...others] = clients;
  if (first !== undefined && main.negotiated?.version === 'TLSv1.3') {
    const older = await tryOut(first, true);
    // A server that takes TLS 1.3 alone refuses the version, and lets nobody in by it.
    if (gotServerHello(older.record) || NETWORK.has(older.record.outcome))
      negatives.push(older, ...(await Promise.all(others.map((client) => tryOut(client, true)))));
  }
  facts.negatives = negatives;
  if (control !== undefined && !letsIn((await tryOut(control, false)).record)) {
    facts.foreign = [
      ...foreign,
      `the server refuses a good certificate of the authority ${entry.authority ?? ''} too, so that refusing a bad one proves nothing`,
    ];
    const proveNothing = new Set(clients.filter((one) => one.genuine === true).map((one) => one.client));
    facts.negatives = negatives.map(({ client: kind, ...rest }) =>
      kind === undefined || (!rest.named && proveNothing.has(kind) && !letsIn(rest.record)) ? rest : { ...rest, client: kind },
    );
  }
  const ambiguous = negatives.some(({ record }) => record.http?.status === 401 || record.http?.status === 403);
  if (ambiguous && material.client !== undefined && main.http === undefined)
    facts.admitted = await make({
      ...at,
      ...client,
      ...request,
      experiment: 'client-given',
      why: 'with the given certificate and a request',
    });
  const ask = asking({ ...base, ...at }, timeoutMs, turn);
  if (expect.minVersion !== undefined) facts.older = await offerOlder(expect.minVersion, ask);
  if (expect.forbidCiphers !== undefined) facts.forbidden = await offerForbidden(expect.forbidCiphers, ask);
  return facts;
}

/** Outcomes that speak of the way there and not of the server. */
const NETWORK = new Set<HandshakeRecord['outcome']>(['unreachable', 'preface-failed', 'silent']);

/**
 * The first handshake beside the one that counts that was lost on the way, in words: for another attempt.
 * @param facts of an endpoint that was reached
 */
export function lostOnTheWay({ addresses, negatives, older, forbidden }: EndpointFacts): string | undefined {
  const record = [...addresses, ...negatives.map((negative) => negative.record)].find(({ outcome }) => NETWORK.has(outcome));
  if (record !== undefined) return `${record.why}: ${record.error?.code ?? record.outcome}`;
  const offer = [...older, ...forbidden.offers].find(({ answered }) => !answered);
  return offer === undefined ? undefined : `an offer of ${offer.version}: ${offer.instead ?? 'silence'}`;
}

/** Whether nothing speaks against this client: neither TLS nor an HTTP status that may be a refusal. */
function letsIn(record: HandshakeRecord): boolean {
  const { verdict, status } = readReception(record);
  return verdict === 'accepted' || (verdict === 'unknown' && status === undefined);
}

/** The entry with its files as they are called from where we run, for the commands of fixes. */
function seenFromHere(entry: TargetEntry, reader: MaterialReader): TargetEntry {
  const { ca, crl, client } = entry;
  const path = (file: string) => reader.path(file);
  return {
    ...entry,
    ...(ca === undefined ? {} : { ca: ca.map(path) }),
    ...(crl === undefined ? {} : { crl: crl.map(path) }),
    ...(client === undefined
      ? {}
      : {
          client: {
            ...client,
            ...(client.cert === undefined ? {} : { cert: path(client.cert) }),
            ...(client.key === undefined ? {} : { key: path(client.key) }),
          },
        }),
  };
}

/** Silence proves nothing where a server may refuse above TLS (nginx does): on a port that is not known to speak something else one small request decides. */
async function decided(record: HandshakeRecord, ask: () => Promise<HandshakeRecord>, entry: TargetEntry): Promise<HandshakeRecord> {
  if (readReception(record).verdict !== 'unknown' || record.http !== undefined || entry.starttls !== undefined) return record;
  const answer = await ask();
  return answer.http === undefined && readReception(answer).verdict === 'unknown' ? record : answer;
}

function hostHeader({ host, port }: Target): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 443 ? name : `${name}:${port}`;
}

function cachedCertificate(der: Uint8Array): Certificate {
  const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
  const known = PARSED.get(key);
  if (known !== undefined) return known;
  const certificate = parseCertificate(der);
  if (PARSED.size >= MAX_CACHED) PARSED.clear();
  PARSED.set(key, certificate);
  return certificate;
}

function verdictOf(
  certificates: readonly Certificate[],
  material: TargetMaterial,
  expect: Expect,
  hostname: string,
  now: number,
): PathVerdict | undefined {
  const [leaf, ...others] = certificates.map((certificate, index) => ({ certificate, source: `certificate ${index} as sent` }));
  if (leaf === undefined) return undefined;
  const policy = expect.revocation ?? (material.crls.length > 0 ? 'fail-open' : 'off');
  // Where an identity or names of their own are asked for, those are matched and not the address that was dialled.
  const references: ReferenceIdentifier[] =
    expect.spiffeId !== undefined || expect.trustDomain !== undefined || expect.names !== undefined ? [] : [hostReference(hostname)];
  return validatePath({
    leaf,
    intermediates: [...others, ...material.intermediates],
    anchors: material.anchors,
    at: now,
    purpose: 'server',
    profile: 'rfc5280',
    references,
    crls: material.crls,
    revocation: policy === 'off' ? 'none' : policy === 'fail-closed' ? 'hard' : 'soft',
    partialChain: true,
  });
}

function clockOf({ http, outcome }: HandshakeRecord): EndpointFacts['clock'] {
  if (http?.date === undefined)
    return { status: 'not-run', why: http === undefined ? `no HTTP answer came (${outcome})` : 'the HTTP answer has no Date' };
  const asked = Date.parse(http.at);
  const value = offsetOfHttpDate(http.date, asked, asked + http.roundTripMs);
  return value === undefined
    ? { status: 'not-run', why: 'the Date of the HTTP answer cannot be read' }
    : { status: 'completed', value, ms: http.roundTripMs };
}

async function expectedCertificate(file: string, reader: MaterialReader): Promise<NonNullable<EndpointFacts['expected']>> {
  try {
    const held = (await reader.certificates(file)).map(({ certificate }) => certificate);
    const [certificate, ...chain] = endEntityFirst(held);
    return certificate === undefined ? { label: file, problem: 'it holds no certificate' } : { label: file, certificate, chain };
  } catch (error) {
    if (!(error instanceof TlsmedicError)) throw error;
    return { label: file, problem: error.message };
  }
}
