import { isIP } from 'node:net';
import { EXIT, exitStatusOf } from '../cause.js';
import type { ProbeDocument } from '../evidence/probe-document.js';
import { gatherFacts } from '../observe/facts/gather-facts.js';
import { type HandshakeRun, runHandshake } from '../observe/handshake.js';
import type { ClientCredential, HandshakeRequest } from '../observe/handshake-request.js';
import type { HandshakeLimits, HandshakeRecord, TargetObservation } from '../observe/observation.js';
import type { ProxyProtocol } from '../observe/proxy/proxy-protocol.js';
import type { ProxyServer } from '../observe/proxy/proxy-server.js';
import { resolve } from '../observe/resolve.js';
import { type ScanOptions, scan } from '../observe/scan/scan.js';
import { parseTarget, type Target } from '../observe/target.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { deadlineSignal } from './deadline-signal.js';
import { judgeProbe, type Looks } from './judge-probe.js';
import type { ChainJudge } from './verify-as-sent.js';

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
  /** Seconds for everything: what is not done by then is said to be so. */
  deadlineSeconds?: number;
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
  const bounds = deadlineSignal(options);
  try {
    const { signal } = bounds;
    const looks = await look({ ...options, signal });
    if (bounds.expired()) endedByDeadline(looks.runs, options.deadlineSeconds as number);
    const document = judgeProbe(options, looks, bounds.expired());
    const interrupted = options.signal?.aborted === true;
    return { document, runs: looks.runs, exitStatus: interrupted ? EXIT.interrupted : exitStatusOf(document.causes) };
  } finally {
    bounds.clear();
  }
}

async function look(options: ProbeOptions): Promise<Looks> {
  const at = new Date().toISOString();
  const target = parseTarget(options.target);
  const names = namesOf(target, options);
  const to = options.connect ?? { host: target.host, port: target.port };
  // Behind a proxy the proxy resolves; a unix socket has no name.
  const direct = options.proxy === undefined && target.socketPath === undefined;
  const resolution: TargetObservation['resolution'] = direct
    ? await resolve(to.host, Math.min(options.timeoutSeconds ?? 5, options.deadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000)
    : { status: 'not-run', why: options.proxy ? 'the proxy resolves the name' : 'a unix socket has no address' };
  const addresses = resolution.status === 'completed' ? resolution.value.addresses : [];
  const base = requestOf(
    target,
    options,
    names,
    target.socketPath === undefined ? (addresses[0] ?? to.host) : `unix:${target.socketPath}`,
    to.port,
    resolution.status === 'completed' ? resolution.ms : undefined,
  );

  const first =
    resolution.status === 'failed'
      ? unresolved(base, resolution.failure)
      : await firstAnswer({ ...base, keepSession: options.facts !== false }, addresses);
  const runs: HandshakeRun[] = [first];
  const { record } = first;
  const wanted = options.facts !== false && !options.signal?.aborted;
  const gathered = await gatherFacts(
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
  const looks: Looks = { at, target, names, addresses, base, runs, gathered };
  if (options.scan && canBeScanned(record))
    looks.scan = await scan({ ...base, address: record.sent.address }, scanOptions(options.scan, record));
  return looks;
}

/** What was cut short by the deadline was not interrupted by anybody. */
function endedByDeadline(runs: readonly HandshakeRun[], seconds: number): void {
  for (const { record } of runs)
    if (record.error?.code === 'aborted') record.error = { code: 'deadline', message: `the deadline of ${seconds} s came` };
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

/** Up to TLS 1.2 the curve of an ECDSA certificate has to stand among the groups offered. */
function scanOptions(options: ScanOptions, { chain }: HandshakeRecord): ScanOptions {
  const leaf = chain[0];
  const key = leaf ? parseCertificate(leaf).publicKey : undefined;
  return key === undefined ? options : { ...options, certificateCurve: key.type === 'ec' ? (key.curve ?? null) : null };
}

function hostHeader(target: Target): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return target.port === 443 || target.port === 0 ? host : `${host}:${target.port}`;
}

/** The first address that takes the connection, as programs do; `--all-addresses` looks at every one besides. */
async function firstAnswer(base: HandshakeRequest, addresses: readonly string[]): Promise<HandshakeRun> {
  let run = await runHandshake(base);
  for (const address of addresses.slice(1, 4)) {
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
