import type { ClientIdentity, HandshakeRecord } from '../observe/observation.js';

/**
 * How the server received one client, as far as one handshake shows. `unknown` is not `accepted`: a server may keep silent and refuse
 * above TLS, and only a request would show it.
 */
export interface Reception {
  handshake: number;
  identity: ClientIdentity;
  verdict: 'accepted' | 'refused' | 'unknown' | 'not-reached';
  /** In words: "alert 116 certificate_required after the handshake seemed complete". */
  how: string;
  /** Alert that refused it. */
  alert?: { number: number; name: string };
  /** HTTP status that refused or accepted it. */
  status?: number;
  /** The refusal names its reason: none was sent, or the one sent is wrong. */
  says?: 'none-sent' | 'bad-certificate' | 'expired' | 'revoked';
  /** Refused or accepted by the application and not by TLS. */
  aboveTls: boolean;
  /** The connection ended without an answer to an HTTP request, which the protocol of the port may not know. */
  cutOff?: true;
}

/** Alerts that a server sends about a client's certificate (RFC 8446 §6.2 and what stacks were seen to send). */
const ABOUT_CLIENT_CERTIFICATE = new Set([40, 41, 42, 43, 44, 45, 46, 48, 49, 50, 51, 80, 116]);

const NONE_SENT =
  /no required ssl certificate|certificate (is )?required|client certificate (was )?not (sent|provided|presented)|no (client )?certificate (was )?(sent|provided|presented|given)|post-handshake authentication|client certificate (is )?needed|requires? a client certificate|mutual tls (is )?required/i;
const BAD_CERTIFICATE =
  /ssl certificate error|client certificate (verification|verify|error|rejected|invalid|not trusted)|certificate verify failed|invalid (client|ssl) certificate|certificate (is )?(untrusted|not accepted)|bad client certificate/i;
const EXPIRED = /certificate.{0,20}expired/i;
const REVOKED = /certificate.{0,20}revoked/i;

/** What the HTTP answer says about the client's certificate, if it is about that at all. */
function httpRefusal(http: NonNullable<HandshakeRecord['http']>): Reception['says'] | 'refused' | undefined {
  const text = `${http.statusText}\n${http.bodyStart}`;
  if (http.status === 496) return 'none-sent';
  if (http.status === 495) return 'bad-certificate';
  if (http.status < 400 || http.status >= 500) return undefined;
  if (NONE_SENT.test(text)) return 'none-sent';
  if (REVOKED.test(text)) return 'revoked';
  if (EXPIRED.test(text)) return 'expired';
  if (BAD_CERTIFICATE.test(text)) return 'bad-certificate';
  return undefined;
}

/** What the answer to the first word of a login says about the client's certificate. */
function loginReception(answer: string, client: ClientIdentity): Pick<Reception, 'verdict' | 'how' | 'says'> {
  const how = `answer to a login that was begun: ${answer.slice(0, 100)}`;
  if (answer.startsWith('+')) return { verdict: 'accepted', how };
  // Dovecot has one sentence for none and for a bad one.
  if (/certificate/i.test(answer)) return { verdict: 'refused', how, says: client === 'none' ? 'none-sent' : 'bad-certificate' };
  return { verdict: 'unknown', how };
}

/** Reads one handshake as the server's answer to the client it showed; `speaksHttp` when some client got an HTTP answer there. */
export function readReception(record: HandshakeRecord, speaksHttp = false): Reception {
  const base = { handshake: record.id, identity: record.sent.client, aboveTls: false };
  const { http } = record;
  const alert = record.alertReceived;
  const asked = record.certificateRequest !== undefined;

  if (http !== undefined) {
    const says = httpRefusal(http);
    const line = `HTTP ${http.status}${http.statusText === '' ? '' : ` ${http.statusText}`}`;
    if (says !== undefined)
      return {
        ...base,
        verdict: 'refused',
        how: `${line}: ${quoteOf(http.bodyStart)}`,
        status: http.status,
        aboveTls: true,
        ...(says !== 'refused' && { says }),
      };
    if (http.status === 401 || http.status === 403) return { ...base, verdict: 'unknown', how: line, status: http.status, aboveTls: true };
    return { ...base, verdict: 'accepted', how: line, status: http.status, aboveTls: true };
  }
  if (record.login !== undefined) return { ...base, ...loginReception(record.login.answer, record.sent.client), aboveTls: true };
  switch (record.outcome) {
    case 'rejected-late':
      return { ...base, verdict: 'refused', how: `${alertText(alert)} after the handshake seemed complete`, ...(alert && { alert }) };
    case 'rejected':
      // Before our Certificate message the alert is about something else.
      if (record.clientCertificatesSent === undefined || (alert !== undefined && !ABOUT_CLIENT_CERTIFICATE.has(alert.number)))
        return { ...base, verdict: 'not-reached', how: alertText(alert), ...(alert && { alert }) };
      return { ...base, verdict: 'refused', how: alertText(alert), ...(alert && { alert }) };
    case 'closed':
      if (record.clientCertificatesSent === undefined)
        return { ...base, verdict: 'not-reached', how: 'the connection ended before a certificate was shown' };
      return { ...base, verdict: 'refused', how: 'the connection ended without an alert, right after our certificate message' };
    case 'closed-late':
      if (!asked) return { ...base, verdict: 'unknown', how: 'the connection ended after the handshake' };
      // After a request that the protocol may not know, an end says nothing.
      // Unless others got an answer to it here, or there was no certificate that it could have accepted.
      if (record.sent.httpRequest !== undefined && record.timings.firstByteMs === undefined)
        return {
          ...base,
          verdict: speaksHttp || record.sent.client === 'none' ? 'refused' : 'unknown',
          how: 'the connection ended without an answer to an HTTP request',
          ...(!speaksHttp && { cutOff: true as const }),
        };
      return { ...base, verdict: 'refused', how: 'the connection ended without an alert, right after the handshake' };
    case 'accepted':
      if (record.acceptance === 'application-data') return { ...base, verdict: 'accepted', how: 'the server spoke first' };
      if (!asked) return { ...base, verdict: 'accepted', how: 'no certificate was asked for' };
      return { ...base, verdict: 'unknown', how: record.acceptance === 'ticket' ? 'a session ticket, then silence' : 'silence' };
    default:
      return { ...base, verdict: 'not-reached', how: record.outcome };
  }
}

function alertText(alert: HandshakeRecord['alertReceived']): string {
  return alert === undefined ? 'an alert' : `alert ${alert.number} ${alert.name}`;
}

/** The gist of an error page: its title or first words, without markup. */
function quoteOf(body: string): string {
  const title = /<title>([^<]{1,120})<\/title>/i.exec(body)?.[1];
  const text = title ?? body.replace(/<[^>]*>/g, ' ');
  return text.replace(/\s+/g, ' ').trim().slice(0, 100);
}
