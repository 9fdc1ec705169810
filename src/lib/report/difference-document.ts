/** `tlsmedic/inspection-diff@1`. */
import type { Cause } from '../cause.js';
import type { Difference, FieldChange } from '../inspection/difference.js';
import type { FoundCertificate } from '../inspection/inventory.js';
import { isoTime } from '../time-text.js';

export interface CertificateReference {
  /** Where it was found. */
  where: string;
  subject: string;
  serial: string;
  notBefore: string | null;
  notAfter: string | null;
  sha256: string;
}

export interface DifferenceDocument {
  schema: 'tlsmedic/inspection-diff@1';
  ok: boolean;
  same: boolean;
  before: string;
  after: string;
  unchanged: CertificateReference[];
  changed: { before: CertificateReference; after: CertificateReference; sameKey: boolean; changes: FieldChange[] }[];
  added: CertificateReference[];
  removed: CertificateReference[];
  reordered: boolean;
  causes: Cause[];
}

function reference({ where, certificate }: FoundCertificate): CertificateReference {
  return {
    where: where.text,
    subject: certificate.subject.text,
    serial: certificate.serial,
    notBefore: isoTime(certificate.notBefore),
    notAfter: isoTime(certificate.notAfter),
    sha256: certificate.fingerprint,
  };
}

/** The document of a comparison. */
export function differenceDocument(difference: Difference, labels: { before: string; after: string }, causes: Cause[]): DifferenceDocument {
  const { same, unchanged, changed, added, removed, reordered } = difference;
  return {
    schema: 'tlsmedic/inspection-diff@1',
    ok: causes.length === 0,
    same,
    ...labels,
    unchanged: unchanged.map(({ after }) => reference(after)),
    changed: changed.map((change) => ({
      before: reference(change.before),
      after: reference(change.after),
      sameKey: change.sameKey,
      changes: change.changes,
    })),
    added: added.map(reference),
    removed: removed.map(reference),
    reordered,
    causes,
  };
}
