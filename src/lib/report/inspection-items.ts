/** The parts of an inspection's document: one thing that was found each. */
import { createHash } from 'node:crypto';
import { extensionFacts, nameFacts, requestExtensionFacts } from '../inspection/extension-facts.js';
import type { FoundCertificate, FoundCrl, FoundKey, FoundOcspResponse, FoundRequest, InspectedInput } from '../inspection/inventory.js';
import { checkSignature } from '../path/signature.js';
import { isoTime } from '../time-text.js';
import type { PublicKeyInfo } from '../x509/certificate.js';
import { toHex } from '../x509/der-values.js';
import type { Name } from '../x509/name.js';
import { oidName } from '../x509/oids.js';
import { writePem } from '../x509/pem.js';
import type {
  CertificateDocument,
  InspectionDocument,
  KeyDocument,
  NameDocument,
  PublicKeyDocument,
  WhereDocument,
} from './inspection-document.js';

function sha(algorithm: 'sha256' | 'sha1', bytes: Uint8Array): string {
  return toHex(createHash(algorithm).update(bytes).digest());
}

function nameDocument(name: Name): NameDocument {
  return { text: name.text, attributes: name.rdns.flat().map(({ type, oid, value }) => ({ type, oid, value })) };
}

export function keyInfo({ type, bits, curve, rsaExponent, spki }: PublicKeyInfo): PublicKeyDocument {
  return {
    type,
    bits,
    ...(curve === undefined ? {} : { curve }),
    ...(rsaExponent === undefined ? {} : { exponent: rsaExponent.toString() }),
    sha256: sha('sha256', spki),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Shared facts: made once, so that a certificate looks the same in every document of this command. */
export function certificateDocument(found: FoundCertificate, at: number, where: WhereDocument): CertificateDocument {
  const { certificate } = found;
  const { notBefore, notAfter, signatureAlgorithm, basicConstraints, authorityKeyIdentifier, subjectKeyIdentifier } = certificate;
  const alt = certificate.subjectAltName ?? [];
  const spiffe = alt.filter(({ kind, value }) => kind === 'uri' && value.startsWith('spiffe://'));
  const lifetime = (notAfter - notBefore) / 1000;
  return {
    id: found.id,
    where,
    ...(found.duplicateOf === undefined ? {} : { duplicateOf: found.duplicateOf.id }),
    role: found.role,
    version: certificate.version,
    serial: `${certificate.serialNegative ? '-' : ''}${certificate.serial}`,
    subject: nameDocument(certificate.subject),
    issuer: nameDocument(certificate.issuer),
    selfIssued: certificate.selfIssued,
    notBefore: isoTime(notBefore),
    notAfter: isoTime(notAfter),
    lifetimeSeconds: finite(lifetime),
    remainingSeconds: finite((notAfter - at) / 1000),
    lifetimeUsed: lifetime > 0 ? finite(Math.round(((at - notBefore) / (lifetime * 1000)) * 10_000) / 10_000) : null,
    names: nameFacts(alt),
    ...(spiffe.length === 1 ? { spiffeId: spiffe[0]?.value ?? '' } : {}),
    ca: basicConstraints?.ca === true,
    ...(basicConstraints?.pathLength === undefined ? {} : { pathLength: basicConstraints.pathLength }),
    keyUsage: certificate.keyUsage === undefined ? null : [...certificate.keyUsage],
    extendedKeyUsage: certificate.extKeyUsage?.map((oid) => ({ oid, name: oidName(oid) })) ?? null,
    subjectKeyIdentifier: subjectKeyIdentifier === undefined ? null : toHex(subjectKeyIdentifier),
    authorityKeyIdentifier: authorityKeyIdentifier?.keyIdentifier === undefined ? null : toHex(authorityKeyIdentifier.keyIdentifier),
    publicKey: keyInfo(certificate.publicKey),
    signatureAlgorithm: { oid: signatureAlgorithm.oid, name: signatureAlgorithm.name, hash: signatureAlgorithm.hash ?? null },
    fingerprints: { sha256: certificate.fingerprint, sha1: sha('sha1', certificate.der) },
    extensions: extensionFacts(certificate),
    problems: certificate.problems.slice(0, 200),
    ...(found.missingBytes === undefined ? {} : { missingBytes: found.missingBytes }),
    ...(found.issuer === undefined ? {} : { issuedBy: found.issuer.id }),
    pem: writePem('CERTIFICATE', certificate.der),
  };
}

export function keyDocument({ id, facts, publicKey }: FoundKey, where: WhereDocument): KeyDocument {
  const { format, encrypted, encryption, lock, problem } = facts;
  return {
    id,
    where,
    format,
    encrypted,
    ...(encryption === undefined ? {} : { encryption }),
    ...(publicKey === undefined ? {} : { publicKey: keyInfo(publicKey) }),
    ...(lock === undefined ? {} : { lock }),
    ...(problem === undefined ? {} : { problem }),
  };
}

export function requestDocument({ id, request }: FoundRequest, where: WhereDocument): InspectionDocument['requests'][number] {
  const { signatureAlgorithm } = request;
  const check = checkSignature(request.signed, request.signature, signatureAlgorithm, request.publicKey);
  return {
    id,
    where,
    version: request.version,
    subject: nameDocument(request.subject),
    names: nameFacts(request.subjectAltName ?? []),
    publicKey: keyInfo(request.publicKey),
    signatureAlgorithm: { oid: signatureAlgorithm.oid, name: signatureAlgorithm.name, hash: signatureAlgorithm.hash ?? null },
    signatureValid: check.ok ? true : check.kind === 'unsupported' ? null : false,
    hasChallengePassword: request.hasChallengePassword,
    extensions: requestExtensionFacts(request),
    problems: request.problems.slice(0, 200),
    pem: writePem('CERTIFICATE REQUEST', request.der),
  };
}

export function crlDocument(
  { id, crl }: FoundCrl,
  where: WhereDocument,
  certificates: readonly FoundCertificate[],
): InspectionDocument['revocationLists'][number] {
  return {
    id,
    where,
    issuer: nameDocument(crl.issuer),
    number: crl.crlNumber ?? null,
    thisUpdate: isoTime(crl.thisUpdate),
    nextUpdate: isoTime(crl.nextUpdate),
    entries: crl.entryCount,
    signatureAlgorithm: crl.signatureAlgorithm.name,
    revokes: certificates.filter(({ certificate }) => crl.find(certificate) !== undefined).map((found) => found.id),
    problems: crl.problems.slice(0, 200),
  };
}

export function ocspDocument({ id, response }: FoundOcspResponse, where: WhereDocument): InspectionDocument['ocspResponses'][number] {
  return {
    id,
    where,
    status: response.status,
    producedAt: isoTime(response.producedAt),
    responses: response.responses.slice(0, 1000).map((single) => ({
      serial: single.id.serial,
      status: single.status,
      thisUpdate: isoTime(single.thisUpdate),
      nextUpdate: isoTime(single.nextUpdate),
    })),
    problems: response.problems.slice(0, 200),
  };
}

export function inputDocument({
  label,
  path: typed,
  kind,
  reading,
  error,
  mode,
  git,
}: InspectedInput): InspectionDocument['inputs'][number] {
  return {
    label,
    kind,
    formats: reading?.formats ?? [],
    ...(reading?.instead === undefined ? {} : { instead: reading.instead }),
    ...(error === undefined ? {} : { error: { ...error, next: [...error.next] } }),
    ...(reading?.locked === undefined ? {} : { locked: reading.locked }),
    ...(reading?.truncated === undefined ? {} : { truncated: reading.truncated }),
    remarks: (reading?.remarks ?? []).map(({ level, place, text, next }) => ({
      level,
      path: [...place.path],
      ...(place.line === undefined ? {} : { line: place.line }),
      text,
      ...(next === undefined ? {} : { next: next.replace('FILE', typed ?? label) }),
    })),
    ...(mode === undefined ? {} : { mode: mode.toString(8).padStart(4, '0') }),
    ...(git === undefined ? {} : { git: { root: git.root, tracked: git.tracked ?? null } }),
  };
}
