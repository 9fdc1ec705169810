import { setMaxListeners } from 'node:events';
import { isIP } from 'node:net';
import { EXIT, exitStatusOf } from '../cause.js';
import type { ProbeDocument } from '../evidence/probe-document.js';
import { gatherFacts } from '../observe/facts/gather-facts.js';
import type { ProbeFacts } from '../observe/facts/probe-facts.js';
import { type HandshakeRun, runHandshake } from '../observe/handshake.js';
import type { ClientCredential, HandshakeRequest } from '../observe/handshake-request.js';
import type { HandshakeLimits, HandshakeRecord, TargetObservation } from '../observe/observation.js';
import type { ProxyProtocol } from '../observe/proxy/proxy-protocol.js';
import type { ProxyServer } from '../observe/proxy/proxy-server.js';
import { resolve } from '../observe/resolve.js';
import { type ScanOptions, scan } from '../observe/scan/scan.js';
import { parseTarget, type Target } from '../observe/target.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';
import { causeOfOutcome, type ProbeCauseContext, valuesOf } from './probe-causes.js';
import { stapleFact } from './probe-staple.js';
import { type ChainJudge, verifyAsSent } from './verify-as-sent.js';
import { addFixes } from './verify-chain.js';

/** What to probe, and how. Everything but the target has a default. */
export interface ProbeOptions {
  /** `HOST:PORT`, `[IPv6]:PORT`, a URL, or `unix:/path`. */
  target: string;
  /** Another address than the name's. */
  connect?: { host: string; port: number };
  /** Name to send; an empty string sends none. Default: the target's host unless it is an address. */
  servername?: string;
  /** Name that the certificate has to carry. Default: the servername, else the host. */
  hostname?: string;
  limits?: HandshakeLimits;
  client?: ClientCredential;
  starttls?: string;
  proxy?: ProxyServer;
  proxyProtocol?: ProxyProtocol;
  /** Path of a small GET that provokes an answer; an http(s) target sends its own. */
  httpGet?: string;
  /** Seconds for one handshake. */
  timeoutSeconds?: number;
  /** How long to listen after the handshake, milliseconds. */
  quietWindowMs?: number;
  /** Further handshakes for SNI, resumption, OCSP, renegotiation and client authentication. Default true. */
  facts?: boolean;
  /** A handshake with every address of the name. */
  allAddresses?: boolean;
  /** How many times to make the first handshake in all. */
  repeat?: number;
  /** Which versions, suites, groups and signature schemes the server takes, by hand-made ClientHellos. */
  scan?: ScanOptions;
  /** Trust anchors for our own verdict, PEM or DER each. */
  ca?: readonly (string | Uint8Array)[];
  /** What the chain is judged by, in place of `ca`; without either the document says that nothing was verified. */
  judge?: ChainJudge;
  /** Names of the files given, for commands that can be pasted. */
  files?: { ca?: string; cert?: string; key?: string };
  signal?: AbortSignal;
}

/** The document with what may not be printed: bytes and secrets for capture and key log files. */
export interface ProbeResult {
  document: ProbeDocument;
  runs: HandshakeRun[];
  exitStatus: number;
}

/**
 * Makes real handshakes with a target and says what went over the wire. Never rejects for anything that the network or the peer did.
 * @throws TlsmedicError `bad-target`
 */
export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  // Every connection under way listens to it.
  if (options.signal) setMaxListeners(0, options.signal);
  const at = new Date().toISOString();
  const target = parseTarget(options.target);
  const names = namesOf(target, options);
  const to = options.connect ?? { host: target.host, port: target.port };
  // Behind a proxy the proxy resolves; a unix socket has no name.
  const direct = options.proxy === undefined && target.socketPath === undefined;
  const resolution: TargetObservation['resolution'] = direct
    ? await resolve(to.host, (options.timeoutSeconds ?? 5) * 1000)
    : { status: 'not-run', why: options.proxy ? 'the proxy resolves the name' : 'a unix socket has no address' };
  const addresses = resolution.status === 'completed' ? resolution.value.addresses : [];
  const base = requestOf(
    target,
    options,
    names,
    addresses[0] ?? to.host,
    to.port,
    resolution.status === 'completed' ? resolution.ms : undefined,
  );

  const first =
    resolution.status === 'failed'
      ? unresolved(base, resolution.failure)
      : await firstAnswer({ ...base, keepSession: options.facts !== false }, addresses, options.allAddresses === true);
  const runs: HandshakeRun[] = [first];
  const { record } = first;
  const wanted = options.facts !== false && !options.signal?.aborted;
  const { ocspRun, ...facts } = await gatherFacts(
    { ...base, address: record.sent.address },
    first,
    {
      sni: wanted && names.servername !== undefined,
      resumption: wanted,
      ocspStaple: wanted,
      renegotiation: wanted,
      clientAuth: wanted,
      addresses: options.allAddresses ? addresses : [],
      repeat: options.repeat ?? 0,
    },
    runs,
  );
  runs.forEach((run, id) => {
    run.record.id = id;
  });

  const allFacts: ProbeFacts = facts;
  if (options.scan && canBeScanned(record)) allFacts.scan = await scan({ ...base, address: record.sent.address }, options.scan);
  if (ocspRun) allFacts.ocspStaple = stapleFact(ocspRun.record, Date.parse(at));
  const verification = verificationOf(record, options, names.hostname);
  const context: ProbeCauseContext = { host: target.host, port: target.port, servername: names.servername, ...options.files };
  const failed = causeOfOutcome(record, context);
  if (!('notRun' in verification)) addFixes(verification, valuesOf(context));
  const causes = [...(failed ? [failed] : []), ...('notRun' in verification ? [] : verification.causes)];
  const document: ProbeDocument = {
    schema: 'tlsmedic/probe@1',
    ok: causes.length === 0 && record.outcome === 'accepted',
    at,
    target: {
      input: options.target,
      host: target.host,
      port: target.port,
      servername: names.servername ?? null,
      hostname: names.hostname,
      addresses,
    },
    causes,
    warnings: 'notRun' in verification ? [] : verification.warnings,
    facts: allFacts,
    handshakes: runs.map((run) => run.record),
    verification,
    notChecked: notChecked(record, options),
  };
  if (base.starttls) document.target.starttls = base.starttls;
  if (record.sent.proxy) document.target.proxy = record.sent.proxy;
  return { document, runs, exitStatus: options.signal?.aborted ? EXIT.interrupted : exitStatusOf(causes) };
}

function canBeScanned(record: HandshakeRecord): boolean {
  return record.outcome !== 'unreachable' && record.outcome !== 'preface-failed' && record.outcome !== 'not-tls';
}

function namesOf(target: Target, options: ProbeOptions): { servername: string | undefined; hostname: string } {
  const servername =
    options.servername === '' ? undefined : (options.servername ?? (isIP(target.host) || target.socketPath ? undefined : target.host));
  return { servername, hostname: options.hostname ?? servername ?? target.host };
}

function requestOf(
  target: Target,
  options: ProbeOptions,
  names: { servername: string | undefined; hostname: string },
  address: string,
  port: number,
  dnsMs: number | undefined,
): HandshakeRequest {
  const request: HandshakeRequest = { why: 'a look without verification', experiment: 'look', address, port, hostname: names.hostname };
  if (names.servername !== undefined) request.servername = names.servername;
  if (target.socketPath !== undefined) request.socketPath = target.socketPath;
  if (dnsMs !== undefined) request.dnsMs = dnsMs;
  const { limits, client, proxy, proxyProtocol, quietWindowMs, signal } = options;
  if (limits) request.limits = limits;
  if (client) request.client = client;
  if (proxy) request.proxy = proxy;
  if (proxyProtocol) request.proxyProtocol = proxyProtocol;
  if (quietWindowMs !== undefined) request.quietWindowMs = quietWindowMs;
  if (signal) request.signal = signal;
  const starttls = options.starttls ?? target.starttls;
  if (starttls) request.starttls = starttls;
  const path = options.httpGet ?? target.httpPath;
  if (path !== undefined) request.http = { path, host: hostHeader(target) };
  if (options.timeoutSeconds !== undefined) {
    request.timeoutMs = options.timeoutSeconds * 1000;
    request.connectTimeoutMs = options.timeoutSeconds * 1000;
  }
  return request;
}

function hostHeader(target: Target): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return target.port === 443 || target.port === 0 ? host : `${host}:${target.port}`;
}

/** The first address that takes the connection, as programs do; the others are looked at by `--all-addresses`. */
async function firstAnswer(base: HandshakeRequest, addresses: readonly string[], onlyFirst: boolean): Promise<HandshakeRun> {
  let run = await runHandshake(base);
  for (const address of onlyFirst ? [] : addresses.slice(1, 4)) {
    if (run.record.outcome !== 'unreachable' || base.signal?.aborted) break;
    run = await runHandshake({ ...base, address, why: `the address before did not answer; a look at ${address}` });
  }
  return run;
}

function unresolved(base: HandshakeRequest, failure: NonNullable<HandshakeRecord['error']>): HandshakeRun {
  const record: HandshakeRecord = {
    id: 0,
    why: base.why,
    experiment: base.experiment,
    sent: {
      address: base.address,
      port: base.port,
      limits: base.limits ?? {},
      client: 'none',
      verify: false,
      requestOcsp: false,
      resumed: false,
    },
    at: new Date().toISOString(),
    timings: { totalMs: 0 },
    outcome: 'unreachable',
    error: failure,
    secureConnect: false,
    chain: [],
    scts: [],
  };
  return { record, recording: { events: [], keyLog: [], truncated: false } };
}

function verificationOf(record: HandshakeRecord, options: ProbeOptions, hostname: string): ProbeDocument['verification'] {
  if (record.chain.length === 0) return { notRun: 'no certificate was seen' };
  if (options.judge) return verifyAsSent(record.chain, hostname, options.judge);
  if (!options.ca) return { notRun: 'no trust anchors were given' };
  const anchors = options.ca.flatMap((entry) => (typeof entry === 'string' ? certificatesFromPem(entry) : [entry]));
  return verifyAsSent(record.chain, hostname, {
    anchors: anchors.map((der, index) => ({ certificate: parseCertificate(der), source: `given root ${index + 1}` })),
    trust: `${anchors.length} given roots`,
  });
}

/** Said rather than passed over in silence. */
function notChecked(record: HandshakeRecord, options: ProbeOptions): string[] {
  const gaps: string[] = [];
  if (record.transcript) gaps.push(...record.transcript.gaps.map((gap) => `transcript: ${gap}`));
  if (
    record.outcome === 'accepted' &&
    record.certificateRequest &&
    (record.acceptance === 'quiet' || (record.acceptance === 'ticket' && record.sent.httpRequest))
  ) {
    const waited = `silent for ${Math.round(record.quietWindowMs ?? 0)} ms`;
    const hint = record.sent.httpRequest
      ? `the HTTP request got no answer, ${waited}`
      : `it was ${waited}; an HTTP server answers to --http-get PATH`;
    gaps.push(`whether the server accepts the client: ${hint}`);
  }
  if (record.negotiated?.version === 'TLSv1.3' && options.client && !record.certificateRequest)
    gaps.push('client authentication after the handshake (post_handshake_auth): node:tls cannot do it as a client');
  if (options.facts === false) gaps.push('SNI, resumption, OCSP stapling: one handshake was asked for');
  return gaps;
}
