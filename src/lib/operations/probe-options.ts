import { readPassphrase } from '../io/passphrase.js';
import { loadClientCredential } from '../observe/client-credential.js';
import type { HandshakeLimits, TlsVersion } from '../observe/observation.js';
import { type ProxyServer, parseProxy } from '../observe/proxy/proxy-server.js';
import { writePem } from '../x509/pem.js';
import { loadChainJudge } from './chain-judge.js';
import type { ProbeOptions } from './probe.js';

/** Flags of `probe` by their long names, as the command line gives them. */
export interface ProbeFlagValues {
  ca?: string[] | undefined;
  trust?: string | undefined;
  intermediates?: string[] | undefined;
  crl?: string[] | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  p12?: string | undefined;
  'passphrase-file'?: string | undefined;
  servername?: string | undefined;
  hostname?: string | undefined;
  'spiffe-id'?: string | undefined;
  'trust-domain'?: string | undefined;
  connect?: { host: string; port: number } | undefined;
  starttls?: string | undefined;
  proxy?: string | undefined;
  'proxy-protocol'?: string | undefined;
  'min-version'?: string | undefined;
  'max-version'?: string | undefined;
  ciphers?: string | undefined;
  groups?: string | undefined;
  sigalgs?: string | undefined;
  alpn?: string[] | undefined;
  at?: number | undefined;
  timeout?: number | undefined;
  'http-get'?: string | undefined;
  'quiet-window'?: number | undefined;
  repeat?: number | undefined;
  'all-addresses'?: boolean | undefined;
}

const VERSIONS: Readonly<Record<string, TlsVersion>> = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' };

/**
 * Reads the files that the flags name and makes options of them.
 * @throws TlsmedicError for files that cannot be used
 */
export async function probeOptionsOf(
  flags: ProbeFlagValues,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Omit<ProbeOptions, 'target'>> {
  const { cert, key, p12, ca } = flags;
  const passphrase = flags['passphrase-file'] === undefined ? undefined : await readPassphrase(flags['passphrase-file']);
  const client = loadClientCredential(given({ cert, key, p12, passphrase }));
  const judge = await loadChainJudge({
    ca,
    trust: flags.trust as 'system' | 'mozilla' | 'none' | undefined,
    intermediates: flags.intermediates,
    crl: flags.crl,
    spiffeId: flags['spiffe-id'],
    trustDomain: flags['trust-domain'],
    at: flags.at,
    env,
  });
  return given({
    connect: flags.connect,
    servername: flags.servername,
    hostname: flags.hostname,
    starttls: flags.starttls,
    proxy:
      flags.proxy === undefined
        ? undefined
        : proxyOf(flags.proxy, env, ca === undefined ? [] : judge.anchors.map(({ certificate }) => certificate.der)),
    proxyProtocol: flags['proxy-protocol'] as 'v1' | 'v2' | undefined,
    httpGet: flags['http-get'],
    quietWindowMs: flags['quiet-window'],
    timeoutSeconds: flags.timeout,
    repeat: flags.repeat,
    allAddresses: flags['all-addresses'],
    client,
    limits: limitsOf(flags),
    files: given({ ca: ca?.[0], cert, key }),
    judge,
  });
}

/** The proxy; what `--ca` names is trusted for its own TLS too. */
function proxyOf(url: string, env: Readonly<Record<string, string | undefined>>, ca: readonly Uint8Array[]): ProxyServer {
  const proxy = parseProxy(url, env);
  return ca.length === 0 ? proxy : { ...proxy, ca: ca.map((der) => writePem('CERTIFICATE', der)) };
}

function limitsOf(flags: ProbeFlagValues): HandshakeLimits {
  return given({
    minVersion: flags['min-version'] === undefined ? undefined : VERSIONS[flags['min-version']],
    maxVersion: flags['max-version'] === undefined ? undefined : VERSIONS[flags['max-version']],
    ciphers: flags.ciphers,
    groups: flags.groups,
    signatureAlgorithms: flags.sigalgs,
    alpn: flags.alpn,
  });
}

type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The entries that have a value. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
