import { byExperiment, type Evidence } from '../evidence/evidence.js';
import { ALL_VERSIONS, unofferedVersion, versionsWithin } from '../evidence/negotiation.js';
import type { HandshakeRecord, TlsVersion } from '../observe/observation.js';
import { type Finding, found, type Outcome, PASS } from './rule.js';
import { fact, handshakeSource, listText, refusalText } from './wording.js';

/** Why two sides that both speak TLS could not agree: decided once, shared by the four rules of protocol-mismatch. */
type Kind = 'version' | 'cipher' | 'alpn' | 'sni';

interface Verdict {
  kind: Kind;
  finding: Finding;
}

/** Alerts that name the matter by themselves (RFC 8446 §6.2, RFC 7301, RFC 6066). */
const PROTOCOL_VERSION = 70;
const INSUFFICIENT_SECURITY = 71;
const INTERNAL_ERROR = 80;
const INAPPROPRIATE_FALLBACK = 86;
const UNRECOGNIZED_NAME = 112;
const NO_APPLICATION_PROTOCOL = 120;

/** `TLSv1.3` as people write it. */
function versionText(version: string): string {
  return version === 'TLSv1' ? 'TLS 1.0' : version.replace(/^TLSv/, 'TLS ');
}

function rangeText(versions: readonly TlsVersion[]): string {
  const [first] = versions;
  const last = versions.at(-1);
  if (first === undefined || last === undefined) return 'no version';
  return first === last ? versionText(first) : `${versionText(first)} to ${versionText(last)}`;
}

function reached(record: HandshakeRecord | undefined): record is HandshakeRecord {
  return record !== undefined && (record.secureConnect || (record.chain.length > 0 && !unofferedVersion(record)));
}

function judge(evidence: Evidence): Verdict | undefined {
  const { look, negotiation } = evidence;
  const limits = evidence.observation.given.limits;
  if (look === undefined) return undefined;
  // OpenSSL refuses a protocol that was not offered (Apache answers http/1.1 to h2 alone) and says "bad extension"; the flight behind it is seen all the same.
  const badAlpn = look.outcome === 'broken-off-here' && /BAD_EXTENSION/.test(look.error?.code ?? '') && (limits.alpn ?? []).length > 0;
  const failed = negotiation.failed ?? (badAlpn ? look : undefined);
  if (failed === undefined) return alpnIgnored(evidence, look);
  if (evidence.spoken !== undefined) return undefined;
  const alert = failed.alertReceived?.number;
  const code = failed.error?.code ?? '';
  const facts = [
    fact('answer', refusalText(failed), handshakeSource(failed)),
    fact('offered', rangeText(versionsWithin(failed.sent.limits)), handshakeSource(failed)),
  ];
  if (failed.sent.servername !== undefined) facts.push(fact('SNI', failed.sent.servername, handshakeSource(failed)));

  // Application protocol: its own alert, or what changes when none is offered.
  const noAlpn = byExperiment(evidence, 'no-alpn');
  const offered = limits.alpn ?? [];
  if (offered.length > 0 && (alert === NO_APPLICATION_PROTOCOL || /BAD_EXTENSION/.test(code) || reached(noAlpn)))
    return {
      kind: 'alpn',
      finding: {
        confidence: alert === NO_APPLICATION_PROTOCOL || reached(noAlpn) ? 'certain' : 'likely',
        summary: `the server speaks none of the application protocols that the client offers (${offered.join(', ')})${speaks(evidence)}`,
        evidence: [
          ...facts,
          fact('without ALPN', reached(noAlpn) ? 'the handshake goes on' : 'not tried or refused as well', 'experiment'),
        ],
      },
    };

  // Name: its own alert, or what changes without the name.
  const noSni = byExperiment(evidence, 'no-sni');
  const sent = failed.sent.servername;
  if (alert === UNRECOGNIZED_NAME)
    return sni(
      evidence,
      failed,
      'certain',
      sent === undefined
        ? 'the server demands a server name (SNI), and none was sent because the target is an address'
        : `the server has nothing under the name ${sent}`,
    );
  const anyLimits = byExperiment(evidence, 'any-limits');
  const versionWorks = negotiation.working.some((record) => record.experiment !== 'no-sni' && record.experiment !== 'no-alpn');
  if (sent !== undefined && reached(noSni) && !versionWorks)
    return sni(
      evidence,
      failed,
      'certain',
      `the server refuses the name ${sent} (${refusalText(failed)}) and goes on when no name is sent`,
    );
  // A server of one version answers the others with protocol_version before it looks at the name.
  const everySame = [anyLimits, byExperiment(evidence, 'tls12-only'), byExperiment(evidence, 'tls13-only')].filter(
    (record) => record !== undefined && record.alertReceived?.number !== PROTOCOL_VERSION,
  );
  // Go and caddy answer internal_error when they have no certificate for the name.
  if (alert === INTERNAL_ERROR && !versionWorks && everySame.every((record) => record?.alertReceived?.number === INTERNAL_ERROR))
    return sni(
      evidence,
      failed,
      'likely',
      sent === undefined
        ? 'the server has no certificate to show when no server name (SNI) is sent (alert internal_error)'
        : `the server has no certificate to show for the name ${sent} (alert internal_error)`,
    );

  // Versions: which ones work, and whether any is among the caller's.
  const server = negotiation.serverVersions;
  const client = negotiation.clientVersions;
  const common = server.filter((version) => client.includes(version));
  const shown = failed.negotiated?.version as TlsVersion | undefined;
  if (/UNSUPPORTED_PROTOCOL/.test(code) && shown !== undefined && ALL_VERSIONS.includes(shown) && !client.includes(shown)) {
    return version(facts, client, [shown], 'certain', undefined);
  }
  if (server.length > 0 && common.length === 0) {
    const working = negotiation.working[0];
    return version(facts, client, server, 'certain', working);
  }
  if (/NO_PROTOCOLS_AVAILABLE/.test(code))
    return {
      kind: 'version',
      finding: {
        confidence: 'certain',
        party: 'client',
        summary: `the client allows ${rangeText(client)} only, which its own library does not speak`,
        evidence: facts,
      },
    };
  if (/NO_CIPHER_MATCH|NO_CIPHERS_AVAILABLE|INVALID_(?:NULL_)?(?:CIPHER|COMMAND)/.test(code))
    return {
      kind: 'cipher',
      finding: {
        confidence: 'certain',
        party: 'client',
        summary: `the client's own library has none of the cipher suites that it was told to offer${limits.ciphers === undefined ? '' : ` (${limits.ciphers})`}`,
        evidence: facts,
      },
    };
  if (
    /DH_KEY_TOO_SMALL|BAD_DH|BAD_ECPOINT|WRONG_CURVE|UNSUPPORTED_ELLIPTIC|WRONG_SIGNATURE_TYPE|NO_SUITABLE_(?:SIGNATURE|KEY|GROUPS)|UNKNOWN_CIPHER|WRONG_CIPHER|LEGACY_SIGALG|NO_SHARED/.test(
      code,
    )
  )
    return cipher(evidence, failed, facts, 'certain');

  // The very same question was answered another time: it is not the question.
  const question = JSON.stringify(failed.sent.limits);
  if (
    negotiation.working.some(
      ({ sent: { limits: asked, servername } }) => JSON.stringify(asked) === question && servername === failed.sent.servername,
    )
  )
    return undefined;
  const restricted = limits.ciphers !== undefined || limits.groups !== undefined || limits.signatureAlgorithms !== undefined;
  const alone = negotiation.working.find(({ experiment }) => experiment === 'tls12-only' || experiment === 'tls13-only');
  if (common.length > 0 && !restricted && alone !== undefined)
    return {
      kind: 'version',
      finding: {
        confidence: 'likely',
        summary: `the server cannot stand a client that offers ${rangeText(client)} together (${refusalText(failed)}); ${versionText(alone.negotiated?.version ?? '')} alone works`,
        evidence: [...facts, fact('works', `${alone.negotiated?.version} ${alone.negotiated?.cipher}`, handshakeSource(alone))],
      },
    };
  // The same version works with other suites, groups or schemes.
  if (common.length > 0 && negotiation.working.length > 0) return cipher(evidence, failed, facts, 'certain');
  if (server.length === 0) {
    const legacy = byExperiment(evidence, 'legacy');
    if (alert === PROTOCOL_VERSION || alert === INAPPROPRIATE_FALLBACK)
      return {
        kind: 'version',
        finding: {
          confidence: 'certain',
          summary: `the server takes none of ${rangeText(client)}, nor any other version that could be tried`,
          evidence: [
            ...facts,
            ...(legacy === undefined ? [] : [fact('TLS 1.0 to 1.3 with every suite', refusalText(legacy), handshakeSource(legacy))]),
          ],
        },
      };
    if (
      (alert === 40 || alert === INSUFFICIENT_SECURITY || alert === 47) &&
      failed.clientCertificatesSent === undefined &&
      failed.certificateRequest === undefined
    )
      return cipher(evidence, failed, facts, 'likely');
  }
  return undefined;
}

function speaks(evidence: Evidence): string {
  const http = evidence.handshakes.find(({ experiment, negotiated }) => experiment === 'alpn-http' && negotiated?.alpn !== undefined);
  return http?.negotiated?.alpn === undefined ? '' : `; it speaks ${http.negotiated.alpn}`;
}

function sni(evidence: Evidence, failed: HandshakeRecord, confidence: Finding['confidence'], summary: string): Verdict {
  const noSni = byExperiment(evidence, 'no-sni');
  return {
    kind: 'sni',
    finding: {
      confidence,
      ...(failed.sent.servername === undefined && { party: 'client' as const }),
      summary,
      evidence: [
        fact('answer', refusalText(failed), handshakeSource(failed)),
        fact('SNI', failed.sent.servername ?? 'none', handshakeSource(failed)),
        ...(noSni === undefined
          ? []
          : [fact('without SNI', reached(noSni) ? 'the handshake goes on' : refusalText(noSni), handshakeSource(noSni))]),
      ],
    },
  };
}

function version(
  facts: Finding['evidence'],
  client: readonly TlsVersion[],
  server: readonly TlsVersion[],
  confidence: Finding['confidence'],
  working: HandshakeRecord | undefined,
): Verdict {
  const newest = ALL_VERSIONS.indexOf(server.at(-1) ?? 'TLSv1');
  const clientNewest = ALL_VERSIONS.indexOf(client.at(-1) ?? 'TLSv1');
  const serverOlder = newest < clientNewest;
  return {
    kind: 'version',
    finding: {
      confidence,
      party: serverOlder ? 'server' : 'client',
      summary: serverOlder
        ? `the server speaks only up to ${versionText(server.at(-1) ?? '')}, the client asks for at least ${versionText(client[0] ?? '')}`
        : `the server wants at least ${versionText(server[0] ?? '')}, the client speaks only up to ${versionText(client.at(-1) ?? '')}`,
      evidence: [
        ...facts,
        fact('versions of the client', rangeText(client), 'limits in force'),
        fact('versions that work', listText(server.map(versionText), 4), working === undefined ? 'ServerHello' : handshakeSource(working)),
        fact(
          'smallest change',
          serverOlder ? `switch on ${versionText(client[0] ?? '')} at the server` : `let the client speak ${versionText(server[0] ?? '')}`,
          'comparison',
        ),
      ],
    },
  };
}

function cipher(evidence: Evidence, failed: HandshakeRecord, facts: Finding['evidence'], confidence: Finding['confidence']): Verdict {
  const limits = failed.sent.limits;
  const working = evidence.negotiation.working.find((record) => record.negotiated?.cipher);
  const asked = [
    limits.ciphers && `suites ${limits.ciphers}`,
    limits.groups && `groups ${limits.groups}`,
    limits.signatureAlgorithms && `signature algorithms ${limits.signatureAlgorithms}`,
  ].filter((part) => part !== undefined && part !== '');
  const got = working?.negotiated;
  const works =
    got === undefined
      ? ''
      : `; what works is ${[got.cipher, got.group, got.signatureScheme].filter((part) => part).join(' with ')} in ${versionText(got.version)}`;
  return {
    kind: 'cipher',
    finding: {
      confidence,
      party: asked.length > 0 ? 'client' : 'server',
      summary: `client and server have no common ${limits.groups !== undefined && limits.ciphers === undefined ? 'key exchange group' : limits.signatureAlgorithms !== undefined && limits.ciphers === undefined ? 'signature algorithm' : 'cipher suite'}${asked.length > 0 ? ` (offered: ${asked.join('; ')})` : ''}${works}`,
      evidence: [
        ...facts,
        ...(asked.length > 0 ? [fact('offered', asked.join('; '), 'limits in force')] : []),
        ...(working === undefined ? [] : [fact('works', `${got?.version} ${got?.cipher}`, handshakeSource(working))]),
      ],
      alternatives:
        confidence === 'certain'
          ? []
          : [
              {
                class: 'protocol-mismatch',
                code: 'version-mismatch',
                why: 'GnuTLS servers send the same alert when the version is the matter',
              },
              {
                class: 'client-auth',
                code: 'client-cert-required',
                why: 'in TLS 1.2 the same alert also means that a client certificate is missing',
              },
            ],
    },
  };
}

/** The handshake stands, and the server took none of the protocols offered, or one that was not: a client that needs one will fail. */
function alpnIgnored(evidence: Evidence, look: HandshakeRecord): Verdict | undefined {
  const offered = evidence.observation.given.limits.alpn ?? [];
  const chosen = look.negotiated?.alpn;
  if (offered.length === 0 || !look.secureConnect || (chosen !== undefined && offered.includes(chosen))) return undefined;
  // A client that also offers HTTP/1.1 goes on with it when nothing is chosen.
  if (chosen === undefined && offered.some((protocol) => protocol === 'http/1.1' || protocol === 'http/1.0')) return undefined;
  return {
    kind: 'alpn',
    finding: {
      confidence: 'likely',
      summary: `the server chose ${chosen === undefined ? 'no application protocol' : chosen} although the client offers ${offered.join(', ')}; clients that need it stop here`,
      evidence: [fact('offered', offered.join(', '), handshakeSource(look)), fact('chosen', chosen ?? 'none', handshakeSource(look))],
    },
  };
}

function outcomeOf(evidence: Evidence, kind: Kind): Outcome {
  const verdict = judge(evidence);
  return verdict?.kind === kind ? found(verdict.finding) : PASS;
}

export const versionFinding = (evidence: Evidence): Outcome => outcomeOf(evidence, 'version');
export const cipherFinding = (evidence: Evidence): Outcome => outcomeOf(evidence, 'cipher');
export const alpnFinding = (evidence: Evidence): Outcome => outcomeOf(evidence, 'alpn');
export const sniFinding = (evidence: Evidence): Outcome => outcomeOf(evidence, 'sni');
