import { createHash, type KeyObject } from 'node:crypto';
import type { AuthorityCertificate } from './authority.js';
import type { SigningFaults } from './certificate-writer.js';
import { CRL_REASONS, type CrlReason } from './crl.js';
import {
  bitString,
  contextConstructed,
  contextPrimitive,
  enumerated,
  generalizedTime,
  integerFromBytes,
  nullValue,
  octetString,
  oid,
  sequence,
} from './der-writer.js';
import { extensionDer } from './extensions.js';
import { keyBitsOf } from './key-pair.js';
import { defaultSignatureAlgorithm, signatureIdentifier, signBytes } from './signature.js';

export interface OcspRequest {
  /** The authority that issued the certificate asked about. */
  issuer: Pick<AuthorityCertificate, 'subject'> & { spki: Uint8Array };
  /** Who signs: the issuer itself, or a delegate whose certificate the issuer signed for ocspSigning. */
  responder: { key: KeyObject; spki: Uint8Array /** Delegate's certificate DER, put into the response. */; certificate?: Uint8Array };
  /** Serial of the certificate asked about, hex. */
  serial: string;
  status: 'good' | 'unknown' | { revokedAt: number; reason?: CrlReason };
  thisUpdate: number;
  nextUpdate?: number;
  /** Default: thisUpdate. */
  producedAt?: number;
  nonce?: Uint8Array;
}

/** A BasicOCSPResponse inside a successful OCSPResponse (RFC 6960 §4.2.1), SHA-1 CertID as clients expect, responder named by key. DER. */
export function createOcspResponse(request: OcspRequest, faults: SigningFaults = {}): Uint8Array {
  const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();
  const certId = sequence(
    sequence(oid('1.3.14.3.2.26'), nullValue()),
    octetString(sha1(request.issuer.subject)),
    octetString(sha1(keyBitsOf(request.issuer.spki))),
    integerFromBytes(Buffer.from(request.serial, 'hex')),
  );
  const single = sequence(
    certId,
    certStatus(request.status),
    generalizedTime(request.thisUpdate),
    ...(request.nextUpdate === undefined ? [] : [contextConstructed(0, generalizedTime(request.nextUpdate))]),
  );
  const nonce =
    request.nonce === undefined
      ? []
      : [
          contextConstructed(
            1,
            sequence(extensionDer({ oid: '1.3.6.1.5.5.7.48.1.2', critical: false, value: octetString(request.nonce) })),
          ),
        ];
  const responseData = sequence(
    contextConstructed(2, octetString(sha1(keyBitsOf(request.responder.spki)))),
    generalizedTime(request.producedAt ?? request.thisUpdate),
    sequence(single),
    ...nonce,
  );
  const algorithm = defaultSignatureAlgorithm(request.responder.key);
  const signature = signBytes(responseData, request.responder.key, algorithm);
  if (faults.breakSignature) signature[signature.length - 1] = (signature[signature.length - 1] as number) ^ 1;
  const basic = sequence(
    responseData,
    signatureIdentifier(algorithm),
    bitString(signature),
    ...(request.responder.certificate === undefined ? [] : [contextConstructed(0, sequence(request.responder.certificate))]),
  );
  return sequence(enumerated(0), contextConstructed(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))));
}

/** An OCSPResponse without an answer: `malformedRequest` 1, `internalError` 2, `tryLater` 3, `sigRequired` 5, `unauthorized` 6. */
export function createOcspError(status: 1 | 2 | 3 | 5 | 6): Uint8Array {
  return sequence(enumerated(status));
}

function certStatus(status: OcspRequest['status']): Uint8Array {
  if (status === 'good') return contextPrimitive(0, new Uint8Array(0));
  if (status === 'unknown') return contextPrimitive(2, new Uint8Array(0));
  const reason = status.reason === undefined ? [] : [contextConstructed(0, enumerated(CRL_REASONS[status.reason]))];
  return contextConstructed(1, generalizedTime(status.revokedAt), ...reason);
}
