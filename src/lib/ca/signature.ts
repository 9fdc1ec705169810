import { constants, type KeyObject, sign } from 'node:crypto';
import { contextConstructed, integer, nullValue, oid, sequence } from './der-writer.js';

interface SignatureAlgorithm {
  /** AlgorithmIdentifier DER. */
  identifier: Uint8Array;
  /** Digest for node:crypto; undefined where the algorithm brings its own. */
  hash: string | undefined;
  pss?: { saltLength: number };
}

const ecdsa = (arc: string, hash: string): SignatureAlgorithm => ({ identifier: sequence(oid(arc)), hash });
const rsa = (arc: string, hash: string): SignatureAlgorithm => ({ identifier: sequence(oid(arc), nullValue()), hash });

/** RSASSA-PSS with MGF1 over the same hash (RFC 4055 §3.1). */
function rsaPss(hashOid: string, hash: string, saltLength: number): SignatureAlgorithm {
  const digest = sequence(oid(hashOid), nullValue());
  const parameters = sequence(
    contextConstructed(0, digest),
    contextConstructed(1, sequence(oid('1.2.840.113549.1.1.8'), digest)),
    contextConstructed(2, integer(saltLength)),
  );
  return { identifier: sequence(oid('1.2.840.113549.1.1.10'), parameters), hash, pss: { saltLength } };
}

/** Signature algorithms by name; MD5 and SHA-1 are there to make certificates that must be refused. */
const ALGORITHMS = {
  'ecdsa-sha1': ecdsa('1.2.840.10045.4.1', 'sha1'),
  'ecdsa-sha256': ecdsa('1.2.840.10045.4.3.2', 'sha256'),
  'ecdsa-sha384': ecdsa('1.2.840.10045.4.3.3', 'sha384'),
  'ecdsa-sha512': ecdsa('1.2.840.10045.4.3.4', 'sha512'),
  'rsa-md5': rsa('1.2.840.113549.1.1.4', 'md5'),
  'rsa-sha1': rsa('1.2.840.113549.1.1.5', 'sha1'),
  'rsa-sha256': rsa('1.2.840.113549.1.1.11', 'sha256'),
  'rsa-sha384': rsa('1.2.840.113549.1.1.12', 'sha384'),
  'rsa-sha512': rsa('1.2.840.113549.1.1.13', 'sha512'),
  'rsa-pss-sha256': rsaPss('2.16.840.1.101.3.4.2.1', 'sha256', 32),
  'rsa-pss-sha384': rsaPss('2.16.840.1.101.3.4.2.2', 'sha384', 48),
  ed25519: { identifier: sequence(oid('1.3.101.112')), hash: undefined },
} as const satisfies Record<string, SignatureAlgorithm>;

export type SignatureAlgorithmName = keyof typeof ALGORITHMS;

/** AlgorithmIdentifier DER of a signature algorithm. */
export function signatureIdentifier(name: SignatureAlgorithmName): Uint8Array {
  return ALGORITHMS[name].identifier;
}

/** The algorithm an authority with this key signs with: the hash of the curve's strength, SHA-256 for RSA. */
export function defaultSignatureAlgorithm(key: KeyObject): SignatureAlgorithmName {
  switch (key.asymmetricKeyType) {
    case 'ec': {
      const curve = key.asymmetricKeyDetails?.namedCurve;
      return curve === 'secp384r1' ? 'ecdsa-sha384' : curve === 'secp521r1' ? 'ecdsa-sha512' : 'ecdsa-sha256';
    }
    case 'ed25519':
      return 'ed25519';
    case 'rsa-pss':
      return 'rsa-pss-sha256';
    default:
      return 'rsa-sha256';
  }
}

/** The SHA-1 signature this key can make; Ed25519 has none. */
export function sha1SignatureAlgorithm(key: KeyObject): SignatureAlgorithmName | undefined {
  return key.asymmetricKeyType === 'ec' ? 'ecdsa-sha1' : key.asymmetricKeyType === 'rsa' ? 'rsa-sha1' : undefined;
}

/** Signs bytes; the result is what goes into the signature BIT STRING. */
export function signBytes(bytes: Uint8Array, key: KeyObject, name: SignatureAlgorithmName): Uint8Array {
  const algorithm: SignatureAlgorithm = ALGORITHMS[name];
  if (algorithm.pss === undefined) return sign(algorithm.hash, bytes, key);
  return sign(algorithm.hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.pss.saltLength });
}
