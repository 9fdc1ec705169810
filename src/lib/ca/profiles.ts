import {
  basicConstraints,
  type ExtendedKeyUsageName,
  type ExtensionToWrite,
  extendedKeyUsage,
  type KeyUsageName,
  keyUsage,
  ocspNoCheck,
} from './extensions.js';

/** What a certificate is for. `peer` is both ends of mutual TLS. */
export const LEAF_PROFILES = ['server', 'client', 'peer', 'ocsp-responder'] as const;
export type LeafProfile = (typeof LEAF_PROFILES)[number];

interface Profile {
  keyUsage: readonly KeyUsageName[];
  /** RSA servers of TLS 1.2 may be asked to decrypt the premaster secret (RFC 5280 §4.2.1.3). */
  rsaKeyUsage: readonly KeyUsageName[];
  extendedKeyUsage: readonly ExtendedKeyUsageName[];
}

const PROFILES: Record<LeafProfile, Profile> = {
  server: { keyUsage: ['digitalSignature'], rsaKeyUsage: ['digitalSignature', 'keyEncipherment'], extendedKeyUsage: ['serverAuth'] },
  client: { keyUsage: ['digitalSignature'], rsaKeyUsage: ['digitalSignature'], extendedKeyUsage: ['clientAuth'] },
  peer: {
    keyUsage: ['digitalSignature'],
    rsaKeyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['serverAuth', 'clientAuth'],
  },
  'ocsp-responder': { keyUsage: ['digitalSignature'], rsaKeyUsage: ['digitalSignature'], extendedKeyUsage: ['ocspSigning'] },
};

/** Extended key usages of a profile, by name. */
export function profileUsages(profile: LeafProfile): readonly ExtendedKeyUsageName[] {
  return PROFILES[profile].extendedKeyUsage;
}

const cached = new Map<string, readonly ExtensionToWrite[]>();

/** basicConstraints, keyUsage and extendedKeyUsage of an end entity certificate. */
export function profileExtensions(profile: LeafProfile, rsa: boolean): readonly ExtensionToWrite[] {
  const key = `${profile} ${rsa}`;
  const known = cached.get(key);
  if (known !== undefined) return known;
  const made = [
    basicConstraints(false),
    keyUsage(rsa ? PROFILES[profile].rsaKeyUsage : PROFILES[profile].keyUsage),
    extendedKeyUsage(PROFILES[profile].extendedKeyUsage),
    ...(profile === 'ocsp-responder' ? [ocspNoCheck()] : []),
  ];
  cached.set(key, made);
  return made;
}

/** basicConstraints and keyUsage of a certificate authority. */
export function authorityExtensions(pathLength: number | undefined): readonly ExtensionToWrite[] {
  return [basicConstraints(true, pathLength), keyUsage(['keyCertSign', 'cRLSign'])];
}
