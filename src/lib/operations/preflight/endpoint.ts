import { isIP } from 'node:net';
import { TlsmedicError } from '../../errors.js';
import { readReception } from '../../evidence/reception.js';
import { localNow } from '../../io/local-clock.js';
import { offsetOfHttpDate } from '../../io/time-source.js';
import { handshake } from '../../observe/handshake.js';
import type { HandshakeRequest } from '../../observe/handshake-request.js';
import type { HandshakeRecord, TlsVersion } from '../../observe/observation.js';
import { resolve } from '../../observe/resolve.js';
import { exchangeHello } from '../../observe/scan/hello-exchange.js';
import { COMMON_GROUPS } from '../../observe/scan/scan.js';
import { parseTarget, type Target } from '../../observe/target.js';
import { validatePath } from '../../path/validate.js';
import type { PathVerdict } from '../../path/verification.js';
import type { Expect, TargetEntry } from '../../preflight/config-schema.js';
import { fitsPattern } from '../../preflight/deviation.js';
import type { EndpointFacts, NegativeHandshake } from '../../preflight/endpoint-facts.js';
import { parseDuration } from '../../time-text.js';
import { CIPHER_SUITES, cipherSuiteName } from '../../tls/cipher-suites.js';
import { SIGNATURE_SCHEMES } from '../../tls/signature-schemes.js';
import { TLS_10, TLS_12, TLS_13, versionName } from '../../tls/versions.js';
import type { Certificate } from '../../x509/certificate.js';
import { parseCertificate } from '../../x509/parse-certificate.js';
import { hostReference, type ReferenceIdentifier } from '../../x509/server-identity.js';
import type { MaterialReader, TargetMaterial } from './material.js';
import { negativeClients } from './negative-clients.js';

/** Addresses that `sameOnAllAddresses` looks at, at most. */
const MAX_ADDRESSES = 64;
const MAX_CACHED = 20_000;

/** Endpoints of one fleet send the same intermediates over and over: a certificate is parsed once by its bytes. */
const PARSED = new Map<string, Certificate>();

export interface EndpointContext {
  reader: MaterialReader;
  signal?: AbortSignal;
}

/**
 * Makes the handshakes that the expectations of an endpoint need, and no others: one for most, more only for what is asked.
 * @throws TlsmedicError for files of the target that cannot be used, or an address that is none
 */
export async function observeEndpoint(entry: TargetEntry, context: EndpointContext): Promise<EndpointFacts> {
  const { reader, signal } = context;
  const expect = entry.expect ?? {};
  const target = parseTarget(entry.endpoint ?? '');
  const material = await reader.materialOf(entry);
  const started = performance.now();
  const to = entry.connect === undefined ? target : parseTarget(entry.connect);
  const timeoutMs = (parseDuration(entry.timeout ?? '') ?? 5) * 1000;
  const resolution = await resolve(to.host, timeoutMs);
  const addresses = resolution.status === 'completed' ? resolution.value.addresses : [];
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
    ...(servername === undefined ? {} : { servername }),
    ...(entry.alpn === undefined ? {} : { limits: { alpn: entry.alpn } }),
    ...((entry.starttls ?? target.starttls) === undefined ? {} : { starttls: entry.starttls ?? target.starttls }),
    ...(signal === undefined ? {} : { signal }),
  };
  const httpPath = target.httpPath ?? (expect.maxClockOffset === undefined ? undefined : '/');
  const http = httpPath === undefined ? {} : { http: { path: httpPath, host: hostHeader(target) } };
  const records: HandshakeRecord[] = [];
  const make = async (change: Partial<HandshakeRequest>): Promise<HandshakeRecord> => {
    const record = await handshake({ ...base, ...change, id: records.length });
    records.push(record);
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
    target: entry,
    expect,
    main,
    certificates,
    store: material.store,
    addresses: [],
    negatives: [],
    older: [],
    forbidden: { suites: [], offers: [] },
    ...(verdict === undefined ? {} : { verdict }),
  };
  if (expect.maxClockOffset !== undefined) facts.clock = clockOf(main);
  if (expect.servedCertificate !== undefined) facts.expected = await expectedCertificate(expect.servedCertificate, reader);
  if (!reached) return facts;
  if (expect.sameOnAllAddresses === true) {
    const { address } = main.sent;
    const others = addresses.filter((one) => one !== address).slice(0, MAX_ADDRESSES);
    facts.addresses = [
      main,
      ...(await Promise.all(others.map((one) => make({ address: one, experiment: 'address', why: `a look at ${one}`, ...client })))),
    ];
  }
  const at = { address: main.sent.address };
  facts.negatives = await Promise.all(
    negativeClients(entry, material, reader, main, now).map(
      async ({ label, experiment, identity, credential }): Promise<NegativeHandshake> => {
        const change = {
          ...at,
          experiment,
          why: `with ${label}`,
          clientIdentity: identity,
          ...(credential === undefined ? {} : { client: credential }),
        };
        const quiet = await make({ ...change, ...(target.httpPath === undefined ? {} : http) });
        return { label, record: await decided(quiet, () => make({ ...change, http: { path: '/', host: hostHeader(target) } }), entry) };
      },
    ),
  );
  facts.older = await Promise.all(
    olderVersions(expect).map((maxVersion) =>
      make({
        ...at,
        experiment: 'older',
        why: `offering nothing above ${maxVersion}`,
        limits: { ...base.limits, minVersion: 'TLSv1', maxVersion },
        ...client,
      }),
    ),
  );
  if (expect.forbidCiphers !== undefined) facts.forbidden = await offerForbidden(expect.forbidCiphers, { ...base, ...at }, timeoutMs);
  return facts;
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

function olderVersions(expect: Expect): TlsVersion[] {
  switch (expect.minVersion) {
    case '1.3':
      return ['TLSv1.2'];
    case '1.2':
      return ['TLSv1.1'];
    case '1.1':
      return ['TLSv1'];
    default:
      return [];
  }
}

/** More suites than this in one hello break some servers. */
const SUITES_AT_ONCE = 80;

/**
 * Offers nothing but the forbidden suites, by hand-made ClientHellos: what OpenSSL no longer speaks (RC4, export, 3DES) is what most lists
 * forbid. Suites of TLS 1.3 have names of their own; the older ones are offered in TLS 1.2 and, for servers that know nothing newer, in TLS 1.0.
 */
async function offerForbidden(
  patterns: readonly string[],
  target: HandshakeRequest,
  timeoutMs: number,
): Promise<EndpointFacts['forbidden']> {
  const fits = (name: string) => patterns.some((pattern) => fitsPattern(name.toUpperCase(), pattern.toUpperCase()));
  const suites = CIPHER_SUITES.filter(({ name, openssl }) => !name.endsWith('_SCSV') && (fits(name) || fits(openssl)));
  const modern = suites.filter(({ keyExchange }) => keyExchange === 'any').map(({ id }) => id);
  const older = suites.filter(({ keyExchange }) => keyExchange !== 'any').map(({ id }) => id);
  const offers: EndpointFacts['forbidden']['offers'][number][] = [];
  for (const [version, ids] of [
    [TLS_13, modern],
    [TLS_12, older],
    [TLS_10, older],
  ] as const) {
    for (let at = 0; at < ids.length; at += SUITES_AT_ONCE) {
      const cipherSuites = ids.slice(at, at + SUITES_AT_ONCE);
      const answer = await exchangeHello(
        target,
        { version, cipherSuites, groups: COMMON_GROUPS, signatureSchemes: SIGNATURE_SCHEMES, keyShare: true },
        timeoutMs,
      );
      const picked =
        answer.kind === 'hello' && cipherSuites.includes(answer.hello.cipherSuite) ? cipherSuiteName(answer.hello.cipherSuite) : undefined;
      const instead = answer.kind === 'alert' ? `alert ${answer.number} ${answer.name}` : answer.kind;
      const answered = answer.kind === 'hello' || answer.kind === 'alert' || answer.kind === 'closed';
      offers.push({
        version: versionName(version),
        suites: cipherSuites.length,
        answered,
        ...(picked === undefined ? { instead } : { taken: picked }),
      });
    }
  }
  return { suites: suites.map(({ name }) => name), offers };
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
    const [first] = await reader.certificates(file);
    return first === undefined ? { label: file, problem: 'it holds no certificate' } : { label: file, certificate: first.certificate };
  } catch (error) {
    if (!(error instanceof TlsmedicError)) throw error;
    return { label: file, problem: error.message };
  }
}
