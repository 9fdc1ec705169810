import { validatePath } from '../path/validate.js';
import type { PathQuestion, SourcedCertificate, Verification } from '../path/verification.js';
import { runtimeVerdicts, verificationDocument } from '../path/verification-document.js';
import type { CertificateRevocationList } from '../x509/crl.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { hostReference, type ReferenceIdentifier } from '../x509/server-identity.js';
import { addFixes } from './verify-chain.js';

/** What a chain that a server sent is judged by. */
export interface ChainJudge {
  anchors: readonly SourcedCertificate[];
  /** Name of the store, as reports call it. */
  trust: string;
  intermediates?: readonly SourcedCertificate[];
  crls?: readonly CertificateRevocationList[];
  spiffeId?: string;
  trustDomain?: string;
  /** Milliseconds since 1970 UTC; now when absent. */
  at?: number;
}

/** Verifies a chain exactly as it was sent: every defect, not only the first. */
export function verifyAsSent(chain: readonly Uint8Array[], hostname: string, judge: ChainJudge): Verification {
  const sent = chain.map((der, index) => ({ certificate: parseCertificate(der), source: `certificate ${index} as sent` }));
  const [leaf, ...others] = sent as [SourcedCertificate, ...SourcedCertificate[]];
  const references: ReferenceIdentifier[] = [];
  if (judge.spiffeId !== undefined) references.push({ kind: 'spiffe-id', value: judge.spiffeId });
  if (judge.trustDomain !== undefined) references.push({ kind: 'trust-domain', value: judge.trustDomain });
  // A SPIFFE identity stands in place of a host name.
  if (references.length === 0) references.push(hostReference(hostname));
  const question: PathQuestion = {
    leaf,
    intermediates: [...others, ...(judge.intermediates ?? [])],
    anchors: judge.anchors,
    at: judge.at ?? Date.now(),
    references,
    purpose: 'server',
    ...(judge.crls && judge.crls.length > 0 ? { crls: judge.crls, revocation: 'soft' as const } : {}),
  };
  const verdict = validatePath(question);
  const document = verificationDocument(verdict, {
    question,
    trust: judge.trust,
    chain: sent,
    elsewhere: runtimeVerdicts(question, verdict),
  });
  addFixes(document);
  return document;
}
