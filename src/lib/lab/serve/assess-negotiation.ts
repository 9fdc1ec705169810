import type { Cause, EvidenceItem } from '../../cause.js';
import { cipherSuiteOf } from '../../tls/cipher-suites.js';
import { groupName } from '../../tls/groups.js';
import type { ClientHello } from '../../tls/transcript.js';
import { isGrease, TLS_12, TLS_13, versionName } from '../../tls/versions.js';
import { make } from './assess-client.js';

/** The server's side of the negotiation. */
export interface ServerLimits {
  /** Wire numbers. */
  minVersion: number;
  maxVersion: number;
  ciphers: string | undefined;
  groups: string | undefined;
  signatureAlgorithms: string | undefined;
  alpn: readonly string[];
  /** Key type of the certificate served: `ec`, `rsa`, `ed25519`... */
  keyType: string;
}

/** Why no common ground was found, from what the client offered, what this server allows, and OpenSSL's error code. Undefined for another failure. */
export function assessNegotiation(hello: ClientHello, limits: ServerLimits, errorCode: string): Cause | undefined {
  if (/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|NO_PROTOCOLS_AVAILABLE|WRONG_VERSION|PROTOCOL_VERSION/.test(errorCode))
    return versions(hello, limits);
  if (/NO_SHARED_CIPHER|NO_CIPHERS_SPECIFIED/.test(errorCode)) return versions(hello, limits) ?? suites(hello, limits);
  if (/NO_SHARED_GROUP|NO_SUITABLE_GROUPS|NO_SUITABLE_KEY_SHARE|MISSING_SUPPORTED_GROUPS/.test(errorCode)) return groups(hello, limits);
  if (/NO_SHARED_SIGNATURE|NO_SUITABLE_SIGNATURE/.test(errorCode)) return signatures(hello, limits);
  if (/NO_APPLICATION_PROTOCOL/.test(errorCode)) return alpn(hello, limits);
  return undefined;
}

function versions(hello: ClientHello, { minVersion, maxVersion }: ServerLimits): Cause | undefined {
  const offered = hello.versions.filter((version) => !isGrease(version)).sort((a, b) => a - b);
  if (offered.some((version) => version >= minVersion && version <= maxVersion)) return undefined;
  const highest = offered.at(-1) ?? 0;
  const lowest = offered[0] ?? 0;
  const own = minVersion === maxVersion ? `${versionName(minVersion)} only` : `${versionName(minVersion)} to ${versionName(maxVersion)}`;
  const evidence: EvidenceItem[] = [
    { fact: 'offered', value: offered.map(versionName).join(', '), source: 'ClientHello' },
    { fact: 'allowed', value: own, source: '--min-version, --max-version' },
  ];
  if (highest < minVersion) {
    const fixes = [
      { title: `let the client offer ${versionName(minVersion)}` },
      { title: 'to look at the old client all the same', command: 'tlsmedic serve --min-version 1.0' },
    ];
    return make('version-mismatch', 'client', `the client speaks at most ${versionName(highest)}, this server ${own}`, evidence, { fixes });
  }
  const fixes = [{ title: `let this server speak ${versionName(lowest)}`, command: 'tlsmedic serve --max-version 1.3' }];
  return make('version-mismatch', 'server', `the client wants at least ${versionName(lowest)}, this server speaks ${own}`, evidence, {
    fixes,
  });
}

function suites(hello: ClientHello, limits: ServerLimits): Cause {
  const offered = hello.cipherSuites.filter((suite) => !isGrease(suite));
  const evidence: EvidenceItem[] = [
    {
      fact: 'offered',
      value: offered.map((suite) => cipherSuiteOf(suite)?.openssl ?? `0x${suite.toString(16)}`).join(' '),
      source: 'ClientHello',
    },
    { fact: 'allowed', value: limits.ciphers ?? "OpenSSL's default", source: '--ciphers' },
    { fact: 'keyType', value: limits.keyType, source: 'certificate served' },
  ];
  const only13 = !offered.some((suite) => suite >> 8 !== 0x13 && suite !== 0x00ff && suite !== 0x5600);
  const wanted = limits.keyType === 'rsa' ? /RSA/ : /ECDSA/;
  const older = offered.filter((suite) => suite >> 8 !== 0x13);
  if (!only13 && limits.maxVersion <= TLS_12 && !older.some((suite) => wanted.test(cipherSuiteOf(suite)?.name ?? ''))) {
    const kind = limits.keyType === 'rsa' ? 'RSA' : 'ECDSA';
    return make('cipher-mismatch', 'client', `the client offers no suite for the ${kind} key of this server's certificate`, evidence);
  }
  return make(
    'cipher-mismatch',
    'client',
    `no cipher suite in common: the client offers ${offered.length}, none of which this server allows`,
    evidence,
  );
}

function groups(hello: ClientHello, limits: ServerLimits): Cause {
  const offered = hello.groups.filter((group) => !isGrease(group)).map(groupName);
  return make('cipher-mismatch', 'client', `no key exchange group in common: the client offers ${offered.join(', ') || 'none'}`, [
    { fact: 'offered', value: offered.join(' '), source: 'ClientHello' },
    { fact: 'allowed', value: limits.groups ?? "OpenSSL's default", source: '--groups' },
  ]);
}

function signatures(hello: ClientHello, limits: ServerLimits): Cause {
  return make('cipher-mismatch', 'client', `the client accepts no signature that the ${limits.keyType} key of this server can make`, [
    { fact: 'offered', value: hello.signatureSchemes.length, source: 'signature_algorithms of the ClientHello' },
    { fact: 'keyType', value: limits.keyType, source: 'certificate served' },
    { fact: 'allowed', value: limits.signatureAlgorithms ?? "OpenSSL's default", source: '--sigalgs' },
  ]);
}

function alpn(hello: ClientHello, limits: ServerLimits): Cause {
  return make('alpn-mismatch', 'client', `the client speaks ${hello.alpn.join(', ')}, this server ${limits.alpn.join(', ')}`, [
    { fact: 'offered', value: hello.alpn.join(' '), source: 'ClientHello' },
    { fact: 'allowed', value: limits.alpn.join(' '), source: '--alpn' },
  ]);
}

/** Wire number of `1.2` and the like. */
export function versionNumber(text: '1.0' | '1.1' | '1.2' | '1.3'): number {
  return text === '1.3' ? TLS_13 : text === '1.2' ? TLS_12 : text === '1.1' ? 0x0302 : 0x0301;
}
