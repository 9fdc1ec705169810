import type { CauseCode } from '../cause.js';
import type { Evidence } from '../evidence/evidence.js';
import { printable } from '../evidence/first-bytes.js';
import { failedAtProxy, proxyFixes, proxyParty } from './proxy-fixes.js';
import { found, type Outcome, PASS } from './rule.js';
import { starttlsFixes } from './starttls-fixes.js';
import { fact, handshakeSource, listText } from './wording.js';

/** Findings about ports that cannot be reached or speak something else. */

export function dnsFinding({ target }: Evidence): Outcome {
  const { resolution } = target;
  if (resolution.status !== 'failed') return PASS;
  const temporary = resolution.failure.code === 'EAI_AGAIN' || resolution.failure.code === 'timeout';
  return found({
    confidence: 'certain',
    summary: temporary
      ? `the resolver gave no answer for ${target.host} (${resolution.failure.code})`
      : `the name ${target.host} has no address (${resolution.failure.code})`,
    evidence: [fact('answer', resolution.failure.code, 'system resolver'), fact('asked', target.host, 'system resolver')],
  });
}

/** TLS was spoken, or at least something that names a better cause. */
function somethingBetter(evidence: Evidence): boolean {
  return evidence.spoken !== undefined || evidence.wantsProxyHeader || evidence.negotiation.working.length > 0;
}

export function networkFinding(evidence: Evidence, code: Extract<CauseCode, 'refused' | 'timeout' | 'reset'>): Outcome {
  const { look, target } = evidence;
  if (look === undefined) return PASS;
  const where = `${look.sent.address}:${look.sent.port}`;
  const errno = look.error?.code ?? '';
  const source = handshakeSource(look);
  const facts = [
    fact('error', look.error?.message ?? look.outcome, source),
    fact('address', where, source),
    fact('addresses of the name', listText(evidence.backends.addresses, 8), 'resolver'),
  ];
  if (errno === 'aborted' && !somethingBetter(evidence) && look.chain.length === 0)
    return code === 'timeout'
      ? found({
          confidence: 'possible',
          summary: `${where} had not answered when this was interrupted`,
          evidence: facts,
        })
      : PASS;
  if (failedAtProxy(look)) {
    const ended = /^(closed|ECONNRESET|EPIPE)$/.test(errno);
    if (code !== (errno === 'timeout' ? 'timeout' : ended ? 'reset' : 'refused')) return PASS;
    const proxy = look.sent.proxy as string;
    return found({
      party: proxyParty(errno),
      confidence: 'certain',
      summary: `the way through the proxy ${proxy} failed: ${look.error?.message ?? 'no reason known'}`,
      evidence: [fact('proxy', proxy, source), fact('said', look.preface ?? null, source), ...facts.slice(0, 1)],
      fixes: proxyFixes(errno, proxy),
      ownFixesOnly: true,
    });
  }
  if (look.outcome === 'unreachable') {
    const mine = /REFUSED/.test(errno) ? 'refused' : /RESET|EPIPE|ABORTED/.test(errno) ? 'reset' : 'timeout';
    if (mine !== code) return PASS;
    const summary =
      mine === 'refused'
        ? `nothing listens on ${where}: the connection was refused after ${ms(look.timings.totalMs)}`
        : mine === 'reset'
          ? `${where} cut the TCP connection off at once`
          : /HOSTUNREACH|NETUNREACH/.test(errno)
            ? `there is no route to ${where} (${errno})`
            : `${where} did not answer the TCP connection within ${ms(look.timings.totalMs)}`;
    return found({ confidence: 'certain', summary, evidence: facts });
  }
  if (somethingBetter(evidence) || look.chain.length > 0) return PASS;
  if (code === 'timeout' && look.outcome === 'silent')
    return found({
      confidence: 'certain',
      summary: `${where} accepts the connection and then stays silent: no answer to the ClientHello within ${ms(look.timings.totalMs)}`,
      evidence: [...facts, fact('plain looks', 'silent as well', 'experiments')],
      alternatives: [{ class: 'not-tls', code: 'not-tls', why: 'a service that waits for another protocol keeps silent too' }],
    });
  if (code === 'reset' && look.outcome === 'closed' && !look.secureConnect && look.certificateRequest === undefined)
    return found({
      confidence: 'certain',
      summary: `${target.host}:${target.port} ended the connection ${/read|write/.test(look.error?.syscall ?? '') ? 'with a reset' : 'without a word'} ${ms(look.timings.totalMs)} after our ClientHello`,
      evidence: facts,
    });
  return PASS;
}

function ms(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${Math.round(value / 100) / 10} s`;
}

export function spokenFinding(evidence: Evidence, code: Extract<CauseCode, 'plaintext-http' | 'starttls-needed' | 'not-tls'>): Outcome {
  const { look, spoken, target } = evidence;
  if (look === undefined || look.secureConnect || look.chain.length > 0) return PASS;
  const where = `${target.host}:${target.port}`;
  if (look.outcome === 'preface-failed') {
    if (code !== 'not-tls' || failedAtProxy(look)) return PASS;
    return found({
      confidence: 'certain',
      fixes: starttlsFixes(target.starttls),
      summary: `${where} did not start TLS when asked in ${(target.starttls ?? 'its protocol').toUpperCase()}: ${look.error?.message ?? 'it refused'}`,
      evidence: [
        fact('said', look.preface ?? null, handshakeSource(look)),
        fact('error', look.error?.message ?? null, handshakeSource(look)),
      ],
    });
  }
  if (evidence.wantsProxyHeader && spoken === undefined) {
    if (code !== 'not-tls') return PASS;
    return found({
      confidence: 'certain',
      summary: `${where} wants a PROXY protocol header before TLS: with one it answers, without it hangs up`,
      evidence: [
        fact('without header', look.error?.message ?? look.outcome, handshakeSource(look)),
        fact('with header', 'answers in TLS', 'plain look'),
      ],
      fixes: [
        {
          title:
            'reach it through the load balancer that sends the header, or switch it off on this listener (nginx: listen … ssl proxy_protocol)',
        },
      ],
    });
  }
  if (spoken === undefined) return PASS;
  const mine = spoken.name === 'http' ? 'plaintext-http' : spoken.starttls !== undefined ? 'starttls-needed' : 'not-tls';
  if (mine !== code) return PASS;
  const facts = [
    fact('said', spoken.said, spoken.how),
    fact('first bytes of the answer to TLS', look.notTls === undefined ? null : printable(look.notTls, 32), handshakeSource(look)),
  ];
  const summary =
    mine === 'plaintext-http'
      ? `${where} speaks plain HTTP, not TLS`
      : mine === 'starttls-needed'
        ? `${where} speaks ${spoken.label}, which starts in plaintext and changes to TLS on request`
        : `${where} speaks ${spoken.label}, not TLS`;
  return found({ confidence: spoken.name === 'unknown' ? 'likely' : 'certain', summary, evidence: facts });
}
