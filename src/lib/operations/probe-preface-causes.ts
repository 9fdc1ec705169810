import type { CauseCode, Fix, Party } from '../cause.js';
import { failedAtProxy, proxyFixes, proxyParty } from '../diagnose/proxy-fixes.js';
import { starttlsFixes } from '../diagnose/starttls-fixes.js';
import type { HandshakeRecord } from '../observe/observation.js';

/** What failed before TLS began: the way through the proxy, or the question for STARTTLS. */
export interface PrefaceVerdict {
  code: CauseCode;
  summary: string;
  party?: Party;
  fixes: readonly Fix[];
}

/** The verdict on a handshake that never began because of what had to come before it. */
export function prefaceVerdict(record: HandshakeRecord): PrefaceVerdict {
  const { starttls, proxy } = record.sent;
  const { code = 'unknown', message = 'no reason known' } = record.error ?? {};
  const atProxy = proxy !== undefined && failedAtProxy(record);
  const summary = atProxy ? `the way through the proxy ${proxy} failed: ${message}` : `STARTTLS in ${starttls} failed: ${message}`;
  if (code === 'timeout') return { code: 'timeout', summary, fixes: [] };
  const ended = code === 'closed' || code === 'ECONNRESET';
  if (atProxy) return { code: ended ? 'reset' : 'refused', summary, party: proxyParty(code), fixes: proxyFixes(code, proxy) };
  if (ended) return { code: 'reset', summary, fixes: [] };
  return { code: 'not-tls', summary, fixes: starttlsFixes(starttls) };
}

/** Fixes for a proxy to which no connection comes about. */
export function unreachableProxyFixes(record: HandshakeRecord): readonly Fix[] {
  return record.sent.proxy === undefined ? [] : proxyFixes(record.error?.code ?? '', record.sent.proxy);
}
