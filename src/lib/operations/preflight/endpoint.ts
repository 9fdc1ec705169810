import { isIP } from 'node:net';
import { getCiphers } from 'node:tls';
import { TlsmedicError } from '../../errors.js';
import { readReception } from '../../evidence/reception.js';
import { localNow } from '../../io/local-clock.js';
import { offsetOfHttpDate } from '../../io/time-source.js';
import { handshake } from '../../observe/handshake.js';
import type { HandshakeRequest } from '../../observe/handshake-request.js';
import type { HandshakeRecord, TlsVersion } from '../../observe/observation.js';
import { resolve } from '../../observe/resolve.js';
import { parseTarget, type Target } from '../../observe/target.js';
import { validatePath } from '../../path/validate.js';
import type { PathVerdict } from '../../path/verification.js';
import type { Expect, TargetEntry } from '../../preflight/config-schema.js';
import { fitsPattern } from '../../preflight/deviation.js';
import type { EndpointFacts, NegativeHandshake } from '../../preflight/endpoint-facts.js';
import { parseDuration } from '../../time-text.js';
import { CIPHER_SUITES } from '../../tls/cipher-suites.js';
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
    forbidden: { records: [], suites: [], notOffered: [] },
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
  if (expect.forbidCiphers !== undefined)
    facts.forbidden = await offerForbidden(expect.forbidCiphers, (limits, why) =>
      make({ ...at, experiment: 'forbidden', why, limits: { ...base.limits, ...limits }, ...client }),
    );
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

/** Offers nothing but the forbidden suites: those of TLS 1.3 in one handshake, the older ones in another. */
async function offerForbidden(
  patterns: readonly string[],
  make: (limits: HandshakeRequest['limits'], why: string) => Promise<HandshakeRecord>,
): Promise<EndpointFacts['forbidden']> {
  const available = new Set(getCiphers());
  const fits = (name: string) => patterns.some((pattern) => fitsPattern(name.toUpperCase(), pattern.toUpperCase()));
  const forbidden = CIPHER_SUITES.filter(({ name, openssl }) => fits(name) || fits(openssl));
  const offered = forbidden.filter(({ openssl }) => available.has(openssl.toLowerCase()));
  const notOffered = forbidden.filter((suite) => !offered.includes(suite)).map(({ openssl }) => openssl);
  const modern = offered.filter(({ keyExchange }) => keyExchange === 'any').map(({ name }) => name);
  const older = offered.filter(({ keyExchange }) => keyExchange !== 'any').map(({ openssl }) => openssl);
  const records: HandshakeRecord[] = [];
  if (modern.length > 0)
    records.push(
      await make({ ciphers: modern.join(':'), minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }, 'offering forbidden suites of TLS 1.3 only'),
    );
  if (older.length > 0)
    records.push(
      await make(
        { ciphers: `${older.join(':')}:@SECLEVEL=0`, minVersion: 'TLSv1', maxVersion: 'TLSv1.2' },
        'offering forbidden suites of TLS 1.2 and older only',
      ),
    );
  return { records, suites: offered.map(({ name }) => name), notOffered };
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
