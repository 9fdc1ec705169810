import type { HandshakeRecord, Observation } from '../observe/observation.js';
import { validatePath } from '../path/validate.js';
import type { PathProblem, PathVerdict, Profile, SourcedCertificate } from '../path/verification.js';
import type { Certificate } from '../x509/certificate.js';
import { parseCrl } from '../x509/crl.js';
import { type OcspResponse, parseOcspResponse } from '../x509/ocsp-response.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { hostReference, type IdentityMatch, matchIdentity, type ReferenceIdentifier } from '../x509/server-identity.js';
import type { ClockEvidence } from './clock.js';
import { middle } from './interval.js';
import { judgeValidity, type ValidityVerdict } from './validity.js';

/** One certificate of the path in use, with the judgement of its dates. */
export interface DatedCertificate {
  certificate: Certificate;
  source: string;
  role: 'end-entity' | 'intermediate' | 'anchor';
  validity: ValidityVerdict;
}

/** The server's certificates, judged by ourselves: every defect, not the first one. */
export interface ServerEvidence {
  handshake: number;
  /** As sent, in wire order. */
  chain: SourcedCertificate[];
  leaf: Certificate;
  /** As OpenSSL and node would judge, at the time of the best clock, dates left out of the account where a clock is to blame. */
  path: PathVerdict;
  /** Problems that only stricter programs (Go, browsers, distributions) have with it. */
  stricter: PathProblem[];
  /** Dates of each certificate of the best path. */
  dates: DatedCertificate[];
  /** Strict (RFC 9525) matches of what the caller wants to reach, one for each reference. */
  identities: IdentityMatch[];
  /** Whether programs that still look at the common name accept it. */
  lenientIdentity: boolean;
  /** Share of the end entity's lifetime that is used up, 0 to 1 and beyond. */
  lifetimeUsed: number;
  /** Stores of this machine (not in force) under which the chain verifies. */
  trustedElsewhere: string[];
  /** Whether the stapled or fetched answers say something about the end entity. */
  staple?: OcspResponse;
}

export function anchorsOf(observation: Observation): SourcedCertificate[] {
  return observation.given.trust.files.flatMap(({ label, certificates }) =>
    certificates.map((der, index) => ({
      certificate: parseCertificate(der),
      source: certificates.length === 1 ? label : `${label} #${index + 1}`,
    })),
  );
}

/** Certificates that are at hand without being trusted or sent: given intermediates, fetched issuers. */
function intermediatesOf(observation: Observation): SourcedCertificate[] {
  return observation.given.intermediates.flatMap(({ label, certificates }) =>
    certificates.map((der) => ({ certificate: parseCertificate(der), source: label })),
  );
}

function elsewhereOf(observation: Observation): SourcedCertificate[] {
  const fetched = observation.fetched.flatMap(({ kind, from, result }) =>
    kind === 'aia' && result.status === 'completed'
      ? result.value.map((der) => ({ certificate: parseCertificate(der), source: `fetched from ${from}` }))
      : [],
  );
  const stores = observation.given.otherTrust.flatMap(({ store, files }) =>
    files.flatMap(({ certificates }) => certificates.map((der) => ({ certificate: parseCertificate(der), source: store }))),
  );
  const own = [observation.given.client?.certificate, observation.given.expectCertificate].flatMap((file) =>
    (file?.certificates ?? []).slice(1).map((der) => ({ certificate: parseCertificate(der), source: file?.label ?? '' })),
  );
  return [...fetched, ...own, ...stores];
}

/** What the caller wants to reach, as reference identifiers. */
export function referencesOf(observation: Observation): ReferenceIdentifier[] {
  const { spiffeId, trustDomain } = observation.given;
  if (spiffeId !== undefined) return [{ kind: 'spiffe-id', value: spiffeId }];
  if (trustDomain !== undefined) return [{ kind: 'trust-domain', value: trustDomain }];
  return [hostReference(observation.target.hostname)];
}

/** The best guess at the true time, milliseconds. */
export function trueTime(clock: ClockEvidence): number {
  const best = clock.reference;
  return best === undefined ? clock.local : clock.local + middle(best.offset) * 1000;
}

export function readServer(
  observation: Observation,
  record: HandshakeRecord,
  clock: ClockEvidence,
  staples: readonly Uint8Array[],
): ServerEvidence | undefined {
  const chain = record.chain.map((der, index) => ({ certificate: parseCertificate(der), source: `certificate ${index} as sent` }));
  const [first, ...others] = chain;
  if (first === undefined) return undefined;
  const leaf = first.certificate;
  const references = referencesOf(observation);
  const crls = observation.given.crls.flatMap(({ crls }) => crls.map(parseCrl));
  const fetchedCrls = observation.fetched.flatMap(({ kind, result }) =>
    kind === 'crl' && result.status === 'completed' ? result.value.map(parseCrl) : [],
  );
  const fetchedOcsp = observation.fetched.flatMap(({ kind, result }) =>
    kind === 'ocsp' && result.status === 'completed' ? result.value : [],
  );
  const ocsp = [...staples, ...fetchedOcsp].map(parseOcspResponse);
  const question = {
    leaf: first,
    intermediates: [...others, ...intermediatesOf(observation)],
    anchors: anchorsOf(observation),
    elsewhere: elsewhereOf(observation),
    at: trueTime(clock),
    purpose: 'server' as const,
    crls: [...crls, ...fetchedCrls],
    ocsp,
    revocation: 'soft' as const,
  };
  const judge = (profile: Profile) => validatePath({ ...question, profile });
  const path = judge('openssl');
  const known = new Set(path.problems.map(({ code, index }) => `${code} ${index}`));
  const stricter = judge('rfc5280').problems.filter(({ code, index }) => !known.has(`${code} ${index}`));
  const identities = references.map((reference) => matchIdentity(leaf, reference));
  const [staple] = staples;
  return {
    handshake: record.id,
    chain,
    leaf,
    path,
    stricter,
    dates: path.best.steps.map(({ certificate, source, role }) => ({
      certificate,
      source,
      role,
      validity: judgeValidity(certificate, clock),
    })),
    identities,
    lenientIdentity: references.every((reference) => matchIdentity(leaf, reference, 'lenient').ok),
    lifetimeUsed: (trueTime(clock) - leaf.notBefore) / (leaf.notAfter - leaf.notBefore),
    trustedElsewhere: storesThatTrust(observation, question),
    ...(staple && { staple: parseOcspResponse(staple) }),
  };
}

/** Names of the other stores on this machine that have an anchor for the chain. */
function storesThatTrust(observation: Observation, question: Parameters<typeof validatePath>[0]): string[] {
  return observation.given.otherTrust.flatMap(({ store, files }) => {
    const anchors = files.flatMap(({ certificates }) => certificates.map((der) => ({ certificate: parseCertificate(der), source: store })));
    const verdict = validatePath({ ...question, anchors, elsewhere: [], profile: 'openssl', effort: 'verdict' });
    return verdict.paths.some(
      ({ end, problems }) => end === 'anchor' && problems.every(({ code }) => code === 'expired' || code === 'not-yet-valid'),
    )
      ? [store]
      : [];
  });
}
