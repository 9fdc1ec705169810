/** Runs the lints over everything that was found. */
import { runLints } from '../lint/engine.js';
import type { CertificateSubject, LintResult, LintSubject } from '../lint/lint.js';
import { LINTS } from '../lint/registry.js';
import type { Certificate } from '../x509/certificate.js';
import type { LintCounts, LintNote } from './inspection.js';
import { type FoundCertificate, type Inventory, isReadable } from './inventory.js';

function subjectOf(found: FoundCertificate): CertificateSubject {
  const subject: CertificateSubject = {
    kind: 'certificate',
    certificate: found.certificate,
    role: found.role,
    issuedOthers: found.issued.length > 0,
  };
  if (found.issuer !== undefined) subject.issuer = found.issuer.certificate;
  return subject;
}

/** Findings in the order of the certificates, then of the files, then of the whole set. */
export function lintInventory(inventory: Inventory): { notes: LintNote[]; counts: LintCounts } {
  const notes: LintNote[] = [];
  const counts: LintCounts = { finding: 0, pass: 0, 'not-applicable': 0 };
  const run = (subject: LintSubject, about: (result: Extract<LintResult, { outcome: 'finding' }>) => Omit<LintNote, 'result'>): void => {
    for (const result of runLints(LINTS, subject)) {
      counts[result.outcome]++;
      if (result.outcome === 'finding') notes.push({ result, ...about(result) });
    }
  };
  const members = inventory.certificates.filter(
    (found) => found.duplicateOf === undefined && isReadable(found) && found.missingBytes === undefined,
  );
  const subjects = members.map(subjectOf);
  subjects.forEach((subject, i) => {
    run(subject, () => ({ about: [members[i] as FoundCertificate] }));
  });
  inventory.inputs.forEach((input, index) => {
    const keys = inventory.keys.filter(({ where }) => where.input === index);
    if (keys.length === 0 || input.kind !== 'file') return;
    const encrypted = keys.every(({ facts }) => facts.encrypted);
    const subject: LintSubject = {
      kind: 'key-file',
      encrypted,
      ...(input.mode === undefined ? {} : { mode: input.mode }),
      ...(input.git === undefined ? {} : { git: input.git }),
    };
    run(subject, () => ({ about: [], where: { text: input.label } }));
  });
  if (members.length > 0) {
    const byCertificate = new Map<Certificate, FoundCertificate>(members.map((found) => [found.certificate, found]));
    run({ kind: 'set', members: subjects }, ({ finding }) => ({
      about: (finding.about ?? []).map((certificate) => byCertificate.get(certificate)).filter((found) => found !== undefined),
    }));
  }
  return { notes, counts };
}
