import type { Alternative, CauseCode, Confidence, EvidenceItem, Fix } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import { guessIssuerRole } from '../evidence/issuer-role.js';
import type { ServerEvidence } from '../evidence/server.js';
import type { MissingIssuer } from '../path/verification.js';
import type { Certificate } from '../x509/certificate.js';
import { type Finding, found, type Outcome, PASS } from './rule.js';
import { authorityName, callName, fact, fixFor, hexPairs, listText } from './wording.js';

type AuthorityCode = Extract<CauseCode, 'self-signed' | 'missing-intermediate' | 'untrusted-root' | 'stale-trust-bundle'>;

const CODES: ReadonlySet<string> = new Set<AuthorityCode>(['self-signed', 'missing-intermediate', 'untrusted-root', 'stale-trust-bundle']);

/** Why there is no path to a trust anchor: one verdict, decided here once, so that the four rules cannot contradict each other. */
interface AuthorityVerdict {
  code: AuthorityCode;
  confidence: Confidence;
  /** The last certificate of the best path, whose issuer is wanting. */
  last: Certificate;
  missing?: MissingIssuer;
  /** Self-signed certificate of an unknown root that the server sent itself. */
  rootSent?: Certificate;
  /** Where the anchor of the same name stands. */
  staleSource?: string;
  because: string;
  alternatives: Alternative[];
}

function judgeAuthority(evidence: Evidence, server: ServerEvidence): AuthorityVerdict | undefined {
  const { best } = server.path;
  const problem = server.path.problems.find(({ code }) => CODES.has(code));
  const lastStep = best.steps.at(-1);
  const last = lastStep?.certificate;
  if (last === undefined) return undefined;

  // A trust anchor of the right name whose key does not fit: without key identifiers it shows as a signature that does not verify.
  const unsigned = server.path.problems.find(({ code, index }) => code === 'bad-signature' && best.steps[index + 1]?.role === 'anchor');
  const child = unsigned && best.steps[unsigned.index]?.certificate;
  if (child !== undefined && child.authorityKeyIdentifier?.keyIdentifier === undefined)
    return {
      code: 'stale-trust-bundle',
      confidence: 'likely',
      last: child,
      ...(best.missing && { missing: best.missing }),
      because: 'the anchor has the name of the issuer, neither has key identifiers, and the signature does not verify with its key',
      alternatives: [
        { class: 'invalid-certificate', code: 'bad-signature', why: 'without key identifiers a damaged certificate looks the same' },
      ],
    };
  if (problem === undefined) return undefined;
  const base = { last, ...(best.missing && { missing: best.missing }), alternatives: [] as Alternative[] };

  if (problem.code === 'self-signed')
    return { ...base, code: 'self-signed', confidence: 'certain', because: 'issuer and subject are the same' };
  if (problem.code === 'stale-trust-bundle')
    return {
      ...base,
      code: 'stale-trust-bundle',
      // Without key identifiers a damaged certificate looks the same.
      confidence: last.authorityKeyIdentifier?.keyIdentifier === undefined && !isSelfSigned(last) ? 'likely' : 'certain',
      staleSource: String(problem.facts.trusted ?? ''),
      because: problem.message,
    };
  if (problem.rule === 'partial-chain') return { ...base, code: 'untrusted-root', confidence: 'certain', because: problem.message };
  if (isSelfSigned(last))
    return {
      ...base,
      code: 'untrusted-root',
      confidence: 'certain',
      rootSent: last,
      because: 'the server sent its own root, and it is in none of the stores in force',
    };

  // What was sent and cannot stand as an issuer is no certificate that is missing: not-a-ca and its like say why.
  const sent = new Set(server.chain.map(({ certificate }) => certificate.fingerprint));
  if (best.missing?.found.some(({ fingerprint }) => sent.has(fingerprint)) === true) return undefined;
  const helpful = best.missing?.found ?? [];
  const root = helpful.find(({ selfSigned }) => selfSigned);
  const between = helpful.find(({ selfSigned }) => !selfSigned);
  if (between !== undefined)
    return {
      ...base,
      code: 'missing-intermediate',
      confidence: 'certain',
      because: `${between.source} signed it, and the server does not send it`,
    };
  if (root !== undefined)
    return {
      ...base,
      code: 'untrusted-root',
      confidence: 'certain',
      because: `its root is known from ${root.source}, which is not trusted here`,
    };

  const guess = guessIssuerRole({ last, chain: server.chain.map(({ certificate }) => certificate), anchors: anchorsIn(evidence) });
  const other: AuthorityCode = guess.role === 'intermediate' ? 'untrusted-root' : 'missing-intermediate';
  return {
    ...base,
    code: guess.role === 'intermediate' ? 'missing-intermediate' : 'untrusted-root',
    confidence: guess.confidence,
    because: guess.because,
    alternatives:
      guess.confidence === 'certain'
        ? []
        : [
            {
              class: 'unknown-authority',
              code: other,
              why: `nothing at hand is called "${authorityName(last.issuer)}", so it may be ${other === 'untrusted-root' ? 'a root that is not trusted here' : 'an intermediate that was not sent'}`,
            },
          ],
  };
}

function isSelfSigned(certificate: Certificate): boolean {
  return certificate.selfIssued;
}

function anchorsIn(evidence: Evidence): { name: string; organization: string | undefined; key: string }[] {
  return evidence.anchorNames;
}

/** The finding of one of the four codes, when the verdict is that code. */
export function authorityFindings(evidence: Evidence, code: AuthorityCode): Outcome {
  const { server } = evidence;
  const verdict = server && judgeAuthority(evidence, server);
  if (server === undefined || verdict === undefined || verdict.code !== code) return PASS;
  return found({ ...wordsFor(evidence, server, verdict), confidence: verdict.confidence, alternatives: verdict.alternatives });
}

function wordsFor(
  evidence: Evidence,
  server: ServerEvidence,
  verdict: AuthorityVerdict,
): Pick<Finding, 'summary' | 'evidence' | 'fixes' | 'party'> {
  const { last, missing } = verdict;
  const store = evidence.observation.given.trust.store;
  const issuer = authorityName(last.issuer);
  const facts: EvidenceItem[] = [
    fact(
      'sent',
      listText(
        server.chain.map(({ certificate }) => callName(certificate)),
        5,
      ),
      `handshake ${server.handshake}`,
    ),
    fact('issuer wanted', last.issuer.text, `certificate of ${callName(last)}`),
    fact('its key identifier', hexPairs(last.authorityKeyIdentifier?.keyIdentifier), 'authorityKeyIdentifier'),
    fact('trusted', store, 'trust store in force'),
    fact('because', verdict.because, 'own path building'),
  ];
  for (const same of missing?.sameName ?? [])
    facts.push(
      fact('same name, another key', `${same.keyIdentifier ?? same.fingerprint.slice(0, 16)}, not after ${same.notAfter}`, same.source),
    );
  for (const one of missing?.found ?? []) facts.push(fact('found', one.fingerprint, one.source));
  if (server.trustedElsewhere.length > 0)
    facts.push(fact('would verify with', server.trustedElsewhere.join(', '), 'other stores of this machine'));
  const elsewhere = server.trustedElsewhere[0];
  const fixes: Fix[] = [];
  switch (verdict.code) {
    case 'self-signed':
      return {
        summary: `${callName(last)} shows a certificate that signed itself; no authority stands behind it`,
        evidence: [...facts, fact('fingerprint (SHA-256)', last.fingerprint, 'certificate 0 as sent')],
      };
    case 'stale-trust-bundle': {
      const same = missing?.sameName.find((one) => one.trusted);
      return {
        summary: `${same?.source ?? verdict.staleSource ?? store} has an authority named "${issuer}", but with another key than the one that signed ${callName(last)}`,
        evidence: facts,
      };
    }
    case 'missing-intermediate': {
      const wrong = server.chain.length > server.path.best.steps.length;
      const source = missing?.found.find(({ selfSigned }) => !selfSigned)?.source;
      if (missing !== undefined && missing.aia.length > 0)
        fixes.push(
          fixFor(
            evidence,
            'fetch the intermediate from the address in the certificate',
            `curl -s ${missing.aia[0]} | openssl x509 -inform DER -out {intermediate}`,
          ),
        );
      return {
        summary: `the server does not send "${issuer}", the intermediate that issued ${callName(last)}${wrong ? `; what it sends besides (${listText(server.chain.slice(1).map(({ certificate }) => callName(certificate)))}) is not it` : ''}${source === undefined ? '' : ` (found: ${source})`}`,
        evidence: facts,
        fixes,
      };
    }
    case 'untrusted-root': {
      const name = verdict.rootSent === undefined ? issuer : callName(verdict.rootSent);
      const bundleOnlyIntermediate = evidence.observation.given.trust.kind === 'none' ? ' (no store is trusted: --trust none)' : '';
      if (elsewhere !== undefined)
        fixes.push({ title: `it would verify with ${elsewhere}: trust that store, or add its root to this bundle` });
      return {
        summary: `${callName(server.leaf)} leads to "${name}", which is not among the trust anchors (${store})${bundleOnlyIntermediate}`,
        evidence:
          verdict.rootSent === undefined
            ? facts
            : [...facts, fact('fingerprint of that root (SHA-256)', verdict.rootSent.fingerprint, 'as sent')],
        fixes,
      };
    }
  }
}
