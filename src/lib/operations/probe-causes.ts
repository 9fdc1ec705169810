import { type Cause, type CauseCode, type Confidence, classOf, type Fix, type Party, type VagueCode } from '../cause.js';
import { causeOf } from '../diagnose/cause-of.js';
import { printable, type SpokenProtocol, spokenProtocol } from '../evidence/first-bytes.js';
import { serverSignatureFails } from '../evidence/server-signature.js';
import type { HandshakeRecord } from '../observe/observation.js';
import { opensslWords } from '../tls/openssl-words.js';
import { prefaceVerdict, unreachableProxyFixes } from './probe-preface-causes.js';

/** What a single handshake says about its failure. `diagnose` makes more handshakes to be sure; here most is at best likely. */
export interface ProbeCauseContext {
  host: string;
  port: number;
  servername?: string | undefined;
  /** Files that the caller gave, for commands that can be pasted. */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** A PROXY protocol header went first. */
  proxyProtocol?: boolean | undefined;
}

/** The caller's own names and files, for the commands of the catalogue. */
export function valuesOf({ host, port, servername, ca, cert, key }: ProbeCauseContext) {
  return { host: host.includes(':') ? `[${host}]` : host, port, name: servername ?? host, ca, cert, key };
}

interface Verdict {
  code: CauseCode | VagueCode;
  confidence: Confidence;
  summary: string;
  alternatives?: { code: CauseCode | VagueCode; why: string }[];
  /** Who has to act, when it is not whom the catalogue says. */
  party?: Party;
  /** Shown first. */
  fixes?: readonly Fix[];
  /** The catalogue's fixes are for another case of the same code. */
  ownFixesOnly?: boolean;
  withoutFixes?: readonly string[];
}

/** The cause of a handshake that did not lead to a working connection; undefined when it did, or when the user broke it off. */
export function causeOfOutcome(record: HandshakeRecord, context: ProbeCauseContext): Cause | undefined {
  const verdict = wasInterrupted(record) ? undefined : verdictOf(record);
  return verdict && causeOfVerdict(context.proxyProtocol === true ? aboutHeader(verdict, record) : verdict, record, context);
}

/** Broken off by the user: that says nothing about the server. */
export function wasInterrupted({ outcome, error }: HandshakeRecord): boolean {
  return outcome !== 'accepted' && error?.code === 'aborted';
}

/** A listener that expects no PROXY protocol header takes it for a broken ClientHello: it closes, or answers in clear. */
function aboutHeader(verdict: Verdict, record: HandshakeRecord): Verdict {
  if (record.chain.length > 0 || (record.outcome !== 'closed' && record.outcome !== 'not-tls' && record.outcome !== 'rejected'))
    return verdict;
  return {
    ...verdict,
    confidence: 'possible',
    summary: `${verdict.summary}; most likely this listener expects no PROXY protocol header`,
    fixes: [{ title: 'the same without the header: leave --proxy-protocol out' }],
    ownFixesOnly: true,
  };
}

/** A cause in the contract's shape, with the catalogue's party and fixes. */
function causeOfVerdict(verdict: Verdict, record: HandshakeRecord, context: ProbeCauseContext): Cause {
  const source = `handshake ${record.id}`;
  const evidence: Cause['evidence'] = [{ fact: 'outcome', value: record.outcome, source }];
  if (record.alertReceived) evidence.push({ fact: 'alert', value: `${record.alertReceived.number} ${record.alertReceived.name}`, source });
  if (record.error) evidence.push({ fact: 'error', value: `${record.error.code}: ${record.error.message}`, source });
  return causeOf(verdict.code, {
    summary: verdict.summary,
    confidence: verdict.confidence,
    evidence,
    values: valuesOf(context),
    ...(verdict.party && { party: verdict.party }),
    ...(verdict.fixes && { fixes: verdict.fixes }),
    ...(verdict.withoutFixes && { withoutFixes: verdict.withoutFixes }),
    ownFixesOnly: verdict.ownFixesOnly === true,
    alternatives: (verdict.alternatives ?? []).map(({ code, why }) => ({ class: classOf(code), code, why })),
  });
}

function verdictOf(record: HandshakeRecord): Verdict | undefined {
  switch (record.outcome) {
    case 'accepted':
      return httpVerdict(record);
    case 'unreachable':
      return unreachableVerdict(record);
    case 'preface-failed':
      return prefaceFailure(record);
    case 'not-tls':
      return notTlsVerdict(record);
    case 'silent':
      return {
        code: 'timeout',
        confidence: 'certain',
        summary: silence(record),
        withoutFixes: [NO_CONNECTION_FIX],
      };
    case 'rejected':
    case 'rejected-late':
      return alertVerdict(record);
    case 'closed':
    case 'closed-late':
      return closedVerdict(record);
    case 'broken-off-here':
      return ownVerdict(record);
  }
}

/** Of the catalogue's fixes for `timeout`, the one for a connection that does not come about. */
const NO_CONNECTION_FIX = 'does not connect: security group, firewall, network policy, route';
/** And the one for a connection that stays silent. */
const SILENCE_FIX = 'connects and stays silent: is the process alive, are its workers busy?';

function silence({ timings, transcript, error }: HandshakeRecord): string {
  const waited = error?.code === 'deadline' ? `${seconds(timings.totalMs)}, when the deadline came` : seconds(timings.totalMs);
  const spoke = transcript?.messages.some(({ from, type }) => from === 'server' && type !== 'preface') === true;
  return spoke
    ? `the server begins its answer and does not finish the handshake within ${waited}`
    : `the server accepts the TCP connection and then says nothing for ${waited}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function unreachableVerdict(record: HandshakeRecord): Verdict {
  const code = record.error?.code ?? 'error';
  const { proxy, address, port } = record.sent;
  const where = proxy ? `the proxy ${proxy}` : address.startsWith('unix:') ? address : `${address} port ${port}`;
  const atProxy = proxy ? { fixes: unreachableProxyFixes(record), ownFixesOnly: true } : {};
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA')
    return { code: 'dns', confidence: 'certain', summary: `the name ${record.sent.address} has no address (${code})` };
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return { code: 'refused', confidence: 'certain', summary: `nothing listens at ${where}`, ...atProxy };
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return { code: 'reset', confidence: 'certain', summary: `the connection to ${where} was reset at once`, ...atProxy };
  return {
    code: 'timeout',
    confidence: 'certain',
    summary: `no TCP connection to ${where}: ${record.error?.message ?? code}`,
    withoutFixes: [SILENCE_FIX],
    ...atProxy,
  };
}

function prefaceFailure(record: HandshakeRecord): Verdict {
  const verdict = prefaceVerdict(record);
  return { ...verdict, confidence: 'certain', ownFixesOnly: verdict.fixes.length > 0, withoutFixes: [NO_CONNECTION_FIX] };
}

function notTlsVerdict(record: HandshakeRecord): Verdict {
  const bytes = record.notTls ?? new Uint8Array(0);
  const spoken: SpokenProtocol = spokenProtocol(bytes) ?? { name: 'unknown', label: 'something unknown', said: printable(bytes) };
  const summary = `the port answers, but not with TLS: it speaks ${spoken.label} ("${spoken.said}")`;
  if (spoken.name === 'http') return { code: 'plaintext-http', confidence: 'certain', summary };
  if (spoken.starttls)
    return {
      code: 'starttls-needed',
      confidence: 'certain',
      summary: `${summary}; TLS begins there only after --starttls ${spoken.starttls}`,
    };
  return { code: 'not-tls', confidence: 'certain', summary };
}

const CLIENT_ALERTS: Readonly<Record<number, CauseCode>> = {
  42: 'client-cert-rejected',
  43: 'client-cert-wrong-purpose',
  44: 'client-cert-rejected',
  45: 'client-cert-expired',
  46: 'client-cert-rejected',
  48: 'client-cert-unknown-ca',
  49: 'client-cert-rejected',
};

function alertVerdict(record: HandshakeRecord): Verdict {
  const { number = -1, name = 'unknown' } = record.alertReceived ?? {};
  const when = record.outcome === 'rejected-late' ? ', after the client thought it was done' : '';
  const said = `the server sends alert ${number} ${name}${when}`;
  const asked = record.certificateRequest !== undefined;
  const gave = (record.clientCertificatesSent ?? 0) > 0;
  if (number === 116)
    return { code: 'client-cert-required', confidence: 'certain', summary: `${said}: it requires a client certificate and got none` };
  if (asked && !gave && record.clientCertificatesSent !== undefined) {
    return { code: 'client-cert-required', confidence: 'likely', summary: `${said}: it asked for a client certificate and got none` };
  }
  if (asked && gave) {
    const code = CLIENT_ALERTS[number] ?? 'client-cert-rejected';
    return {
      code,
      confidence: 'likely',
      summary: `${said}: it refuses the client certificate`,
      alternatives: [{ code: 'client-cert-rejected', why: 'servers differ in the alert they send' }],
    };
  }
  if (number === 70) return { code: 'version-mismatch', confidence: 'certain', summary: `${said}: no common TLS version` };
  if (number === 112)
    return {
      code: 'sni-rejected',
      confidence: 'certain',
      summary: `${said}: it has nothing for the name ${record.sent.servername ?? '(none sent)'}`,
    };
  if (number === 120)
    return {
      code: 'alpn-mismatch',
      confidence: 'certain',
      summary: `${said}: it serves none of ${record.sent.limits.alpn?.join(', ') ?? 'the protocols offered'}`,
    };
  if (number === 71)
    return { code: 'cipher-mismatch', confidence: 'likely', summary: `${said}: it wants stronger parameters than were offered` };
  if (number === 80)
    return {
      code: 'sni-rejected',
      confidence: 'possible',
      summary: `${said}: Go servers say so to a name they do not know`,
      alternatives: [{ code: 'handshake-failure', why: 'any other fault inside the server' }],
    };
  return {
    code: 'handshake-failure',
    confidence: 'possible',
    summary: said,
    alternatives: [
      { code: 'cipher-mismatch', why: 'no common cipher suite, group or signature scheme' },
      { code: 'version-mismatch', why: 'some servers send it for a version they do not speak' },
    ],
  };
}

function closedVerdict(record: HandshakeRecord): Verdict {
  const late = record.outcome === 'closed-late';
  const said = `the server closes the connection without an alert${late ? ' after the client thought it was done' : ''}`;
  if (record.certificateRequest && record.clientCertificatesSent === 0)
    return { code: 'client-cert-required', confidence: 'likely', summary: `${said}: it asked for a client certificate and got none` };
  if (record.certificateRequest && (record.clientCertificatesSent ?? 0) > 0)
    return { code: 'client-cert-rejected', confidence: 'likely', summary: `${said}, right after it got the client certificate` };
  return {
    code: 'reset',
    confidence: 'possible',
    summary: said,
    alternatives: [
      { code: 'sni-rejected', why: 'some servers close on a name they do not know' },
      { code: 'not-tls', why: 'a service that is no TLS closes on a ClientHello' },
    ],
  };
}

function ownVerdict(record: HandshakeRecord): Verdict {
  const { code = 'unknown', message = 'unknown' } = record.error ?? {};
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH')
    return { code: 'key-mismatch', confidence: 'certain', summary: 'the key does not belong to the client certificate: nothing was sent' };
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL' || code === 'ERR_SSL_WRONG_SSL_VERSION')
    return { code: 'version-mismatch', confidence: 'certain', summary: `the server answers with a version that was not offered (${code})` };
  if (code === 'ERR_SSL_BAD_EXTENSION' && record.sent.limits.alpn)
    return { code: 'alpn-mismatch', confidence: 'likely', summary: 'the server picked an application protocol that was not offered' };
  const words = opensslWords(message);
  if (serverSignatureFails(record))
    return {
      code: 'key-mismatch',
      confidence: 'likely',
      summary: 'the signature over the handshake does not verify with the key in the certificate: the server has the key of another one',
      party: 'server',
      fixes: [{ title: 'on the server: see which certificate belongs to which key', command: 'tlsmedic inspect server.crt server.key' }],
      ownFixesOnly: true,
    };
  // Only the reading of the certificate meets these.
  if (
    /^ERR_(OSSL|SSL)_(ASN1|WRONG_TAG|HEADER_TOO_LONG|TOO_LONG|NESTED_ASN1|BAD_OBJECT_HEADER|MISMATCHED|ILLEGAL|UNEXPECTED_EOC|MISSING_)/.test(
      code,
    )
  )
    return { code: 'malformed', confidence: 'likely', summary: `the server's certificate cannot be read (${words})` };
  if (code === 'ERR_SSL_DH_KEY_TOO_SMALL')
    return {
      code: 'cipher-mismatch',
      confidence: 'certain',
      summary: 'the Diffie-Hellman key of the server is too small to be accepted here',
    };
  if (code === 'ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED')
    return {
      code: 'version-mismatch',
      confidence: 'likely',
      summary: 'the server cannot renegotiate securely (RFC 5746), and is refused for it here',
    };
  return { code: 'handshake-failure', confidence: 'possible', summary: `OpenSSL broke the handshake off here: ${words}` };
}

/** Statuses by which a server or proxy says in HTTP what others say in TLS. */
function httpVerdict(record: HandshakeRecord): Verdict | undefined {
  const { http } = record;
  if (!http) return undefined;
  const said = `the handshake is accepted, but the answer is HTTP ${http.status} ${http.statusText}`.trimEnd();
  const none = (record.clientCertificatesSent ?? 0) === 0;
  if (http.status === 496 || (http.status === 400 && /no required ssl certificate/i.test(http.bodyStart))) {
    return { code: 'client-cert-required', confidence: 'certain', summary: `${said}: a client certificate is required` };
  }
  if (http.status === 495 || (http.status === 400 && /ssl certificate error/i.test(http.bodyStart))) {
    return {
      code: none ? 'client-cert-required' : 'client-cert-rejected',
      confidence: 'certain',
      summary: `${said}: the client certificate is refused`,
    };
  }
  if (http.status === 403 && /post-handshake authentication/i.test(http.bodyStart)) {
    return {
      code: 'client-cert-required',
      confidence: 'certain',
      summary: `${said}: it wants a client certificate after the handshake, which node:tls cannot give in TLS 1.3 (try --max-version 1.2)`,
    };
  }
  if (http.status === 421)
    return { code: 'sni-rejected', confidence: 'likely', summary: `${said}: this server does not serve that name on this connection` };
  return undefined;
}
