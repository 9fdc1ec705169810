import { TlsmedicError } from '../errors.js';
import { type AuthorityCertificate, createAuthority, DAY_SECONDS, type IssuingAuthority, signAuthority } from './authority.js';
import { createCrl } from './crl.js';
import { distinguishedName } from './distinguished-name.js';
import { extendedKeyUsage } from './extensions.js';
import type { FaultIssuers } from './fault-issuers.js';
import {
  checkIssueRequest,
  type IssuedCertificate,
  type IssueOverrides,
  type IssueRequest,
  issueCertificate,
  validityOf,
} from './issue.js';
import { generateKeyPair, keyIdentifier } from './key-pair.js';
import { sha1SignatureAlgorithm } from './signature.js';
import { inferSubjectAltName, type SubjectAltName } from './subject-alt-name.js';

/** What a fault leaves behind: the files of `issue`, broken in exactly one way. */
export interface FaultyCertificate {
  issued: IssuedCertificate;
  /** What goes into NAME.crt. */
  chainPem: string;
  /** What goes into NAME.key. */
  keyPem: string;
  /** A CRL that names the certificate, for `revoked`. */
  crlPem?: string;
}

export interface FaultContext {
  authority: IssuingAuthority;
  issuers: FaultIssuers;
  request: IssueRequest & { now: number };
  sans: readonly SubjectAltName[];
}

interface Fault {
  /** What is broken, one phrase for the screen. */
  summary: string;
  /** How a strict verifier puts it: the error of `openssl verify`, or where it shows instead. */
  symptom: string;
  build(context: FaultContext): FaultyCertificate;
}

const HOUR = 3_600_000;
const DAY = DAY_SECONDS * 1000;

/** Issues past the checks: a fault may break any of them. */
function issue(
  context: FaultContext,
  overrides: IssueOverrides = {},
  request: Partial<IssueRequest> = {},
  authority = context.authority,
): IssuedCertificate {
  return issueCertificate(authority, { ...context.request, names: [], sans: context.sans, ...request }, { unchecked: true, ...overrides });
}

function plain(issued: IssuedCertificate, chainPem = issued.chainPem): FaultyCertificate {
  return { issued, chainPem, keyPem: issued.keyPem as string };
}

/** The authority with another certificate in the intermediate's place, to issue under it. */
function under(context: FaultContext, issuer: IssuingAuthority['intermediate']): IssuingAuthority {
  return { ...context.authority, intermediate: issuer };
}

/** Every fault `issue --fault` knows. Each breaks one thing and leaves the rest as a good certificate has it. */
export const FAULTS = {
  expired: {
    summary: 'it ran out an hour ago',
    symptom: 'certificate has expired',
    build: (context) => plain(issue(context, {}, { notBefore: context.request.now - DAY - HOUR, notAfter: context.request.now - HOUR })),
  },
  'not-yet-valid': {
    summary: 'it begins in an hour',
    symptom: 'certificate is not yet valid',
    build: (context) => plain(issue(context, {}, { notBefore: context.request.now + HOUR, notAfter: context.request.now + HOUR + DAY })),
  },
  'wrong-san': {
    summary: 'it names another host',
    symptom: 'hostname mismatch',
    build: (context) => plain(issue(context, {}, { sans: context.sans.map((san) => wrongName(san, context.sans)) })),
  },
  'no-san': {
    summary: 'it names the host in its common name only',
    symptom: 'hostname mismatch (clients that still read the common name accept it)',
    build: (context) =>
      plain(issue(context, {}, { sans: [], commonName: context.request.commonName ?? context.sans[0]?.value ?? 'nameless' })),
  },
  'self-signed': {
    summary: 'it is signed by its own key',
    symptom: 'self-signed certificate',
    build: selfSigned,
  },
  'untrusted-root': {
    summary: 'its root is not in ca.crt',
    symptom: 'unable to get local issuer certificate',
    build: (context) => {
      const stranger = createAuthority({ name: 'Untrusted', keyType: 'p256', now: context.request.now });
      return plain(issue(context, {}, {}, stranger));
    },
  },
  'same-name-root': {
    summary: 'its root has the name of the one in ca.crt and another key',
    symptom: 'unable to get local issuer certificate',
    build: (context) => {
      const { root, intermediate } = context.authority;
      const twinRoot = twin(root, context.request.now);
      return plain(issue(context, {}, {}, under(context, twin(intermediate, context.request.now, twinRoot))));
    },
  },
  'missing-intermediate': {
    summary: 'the chain stops after the certificate itself',
    symptom: 'unable to get local issuer certificate',
    build: (context) => {
      const issued = issue(context);
      return plain(issued, issued.certPem);
    },
  },
  'expired-intermediate': {
    summary: 'the intermediate above it ran out',
    symptom: 'certificate has expired (depth 1)',
    build: (context) => plain(issue(context, {}, {}, under(context, context.issuers.expired))),
  },
  'wrong-purpose': {
    summary: 'its extended key usage is for another purpose',
    symptom: 'unsuitable certificate purpose',
    build: (context) => {
      const { profile = 'peer' } = context.request;
      const other = profile === 'server' ? 'clientAuth' : profile === 'client' ? 'serverAuth' : 'emailProtection';
      return plain(issue(context, { extensions: [extendedKeyUsage([other])] }));
    },
  },
  'not-a-ca': {
    summary: 'it was issued by an end entity certificate',
    symptom: 'invalid CA certificate',
    build: (context) => plain(issue(context, {}, {}, under(context, context.issuers.notCa))),
  },
  'path-length': {
    summary: 'more authorities stand above it than the intermediate allows',
    symptom: 'path length constraint exceeded',
    build: pathLength,
  },
  'name-constraint': {
    summary: 'the authority above it may not certify this name',
    symptom: 'permitted subtree violation',
    build: (context) => plain(issue(context, {}, {}, under(context, context.issuers.constrained))),
  },
  'weak-key': {
    summary: 'its key is RSA with 1024 bits',
    symptom: 'EE certificate key too weak',
    build: (context) => plain(issue(context, {}, { keyPair: generateKeyPair('rsa-1024') })),
  },
  'weak-signature': {
    summary: 'it is signed with SHA-1',
    symptom: 'CA signature digest algorithm too weak',
    build: (context) => {
      const algorithm = sha1SignatureAlgorithm(context.authority.intermediate.key);
      if (algorithm === undefined) {
        throw new TlsmedicError('fault-impossible', 'this authority cannot sign with SHA-1: an Ed25519 key knows one signature algorithm', {
          kind: 'usage',
          next: ['tlsmedic ca init --ca-dir ./ec-ca --key p256', 'tlsmedic issue NAME --fault weak-signature --ca-dir ./ec-ca'],
        });
      }
      return plain(issue(context, { signatureAlgorithm: algorithm }));
    },
  },
  'bad-signature': {
    summary: 'one bit of its signature is wrong',
    symptom: 'certificate signature failure',
    build: (context) => plain(issue(context, { breakSignature: true })),
  },
  'wrong-order': {
    summary: 'the intermediate comes before the certificate in the file',
    symptom: 'programs take the first certificate for their own: key values mismatch',
    build: (context) => {
      const issued = issue(context);
      return plain(issued, context.authority.intermediate.pem + issued.certPem);
    },
  },
  revoked: {
    summary: 'it is on the revocation list in ca.crl',
    symptom: 'certificate revoked (for those who check: -crl_check -CRLfile ca.crl)',
    build: (context) => {
      const issued = issue(context);
      const { now } = context.request;
      const { pem } = createCrl({
        issuer: context.authority.intermediate,
        thisUpdate: now - 60_000,
        nextUpdate: now + 7 * DAY,
        number: Math.floor(now / 1000),
        revoked: [{ serial: issued.serial, at: now - 60_000, reason: 'keyCompromise' }],
      });
      return { ...plain(issued), crlPem: pem };
    },
  },
  'key-mismatch': {
    summary: 'the key file belongs to another certificate',
    symptom: 'key values mismatch',
    build: (context) => ({ ...plain(issue(context)), keyPem: generateKeyPair(context.request.keyType ?? 'p256').pem }),
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/**
 * Issues a certificate that is broken in exactly the one way `fault` names.
 * @throws TlsmedicError `fault-impossible` when the authority's key cannot make it, and what issueCertificate throws
 */
export function issueFaulty(
  fault: FaultName,
  authority: IssuingAuthority,
  issuers: FaultIssuers,
  request: IssueRequest & { now: number },
): FaultyCertificate {
  const sans = [...(request.sans ?? []), ...(request.names ?? []).map(inferSubjectAltName)];
  const context: FaultContext = { authority, issuers, request: { ...request, keyType: request.keyType ?? 'p256' }, sans };
  // All but the one thing is as it should be. The name constraint that is broken belongs to an issuer of its own.
  const limits = fault === 'name-constraint' ? { ...authority, constraints: { permitted: [], excluded: [] } } : authority;
  checkIssueRequest(limits, { ...context.request, sans });
  return FAULTS[fault].build(context);
}

/** A name of the same kind that the asked-for names do not cover, kept below the first so that name constraints still allow it. */
function wrongName(san: SubjectAltName, all: readonly SubjectAltName[]): SubjectAltName {
  switch (san.kind) {
    case 'dns':
      return { kind: 'dns', value: `wrong.san.${san.value.replace(/^\*\./, '')}` };
    case 'email':
      return { kind: 'email', value: `wrong-${san.value}` };
    case 'uri':
      return { kind: 'uri', value: `${san.value}/wrong` };
    case 'ip':
      return { kind: 'ip', value: neighbour(san.value, all) };
  }
}

function neighbour(address: string, all: readonly SubjectAltName[]): string {
  const v6 = address.includes(':');
  for (let last = 1; ; last++) {
    const candidate = v6 ? `${address.replace(/:[^:]*$/, ':')}${last.toString(16)}` : address.replace(/\d+$/, String(last));
    if (!all.some((san) => san.value === candidate)) return candidate;
  }
}

function selfSigned(context: FaultContext): FaultyCertificate {
  const pair = context.request.keyPair ?? generateKeyPair(context.request.keyType ?? 'p256');
  const name = context.request.commonName ?? context.sans[0]?.value ?? 'self-signed';
  const { notBefore, notAfter } = validityOf(context.request, 0);
  const self = {
    ...context.authority.intermediate,
    subject: distinguishedName([{ type: 'CN', value: name.slice(0, 64) }]),
    keyIdentifier: keyIdentifier(pair.spki),
    key: pair.key,
  };
  const issued = issue(context, {}, { keyPair: pair, commonName: name.slice(0, 64), notBefore, notAfter }, under(context, self));
  return plain(issued, issued.certPem);
}

/** An authority's name and life with another key. */
function twin(original: AuthorityCertificate, now: number, issuer?: ReturnType<typeof signAuthority>): ReturnType<typeof signAuthority> {
  const pair = generateKeyPair('p256');
  const made = signAuthority(
    {
      commonName: original.commonName,
      subject: original.subject,
      keyType: 'p256',
      keyPair: pair,
      notBefore: Math.min(original.notBefore, now),
      notAfter: original.notAfter,
      pathLength: original.pathLength,
    },
    issuer,
  );
  return made;
}

/** As many authorities below the intermediate as break its path length by one. */
function pathLength(context: FaultContext): FaultyCertificate {
  const { intermediate } = context.authority;
  const tooMany = (intermediate.pathLength ?? 0) + 1;
  let issuer: IssuingAuthority['intermediate'] = intermediate;
  let above = intermediate.pem;
  for (let i = 1; i <= tooMany; i++) {
    issuer = signAuthority(
      {
        commonName: `${intermediate.commonName} Sub ${i}`,
        keyType: 'p256',
        notBefore: intermediate.notBefore,
        notAfter: intermediate.notAfter,
        pathLength: tooMany - i,
      },
      issuer,
    );
    above = issuer.pem + above;
  }
  const issued = issue(context, {}, {}, under(context, issuer));
  return plain(issued, issued.certPem + above);
}
