import { byExperiment, type Evidence } from '../evidence/evidence.js';
import type { Reception } from '../evidence/reception.js';
import { trueTime } from '../evidence/server.js';
import { durationInWords } from '../time-text.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { type Finding, found, inconclusive, type Outcome, PASS } from './rule.js';
import { fact, iso, listText } from './wording.js';

/** The certificate served is not the one on disk: it was rotated and never loaded. */
export function staleServed(evidence: Evidence): Outcome {
  const { server, observation } = evidence;
  const file = observation.given.expectCertificate;
  const der = file?.certificates[0];
  if (server === undefined || file === undefined || der === undefined) return PASS;
  const expected = parseCertificate(der);
  const served = server.leaf;
  if (expected.fingerprint === served.fingerprint) return PASS;
  const now = trueTime(evidence.clock);
  const newer = expected.notBefore > served.notBefore;
  const left = served.notAfter - now;
  const until =
    left > 0
      ? `the one in memory runs out in ${durationInWords(left / 1000)}`
      : `the one in memory ran out ${durationInWords(-left / 1000)} ago`;
  return found({
    confidence: 'certain',
    summary: newer
      ? `the server still serves the certificate of ${iso(served.notBefore)}, not the newer one of ${iso(expected.notBefore)} in ${file.label}: not reloaded for ${durationInWords(Math.max(0, now - expected.notBefore) / 1000)}; ${until}`
      : `the server serves another certificate than ${file.label}: that of ${iso(served.notBefore)}, not that of ${iso(expected.notBefore)}`,
    evidence: [
      fact('served: fingerprint', served.fingerprint, 'certificate 0 as sent'),
      fact('served: valid', `${iso(served.notBefore)} to ${iso(served.notAfter)}`, 'certificate 0 as sent'),
      fact('file: fingerprint', expected.fingerprint, file.label),
      fact('file: valid', `${iso(expected.notBefore)} to ${iso(expected.notAfter)}`, file.label),
      fact(
        'same key',
        served.publicKey.keyBits.length > 0 && Buffer.compare(served.publicKey.spki, expected.publicKey.spki) === 0,
        'comparison',
      ),
    ],
  });
}

/** Machines behind one name that behave differently. */
export function inconsistentBackends(evidence: Evidence): Outcome {
  const { backends } = evidence;
  if (!backends.certificatesDiffer && !backends.outcomesDiffer) return PASS;
  const asV4 = (address: string) => !address.includes(':');
  const good = backends.answers.filter(({ outcome }) => outcome === 'tls');
  const dead = backends.answers.filter(({ outcome }) => outcome === 'unreachable');
  const facts = backends.answers.map(({ address, how, handshakes }) => fact(address, how, `handshakes ${handshakes.join(', ')}`));
  const repeats = backends.addresses.length === 1;
  const findings: Finding[] = [];
  const trouble = evidence.badBackends;
  // Certificates of their own are no news where some of the addresses fail.
  if (backends.certificatesDiffer && (trouble.length > 0 || repeats || !backends.outcomesDiffer)) {
    const places = repeats ? `behind ${backends.addresses[0]}` : 'behind the name';
    const leaves = [...new Set(backends.answers.flatMap(({ fingerprint }) => fingerprint ?? []))];
    findings.push({
      confidence: 'certain',
      // Each machine with a certificate of its own is a way to run things, as long as all of them are good.
      ...(trouble.length === 0 && !repeats && { warning: true }),
      summary:
        trouble.length > 0
          ? `${leaves.length} different certificates are served ${places}, and ${trouble.length} of them ${trouble.length === 1 ? 'is' : 'are'} not fine: ${listText(trouble.map(({ address, why }) => `${address} ${why}`))}`
          : `${leaves.length} different certificates are served ${places} to the same question`,
      evidence: facts,
    });
  } else if (backends.outcomesDiffer) {
    // An address of the other family that nobody listens on is common and hidden by clients that try the next one.
    const otherFamily =
      good.length > 0 &&
      dead.length > 0 &&
      dead.every(({ address }) => good.every((one) => asV4(one.address) !== asV4(address))) &&
      backends.answers.every(({ outcome }) => outcome === 'tls' || outcome === 'unreachable');
    const bad = backends.answers.filter(({ outcome }) => outcome !== 'tls');
    if (good.length === 0) return PASS;
    findings.push({
      confidence: 'certain',
      ...(otherFamily && { warning: true }),
      summary: repeats
        ? `the same address answers differently from one connection to the next: ${listText(backends.answers.map(({ how, handshakes }) => `${handshakes.length} times ${how}`))}`
        : `${bad.length === 1 ? 'one address' : `${new Set(bad.map(({ address }) => address)).size} addresses`} of ${backends.addresses.length} ${bad.length === 1 ? 'fails' : 'fail'}: ${listText(bad.map(({ address, how }) => `${address} (${how})`))}`,
      evidence: facts,
    });
  }
  return found(...findings);
}

/** Mutual TLS was expected (--expect-mtls): does a client without a good certificate get through? */
export function notEnforced(evidence: Evidence): Outcome {
  const { observation, demand, receptions, look } = evidence;
  if (!observation.given.expectMtls) return PASS;
  if (evidence.spoken?.name === 'http' && look?.secureConnect !== true)
    return found({
      confidence: 'certain',
      summary: 'the port takes plain HTTP: no certificate of any kind is asked for',
      evidence: [fact('said', evidence.spoken.said, evidence.spoken.how)],
    });
  if (evidence.plaintextBesideTls !== undefined)
    return found({
      confidence: 'certain',
      summary: 'the same port takes plain HTTP beside TLS (permissive): clients get in without any certificate',
      evidence: [fact('plain request', evidence.plaintextBesideTls.how, 'plain look')],
    });
  if (look === undefined || (!look.secureConnect && look.chain.length === 0)) return PASS;
  const none = receptions.none;
  if (demand === undefined) {
    if (none?.verdict === 'refused') return PASS;
    return found({
      confidence: 'certain',
      summary: 'the server does not ask for a client certificate at all',
      evidence: [fact('CertificateRequest', 'none', `handshake ${look.id}`)],
    });
  }
  const untrusted = receptions.untrusted;
  const letIn = (reception: Reception | undefined) => reception?.verdict === 'accepted';
  if (letIn(none) && none !== undefined)
    return found({
      confidence: 'certain',
      summary: `the server asks for a client certificate and goes on without one (${none.how})`,
      evidence: [fact('without a certificate', none.how, `handshake ${none.handshake}`)],
    });
  if (letIn(untrusted) && untrusted !== undefined)
    return found({
      confidence: 'certain',
      summary: `the server accepts a certificate from an authority that nobody knows (${untrusted.how})`,
      evidence: [fact('with a throw-away certificate', untrusted.how, `handshake ${untrusted.handshake}`)],
    });
  if (none?.verdict === 'refused' && (untrusted === undefined || untrusted.verdict === 'refused')) return PASS;
  if (none?.verdict === 'refused' && untrusted?.verdict === 'unknown')
    return byExperiment(evidence, 'client-untrusted') === undefined
      ? PASS
      : found({
          confidence: 'likely',
          summary:
            'the server refuses a client without a certificate and is silent to one with a throw-away certificate: it seems to accept any',
          evidence: [
            fact('without a certificate', none.how, `handshake ${none.handshake}`),
            fact('with a throw-away certificate', untrusted.how, `handshake ${untrusted.handshake}`),
          ],
        });
  if (
    none?.verdict === 'unknown' &&
    none.status === undefined &&
    byExperiment(evidence, 'client-none-request') === undefined &&
    byExperiment(evidence, 'request') === undefined
  )
    return inconclusive('a request without a certificate (left out by --no-request or by the protocol of the port)');
  if (none?.verdict === 'unknown' && none.status === undefined)
    return found({
      confidence: 'likely',
      summary: 'the server asks for a client certificate and does not refuse one that sends none',
      evidence: [fact('without a certificate', none.how, `handshake ${none.handshake}`)],
    });
  return PASS;
}
