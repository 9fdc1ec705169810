import type { OcspStapleFact } from '../observe/facts/probe-facts.js';
import type { HandshakeRecord } from '../observe/observation.js';
import { ocspStatus } from '../path/ocsp-status.js';
import { ruleContext } from '../path/path-rules.js';
import { isoTime } from '../time-text.js';
import { parseOcspResponse, responsesFor } from '../x509/ocsp-response.js';
import { parseCertificate } from '../x509/parse-certificate.js';

/** Decodes and verifies the stapled response of a connection that asked for one. The issuer is looked for in the chain as sent. */
export function stapleFact(record: HandshakeRecord, at: number): OcspStapleFact {
  const fact: OcspStapleFact = { stapled: record.ocspStaple !== undefined, outcome: record.outcome };
  if (!record.ocspStaple) return fact;
  const response = parseOcspResponse(record.ocspStaple);
  const [leaf, ...others] = record.chain.map((der) => parseCertificate(der));
  fact.status = response.status === 'successful' ? 'unknown' : response.status;
  const producedAt = isoTime(response.producedAt);
  if (producedAt !== null) fact.producedAt = producedAt;
  const issuer = leaf && others.find((candidate) => candidate.subject.key === leaf.issuer.key);
  const single = leaf && issuer ? responsesFor(response, leaf, issuer)[0] : response.responses[0];
  if (single) {
    fact.status = single.status;
    for (const [key, ms] of [
      ['thisUpdate', single.thisUpdate],
      ['nextUpdate', single.nextUpdate],
      ['revokedAt', single.revokedAt ?? Number.NaN],
    ] as const) {
      const text = isoTime(ms);
      if (text !== null) fact[key] = text;
    }
  }
  if (!leaf || !issuer) return { ...fact, verified: false, why: 'the issuer was not sent, so the signature cannot be checked' };
  const status = ocspStatus(leaf, issuer, [response], ruleContext({ at }));
  fact.verified = status.status === 'good' || status.status === 'revoked';
  if (!fact.verified && 'why' in status) fact.why = status.why;
  return fact;
}
