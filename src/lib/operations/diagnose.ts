import { isIP } from 'node:net';
import { publicCertificates } from '../ca/store.js';
import { EXIT, exitStatusOf } from '../cause.js';
import { diagnosisOf, documentOf } from '../diagnose/build-diagnosis.js';
import type { Diagnosis } from '../diagnose/diagnosis.js';
import { localNow } from '../io/local-clock.js';
import { parseTimeSource } from '../io/time-source.js';
import type { HandshakeLimits, Observation } from '../observe/observation.js';
import { parseProxy } from '../observe/proxy/proxy-server.js';
import { resolve } from '../observe/resolve.js';
import { parseTarget } from '../observe/target.js';
import { VERSION } from '../version.js';
import { deadlineSignal } from './deadline-signal.js';
import { DiagnosisObserver } from './diagnosis-observer.js';
import { type MaterialFiles, readMaterial } from './given-material.js';

/** What to diagnose, and with what. Everything but the target has a default. */
export interface DiagnoseOptions extends MaterialFiles {
  /** `HOST:PORT`, `[IPv6]:PORT` or a URL. */
  target: string;
  /** Name to send (SNI); an empty string sends none. Default: the host, unless it is an address. */
  servername?: string;
  /** Name that the certificate has to carry, when it differs. */
  hostname?: string;
  spiffeId?: string;
  trustDomain?: string;
  /** Connect here instead of to the target. */
  connect?: { host: string; port: number };
  starttls?: string;
  /** URL of an HTTP or SOCKS proxy. */
  proxy?: string;
  limits?: HandshakeLimits;
  expectMtls?: boolean;
  /** Folder of the development authority; when it issued the certificates, fixes say how to issue new ones. Default: not looked at. */
  authorityFolder?: string;
  /** Judge as of this time, milliseconds since 1970, instead of now. */
  at?: number;
  /** Clocks to compare with: `https://host/`, `ntp://host`, `host`. */
  timeSources?: readonly string[];
  /** Never send an HTTP request. */
  noRequest?: boolean;
  /** Ask addresses that stand in certificates (issuer, OCSP, CRL). Default true. */
  fetch?: boolean;
  /** Look at every address of the name, not at eight at most. */
  allAddresses?: boolean;
  /** How many times to make the same handshake at each address. */
  repeat?: number;
  /** For each network step; 5. */
  timeoutSeconds?: number;
  /** For everything. */
  deadlineSeconds?: number;
  signal?: AbortSignal;
  /** Gets what is known after each round of experiments. */
  progress?: (soFar: Diagnosis) => void;
}

export interface DiagnoseResult {
  document: Diagnosis;
  /** For `--save-observation`; holds no secret. */
  observation: Observation;
  exitStatus: number;
}

const MOST_ADDRESSES = 8;
/** Variables that change what programs here trust or how they connect. */
const TELLING = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_OPTIONS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'ALL_PROXY',
  'NO_PROXY',
  'no_proxy',
  'OPENSSL_CONF',
  'TLSMEDIC_CLOCK_OFFSET',
];

/**
 * Finds out why TLS with a target fails, or says that nothing stands in its way and what was checked.
 * @throws TlsmedicError for flags and files of the caller that cannot be used; never for what the network or the peer did
 */
export async function diagnose(options: DiagnoseOptions): Promise<DiagnoseResult> {
  const target = parseTarget(options.target);
  const material = await readMaterial(options);
  const timeSources = (options.timeSources ?? []).map(parseTimeSource);
  const proxy = options.proxy === undefined ? undefined : parseProxy(options.proxy, process.env);
  const to = options.connect ?? { host: target.host, port: target.port };
  const servername = options.servername === '' ? undefined : (options.servername ?? (isIP(target.host) ? undefined : target.host));
  const hostname = options.hostname ?? options.servername ?? target.host;
  const deadline = deadlineSignal(options);
  try {
    const timeoutMs = (options.timeoutSeconds ?? 5) * 1000;
    const at = new Date(options.at ?? localNow()).toISOString();
    const resolution: Observation['target']['resolution'] =
      proxy === undefined
        ? await resolve(to.host, timeoutMs)
        : { status: 'completed', value: { addresses: [to.host], asked: 'the proxy' }, ms: 0 };
    const starttls = options.starttls ?? target.starttls;
    const observation: Observation = {
      schema: 'tlsmedic/observation@1',
      by: { tlsmedic: VERSION, node: process.version, openssl: process.versions.openssl ?? '' },
      at,
      target: {
        input: options.target,
        host: target.host,
        port: to.port,
        hostname,
        resolution,
        ...(servername !== undefined && { servername }),
        ...(target.scheme !== undefined && { scheme: target.scheme }),
        ...(target.httpPath !== undefined && { httpPath: target.httpPath }),
        ...(starttls !== undefined && { starttls }),
      },
      given: {
        ...material.given,
        otherTrust: [],
        expectMtls: options.expectMtls === true,
        limits: options.limits ?? {},
        ...(options.spiffeId !== undefined && { spiffeId: options.spiffeId }),
        ...(options.trustDomain !== undefined && { trustDomain: options.trustDomain }),
      },
      environment: tellingEnvironment(),
      handshakes: [],
      clocks: [],
      plaintext: [],
      fetched: [],
    };
    const own = options.authorityFolder === undefined ? undefined : publicCertificates(options.authorityFolder);
    if (own !== undefined) observation.ownAuthority = own;
    // What every pod has in its environment; it changes no verdict, only what can be typed.
    if (process.env.KUBERNETES_SERVICE_HOST !== undefined) observation.insideKubernetes = true;
    const { trust } = material.given;
    const observer = new DiagnosisObserver(observation, {
      port: to.port,
      servername,
      hostname,
      httpHost: target.port === 443 ? bracketed(target.host) : `${bracketed(target.host)}:${target.port}`,
      httpPath: target.httpPath ?? '/',
      credential: material.credential,
      timeoutMs,
      ca: trust.files.flatMap(({ certificates }) => certificates),
      timeSources,
      plan: { noRequest: options.noRequest === true, fetch: options.fetch !== false, fixedTime: options.at !== undefined },
      repeat: options.repeat ?? 1,
      signal: deadline.signal,
      ...(starttls !== undefined && { starttls }),
      ...(proxy && { proxy }),
    });
    const addresses = resolution.status === 'completed' ? resolution.value.addresses : [];
    const { progress } = options;
    await observer.run(
      options.allAddresses === true ? addresses : addresses.slice(0, MOST_ADDRESSES),
      progress && ((evidence) => progress(documentOf(evidence))),
    );
    const document = diagnosisOf(observation);
    return { document, observation, exitStatus: options.signal?.aborted ? EXIT.interrupted : exitStatusOf(document.causes) };
  } finally {
    deadline.clear();
  }
}

/** The same report from a saved observation. */
export function replay(observation: Observation): DiagnoseResult {
  const document = diagnosisOf(observation);
  return { document, observation, exitStatus: exitStatusOf(document.causes) };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function tellingEnvironment(): Record<string, string> {
  return Object.fromEntries(
    TELLING.flatMap((name) => {
      const value = process.env[name];
      // Proxies may hold a password.
      return value === undefined || value === '' ? [] : [[name, value.replace(/\/\/[^/@\s]*@/, '//***@')]];
    }),
  );
}
