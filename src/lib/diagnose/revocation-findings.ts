import type { EvidenceItem, Fix } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import { trueTime } from '../evidence/server.js';
import { durationInWords } from '../time-text.js';
import { parseCrl } from '../x509/crl.js';
import { quoteForShell } from './meta.js';
import { pathProblems, problemFinding } from './path-findings.js';
import { type Finding, found, type Outcome } from './rule.js';
import { authorityName, callName, fact, fixFor, iso } from './wording.js';

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
  if (!said && listed === undefined) return revokedByElimination(evidence);
  const facts: EvidenceItem[] = [
    fact('serial', client.leaf.serial, client.label),
    ...(given === undefined ? [] : [fact('with the given certificate', `${given.verdict}: ${given.how}`, `handshake ${given.handshake}`)]),
    ...(listed === undefined
      ? []
      : [fact('revoked at', iso(listed.revokedAt), listed.source), fact('reason', listed.reason, listed.source)]),
  ];
  return {
    confidence: said || listed?.given === true ? 'certain' : 'likely',
    party: 'client',
    ...(given?.verdict !== 'refused' && { warning: true }),
    ownFixesOnly: true,
    fixes: newClientCertificate(evidence),
    summary: `the client certificate of ${callName(client.leaf)} was revoked${listed === undefined ? ', says the server' : ` on ${iso(listed.revokedAt)} (${listed.reason})`}${given?.verdict === 'accepted' ? ', and the server lets it in all the same' : ''}`,
    evidence: facts,
  };
}

/** The client's certificate is the one to replace, not the server's. */
function newClientCertificate(evidence: Evidence): Fix[] {
  return [
    fixFor(
      evidence,
      'issue a new client certificate with a new key: a revoked one never comes back',
      'tlsmedic issue {identity} --client --out ./tls',
    ),
    { title: 'ask the authority for the reason: after keyCompromise replace everything that shared the key' },
  ];
}

/**
 * nginx has one sentence for every certificate that OpenSSL's verification refuses, and nothing else refuses it there. Where dates (by its own
 * clock), purpose, key and the way to an authority that it names are in order, its revocation list is what is left, or another key under
 * the same name.
 */
function revokedByElimination(evidence: Evidence): Finding | undefined {
  const { client, receptions, clock } = evidence;
  const given = receptions.given;
  if (client?.leaf === undefined || given?.verdict !== 'refused' || !/The SSL certificate error/i.test(given.how)) return undefined;
  const inOrder =
    client.named === true &&
    client.purposeOk === true &&
    client.keyMatches === true &&
    client.weakness === undefined &&
    !client.leaf.selfIssued &&
    // With two intermediates ssl_verify_depth (1 unless set) is as likely.
    client.certificates.slice(1).filter(({ selfIssued }) => !selfIssued).length < 2 &&
    clock.peer !== undefined &&
    client.chainValidity.every(({ verdict }) => verdict.conclusion === 'valid' && verdict.peer === 'valid') &&
    evidence.clientOfTrustedAuthority !== 'other-key';
  if (!inOrder) return undefined;
  const known = evidence.clientOfTrustedAuthority === 'yes';
  return {
    confidence: known ? 'likely' : 'possible',
    party: 'client',
    summary: `nginx refuses the client certificate of ${callName(client.leaf)} although its dates, purpose, key and issuer are in order: what is left is the revocation list of the server`,
    evidence: [
      fact('with the given certificate', `${given.verdict}: ${given.how}`, `handshake ${given.handshake}`),
      fact('valid', `${iso(client.leaf.notBefore)} to ${iso(client.leaf.notAfter)}`, client.label),
      fact('issuer named by the server', client.leaf.issuer.text, 'CertificateRequest'),
      fact('serial', client.leaf.serial, client.label),
    ],
    ownFixesOnly: true,
    fixes: [
      {
        title: "read the server's own reason",
        command: "ssh {host} sudo grep 'SSL certificate verify error' /var/log/nginx/error.log".replace(
          '{host}',
          quoteForShell(evidence.target.host),
        ),
      },
      ...newClientCertificate(evidence),
    ],
    alternatives: [
      { class: 'revocation', code: 'revocation-unavailable', why: 'nginx refuses everybody when its revocation list (ssl_crl) ran out' },
      {
        class: 'client-auth',
        code: 'client-cert-unknown-ca',
        why: 'the authority that the server has under this name may have another key, or its ssl_verify_depth is too small',
      },
    ],
  };
}

interface Listing {
  revokedAt: number;
  reason: string;
  source: string;
  /** By a list that the caller gave, not one that was fetched. */
  given: boolean;
}

function listedIn({ client, observation }: Evidence): Listing | undefined {
  const leaf = client?.leaf;
  if (leaf === undefined) return undefined;
  const lists = [
    ...observation.given.crls.flatMap(({ label, crls }) => crls.map((der) => ({ der, source: label, given: true }))),
    ...observation.fetched.flatMap(({ kind, from, result }) =>
      kind === 'crl' && result.status === 'completed' ? result.value.map((der) => ({ der, source: from, given: false })) : [],
    ),
  ];
  for (const { der, source, given } of lists) {
    const crl = parseCrl(der);
    if (crl.issuer.key !== leaf.issuer.key) continue;
    const entry = crl.find(leaf);
    if (entry !== undefined) return { revokedAt: entry.revokedAt, reason: entry.reason, source, given };
  }
  return undefined;
}

/**
 * "Expired", said of a client certificate that is valid by the server's own clock: OpenSSL says the same alert when the revocation list by
 * which it checks its clients ran out.
 */
export function staleListOfServer({ client, receptions, clock }: Evidence): Finding[] {
  const given = receptions.given;
  if (client?.leaf === undefined || given?.verdict !== 'refused' || given.alert?.number !== 45 || clock.peer === undefined) return [];
  if (!client.chainValidity.every(({ verdict }) => verdict.conclusion === 'valid' && verdict.peer === 'valid')) return [];
  return [
    {
      confidence: 'likely',
      party: 'server',
      summary: `the server calls the client certificate of ${callName(client.leaf)} expired, which is valid until ${iso(client.leaf.notAfter)} by its own clock too: the revocation list that it checks its clients by has run out`,
      evidence: [
        fact('with the given certificate', given.how, `handshake ${given.handshake}`),
        fact('valid', `${iso(client.leaf.notBefore)} to ${iso(client.leaf.notAfter)}`, client.label),
      ],
      alternatives: [
        { class: 'client-auth', code: 'client-cert-expired', why: 'an authority above it, as the server has it, may have run out' },
      ],
    },
  ];
}

/** Revocation that was asked for, or promised by the certificate, and that nobody can tell. */
export function unavailableFindings(evidence: Evidence): Outcome {
  const { server, observation } = evidence;
  const findings: Finding[] = staleListOfServer(evidence);
  if (server === undefined) return found(...findings);
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
    // Lists of the client's own authorities are for the server's question, not for ours.
    const ours = new Set(evidence.client?.certificates.map(({ issuer }) => issuer.key));
    const forServer = lists.some(({ crl }) => !ours.has(crl.issuer.key));
    if (last === undefined && forServer)
      findings.push({
        confidence: 'certain',
        party: 'client',
        summary: `no revocation list given is from "${authorityName(server.leaf.issuer)}", which issued ${callName(server.leaf)}: nobody can tell whether it was revoked`,
        evidence: lists.map(({ label, crl }) => fact('issuer of the list', crl.issuer.text, label)),
      });
    else if (last !== undefined && current.length === 0)
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
  const stapling = evidence.handshakes.filter(({ sent }) => sent.requestOcsp);
  const hungUp = stapling.length > 0 && stapling.every(({ outcome }) => outcome === 'closed') && evidence.look?.secureConnect === true;
  if (server.leaf.mustStaple && server.staple === undefined && (hungUp || stapling.some(({ secureConnect }) => secureConnect)))
    findings.push({
      confidence: 'certain',
      party: 'server',
      summary: `the certificate of ${callName(server.leaf)} promises a stapled OCSP answer (must-staple), and the server ${hungUp ? 'hangs up when it is asked for one' : 'sends none'}`,
      evidence: [
        fact('tlsfeature', 'status_request', 'certificate 0 as sent'),
        fact('stapled', hungUp ? 'the connection ended' : 'nothing', 'handshake with status_request'),
      ],
    });
  const asked = observation.fetched.filter(
    ({ kind, for: whose }) => (kind === 'ocsp' || kind === 'crl') && whose === server.leaf.fingerprint,
  );
  const [first] = asked;
  // An answer that says nothing (tryLater, another certificate, a signature of somebody else) is no better than none.
  const settled = server.path.best.steps[0]?.checked.includes('revocation') === true || server.staple !== undefined;
  if (findings.length === 0 && first !== undefined && !settled) {
    const how = (one: typeof first) =>
      one.result.status === 'completed'
        ? 'an answer that says nothing about this certificate'
        : one.result.status === 'failed'
          ? one.result.failure.message
          : one.result.why;
    findings.push({
      confidence: 'certain',
      warning: true,
      summary: `${first.from} ${first.result.status === 'failed' ? `does not answer (${first.result.failure.code})` : 'gives no usable answer'}: nobody can tell whether ${callName(server.leaf)} was revoked, and most clients go on regardless`,
      evidence: asked.map((one) => fact('no answer', how(one), one.from)),
    });
  }
  return found(...findings);
}
