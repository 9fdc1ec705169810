import { createHash } from 'node:crypto';
import type { Failure } from '../observe/attempt.js';
import type { ClientIdentity, HandshakeRecord, Observation } from '../observe/observation.js';
import type { Certificate } from '../x509/certificate.js';
import { EKU } from '../x509/oids.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { parseName } from '../x509/read-name.js';
import type { ClockEvidence } from './clock.js';
import { type Reception, readReception } from './reception.js';
import { judgeValidity, type ValidityVerdict } from './validity.js';

/** What the server asked of its clients (CertificateRequest). */
export interface DemandEvidence {
  /** Handshake that showed it. */
  handshake: number;
  /** Acceptable authorities as asked; empty when the server names none, which means any. */
  authorities: { text: string; key: string }[];
  signatureSchemes: string[];
  /** The TLS stack that asks, where its list of schemes gives it away. */
  stack?: 'go';
}

/** The caller's own client certificate and key, checked before any server is blamed. */
export interface ClientEvidence {
  label: string;
  keyLabel: string;
  /** As in the file, end entity first. */
  certificates: Certificate[];
  leaf?: Certificate;
  /** Why certificate or key cannot be used at all. */
  problem?: Failure & { file: string };
  /** Undefined when one of the two could not be read. */
  keyMatches?: boolean;
  /** Of the end entity; and of each certificate sent along. */
  validity?: ValidityVerdict;
  chainValidity: { certificate: Certificate; verdict: ValidityVerdict }[];
  /** Extended key usage lets it authenticate a client (absent means any use). */
  purposeOk?: boolean;
  /** Key or signature that servers of today's strictness refuse (OpenSSL at security level 2), in words. */
  weakness?: string;
  /** The usages it has. */
  purposes: string[];
  /** Whether the file leads up to an authority that the server names; undefined when the server names none or was not asked. */
  named?: boolean;
  /** Names from the end entity's issuer up, as far as the file goes. */
  issuers: string[];
}

/** How each client that was tried was received; the clearest answer for each identity. */
export type Receptions = Partial<Record<ClientIdentity, Reception>>;

/** Handshakes that differ from the caller's program in nothing but the client's certificate. */
const CLIENT_EXPERIMENTS = new Set([
  'look',
  'symptom',
  'request',
  'login',
  'client-none-login',
  'address',
  'repeat',
  'client-none',
  'client-none-request',
  'client-given',
  'client-untrusted',
  'client-untrusted-request',
  'client-untrusted-patient',
  'client-expired-twin',
  'client-server-only-twin',
  'client-impostor',
  'client-renegotiation',
]);

const CLEARNESS: Record<Reception['verdict'], number> = { refused: 3, accepted: 2, unknown: 1, 'not-reached': 0 };

/** Reads the CertificateRequest of the first handshake that had one. */
export function readDemand(handshakes: readonly HandshakeRecord[]): DemandEvidence | undefined {
  const record = handshakes.find((one) => one.certificateRequest !== undefined);
  if (record?.certificateRequest === undefined) return undefined;
  return {
    handshake: record.id,
    authorities: record.certificateRequest.certificateAuthorities.map(({ text, der }) => ({ text, key: parseName(der).key })),
    signatureSchemes: record.certificateRequest.signatureSchemes,
    ...(isGo(record.certificateRequest.signatureSchemes) && { stack: 'go' as const }),
  };
}

/** Only crypto/tls puts PSS first, then P-256, then Ed25519 (measured: Go 1.19 to 1.26; OpenSSL, NSS, JSSE, GnuTLS, wolfSSL and mbedTLS differ). */
function isGo([first, second, third]: readonly string[]): boolean {
  return first === 'rsa_pss_rsae_sha256' && second === 'ecdsa_secp256r1_sha256' && third === 'ed25519';
}

export function readReceptions(handshakes: readonly HandshakeRecord[], address: string | undefined): Receptions {
  const receptions: Receptions = {};
  const speaksHttp = handshakes.some(({ http, sent }) => http !== undefined && (address === undefined || sent.address === address));
  for (const record of handshakes) {
    if (!CLIENT_EXPERIMENTS.has(record.experiment) || (address !== undefined && record.sent.address !== address)) continue;
    const reception = readReception(record, speaksHttp);
    const known = receptions[reception.identity];
    if (known === undefined || clearer(reception, known)) receptions[reception.identity] = reception;
  }
  return withoutOddRequests(receptions);
}

/**
 * A server that hangs up on an HTTP request (Redis does) and refuses unknown certificates by alert has no quarrel with a client that shows
 * none: TLS let that one in, and it was the request that it did not like.
 */
function withoutOddRequests(receptions: Receptions): Receptions {
  const { none, given, untrusted } = receptions;
  if (none?.cutOff !== true || untrusted?.verdict !== 'refused' || untrusted.alert === undefined) return receptions;
  const sameForGiven = given?.cutOff === true;
  return {
    ...receptions,
    none: {
      ...none,
      verdict: sameForGiven ? 'accepted' : 'unknown',
      how: `TLS lets it in where it refuses an unknown certificate; ${none.how}${sameForGiven ? ', as with the given certificate' : ''}`,
    },
  };
}

/** An answer from above TLS says more than the silence before it, even where neither settles the matter. */
function clearer(one: Reception, other: Reception): boolean {
  const gain = CLEARNESS[one.verdict] - CLEARNESS[other.verdict];
  return gain > 0 || (gain === 0 && one.status !== undefined && other.status === undefined);
}

export function readClient(observation: Observation, clock: ClockEvidence, demand: DemandEvidence | undefined): ClientEvidence | undefined {
  const { client } = observation.given;
  if (client === undefined) return undefined;
  const certificates = client.certificate.certificates.map(parseCertificate);
  const [leaf] = certificates;
  const fault = client.certificate.problem ?? client.key.problem;
  const problem = fault && { ...fault, file: client.certificate.problem === undefined ? client.key.label : client.certificate.label };
  const evidence: ClientEvidence = {
    label: client.certificate.label,
    keyLabel: client.key.label,
    certificates,
    chainValidity: certificates.map((certificate) => ({ certificate, verdict: judgeValidity(certificate, clock) })),
    purposes: [...(leaf?.extKeyUsage ?? [])],
    issuers: [],
    ...(problem && { problem }),
  };
  if (leaf === undefined) return evidence;
  evidence.leaf = leaf;
  evidence.validity = judgeValidity(leaf, clock);
  evidence.purposeOk =
    (leaf.extKeyUsage === undefined || leaf.extKeyUsage.includes(EKU.clientAuth) || leaf.extKeyUsage.includes(EKU.any)) &&
    (leaf.keyUsage === undefined || leaf.keyUsage.includes('digitalSignature') || leaf.keyUsage.includes('keyAgreement'));
  if (client.key.spki !== undefined) evidence.keyMatches = sameBytes(client.key.spki, leaf.publicKey.spki);
  const weakness = weaknessOf(certificates);
  if (weakness !== undefined) evidence.weakness = weakness;
  const climb = climbOf(certificates);
  evidence.issuers = climb.map(({ issuer }) => issuer.text);
  if (demand !== undefined && demand.authorities.length > 0) {
    const keys = new Set(demand.authorities.map(({ key }) => key));
    evidence.named = climb.some(({ issuer, subject }) => keys.has(issuer.key) || keys.has(subject.key));
  }
  return evidence;
}

/** Fewer bits than 112 bits of security want (NIST SP 800-57), or a digest that can be collided. */
function weaknessOf(certificates: readonly Certificate[]): string | undefined {
  const MIN_RSA_BITS = 2048;
  for (const { publicKey, signatureAlgorithm, selfIssued } of certificates) {
    if (publicKey.type === 'rsa' && publicKey.bits < MIN_RSA_BITS) return `an RSA key of ${publicKey.bits} bits`;
    if (!selfIssued && (signatureAlgorithm.hash === 'sha1' || signatureAlgorithm.hash === 'md5'))
      return `a signature with ${signatureAlgorithm.name}`;
  }
  return undefined;
}

/** From the end entity up through the file, by names. */
function climbOf(certificates: readonly Certificate[]): Certificate[] {
  const climb: Certificate[] = [];
  let at = certificates[0];
  while (at !== undefined && !climb.includes(at) && climb.length < 10) {
    climb.push(at);
    const { key } = at.issuer;
    if (at.selfIssued) break;
    at = certificates.find((one) => one.subject.key === key && !climb.includes(one));
  }
  return climb;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return createHash('sha256').update(a).digest('hex') === createHash('sha256').update(b).digest('hex');
}
