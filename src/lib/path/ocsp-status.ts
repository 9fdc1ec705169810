import type { Certificate } from '../x509/certificate.js';
import { isResponder, type OcspResponse, responseFor } from '../x509/ocsp-response.js';
import { EKU } from '../x509/oids.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { sameName } from '../x509/read-name.js';
import type { Budget } from './budget.js';
import { iso } from './certificate-rules.js';
import type { RevocationStatus } from './crl-status.js';
import { checkSignature } from './signature.js';

/**
 * Responders that sign each answer anew stamp it with their own clock's "now", which lies after the moment that a diagnosis began to judge
 * at, and a little off ours anyway. OpenSSL allows as much (OCSP_check_validity, 300 s).
 */
const TOLERANCE_MS = 300_000;

/** What OCSP responses say about one certificate (RFC 6960 §3.2, §4.2.2.2). */
export function ocspStatus(
  certificate: Certificate,
  issuer: Certificate,
  responses: readonly OcspResponse[],
  at: number,
  budget: Budget,
): RevocationStatus {
  const refusals: string[] = [];
  let good: RevocationStatus | undefined;
  for (const response of responses) {
    if (response.status !== 'successful') {
      refusals.push(`OCSP responder answered ${response.status || 'nothing readable'}`);
      continue;
    }
    const single = responseFor(response, certificate, issuer);
    if (single === undefined) continue;
    const label = `OCSP response of ${iso(response.producedAt)}`;
    const defect = response.problems.find(({ severity }) => severity === 'fatal');
    const why =
      defect !== undefined
        ? `malformed: ${defect.message}`
        : single.unknownCritical.length > 0
          ? 'has a critical extension that is not known'
          : at + TOLERANCE_MS < single.thisUpdate
            ? `speaks of the future: ${iso(single.thisUpdate)}`
            : !Number.isNaN(single.nextUpdate) && Math.floor(at / 1000) * 1000 > single.nextUpdate
              ? `out of date since ${iso(single.nextUpdate)}`
              : signerDefect(response, issuer, at, budget);
    if (why !== undefined) refusals.push(`${label}: ${why}`);
    else if (single.status === 'revoked')
      return { status: 'revoked', by: label, at: single.revokedAt ?? Number.NaN, reason: single.reason ?? 'unspecified' };
    else if (single.status === 'good') good = { status: 'good', by: label };
    else refusals.push(`${label}: the responder does not know the certificate`);
  }
  return good ?? { status: 'unknown', why: refusals.slice(0, 3).join('; ') || 'no OCSP response about it is at hand' };
}

/** The issuer itself signs, or somebody to whom it gave a certificate for just that. */
function signerDefect(response: OcspResponse, issuer: Certificate, at: number, budget: Budget): string | undefined {
  const signedBy = (certificate: Certificate): boolean =>
    budget.take('signatures') && checkSignature(response.tbs, response.signature, response.signatureAlgorithm, certificate.publicKey).ok;
  if (isResponder(response, issuer) && signedBy(issuer)) return undefined;
  for (const der of response.certificates) {
    const delegate = parseCertificate(der);
    if (!isResponder(response, delegate)) continue;
    if (!sameName(delegate.issuer, issuer.subject) || delegate.extKeyUsage?.includes(EKU.ocspSigning) !== true)
      return `its signer ${delegate.subject.text} was not put in charge by ${issuer.subject.text}`;
    if (at < delegate.notBefore || at > delegate.notAfter)
      return `its signer’s certificate was valid from ${iso(delegate.notBefore)} to ${iso(delegate.notAfter)}`;
    if (!budget.take('signatures') || !checkSignature(delegate.tbs, delegate.signature, delegate.signatureAlgorithm, issuer.publicKey).ok)
      return 'its signer’s certificate was not signed by the issuer';
    return signedBy(delegate) ? undefined : 'its signature does not verify';
  }
  return 'its signature is not by the issuer nor by a delegate of it';
}
