import type { HandshakeLimits, HandshakeRecord, TlsVersion } from '../observe/observation.js';

/** What the versions, suites and extensions of several handshakes say together. */
export interface NegotiationEvidence {
  /** The caller's own limits led to a refusal before the server showed a certificate. */
  failed?: HandshakeRecord;
  /** Handshakes by experiment that got further than `failed`. */
  working: HandshakeRecord[];
  /** Versions that some handshake agreed on. */
  serverVersions: TlsVersion[];
  /** Versions that the caller's limits allow. */
  clientVersions: TlsVersion[];
  /** Versions that were tried alone and refused. */
  refusedVersions: TlsVersion[];
}

export const ALL_VERSIONS: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** What a node program offers without limits: TLS 1.2 and 1.3. */
export function versionsWithin(limits: HandshakeLimits): TlsVersion[] {
  const max = limits.maxVersion ?? 'TLSv1.3';
  const min = limits.minVersion ?? (ALL_VERSIONS.indexOf(max) < 2 ? 'TLSv1' : 'TLSv1.2');
  return ALL_VERSIONS.filter((_, index) => index >= ALL_VERSIONS.indexOf(min) && index <= ALL_VERSIONS.indexOf(max));
}

/** Whether a handshake got as far as agreeing on version and suite. */
export function gotServerHello(record: HandshakeRecord): boolean {
  return (
    record.secureConnect ||
    record.chain.length > 0 ||
    record.certificateRequest !== undefined ||
    (record.negotiated !== undefined && record.negotiated.cipher !== '')
  );
}

/** The server answered with a version that was not offered: some stacks go on and send a certificate that will never be used. */
export function unofferedVersion(record: HandshakeRecord): boolean {
  const version = record.negotiated?.version;
  return (
    !record.secureConnect && version !== undefined && version !== '' && !versionsWithin(record.sent.limits).some((one) => one === version)
  );
}

/** Whether a handshake failed before the server had shown what it is. */
export function failedEarly(record: HandshakeRecord): boolean {
  if (unofferedVersion(record)) return true;
  return (
    !record.secureConnect &&
    record.chain.length === 0 &&
    (record.outcome === 'rejected' || record.outcome === 'broken-off-here' || record.outcome === 'closed')
  );
}

export function readNegotiation(
  handshakes: readonly HandshakeRecord[],
  look: HandshakeRecord | undefined,
  limits: HandshakeLimits,
): NegotiationEvidence {
  const failed = look !== undefined && failedEarly(look) ? look : undefined;
  const versions = new Set<TlsVersion>();
  const working: HandshakeRecord[] = [];
  const refused = new Set<TlsVersion>();
  for (const record of handshakes) {
    if (look !== undefined && record.sent.address !== look.sent.address) continue;
    const reached = record.secureConnect || (record.chain.length > 0 && !unofferedVersion(record));
    const version = record.negotiated?.version as TlsVersion | undefined;
    if (version !== undefined && ALL_VERSIONS.includes(version)) versions.add(version);
    if (reached) working.push(record);
    else if (record.outcome === 'rejected' || record.outcome === 'closed') {
      const offered = versionsWithin(record.sent.limits);
      const [only] = offered;
      if (offered.length === 1 && only !== undefined) refused.add(only);
    }
  }
  return {
    ...(failed && { failed }),
    working,
    serverVersions: ALL_VERSIONS.filter((version) => versions.has(version)),
    clientVersions: versionsWithin(limits),
    refusedVersions: ALL_VERSIONS.filter((version) => refused.has(version) && !versions.has(version)),
  };
}
