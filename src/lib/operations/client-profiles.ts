import type { HandshakeLimits } from '../observe/observation.js';

/**
 * What other clients offer, as limits for a real handshake: "would a Java 8 client get through?". Versions, suites, groups and signature
 * algorithms are those that the runtimes have on by default; what this node cannot offer itself (RC4, 3DES) is left out and said.
 */
export interface ClientProfile {
  name: string;
  title: string;
  limits: HandshakeLimits;
  /** What the imitation cannot show. */
  differs?: string;
}

const ECDHE_GCM = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
];
const ECDHE_CHACHA = ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'];
const DHE_GCM = ['DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES128-GCM-SHA256'];
const RSA_GCM = ['AES256-GCM-SHA384', 'AES128-GCM-SHA256'];
const ECDHE_CBC = [
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
];
const RSA_CBC = ['AES256-SHA256', 'AES128-SHA256', 'AES256-SHA', 'AES128-SHA'];
const TLS13 = ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'];
/** SHA-1 signatures and TLS below 1.2 need OpenSSL's security level 0. */
const OLD = '@SECLEVEL=0';

const SIGALGS_OLD = 'ECDSA+SHA512:RSA+SHA512:ECDSA+SHA384:RSA+SHA384:ECDSA+SHA256:RSA+SHA256:ECDSA+SHA224:RSA+SHA224:ECDSA+SHA1:RSA+SHA1';
const SIGALGS_PSS = `ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA1:RSA+SHA1`;

function suites(...lists: readonly (readonly string[])[]): string {
  return lists.flat().join(':');
}

export const CLIENT_PROFILES: readonly ClientProfile[] = [
  {
    name: 'java7',
    title: 'Java 7 (clients speak TLS 1.0 only by default)',
    limits: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: suites(ECDHE_CBC, RSA_CBC, [OLD]), groups: 'P-256:P-384:P-521' },
    differs: 'its RC4 and 3DES suites are not offered',
  },
  {
    name: 'java8',
    title: 'Java 8 before update 261 (no TLS 1.3, no X25519, no ChaCha20)',
    limits: {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.2',
      ciphers: suites(ECDHE_CBC, RSA_CBC, ECDHE_GCM, RSA_GCM, DHE_GCM, [OLD]),
      groups: 'P-256:P-384:P-521',
      signatureAlgorithms: SIGALGS_OLD,
    },
    differs: 'its 3DES suites are not offered',
  },
  {
    name: 'java11',
    title: 'Java 11 (TLS 1.2 and 1.3, no X25519 before update 12)',
    limits: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: suites(TLS13.slice(0, 2), ECDHE_GCM, DHE_GCM, RSA_GCM, ECDHE_CBC, RSA_CBC),
      groups: 'P-256:P-384:P-521',
      signatureAlgorithms: SIGALGS_PSS,
    },
  },
  {
    name: 'java17',
    title: 'Java 17 (TLS 1.2 and 1.3)',
    limits: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: suites(TLS13, ECDHE_GCM, ECDHE_CHACHA, DHE_GCM, ECDHE_CBC, RSA_GCM, RSA_CBC),
      groups: 'X25519:P-256:P-384:P-521',
      signatureAlgorithms: SIGALGS_PSS,
    },
  },
  {
    name: 'openssl1.0',
    title: 'OpenSSL 1.0.2 (Python 2.7, old curl, RHEL 7): no TLS 1.3, no X25519, no ChaCha20',
    limits: {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.2',
      ciphers: suites(ECDHE_GCM, ECDHE_CBC, DHE_GCM, RSA_GCM, RSA_CBC, [OLD]),
      groups: 'P-256:P-384:P-521',
      signatureAlgorithms: SIGALGS_OLD,
    },
  },
  {
    name: 'openssl1.1',
    title: 'OpenSSL 1.1.1 (Node.js 12 to 16, Python 3.7 to 3.9, Debian 10 and 11)',
    limits: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: suites(TLS13, ECDHE_GCM, ECDHE_CHACHA, DHE_GCM, ECDHE_CBC, RSA_GCM, RSA_CBC),
      groups: 'X25519:P-256:X448:P-521:P-384',
    },
  },
  {
    name: 'openssl3',
    title: 'OpenSSL 3 at security level 2 (Debian 12, Ubuntu 22.04, RHEL 9)',
    limits: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ciphers: 'DEFAULT@SECLEVEL=2', groups: 'X25519:P-256:X448:P-521:P-384' },
  },
  {
    name: 'node18',
    title: 'Node.js 18 and 20',
    limits: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: suites(TLS13, ECDHE_GCM, ECDHE_CHACHA, DHE_GCM, ['ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA384'], RSA_GCM, RSA_CBC),
    },
  },
  {
    name: 'go1.22',
    title: 'Go 1.22 and later (no RSA key exchange, no CBC with SHA-2)',
    limits: {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: suites(TLS13, ECDHE_GCM, ECDHE_CHACHA, [
        'ECDHE-ECDSA-AES256-SHA',
        'ECDHE-RSA-AES256-SHA',
        'ECDHE-ECDSA-AES128-SHA',
        'ECDHE-RSA-AES128-SHA',
      ]),
      groups: 'X25519:P-256:P-384:P-521',
    },
  },
  {
    name: 'go1.17',
    title: 'Go 1.17 (TLS 1.0 and up as a client)',
    limits: {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.3',
      ciphers: suites(
        TLS13,
        ECDHE_GCM,
        ECDHE_CHACHA,
        ['ECDHE-ECDSA-AES256-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA'],
        RSA_GCM,
        ['AES256-SHA', 'AES128-SHA'],
        [OLD],
      ),
      groups: 'X25519:P-256:P-384:P-521',
    },
  },
  {
    name: 'rustls',
    title: 'rustls (no CBC, no RSA key exchange, no finite-field Diffie-Hellman)',
    limits: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ciphers: suites(TLS13, ECDHE_GCM, ECDHE_CHACHA), groups: 'X25519:P-256:P-384' },
  },
  {
    name: 'dotnet-framework-4.6',
    title: '.NET Framework 4.6 on Windows Server 2012 R2 (TLS 1.0 to 1.2)',
    limits: {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.2',
      ciphers: suites(ECDHE_CBC, ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'], DHE_GCM, RSA_GCM, RSA_CBC, [OLD]),
      groups: 'P-256:P-384',
      signatureAlgorithms: SIGALGS_OLD,
    },
    differs: 'its 3DES suites are not offered',
  },
];

export function clientProfile(name: string): ClientProfile | undefined {
  return CLIENT_PROFILES.find((profile) => profile.name === name);
}
