import type { EvidenceItem } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import { trueTime } from '../evidence/server.js';
import { durationInWords } from '../time-text.js';
import { parseCrl } from '../x509/crl.js';
import { pathProblems, problemFinding } from './path-findings.js';
import { type Finding, found, type Outcome } from './rule.js';
import { authorityName, callName, fact, iso } from './wording.js';

/** Revoked certificates of either side. */
export function revokedFindings(evidence: Evidence): Outcome {
  const findings: Finding[] = pathProblems(evidence, 'revoked').map((problem) => problemFinding(evidence, problem));
  const client = revokedClient(evidence);
  return found(...findings, ...(client === undefined ? [] : [client]));
}

function revokedClient(evidence: Evidence): Finding | undefined {
  const { client, receptions } = evidence;
  const given = receptions.given;
  if (client?.leaf === undefined) return undefined;
  const listed = listedIn(evidence);
  const said = given?.verdict === 'refused' && (given.alert?.number === 44 || given.says === 'revoked');
  if (!said && listed === undefined) return undefined;
  const facts: EvidenceItem[] = [
    fact('serial', client.leaf.serial, client.label),
    ...(given === undefined ? [] : [fact('with the given certificate', `${given.verdict}: ${given.how}`, `handshake ${given.handshake}`)]),
    ...(listed === undefined
      ? []
      : [fact('revoked at', iso(listed.revokedAt), listed.source), fact('reason', listed.reason, listed.source)]),
  ];
  return {
    confidence: 'certain',
    party: 'client',
    ...(given?.verdict !== 'refused' && { warning: true }),
    summary: `the client certificate of ${callName(client.leaf)} was revoked${listed === undefined ? ', says the server' : ` on ${iso(listed.revokedAt)} (${listed.reason})`}${given?.verdict === 'accepted' ? ', and the server lets it in all the same' : ''}`,
    evidence: facts,
  };
}

function listedIn(evidence: Evidence): { revokedAt: number; reason: string; source: string } | undefined {
  const leaf = evidence.client?.leaf;
  if (leaf === undefined) return undefined;
  for (const { label, crls } of evidence.observation.given.crls)
    for (const der of crls) {
      const crl = parseCrl(der);
      if (crl.issuer.key !== leaf.issuer.key) continue;
      const entry = crl.find(leaf);
      if (entry !== undefined) return { revokedAt: entry.revokedAt, reason: entry.reason, source: label };
    }
  return undefined;
}

/** Revocation that was asked for, or promised by the certificate, and that nobody can tell. */
export function unavailableFindings(evidence: Evidence): Outcome {
  const { server, observation } = evidence;
  if (server === undefined) return found();
  const findings: Finding[] = [];
  const now = trueTime(evidence.clock);
  // Asked for by --crl: the list of the end entity's issuer has to be there, and current.
  const lists = observation.given.crls.flatMap(({ label, crls, problem }) =>
    problem === undefined ? crls.map((der) => ({ label, crl: parseCrl(der) })) : [],
  );
  for (const { label, problem } of observation.given.crls)
    if (problem !== undefined)
      findings.push({
        confidence: 'certain',
        party: 'client',
        summary: `${label} cannot be used as a revocation list: ${problem.message}`,
        evidence: [fact('file', label, '--crl')],
      });
  if (lists.length > 0) {
    const mine = lists.filter(({ crl }) => crl.issuer.key === server.leaf.issuer.key);
    const current = mine.filter(({ crl }) => !(crl.nextUpdate < now) && !(crl.thisUpdate > now));
    const [last] = mine;
    if (last === undefined)
      findings.push({
        confidence: 'certain',
        party: 'client',
        summary: `no revocation list given is from "${authorityName(server.leaf.issuer)}", which issued ${callName(server.leaf)}: nobody can tell whether it was revoked`,
        evidence: lists.map(({ label, crl }) => fact('issuer of the list', crl.issuer.text, label)),
      });
    else if (current.length === 0)
      findings.push({
        confidence: 'certain',
        party: 'client',
        summary:
          last.crl.thisUpdate > now
            ? `${last.label} is not valid for another ${durationInWords((last.crl.thisUpdate - now) / 1000)}`
            : `${last.label} ran out ${durationInWords((now - last.crl.nextUpdate) / 1000)} ago: nobody can tell whether ${callName(server.leaf)} was revoked since`,
        evidence: [fact('thisUpdate', iso(last.crl.thisUpdate), last.label), fact('nextUpdate', iso(last.crl.nextUpdate), last.label)],
      });
  }
  if (
    server.leaf.mustStaple &&
    server.staple === undefined &&
    evidence.handshakes.some(({ sent, secureConnect }) => sent.requestOcsp && secureConnect)
  )
    findings.push({
      confidence: 'certain',
      party: 'server',
      summary: `the certificate of ${callName(server.leaf)} promises a stapled OCSP answer (must-staple), and the server sends none`,
      evidence: [
        fact('tlsfeature', 'status_request', 'certificate 0 as sent'),
        fact('stapled', 'nothing', 'handshake with status_request'),
      ],
    });
  const failed = observation.fetched.filter(({ kind, result }) => (kind === 'ocsp' || kind === 'crl') && result.status === 'failed');
  const [first] = failed;
  const answered =
    observation.fetched.some(({ kind, result }) => (kind === 'ocsp' || kind === 'crl') && result.status === 'completed') ||
    server.staple !== undefined;
  if (findings.length === 0 && first !== undefined && !answered && first.result.status === 'failed')
    findings.push({
      confidence: 'certain',
      warning: true,
      summary: `${first.from} does not answer (${first.result.failure.code}): nobody can tell whether ${callName(server.leaf)} was revoked, and most clients go on regardless`,
      evidence: failed.map(({ from, result }) => fact('no answer', result.status === 'failed' ? result.failure.message : null, from)),
    });
  return found(...findings);
}
