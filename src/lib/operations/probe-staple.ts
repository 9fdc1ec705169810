import type { Cause } from '../cause.js';
import { causeOf } from '../diagnose/cause-of.js';
import type { OcspStapleFact } from '../observe/facts/probe-facts.js';
import type { HandshakeRecord } from '../observe/observation.js';
import { ocspStatus } from '../path/ocsp-status.js';
import { ruleContext } from '../path/path-rules.js';
import { isoTime } from '../time-text.js';
import type { Certificate } from '../x509/certificate.js';
import { parseOcspResponse, responsesFor } from '../x509/ocsp-response.js';
import { parseCertificate } from '../x509/parse-certificate.js';

/**
 * Decodes and verifies the stapled response of a connection that asked for one, at the time `at` (milliseconds since 1970). The issuer is looked for
 * in the chain as sent, then among `known` (trust anchors and further intermediates).
 */
export function stapleFact(record: HandshakeRecord, at: number, known: readonly Certificate[] = []): OcspStapleFact {
  const fact: OcspStapleFact = { stapled: record.ocspStaple !== undefined, outcome: record.outcome };
  if (!record.ocspStaple) return fact;
  const response = parseOcspResponse(record.ocspStaple);
  const [leaf, ...others] = record.chain.map((der) => parseCertificate(der));
  fact.status = response.status === 'successful' ? 'unknown' : response.status;
  const producedAt = isoTime(response.producedAt);
  if (producedAt !== null) fact.producedAt = producedAt;
  const issuer = leaf && [...others, ...known].find((candidate) => candidate.subject.key === leaf.issuer.key);
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
  if (!leaf || !issuer)
    return { ...fact, verified: false, why: 'its issuer was neither sent nor given, so the signature cannot be checked' };
  const status = ocspStatus(leaf, issuer, [response], ruleContext({ at }));
  fact.verified = status.status === 'good' || status.status === 'revoked';
  if (!fact.verified && 'why' in status) fact.why = single ? status.why : 'it is about another certificate';
  return fact;
}

/**
 * What the staple says against the server: revoked is a cause; a staple that clients cannot use, or a server that hangs up when asked for one, is
 * a warning, since only some clients ask (browsers and Go always do).
 */
export function stapleFindings(
  fact: OcspStapleFact,
  record: HandshakeRecord,
  values: Parameters<typeof causeOf>[1]['values'],
): { cause?: Cause; warning?: Cause } {
  const source = `handshake ${record.id}, asking for an OCSP response`;
  const given = { evidence: [] as Cause['evidence'], ...(values && { values }) };
  if (!fact.stapled) {
    if (record.outcome === 'accepted' || record.error?.code === 'aborted') return {};
    const said = record.alertReceived ? `alert ${record.alertReceived.number} ${record.alertReceived.name}` : record.outcome;
    return {
      warning: causeOf('revocation-unavailable', {
        ...given,
        party: 'server',
        confidence: 'likely',
        summary: `the server breaks the handshake off when a client asks for a stapled OCSP response (${said}); browsers and Go always ask`,
        evidence: [{ fact: 'outcome', value: said, source }],
        fixes: [{ title: 'look at the file or responder that the server staples from (nginx: ssl_stapling, HAProxy: ocsp-update)' }],
        ownFixesOnly: true,
      }),
    };
  }
  const evidence = (['status', 'producedAt', 'thisUpdate', 'nextUpdate', 'revokedAt', 'why'] as const).flatMap((key) => {
    const value = fact[key];
    return value === undefined ? [] : [{ fact: `staple: ${key}`, value, source }];
  });
  if (fact.verified === true && fact.status === 'revoked') {
    const when = fact.revokedAt === undefined ? '' : ` at ${fact.revokedAt}`;
    return {
      cause: causeOf('revoked', { ...given, evidence, summary: `the OCSP response that the server itself staples says revoked${when}` }),
    };
  }
  if (fact.verified === true || fact.why?.startsWith('its issuer was neither')) return {};
  return {
    warning: causeOf('revocation-unavailable', {
      ...given,
      evidence,
      party: 'server',
      summary: `the stapled OCSP response is of no use: ${fact.why ?? fact.status ?? 'unreadable'}`,
      fixes: [{ title: 'have the server fetch a fresh response (nginx: ssl_stapling with a resolver), or staple none' }],
      ownFixesOnly: true,
    }),
  };
}
