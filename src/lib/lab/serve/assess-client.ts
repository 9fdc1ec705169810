import type { Cause, CauseCode, EvidenceItem, Party } from '../../cause.js';
import { classOf } from '../../cause.js';
import { validatePath } from '../../path/validate.js';
import type { PathProblem, PathVerdict, SourcedCertificate } from '../../path/verification.js';
import type { CertificateRevocationList } from '../../x509/crl.js';
import { parseCertificate } from '../../x509/parse-certificate.js';
import type { ClientFault } from '../servers/refusal.js';

/** What a client's certificates are judged by. */
export interface ClientTrust {
  anchors: readonly SourcedCertificate[];
  crls: readonly CertificateRevocationList[];
  /** `required` makes "none sent" a cause. */
  mode: 'none' | 'optional' | 'required';
}

export interface ClientAssessment {
  /** Undefined when nothing stands against the client. */
  cause?: Cause;
  /** The same in the words that the refusal styles know. */
  fault?: ClientFault;
}

const NO_PATH: ReadonlySet<CauseCode> = new Set(['self-signed', 'missing-intermediate', 'untrusted-root', 'stale-trust-bundle']);

/**
 * Judges the chain that a client sent (DER, wire order) at the time `at` (milliseconds since 1970), by our own path validation.
 * `chain` is undefined when the client sent no Certificate message.
 */
export function assessClient(chain: readonly Uint8Array[] | undefined, trust: ClientTrust, at: number): ClientAssessment {
  if (trust.mode === 'none') return {};
  const sent = (chain ?? []).map(
    (der, index): SourcedCertificate => ({ certificate: parseCertificate(der), source: `client certificate ${index} as sent` }),
  );
  const [leaf, ...intermediates] = sent;
  if (leaf === undefined) return trust.mode === 'optional' ? {} : noneSent(trust);
  const verdict = validatePath({
    leaf,
    intermediates,
    anchors: trust.anchors,
    at,
    purpose: 'client',
    profile: 'openssl',
    revocation: trust.crls.length > 0 ? 'soft' : 'none',
    crls: trust.crls,
  });
  const problem = verdict.problems[0];
  if (verdict.ok || problem === undefined) return {};
  return { cause: causeOf(problem, verdict, leaf, trust), fault: faultOf(problem) };
}

function noneSent(trust: ClientTrust): ClientAssessment {
  const accepted = trust.anchors.map(({ certificate }) => certificate.subject.text).join('; ');
  return {
    cause: make('client-cert-required', 'client', 'this server requires a client certificate, and the client sent none', [
      { fact: 'certificateAuthorities', value: accepted, source: 'CertificateRequest' },
      { fact: 'clientCertificates', value: 0, source: "the client's Certificate message" },
    ]),
    fault: 'none',
  };
}

function causeOf(problem: PathProblem, verdict: PathVerdict, leaf: SourcedCertificate, trust: ClientTrust): Cause {
  const subject = leaf.certificate.subject.text || leaf.certificate.fingerprint.slice(0, 16);
  const evidence: EvidenceItem[] = Object.entries(problem.facts).map(([fact, value]) => ({
    fact,
    value,
    source: `client certificate ${problem.index} as sent`,
  }));
  if (NO_PATH.has(problem.code)) {
    const missing = verdict.best.missing;
    const accepted = trust.anchors.map(({ certificate }) => certificate.subject.text).join('; ') || 'none';
    const why = problem.code === 'missing-intermediate' ? `the client left out the intermediate "${missing?.name ?? ''}"` : problem.message;
    return make('client-cert-unknown-ca', 'client', `no path from the client's ${subject} to an authority trusted here: ${why}`, [
      ...evidence,
      { fact: 'issuer', value: leaf.certificate.issuer.text, source: 'client certificate 0 as sent' },
      { fact: 'trusted', value: accepted, source: '--client-ca' },
    ]);
  }
  const code: CauseCode =
    problem.code === 'expired' ? 'client-cert-expired' : problem.code === 'wrong-purpose' ? 'client-cert-wrong-purpose' : problem.code;
  return make(code, 'client', `the client's certificate ${subject}: ${problem.message}`, evidence);
}

function faultOf({ code }: PathProblem): ClientFault {
  if (code === 'expired' || code === 'not-yet-valid' || code === 'wrong-purpose' || code === 'revoked') return code;
  return NO_PATH.has(code) ? 'unknown-ca' : 'broken';
}

/** A certain cause; the fixes are added from the catalogue by the operation. */
export function make(code: CauseCode, party: Party, summary: string, evidence: EvidenceItem[], more: Partial<Cause> = {}): Cause {
  return { class: classOf(code), code, party, confidence: 'certain', summary, evidence, fixes: [], alternatives: [], ...more };
}
