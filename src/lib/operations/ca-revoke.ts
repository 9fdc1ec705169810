import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { CrlReason } from '../ca/crl.js';
import type { CaRevokeDocument } from '../ca/documents.js';
import { readRecord, writeRevocation } from '../ca/records.js';
import { DEFAULT_CRL_SECONDS, revocationListsPem } from '../ca/revocation-list.js';
import { CRL_FILE, readDocument } from '../ca/store.js';
import { TlsmedicError } from '../errors.js';
import { PUBLIC_FILE, readFileIfThere, writeFileAtomic } from '../io/files.js';
import { withFolderLock } from '../io/folder-lock.js';

export interface CaRevokeRequest {
  folder: string;
  /** Serial numbers in hex, or paths of certificate files. None: the list is only renewed. */
  certificates: readonly string[];
  reason: CrlReason;
  crlSeconds?: number | undefined;
  now: number;
}

/**
 * Puts certificates on the revocation list and writes the list anew. All of them are looked up before one is revoked.
 * @throws TlsmedicError `not-issued-here`, `authority-corrupt`, `no-authority`
 */
export function revokeCertificates(request: CaRevokeRequest): CaRevokeDocument {
  const { folder, reason, now } = request;
  const document = readDocument(folder);
  const found = request.certificates.map((typed) => {
    const record = readRecord(folder, serialOf(typed));
    if (record !== undefined) return record;
    throw new TlsmedicError('not-issued-here', `this authority has no record of ${typed}`, {
      kind: 'input',
      why: `looked for its serial number in ${join(folder, 'issued')}`,
      next: ['list what was issued: tlsmedic ca show', 'name another authority: --ca-dir DIR'],
    });
  });
  const revoked = found.map((record) => ({
    serial: record.serial,
    names: record.names,
    reason,
    already: !writeRevocation(folder, {
      schema: 'tlsmedic/revocation@1',
      serial: record.serial,
      at: new Date(now).toISOString(),
      reason,
      generation: record.generation,
    }),
  }));
  const path = join(folder, CRL_FILE);
  // Under the lock, so that a list never misses what another process revoked just before.
  const lists = withFolderLock(folder, () => {
    const made = revocationListsPem(folder, document, now, request.crlSeconds ?? DEFAULT_CRL_SECONDS);
    writeFileAtomic(path, made.pem, { mode: PUBLIC_FILE, force: true });
    return made;
  });
  return {
    schema: 'tlsmedic/ca-revoke@1',
    at: new Date(now).toISOString(),
    revoked,
    crl: { path, entries: lists.entries, nextUpdate: new Date(lists.nextUpdate).toISOString() },
  };
}

/** The serial of what was typed: of the certificate, when it is a file, else the text itself. */
function serialOf(typed: string): string {
  if (/^(0x)?[0-9a-fA-F:]{8,}$/.test(typed)) return typed;
  const bytes = readFileIfThere(typed);
  if (bytes === undefined) return typed;
  try {
    return new X509Certificate(Buffer.from(bytes)).serialNumber;
  } catch (error) {
    throw new TlsmedicError('unreadable-certificate', `${typed} holds no certificate`, {
      kind: 'input',
      next: [`look at it: tlsmedic inspect ${typed}`],
      cause: error,
    });
  }
}
