import type { Certificate } from '../x509/certificate.js';
import { isResponder, type OcspResponse, type OcspSingleResponse, responsesFor } from '../x509/ocsp-response.js';
import { EKU } from '../x509/oids.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { sameName } from '../x509/read-name.js';
import { iso } from './certificate-rules.js';
import type { RevocationStatus } from './crl-status.js';
import { certificateFindings, type PathRuleContext } from './path-rules.js';
import { checkSignature } from './signature.js';

/**
 * Responders that sign each answer anew stamp it with their own clock's "now", which lies after the moment that a diagnosis began to judge
 * at, and a little off ours anyway. OpenSSL allows as much (OCSP_check_validity, 300 s).
 */
const TOLERANCE_MS = 300_000;

/**
 * Days for which an answer counts that names no time of the next one: "sufficiently recent" (§3.2 (5)). Responders that sign ahead live by a
 * week at the longest, those that do not answer afresh each time.
 */
const RECENT_DAYS = 7;

const DAY_MS = 86_400_000;

/** What OCSP responses say about one certificate (RFC 6960 §3.2, §4.2.2.2): the worst of the usable ones, revoked before good before unknown. */
export function ocspStatus(
  certificate: Certificate,
  issuer: Certificate,
  responses: readonly OcspResponse[],
  rules: PathRuleContext,
  maxAgeDays: number = RECENT_DAYS,
): RevocationStatus {
  const refusals: string[] = [];
  let good: RevocationStatus | undefined;
  for (const response of responses) {
    if (response.status !== 'successful') {
      refusals.push(`OCSP responder answered ${response.status || 'nothing readable'}`);
      continue;
    }
    for (const single of responsesFor(response, certificate, issuer)) {
      const label = `OCSP response of ${iso(response.producedAt)}`;
      const why = responseDefect(response) ?? singleDefect(single, rules.at, maxAgeDays) ?? signerDefect(response, issuer, rules);
      if (why !== undefined) refusals.push(`${label}: ${why}`);
      else if (single.status === 'revoked')
        return { status: 'revoked', by: label, at: single.revokedAt ?? Number.NaN, reason: single.reason ?? 'unspecified' };
      else if (single.status === 'good') good = { status: 'good', by: label };
      else refusals.push(`${label}: the responder does not know the certificate`);
    }
  }
  return good ?? { status: 'unknown', why: refusals.slice(0, 3).join('; ') || 'no OCSP response about it is at hand' };
}

function responseDefect({ problems, unknownCritical }: OcspResponse): string | undefined {
  const defect = problems.find(({ severity }) => severity === 'fatal');
  if (defect !== undefined) return `malformed: ${defect.message}`;
  return unknownCritical.length === 0 ? undefined : `has a critical extension that is not known: ${unknownCritical.join(', ')}`;
}

function singleDefect({ thisUpdate, nextUpdate, unknownCritical }: OcspSingleResponse, at: number, maxAgeDays: number): string | undefined {
  if (unknownCritical.length > 0) return `has a critical extension that is not known: ${unknownCritical.join(', ')}`;
  if (at + TOLERANCE_MS < thisUpdate) return `speaks of the future: ${iso(thisUpdate)}`;
  if (Number.isNaN(nextUpdate))
    return at - thisUpdate > maxAgeDays * DAY_MS ? `names no next update and is older than ${maxAgeDays} days (RFC 6960 §3.2)` : undefined;
  return Math.floor(at / 1000) * 1000 > nextUpdate ? `out of date since ${iso(nextUpdate)}` : undefined;
}

/** The issuer itself signs, or somebody to whom it gave a certificate for just that. */
function signerDefect(response: OcspResponse, issuer: Certificate, rules: PathRuleContext): string | undefined {
  const { hash } = response.signatureAlgorithm;
  if (hash === 'md5' || hash === 'md2' || (hash === 'sha1' && !rules.allowSha1)) return `signed with broken ${hash}`;
  const signedBy = (certificate: Certificate): boolean =>
    rules.budget.take('signatures') &&
    checkSignature(response.tbs, response.signature, response.signatureAlgorithm, certificate.publicKey).ok;
  if (isResponder(response, issuer) && signedBy(issuer)) return undefined;
  let why = 'its signature is not by the issuer nor by a delegate of it';
  for (const der of response.certificates) {
    const delegate = parseCertificate(der);
    if (!isResponder(response, delegate)) continue;
    const defect = delegateDefect(delegate, issuer, rules);
    if (defect === undefined && signedBy(delegate)) return undefined;
    why = defect ?? 'its signature does not verify';
  }
  return why;
}

/** §4.2.2.2: a delegate has its certificate from the issuer directly, for this one purpose, and keeps the rules of any certificate. */
function delegateDefect(delegate: Certificate, issuer: Certificate, rules: PathRuleContext): string | undefined {
  const who = delegate.subject.text;
  if (!sameName(delegate.issuer, issuer.subject) || delegate.extKeyUsage?.includes(EKU.ocspSigning) !== true)
    return `its signer ${who} was not put in charge by ${issuer.subject.text}`;
  const { keyUsage } = delegate;
  if (keyUsage !== undefined && !keyUsage.includes('digitalSignature') && !keyUsage.includes('nonRepudiation'))
    return `its signer ${who} may not sign: keyUsage is ${keyUsage.join(', ')}`;
  const [finding] = certificateFindings(delegate, 'end-entity', { ...rules, purpose: 'any', requiredKeyUsage: [], judged: new Map() });
  if (finding !== undefined) return `its signer: ${finding.message}`;
  const signed =
    rules.budget.take('signatures') && checkSignature(delegate.tbs, delegate.signature, delegate.signatureAlgorithm, issuer.publicKey).ok;
  return signed ? undefined : "its signer's certificate was not signed by the issuer";
}
