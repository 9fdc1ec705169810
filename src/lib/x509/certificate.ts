import type { GeneralName } from './general-name.js';
import type { Name } from './name.js';

/** A defect of the encoding, with the place of the first wrong byte. Reading goes on as far as it can. */
export interface EncodingProblem {
  /** Byte offset from the start of the certificate's DER. */
  offset: number;
  /**
   * `fatal` means that the part could not be read; `strict` breaks DER or RFC 5280 but reads unambiguously; `notice` breaks a duty that
   * RFC 5280 gives to certification authorities only and that every verifier accepts.
   */
  severity: 'notice' | 'strict' | 'fatal';
  message: string;
  /** What sort of defect it is, where readers in use differ about it. Absent: they agree. */
  defect?: EncodingDefect;
}

/** Sorts of defects that some readers read past and others refuse. */
export type EncodingDefect =
  /** BER that is not DER, but unambiguous: indefinite and long lengths, BOOLEANs other than 0xff. */
  | 'ber'
  /** A default value that is written out. */
  | 'default'
  /** Name constraints that constrain nothing. */
  | 'no-constraints'
  /** Octets after the value of an extension. */
  | 'after-extension'
  | 'after-certificate'
  /** Fields of the signed part that nobody defined. */
  | 'after-fields'
  /** A list that has to have an entry. */
  | 'empty-list'
  /** Octets that the type of the string does not have. */
  | 'character'
  /** A version that does not exist, or fields of a later one. */
  | 'version'
  | 'listed-twice'
  /** A negative or very long number in the policy extensions or the path length. */
  | 'range'
  | 'address-length'
  | 'time-without-seconds'
  /** GeneralizedTime where RFC 5280 wants UTCTime. */
  | 'time-choice'
  /** Parameters of an algorithm that are not as its standard says. */
  | 'parameters'
  /** A public key that is none of its type. */
  | 'key';

/** AlgorithmIdentifier (RFC 5280 §4.1.1.2). */
export interface AlgorithmIdentifier {
  oid: string;
  /** The usual name, `ecdsa-with-SHA256`, or the OID when it has none. */
  name: string;
  /** DER of the parameters, absent when the field is absent. */
  parameters?: Uint8Array;
  /** The digest it uses, `sha256`, when it names one. */
  hash?: string;
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
export interface PublicKeyInfo {
  algorithm: AlgorithmIdentifier;
  type: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | 'ed448' | 'x25519' | 'x448' | 'dsa' | 'ml-dsa' | 'unknown';
  /** Modulus or field size, 0 when unknown. */
  bits: number;
  /** Named curve by its usual name, `P-256`. */
  curve?: string;
  rsaExponent?: bigint;
  /** The whole SubjectPublicKeyInfo. */
  spki: Uint8Array;
  /** The key bits alone, as key identifiers hash them. */
  keyBits: Uint8Array;
}

export interface Extension {
  oid: string;
  critical: boolean;
  /** Contents of the extnValue OCTET STRING. */
  value: Uint8Array;
  /** Offset of `value` in the certificate's DER. */
  offset: number;
}

export interface BasicConstraints {
  ca: boolean;
  pathLength?: number;
}

/** Bit names of RFC 5280 §4.2.1.3. */
export type KeyUsageBit =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly';

export interface AuthorityKeyIdentifier {
  keyIdentifier?: Uint8Array;
  issuer?: GeneralName[];
  serial?: string;
}

export interface GeneralSubtree {
  base: GeneralName;
  minimum: number;
  maximum?: number;
}
export interface NameConstraints {
  permitted: GeneralSubtree[];
  excluded: GeneralSubtree[];
}

export interface CertificatePolicy {
  oid: string;
  cps: string[];
  notices: string[];
  /** Types of qualifiers other than the two of RFC 5280: a reader has to refuse them where the extension is critical (§4.2.1.4). */
  unknownQualifiers?: string[];
}
export interface PolicyMapping {
  issuerDomain: string;
  subjectDomain: string;
}
export interface PolicyConstraints {
  requireExplicitPolicy?: number;
  inhibitPolicyMapping?: number;
}

export interface DistributionPoint {
  fullName?: GeneralName[];
  relativeName?: Uint8Array;
  /** Reason flags, absent for all. */
  reasons?: string[];
  crlIssuer?: GeneralName[];
}

export interface AuthorityInformationAccess {
  ocsp: string[];
  caIssuers: string[];
}

/**
 * A certificate as our own tolerant reader sees it. Nothing here throws: what could not be read is absent and stands in `problems`.
 * Decoded extensions are computed on first use and kept. All byte arrays are views into `der`.
 */
export interface Certificate {
  readonly der: Uint8Array;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** 1, 2 or 3; 0 when unreadable. */
  readonly version: number;
  /** Lower-case hex of the INTEGER's contents without a leading sign byte of zero; empty when unreadable. */
  readonly serial: string;
  readonly serialNegative: boolean;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The copy inside the signed part; RFC 5280 §4.1.1.2 wants both alike. */
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly subject: Name;
  /** Milliseconds since 1970 UTC, NaN when unreadable. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKeyInfo;
  readonly extensions: readonly Extension[];
  /** The signed part, tag and length included. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  readonly problems: readonly EncodingProblem[];

  /** Undefined when the extension is absent; an empty list when present but unreadable or empty (then see `problems`). */
  readonly subjectAltName: readonly GeneralName[] | undefined;
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: readonly KeyUsageBit[] | undefined;
  /** OIDs. */
  readonly extKeyUsage: readonly string[] | undefined;
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  readonly policies: readonly CertificatePolicy[] | undefined;
  readonly policyMappings: readonly PolicyMapping[] | undefined;
  readonly policyConstraints: PolicyConstraints | undefined;
  readonly inhibitAnyPolicy: number | undefined;
  readonly crlDistributionPoints: readonly DistributionPoint[] | undefined;
  readonly freshestCrl: readonly DistributionPoint[] | undefined;
  readonly authorityInfoAccess: AuthorityInformationAccess | undefined;
  /** id-pe-tlsfeature holds status_request(5): the server must staple (RFC 7633). */
  readonly mustStaple: boolean;
  /** Issuer and subject names match (RFC 5280 §7.1). */
  readonly selfIssued: boolean;
}
