import { createHash, type KeyObject } from 'node:crypto';
import { TlsmedicError } from '../errors.js';
import { BACKDATE_SECONDS, DAY_SECONDS, type IssuingAuthority, replaceExtensions, wholeSeconds } from './authority.js';
import { type RandomSource, randomSerial, type SigningFaults, signCertificate } from './certificate-writer.js';
import { COMMON_NAME_LIMIT, type DistinguishedNameAttribute, distinguishedName } from './distinguished-name.js';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  crlDistributionPoints,
  type ExtensionToWrite,
  mustStaple,
  subjectAltNames,
  subjectKeyIdentifier,
} from './extensions.js';
import { generateKeyPair, type KeyPair, type KeyType, keyIdentifier } from './key-pair.js';
import { forbiddenBy, type NameConstraintSet } from './name-constraints.js';
import { pemEncode } from './pem-writer.js';
import { type LeafProfile, profileExtensions } from './profiles.js';
import type { SignatureAlgorithmName } from './signature.js';
import { distinctNames, inferSubjectAltName, type SubjectAltName } from './subject-alt-name.js';

/** 24 hours: short enough that losing a key heals by itself. */
export const DEFAULT_LIFETIME_SECONDS = DAY_SECONDS;

/** What to certify. Times are milliseconds since 1970. */
export interface IssueRequest {
  /** Names as a person types them; the kind is inferred. */
  names?: readonly string[];
  /** Names whose kind is known already; these come first. */
  sans?: readonly SubjectAltName[];
  /** Default `peer`. */
  profile?: LeafProfile;
  now?: number;
  /** Default five minutes before `now`, but not before the issuer's own. */
  notBefore?: number;
  notAfter?: number;
  /** In place of `notAfter`: seconds from `now`. */
  lifetimeSeconds?: number;
  keyType?: KeyType;
  /** A key pair that exists already; one is made otherwise. */
  keyPair?: KeyPair;
  /** SubjectPublicKeyInfo DER of a request: the private key stays where it is. */
  spki?: Uint8Array;
  /** `null` for an empty subject; the first name that fits otherwise. */
  commonName?: string | null;
  organization?: string;
  /** caIssuers addresses. */
  aia?: readonly string[];
  ocsp?: readonly string[];
  cdp?: readonly string[];
  mustStaple?: boolean;
  random?: RandomSource;
}

/** Ways past the rules, for the lab and for `--fault`. */
export interface IssueOverrides extends SigningFaults {
  /** Entries replace those of the same OID, or are added. */
  extensions?: readonly ExtensionToWrite[];
  /** OIDs of extensions to leave out. */
  without?: readonly string[];
  signatureAlgorithm?: SignatureAlgorithmName;
  /** Skips the checks of lifetime, SAN and name constraints. */
  unchecked?: boolean;
}

/** A certificate with its key, as text ready to be written to files. */
export interface IssuedCertificate {
  der: Uint8Array;
  certPem: string;
  /** The certificate followed by the intermediates: what a server sends. */
  chainPem: string;
  /** PKCS#8, unencrypted; undefined when a request was signed. */
  keyPem: string | undefined;
  /** Undefined when a request was signed. */
  readonly key: KeyObject | undefined;
  sans: SubjectAltName[];
  commonName: string | undefined;
  profile: LeafProfile;
  notBefore: number;
  notAfter: number;
  /** Lower-case hex. */
  serial: string;
  fingerprint: string;
  keyIdentifier: Uint8Array;
  subject: Uint8Array;
}

/**
 * Issues an end entity certificate under the intermediate.
 * @throws TlsmedicError `no-name`, `bad-name`, `outlives-issuer`, `issuer-expired`, `bad-lifetime`, `name-not-permitted`
 */
export function issueCertificate(authority: IssuingAuthority, request: IssueRequest, overrides: IssueOverrides = {}): IssuedCertificate {
  const issuer = authority.intermediate;
  const sans = distinctNames([...(request.sans ?? []), ...(request.names ?? []).map(inferSubjectAltName)]);
  const profile = request.profile ?? 'peer';
  const { notBefore, notAfter } = validityOf(request, issuer.notBefore);
  if (!overrides.unchecked) checkIssueRequest(authority, { ...request, sans, now: request.now ?? Date.now() });

  const pair = request.spki === undefined ? (request.keyPair ?? generateKeyPair(request.keyType ?? 'p256')) : undefined;
  const spki = request.spki ?? (pair as KeyPair).spki;
  const commonName = request.commonName === null ? undefined : (request.commonName ?? commonNameFor(sans, authority.constraints));
  const attributes: DistinguishedNameAttribute[] = [];
  if (request.organization !== undefined) attributes.push({ type: 'O', value: request.organization });
  if (commonName !== undefined) attributes.push({ type: 'CN', value: commonName });
  const subject = distinguishedName(attributes);
  const identifier = keyIdentifier(spki);

  let extensions: ExtensionToWrite[] = [...profileExtensions(profile, isRsa(spki))];
  if (sans.length > 0) extensions.push(subjectAltNames(sans, attributes.length === 0));
  extensions.push(subjectKeyIdentifier(identifier), authorityKeyIdentifier(issuer.keyIdentifier));
  if (request.aia?.length || request.ocsp?.length)
    extensions.push(authorityInfoAccess({ ocsp: request.ocsp ?? [], caIssuers: request.aia ?? [] }));
  if (request.cdp?.length) extensions.push(crlDistributionPoints(request.cdp));
  if (request.mustStaple) extensions.push(mustStaple());
  if (overrides.extensions !== undefined) extensions = replaceExtensions(extensions, overrides.extensions);
  if (overrides.without !== undefined) extensions = extensions.filter((extension) => !overrides.without?.includes(extension.oid));

  const serial = randomSerial(request.random);
  const der = signCertificate(
    {
      serial,
      issuer: issuer.subject,
      subject,
      notBefore,
      notAfter,
      spki,
      extensions,
      ...(overrides.signatureAlgorithm === undefined ? {} : { signatureAlgorithm: overrides.signatureAlgorithm }),
    },
    issuer.key,
    overrides,
  );
  const certPem = pemEncode('CERTIFICATE', der);
  return {
    der,
    certPem,
    chainPem: certPem + (issuer.chainPem ?? issuer.pem),
    keyPem: pair?.pem,
    get key() {
      return pair?.key;
    },
    sans,
    commonName,
    profile,
    notBefore: wholeSeconds(notBefore),
    notAfter: wholeSeconds(notAfter),
    serial: Buffer.from(serial).toString('hex'),
    fingerprint: createHash('sha256').update(der).digest('hex'),
    keyIdentifier: identifier,
    subject,
  };
}

/** The validity a request asks for; a default NotBefore never lies before the issuer's own. */
export function validityOf(request: IssueRequest, issuerNotBefore: number): { notBefore: number; notAfter: number } {
  const now = request.now ?? Date.now();
  const notBefore = request.notBefore ?? Math.max(now - BACKDATE_SECONDS * 1000, Math.min(issuerNotBefore, now));
  const start = request.notBefore === undefined ? now : request.notBefore;
  const notAfter = request.notAfter ?? start + (request.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS) * 1000;
  return { notBefore, notAfter };
}

/**
 * The common name: the first name that fits into 64 characters, wanted by PostgreSQL, MySQL and Mosquitto, which map it to a user.
 * Without a DNS name OpenSSL holds a common name that looks like one against DNS constraints, and an IPv4 address looks like one.
 */
export function commonNameFor(sans: readonly SubjectAltName[], constraints?: NameConstraintSet): string | undefined {
  const constrained =
    constraints !== undefined && [...constraints.permitted, ...constraints.excluded].some((subtree) => subtree.kind === 'dns');
  const hasDns = sans.some((san) => san.kind === 'dns');
  return sans.find((san) => san.value.length <= COMMON_NAME_LIMIT && !(san.kind === 'ip' && constrained && !hasDns))?.value;
}

/**
 * The rules a certificate has to keep: a name, names that the authority may certify, a life within the issuer's.
 * @throws TlsmedicError as issueCertificate
 */
export function checkIssueRequest(
  authority: IssuingAuthority,
  request: IssueRequest & { now: number; sans: readonly SubjectAltName[] },
): void {
  checkNames(request.sans, authority);
  const { notBefore, notAfter } = validityOf(request, authority.intermediate.notBefore);
  checkValidity(notBefore, notAfter, request.now, authority.intermediate);
}

function checkNames(sans: readonly SubjectAltName[], authority: IssuingAuthority): void {
  if (sans.length === 0) throw noName();
  for (const san of sans) {
    const why = forbiddenBy(san, authority.constraints);
    if (why === undefined) continue;
    throw new TlsmedicError('name-not-permitted', `this authority may not certify ${san.value}: ${why}`, {
      kind: 'usage',
      why: 'its name constraints would make every verifier refuse the certificate',
      next: ['tlsmedic ca show', 'to make one on purpose: --fault name-constraint'],
    });
  }
}

function checkValidity(
  notBefore: number,
  notAfter: number,
  now: number,
  issuer: { notBefore: number; notAfter: number; commonName: string },
): void {
  const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  if (!(notAfter > notBefore)) {
    throw new TlsmedicError('bad-lifetime', `the certificate would end (${iso(notAfter)}) before it begins (${iso(notBefore)})`, {
      kind: 'usage',
    });
  }
  if (issuer.notAfter <= now) {
    throw new TlsmedicError('issuer-expired', `the intermediate "${issuer.commonName}" ran out at ${iso(issuer.notAfter)}`, {
      kind: 'usage',
      why: 'nothing it signs would be accepted',
      next: ['tlsmedic ca rotate'],
    });
  }
  if (wholeSeconds(notAfter) > issuer.notAfter) {
    throw new TlsmedicError(
      'outlives-issuer',
      `the certificate would outlive its issuer: it to ${iso(notAfter)}, "${issuer.commonName}" to ${iso(issuer.notAfter)}`,
      {
        kind: 'usage',
        why: 'verifiers refuse it as soon as the issuer has run out',
        next: [`--not-after ${iso(issuer.notAfter)}`, 'tlsmedic ca rotate'],
      },
    );
  }
  if (notBefore < issuer.notBefore) {
    throw new TlsmedicError(
      'outlives-issuer',
      `the certificate would begin before its issuer: it at ${iso(notBefore)}, "${issuer.commonName}" at ${iso(issuer.notBefore)}`,
      {
        kind: 'usage',
        next: [`--not-before ${iso(issuer.notBefore)}`],
      },
    );
  }
}

/** Whether an SPKI's algorithm is rsaEncryption, judged by its fixed prefix of OID octets. */
function isRsa(spki: Uint8Array): boolean {
  return Buffer.from(spki.subarray(0, 32)).includes(Buffer.from('2a864886f70d010101', 'hex'));
}

/** The refusal to issue for nobody. */
export function noName(): TlsmedicError {
  return new TlsmedicError('no-name', 'no name was given, and a certificate without a subject alternative name is refused everywhere', {
    kind: 'usage',
    next: [
      'tlsmedic issue api.internal',
      'tlsmedic issue --k8s payments.prod',
      'to make one on purpose: tlsmedic issue api.internal --fault no-san',
    ],
  });
}
