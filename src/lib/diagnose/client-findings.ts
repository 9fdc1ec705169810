import { createHash } from 'node:crypto';
import type { Alternative, CauseCode, Confidence, EvidenceItem } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Reception } from '../evidence/reception.js';
import { trueTime } from '../evidence/server.js';
import { durationInWords } from '../time-text.js';
import type { Certificate } from '../x509/certificate.js';
import { peerBlame } from './clock-findings.js';
import { staleListOfServer } from './revocation-findings.js';
import { type Finding, found, notApplicable, type Outcome, PASS } from './rule.js';
import { authorityName, callName, fact, fixFor, hexPairs, iso, listText } from './wording.js';

/** Findings about the client's own certificate. The given files are checked first; what the server said only weighs them. */

function receptionFact(reception: Reception, who: string): EvidenceItem {
  return fact(who, `${reception.verdict}: ${reception.how}`, `handshake ${reception.handshake}`);
}

/** What the server did with each client that was tried. */
function trialFacts(evidence: Evidence): EvidenceItem[] {
  const words: Record<string, string> = {
    none: 'without a certificate',
    given: 'with the given certificate',
    untrusted: 'with a certificate from an unknown authority',
    'expired-twin': 'with an expired twin from an unknown authority',
    'server-only-twin': 'with a twin for servers only',
    impostor: 'with a twin from an impostor of the issuer',
  };
  return Object.values(evidence.receptions).map((reception) => receptionFact(reception, words[reception.identity] ?? reception.identity));
}

function demandFacts(evidence: Evidence): EvidenceItem[] {
  const { demand } = evidence;
  if (demand === undefined) return [];
  return [
    fact('CertificateRequest', 'sent by the server', `handshake ${demand.handshake}`),
    fact(
      'authorities it names',
      demand.authorities.length === 0
        ? 'none (any)'
        : listText(
            demand.authorities.map(({ text }) => text),
            6,
          ),
      `handshake ${demand.handshake}`,
    ),
  ];
}

/** The two public keys side by side. */
export function pairFacts(evidence: Evidence): EvidenceItem[] {
  const { client } = evidence;
  const spki = evidence.observation.given.client?.key.spki;
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  return [
    ...(client?.leaf === undefined
      ? []
      : [fact('public key of the certificate (SHA-256)', digest(client.leaf.publicKey.spki), client.label)]),
    ...(spki === undefined ? [] : [fact('public key of the key (SHA-256)', digest(spki), client?.keyLabel ?? '')]),
    ...trialFacts(evidence),
  ];
}

/** A defect of the given certificate itself: a cause where the server refuses it or may, a warning where it was let in all the same. */
export function clientDefect(evidence: Evidence, defect: Pick<Finding, 'summary' | 'evidence' | 'confidence'>): Finding {
  const given = evidence.receptions.given;
  const asked = evidence.demand !== undefined || given?.verdict === 'refused';
  const letIn = given?.verdict === 'accepted' || !asked;
  return {
    ...defect,
    ...(letIn && { warning: true }),
    confidence: !letIn && given?.verdict !== 'refused' && defect.confidence === 'certain' ? 'likely' : defect.confidence,
    summary: letIn ? `${defect.summary}${asked ? ', and the server lets it in all the same' : ''}` : defect.summary,
    evidence: [...defect.evidence, ...demandFacts(evidence), ...trialFacts(evidence)],
  };
}

/** Whether the file itself already explains a refusal. */
function fileExplains(evidence: Evidence): boolean {
  const { client } = evidence;
  return (
    client === undefined ||
    client.keyMatches === false ||
    client.purposeOk === false ||
    client.weakness !== undefined ||
    client.chainValidity.some(({ verdict }) => verdict.conclusion !== 'valid')
  );
}

export function requiredFinding(evidence: Evidence): Outcome {
  const { receptions, demand, client, look } = evidence;
  const none = receptions.none;
  // With a usable certificate at hand the question is another one.
  const usable = client !== undefined && client.leaf !== undefined && client.problem === undefined && client.keyMatches !== false;
  if (usable) return PASS;
  if (none === undefined) return notApplicable('no handshake was made without a certificate');
  const authorities = demand?.authorities ?? [];
  const facts = [...demandFacts(evidence), ...trialFacts(evidence)];
  const forWhom = authorities.length === 0 ? '' : ` from ${listText(authorities.map(({ text }) => /CN=([^,]+)/.exec(text)?.[1] ?? text))}`;
  if (none.verdict === 'refused') {
    const proof = none.alert?.number === 116 || none.says === 'none-sent';
    if (demand === undefined && !proof) {
      // TLS 1.2 renegotiation after a request, as Apache does for one location.
      if (look?.certificateRequest === undefined && none.alert !== undefined && none.how.includes('after'))
        return found({
          confidence: 'likely',
          summary: 'the server ends the connection after the request, as those do that want a client certificate for one path',
          evidence: facts,
        });
      return PASS;
    }
    const other = receptions.untrusted;
    const differs = other !== undefined && (other.alert?.number !== none.alert?.number || other.verdict !== none.verdict);
    return found({
      confidence: proof || none.alert !== undefined || differs ? 'certain' : 'likely',
      summary: `the server demands a client certificate${forWhom}, and none was given`,
      evidence: facts,
    });
  }
  if (demand !== undefined && none.verdict === 'accepted' && !none.aboveTls)
    return found({
      confidence: 'possible',
      warning: true,
      summary: `the server asks for a client certificate${forWhom} and greets without one; some (Dovecot) refuse only at login`,
      evidence: facts,
    });
  if (demand !== undefined && none.verdict === 'unknown' && none.status === 403)
    return found({
      confidence: 'likely',
      summary: `the server asks for a client certificate${forWhom} and, without one, answers HTTP 403`,
      evidence: facts,
      alternatives: [
        { class: 'client-auth', code: 'client-cert-rejected', why: 'the 403 may be about this path and not about the certificate' },
      ],
    });
  return PASS;
}

export function unknownClientAuthority(evidence: Evidence): Outcome {
  const { client, receptions, demand } = evidence;
  const given = receptions.given;
  if (client?.leaf === undefined || given === undefined) return PASS;
  if (given.verdict !== 'refused') {
    // Silence is no acceptance: the list of authorities already says that this one does not fit.
    if (client.named === false && given.verdict === 'unknown' && demand !== undefined && given.status !== undefined)
      return found(unknownAuthority(evidence, client.leaf, 'likely', 'the issuer is not among the authorities that the server names'));
    return PASS;
  }
  const alert = given.alert?.number;
  if (alert === 48) return found(unknownAuthority(evidence, client.leaf, 'certain', 'alert unknown_ca'));
  if (client.named === false && alert !== 45 && alert !== 43 && alert !== 44)
    return found(
      unknownAuthority(
        evidence,
        client.leaf,
        fileExplains(evidence) ? 'likely' : 'certain',
        'the issuer is not among the authorities that the server names',
      ),
    );
  if (fileExplains(evidence) || alert === 43 || alert === 44 || alert === 45 || given.says === 'expired' || given.says === 'revoked')
    return PASS;
  if (evidence.clientOfTrustedAuthority === 'other-key')
    return found(unknownAuthority(evidence, client.leaf, 'likely', 'its issuer has the name of an authority at hand and another key'));
  if (client.leaf.selfIssued && evidence.clientOfTrustedAuthority !== 'yes')
    return found(unknownAuthority(evidence, client.leaf, 'likely', 'it signed itself'));
  if (peerBlame(evidence) !== undefined) return PASS;
  const same = sameRefusal(given, receptions.untrusted);
  if (evidence.clientOfTrustedAuthority === 'yes') return PASS;
  if (sameRefusal(given, receptions.impostor) === true && same === false)
    return found(
      unknownAuthority(evidence, client.leaf, 'likely', 'the server answers as it does to an issuer of the right name with another key'),
    );
  if (same !== false && client.named === undefined)
    return found({
      ...unknownAuthority(
        evidence,
        client.leaf,
        'likely',
        'the server answers as it does to a certificate of an authority that nobody knows',
      ),
      alternatives: [
        { class: 'client-auth', code: 'client-cert-rejected', why: 'this server has one answer for everything that it does not like' },
      ],
    });
  if (client.named === true && alert === 51)
    return found(
      unknownAuthority(
        evidence,
        client.leaf,
        'likely',
        'the server knows an authority of that name, and its key does not verify the signature',
      ),
    );
  return PASS;
}

/** Undefined when one of the two was not tried. */
function sameRefusal(a: Reception, b: Reception | undefined): boolean | undefined {
  if (b === undefined || b.verdict === 'unknown' || b.verdict === 'not-reached') return undefined;
  return a.verdict === b.verdict && a.alert?.number === b.alert?.number && a.status === b.status && a.says === b.says;
}

function unknownAuthority(evidence: Evidence, leaf: Certificate, confidence: Confidence, because: string): Finding {
  const { client, demand } = evidence;
  const authorities = demand?.authorities ?? [];
  const alone = client?.certificates.length === 1 && !leaf.selfIssued;
  // The server names the root, the file ends below it: the certificate between them was not sent.
  const intermediate = alone && evidence.clientIntermediate !== undefined ? evidence.clientIntermediate : undefined;
  const issuer = authorityName(leaf.issuer);
  const wants =
    authorities.length === 0 ? '' : `; it names ${listText(authorities.map(({ text }) => /CN=([^,]+)/.exec(text)?.[1] ?? text))}`;
  return {
    confidence,
    summary:
      intermediate !== undefined
        ? `the client certificate of ${callName(leaf)} is sent without its intermediate "${issuer}" (found: ${intermediate}), so the server finds no path to an authority it knows`
        : leaf.selfIssued
          ? `the client certificate of ${callName(leaf)} signed itself, and the server does not know it${wants}`
          : `the server does not know "${issuer}", which issued the client certificate of ${callName(leaf)}${wants}`,
    evidence: [
      fact('issuer of the client certificate', leaf.issuer.text, client?.label ?? ''),
      fact('its key identifier', hexPairs(leaf.authorityKeyIdentifier?.keyIdentifier), client?.label ?? ''),
      fact('certificates sent', client?.certificates.length ?? 0, client?.label ?? ''),
      fact('because', because, 'comparison'),
      ...demandFacts(evidence),
      ...trialFacts(evidence),
    ],
  };
}

export function rejectedFinding(evidence: Evidence): Outcome {
  const { client, receptions, demand, look } = evidence;
  const given = receptions.given;
  if (client?.leaf === undefined || given === undefined) return PASS;
  const early = client.chainValidity.find(({ verdict }) => verdict.conclusion === 'not-yet-valid');
  if (early !== undefined)
    return found(
      clientDefect(evidence, {
        summary: `the client certificate of ${callName(early.certificate)} is not valid for another ${durationInWords((early.certificate.notBefore - trueTime(evidence.clock)) / 1000)}`,
        confidence: early.verdict.confidence === 'possible' && given.verdict === 'refused' ? 'likely' : early.verdict.confidence,
        evidence: [
          fact('notBefore', iso(early.certificate.notBefore), client.label),
          fact('confidence because', early.verdict.because, 'clocks'),
        ],
      }),
    );
  if (look?.certificateRequest !== undefined && look.sent.client === 'given' && look.clientCertificatesSent === 0)
    return found({
      confidence: 'certain',
      summary: `no certificate was sent although one was given: its ${client.leaf.publicKey.type.toUpperCase()} key fits none of the signature algorithms that the server accepts`,
      evidence: [
        fact('accepted by the server', listText(demand?.signatureSchemes ?? [], 12), `handshake ${look.id}`),
        fact('key', `${client.leaf.publicKey.type} ${client.leaf.publicKey.bits}`, client.label),
        ...trialFacts(evidence),
      ],
    });
  if (given.verdict !== 'refused') {
    // Authorization above TLS: worth a word where the certificate was asked for and the answer is "forbidden".
    if (demand !== undefined && given.status === 403 && receptions.none?.status !== 403)
      return found({
        confidence: 'likely',
        warning: true,
        summary: 'TLS lets the client certificate in and the application answers HTTP 403: its identity is not allowed there',
        evidence: trialFacts(evidence),
      });
    return PASS;
  }
  if (client.weakness !== undefined && weaknessExplains(evidence, given))
    return found({
      confidence: 'likely',
      summary: `the server refuses the client certificate of ${callName(client.leaf)} (${given.how}): ${client.weakness} is less than servers at OpenSSL's security level 2 and others of today take`,
      evidence: [fact('too weak', client.weakness, client.label), ...trialFacts(evidence)],
      fixes: [fixFor(evidence, 'issue it again with a key and a signature of today', 'tlsmedic issue {identity} --client --out ./tls')],
    });
  if (fileExplains(evidence) || given.alert?.number === 44 || given.alert?.number === 48 || given.says === 'revoked') return PASS;
  if (staleListOfServer(evidence).length > 0) return PASS;
  const alternatives: Alternative[] = [
    { class: 'revocation', code: 'revoked', why: 'the server may check a revocation list without saying so' },
    ...clockAlternative(evidence, client.leaf),
  ];
  return found({
    confidence: given.alert?.number === 49 || client.named === true || evidence.clientOfTrustedAuthority === 'yes' ? 'likely' : 'possible',
    summary: `the server refuses the client certificate of ${callName(client.leaf)} (${given.how}), though nothing is wrong with it as far as can be seen from here`,
    evidence: [
      fact('issuer', client.leaf.issuer.text, client.label),
      fact('valid', `${iso(client.leaf.notBefore)} to ${iso(client.leaf.notAfter)}`, client.label),
      fact('issuer named by the server', client.named ?? 'the server names none', 'CertificateRequest'),
      ...trialFacts(evidence),
    ],
    alternatives,
  });
}

/** Nothing else in the file, and nothing that the server said, names another reason. */
function weaknessExplains({ client }: Evidence, { alert, says }: Reception): boolean {
  return (
    client !== undefined &&
    client.keyMatches !== false &&
    client.purposeOk !== false &&
    client.chainValidity.every(({ verdict }) => verdict.conclusion === 'valid') &&
    ![43, 44, 45, 48].includes(alert?.number ?? 0) &&
    says !== 'revoked' &&
    says !== 'expired'
  );
}

/** Of a certificate near an edge of its window, refused by a server whose clock could not be read. */
function clockAlternative({ clock }: Evidence, { notBefore, notAfter }: Certificate): Alternative[] {
  const NEAR_MS = 48 * 3_600_000;
  const began = clock.local - notBefore;
  const left = notAfter - clock.local;
  if (clock.peer !== undefined || Math.min(began, left) > NEAR_MS) return [];
  const edge =
    began < left ? `${durationInWords(began / 1000)} behind it is not valid yet` : `${durationInWords(left / 1000)} ahead it has run out`;
  return [{ class: 'clock-skew', code: 'peer-clock-skew', why: `the clock of the server could not be read: for one that is ${edge}` }];
}

const MATERIAL_WORDS: Record<string, string> = {
  'bad-pem': 'cannot be used',
  'bad-passphrase': 'is encrypted and was not opened',
  'file-missing': 'cannot be read',
};

/** A file of the caller that no program could load. */
export function materialFinding(evidence: Evidence, code: Extract<CauseCode, 'bad-pem' | 'bad-passphrase' | 'file-missing'>): Outcome {
  const problem = evidence.client?.problem;
  if (problem === undefined || problem.code !== code) return PASS;
  return found({
    confidence: 'certain',
    summary: `${problem.file} ${MATERIAL_WORDS[code]}: ${problem.message}`,
    evidence: [fact('file', problem.file, 'command line'), fact('problem', problem.message, problem.file)],
  });
}
