import { type KeyObject, randomBytes } from 'node:crypto';
import { bitString, contextConstructed, integer, integerFromBytes, sequence, x509Time } from './der-writer.js';
import { type ExtensionToWrite, extensionDer } from './extensions.js';
import { defaultSignatureAlgorithm, type SignatureAlgorithmName, signatureIdentifier, signBytes } from './signature.js';

/** Everything a certificate says (TBSCertificate, RFC 5280 §4.1.2), written as given: nothing is added, nothing is refused. */
export interface CertificateFields {
  /** Unsigned big-endian. */
  serial: Uint8Array;
  /** Name DER. */
  issuer: Uint8Array;
  subject: Uint8Array;
  /** Milliseconds since 1970; written to the second. */
  notBefore: number;
  notAfter: number;
  /** SubjectPublicKeyInfo DER. */
  spki: Uint8Array;
  extensions: readonly ExtensionToWrite[];
  /** 1, 2 or 3 (default); the extensions are left out of versions 1 and 2. */
  version?: 1 | 2 | 3;
  /** Default: what the issuer's key calls for. */
  signatureAlgorithm?: SignatureAlgorithmName;
  /** The copy outside the signed part, when it is to differ. */
  outerSignatureAlgorithm?: SignatureAlgorithmName;
  /** Already encoded Validity, in place of the two times. */
  validityDer?: Uint8Array;
}

/** How a signed certificate is spoilt afterwards. */
export interface SigningFaults {
  /** One bit near the end of the signature is turned over: it stays well-formed and never verifies. */
  breakSignature?: boolean;
}

/** Signs a certificate with the issuer's key. Returns DER. The lab makes any odd certificate with it. */
export function signCertificate(fields: CertificateFields, issuerKey: KeyObject, faults: SigningFaults = {}): Uint8Array {
  const algorithm = fields.signatureAlgorithm ?? defaultSignatureAlgorithm(issuerKey);
  const version = fields.version ?? 3;
  const parts: Uint8Array[] = [];
  if (version !== 1) parts.push(contextConstructed(0, integer(version - 1)));
  parts.push(
    integerFromBytes(fields.serial),
    signatureIdentifier(algorithm),
    fields.issuer,
    fields.validityDer ?? sequence(x509Time(fields.notBefore), x509Time(fields.notAfter)),
    fields.subject,
    fields.spki,
  );
  if (version === 3 && fields.extensions.length > 0) parts.push(contextConstructed(3, sequence(...fields.extensions.map(extensionDer))));
  return signed(sequence(...parts), issuerKey, algorithm, fields.outerSignatureAlgorithm ?? algorithm, faults);
}

/** SIGNED{}: the signed part, the algorithm, the signature. Certificates, CRLs and requests share it. */
export function signed(
  tbs: Uint8Array,
  key: KeyObject,
  algorithm: SignatureAlgorithmName,
  outerAlgorithm: SignatureAlgorithmName = algorithm,
  faults: SigningFaults = {},
): Uint8Array {
  const signature = signBytes(tbs, key, algorithm);
  if (faults.breakSignature) signature[signature.length - 1] = (signature[signature.length - 1] as number) ^ 1;
  return sequence(tbs, signatureIdentifier(outerAlgorithm), bitString(signature));
}

/** Source of random octets; tests give their own. */
export type RandomSource = (octets: number) => Uint8Array;

/**
 * A serial number of 16 octets with 126 random bits: positive, of constant length, far above the 64 bits that RFC 5280 practice asks for.
 */
export function randomSerial(random: RandomSource = randomBytes): Uint8Array {
  const serial = Uint8Array.from(random(16));
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40;
  return serial;
}
