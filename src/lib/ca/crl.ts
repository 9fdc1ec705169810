import type { KeyObject } from 'node:crypto';
import type { AuthorityCertificate } from './authority.js';
import { type SigningFaults, signed } from './certificate-writer.js';
import { contextConstructed, enumerated, integer, integerFromBytes, sequence, x509Time } from './der-writer.js';
import { authorityKeyIdentifier, type ExtensionToWrite, extensionDer } from './extensions.js';
import { pemEncode } from './pem-writer.js';
import { defaultSignatureAlgorithm, type SignatureAlgorithmName, signatureIdentifier } from './signature.js';

/** CRLReason by number (RFC 5280 §5.3.1). */
export const CRL_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;
export type CrlReason = keyof typeof CRL_REASONS;

export interface RevokedEntry {
  /** Lower-case hex, as records keep it. */
  serial: string;
  /** Milliseconds since 1970. */
  at: number;
  reason?: CrlReason;
}

export interface CrlRequest {
  issuer: Pick<AuthorityCertificate, 'subject' | 'keyIdentifier'> & { key: KeyObject };
  thisUpdate: number;
  nextUpdate: number | undefined;
  /** Must grow with each CRL of an issuer. */
  number: number;
  revoked: readonly RevokedEntry[];
  /** Entries replace those of the same OID, or are added: the lab makes odd CRLs with it. */
  extensions?: readonly ExtensionToWrite[];
  signatureAlgorithm?: SignatureAlgorithmName;
}

/** A full certificate revocation list, version 2 (RFC 5280 §5). */
export function createCrl(request: CrlRequest, faults: SigningFaults = {}): { der: Uint8Array; pem: string } {
  const algorithm = request.signatureAlgorithm ?? defaultSignatureAlgorithm(request.issuer.key);
  const entries = request.revoked.map(({ serial, at, reason }) =>
    sequence(
      integerFromBytes(Buffer.from(serial, 'hex')),
      x509Time(at),
      // "unspecified" is said by leaving the extension out (RFC 5280 §5.3.1).
      ...(reason === undefined || reason === 'unspecified'
        ? []
        : [sequence(extensionDer({ oid: '2.5.29.21', critical: false, value: enumerated(CRL_REASONS[reason]) }))]),
    ),
  );
  const extensions: ExtensionToWrite[] = [
    authorityKeyIdentifier(request.issuer.keyIdentifier),
    { oid: '2.5.29.20', critical: false, value: integer(request.number) },
    ...(request.extensions ?? []),
  ];
  const tbs = sequence(
    integer(1),
    signatureIdentifier(algorithm),
    request.issuer.subject,
    x509Time(request.thisUpdate),
    ...(request.nextUpdate === undefined ? [] : [x509Time(request.nextUpdate)]),
    // A list may hold more entries than a call may have arguments.
    ...(entries.length === 0 ? [] : [sequence(Buffer.concat(entries))]),
    contextConstructed(0, sequence(...extensions.map(extensionDer))),
  );
  const der = signed(tbs, request.issuer.key, algorithm, algorithm, faults);
  return { der, pem: pemEncode('X509 CRL', der) };
}
