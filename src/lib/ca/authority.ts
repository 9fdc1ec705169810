import { createHash, type KeyObject } from 'node:crypto';
import { TlsmedicError } from '../errors.js';
import { type RandomSource, randomSerial, signCertificate } from './certificate-writer.js';
import { type DistinguishedNameAttribute, distinguishedName } from './distinguished-name.js';
import { authorityKeyIdentifier, type ExtensionToWrite, nameConstraints, subjectAltNames, subjectKeyIdentifier } from './extensions.js';
import { generateKeyPair, type KeyPair, type KeyType, keyIdentifier } from './key-pair.js';
import type { NameConstraintSet } from './name-constraints.js';
import { pemEncode } from './pem-writer.js';
import { authorityExtensions } from './profiles.js';
import { spiffeId } from './subject-alt-name.js';

export const DAY_SECONDS = 86_400;
/** Ten years for the root, five for the intermediate: a development authority should not be what expires. */
export const DEFAULT_LIFETIMES = { rootSeconds: 3650 * DAY_SECONDS, intermediateSeconds: 1825 * DAY_SECONDS } as const;
/** NotBefore lies five minutes back, so that a peer whose clock is slow accepts a certificate that was made just now. */
export const BACKDATE_SECONDS = 300;

/** The public half of a certificate authority: what issuing under it needs to know. */
export interface AuthorityCertificate {
  der: Uint8Array;
  pem: string;
  /** Name DER. */
  subject: Uint8Array;
  /** First commonName. */
  commonName: string;
  keyIdentifier: Uint8Array;
  notBefore: number;
  notAfter: number;
  /** pathLenConstraint, undefined for none. */
  pathLength: number | undefined;
  /** Lower-case hex. */
  serial: string;
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string;
}

/** A certificate authority that can sign. */
export interface SigningAuthority extends AuthorityCertificate {
  key: KeyObject;
  /** SubjectPublicKeyInfo DER. */
  spki: Uint8Array;
}

/** What issuing needs: the root for the trust bundle (its key may be elsewhere) and an intermediate that can sign. */
export interface IssuingAuthority {
  root: AuthorityCertificate;
  intermediate: AuthorityCertificate & {
    key: KeyObject /** What a chain holds above the end entity, when that is more than this certificate: a bridge after a rotation. */;
    chainPem?: string;
  };
  /** Limits that both carry. */
  constraints: NameConstraintSet;
  spiffeTrustDomain: string | undefined;
}

/** A root and the intermediate under it, both able to sign. */
export interface Authority extends IssuingAuthority {
  name: string;
  keyType: KeyType;
  root: SigningAuthority;
  intermediate: SigningAuthority;
}

export interface AuthorityOptions {
  /** Human name, the start of both common names: `Acme` makes `CN=Acme Root` and `CN=Acme Intermediate`. */
  name?: string;
  /** Common names in full, in place of those made from `name`. */
  rootName?: string;
  intermediateName?: string;
  /** Attributes before the commonName. */
  organization?: string;
  keyType?: KeyType;
  /** Milliseconds since 1970. */
  now?: number;
  lifetimes?: { rootSeconds?: number; intermediateSeconds?: number };
  /** How many more authorities may stand below the intermediate; 0 unless given. */
  pathLength?: number;
  nameConstraints?: Partial<NameConstraintSet>;
  /** Trust domain of the authority's own SPIFFE ID, `prod.example`. */
  spiffeTrustDomain?: string;
  random?: RandomSource;
}

/**
 * Makes a development authority in memory: a self-signed root and an intermediate under it. Nothing is written anywhere.
 * @throws TlsmedicError `bad-lifetime` when the intermediate would outlive the root
 */
export function createAuthority(options: AuthorityOptions = {}): Authority {
  const { name = 'tlsmedic dev', keyType = 'p256', now = Date.now(), pathLength = 0, spiffeTrustDomain, random } = options;
  const rootSeconds = options.lifetimes?.rootSeconds ?? DEFAULT_LIFETIMES.rootSeconds;
  const intermediateSeconds = options.lifetimes?.intermediateSeconds ?? Math.min(DEFAULT_LIFETIMES.intermediateSeconds, rootSeconds);
  if (intermediateSeconds > rootSeconds) {
    throw new TlsmedicError('bad-lifetime', 'the intermediate would outlive the root', {
      kind: 'usage',
      next: ['give the root the longer lifetime: --root-lifetime 10y --intermediate-lifetime 5y'],
    });
  }
  const constraints: NameConstraintSet = {
    permitted: options.nameConstraints?.permitted ?? [],
    excluded: options.nameConstraints?.excluded ?? [],
  };
  const organization: DistinguishedNameAttribute[] = options.organization === undefined ? [] : [{ type: 'O', value: options.organization }];
  const common = { keyType, constraints, spiffeTrustDomain, random, notBefore: now - BACKDATE_SECONDS * 1000, organization };
  const root = signAuthority({
    ...common,
    commonName: options.rootName ?? `${name} Root`,
    notAfter: now + rootSeconds * 1000,
    // Unlimited: after a rotation the old root stands above the new one, which stands above the intermediate.
    pathLength: undefined,
  });
  const intermediate = signAuthority(
    { ...common, commonName: options.intermediateName ?? `${name} Intermediate`, notAfter: now + intermediateSeconds * 1000, pathLength },
    root,
  );
  return { name, keyType, root, intermediate, constraints, spiffeTrustDomain };
}

export interface AuthorityRequest {
  commonName: string;
  /** The whole subject as Name DER, in place of one made from `commonName`. */
  subject?: Uint8Array;
  organization?: readonly DistinguishedNameAttribute[];
  /** Key type of a fresh key, unless `keyPair` is given. */
  keyType: KeyType;
  keyPair?: KeyPair;
  notBefore: number;
  notAfter: number;
  pathLength?: number | undefined;
  constraints?: NameConstraintSet;
  spiffeTrustDomain?: string | undefined;
  random?: RandomSource | undefined;
  /** More extensions, or other ones: entries replace those of the same OID. */
  extensions?: readonly ExtensionToWrite[];
  /** OIDs of extensions to leave out. */
  without?: readonly string[];
}

/** Signs one authority certificate: self-signed without an issuer. The lab makes deeper hierarchies with it. */
export function signAuthority(request: AuthorityRequest, issuer?: AuthorityCertificate & { key: KeyObject }): SigningAuthority {
  const pair = request.keyPair ?? generateKeyPair(request.keyType);
  const identifier = keyIdentifier(pair.spki);
  const subject = request.subject ?? distinguishedName([...(request.organization ?? []), { type: 'CN', value: request.commonName }]);
  const { constraints } = request;
  const own: ExtensionToWrite[] = [
    ...authorityExtensions(request.pathLength),
    subjectKeyIdentifier(identifier),
    // A root names itself too: strict verifiers (Python 3.13) want the extension in every certificate below the root only, but none minds.
    authorityKeyIdentifier(issuer?.keyIdentifier ?? identifier),
    ...(request.spiffeTrustDomain === undefined ? [] : [subjectAltNames([spiffeId(`spiffe://${request.spiffeTrustDomain}`)])]),
    ...(constraints !== undefined && constraints.permitted.length + constraints.excluded.length > 0 ? [nameConstraints(constraints)] : []),
  ];
  const serial = randomSerial(request.random);
  const der = signCertificate(
    {
      serial,
      issuer: issuer?.subject ?? subject,
      subject,
      notBefore: request.notBefore,
      notAfter: request.notAfter,
      spki: pair.spki,
      extensions: replaceExtensions(own, request.extensions ?? []).filter((extension) => !request.without?.includes(extension.oid)),
    },
    issuer?.key ?? pair.key,
  );
  return {
    der,
    pem: pemEncode('CERTIFICATE', der),
    subject,
    commonName: request.commonName,
    keyIdentifier: identifier,
    notBefore: wholeSeconds(request.notBefore),
    notAfter: wholeSeconds(request.notAfter),
    pathLength: request.pathLength,
    serial: Buffer.from(serial).toString('hex'),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    key: pair.key,
    spki: pair.spki,
  };
}

/** `own` with each entry replaced whose OID `others` has, and the rest of `others` behind it. */
export function replaceExtensions(own: readonly ExtensionToWrite[], others: readonly ExtensionToWrite[]): ExtensionToWrite[] {
  if (others.length === 0) return [...own];
  const replaced = new Map(others.map((extension) => [extension.oid, extension]));
  const kept = own.map((extension) => replaced.get(extension.oid) ?? extension);
  return [...kept, ...others.filter((extension) => !own.some((mine) => mine.oid === extension.oid))];
}

/** Certificates know no fractions of a second. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
