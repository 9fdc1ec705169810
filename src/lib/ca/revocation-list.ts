import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { readFile, readText } from '../io/files.js';
import type { AuthorityDocument } from './authority-file.js';
import { createCrl } from './crl.js';
import { type RevocationRecord, readRevocations } from './records.js';
import { generationPrefix, readCertificate } from './store.js';

/** A week: consumers that fetch the list daily never see it stale, and one that is forgotten shows within days. */
export const DEFAULT_CRL_SECONDS = 7 * 86_400;

/**
 * The revocation lists of every intermediate and root of the folder that is still valid, as one PEM text: verifiers that check the whole chain need all of them.
 */
export function revocationListsPem(
  folder: string,
  document: AuthorityDocument,
  now: number,
  lifetimeSeconds = DEFAULT_CRL_SECONDS,
): { pem: string; entries: number; nextUpdate: number } {
  const revocations = readRevocations(folder).records;
  const nextUpdate = now + lifetimeSeconds * 1000;
  let pem = '';
  for (const generation of [...document.generations].reverse()) {
    if (Date.parse(generation.intermediate.notAfter) > now) {
      const issuer = readCertificate(folder, generation.intermediate);
      const key = createPrivateKey(Buffer.from(readFile(join(folder, generation.intermediate.key))));
      const mine = revocations.filter((record) => record.generation === generation.number);
      pem += listOf(issuer, key, mine, now, nextUpdate);
    }
    pem += readText(join(folder, `${generationPrefix(generation.number)}root.crl`));
  }
  return { pem, entries: revocations.length, nextUpdate };
}

function listOf(
  issuer: ReturnType<typeof readCertificate>,
  key: ReturnType<typeof createPrivateKey>,
  revocations: readonly RevocationRecord[],
  now: number,
  nextUpdate: number,
): string {
  const revoked = revocations
    .map((record) => ({ serial: record.serial, at: Date.parse(record.at), reason: record.reason }))
    .sort((a, b) => a.at - b.at || a.serial.localeCompare(b.serial));
  // The clock in milliseconds grows with each list, also when several processes write one.
  return createCrl({ issuer: { ...issuer, key }, thisUpdate: now - 60_000, nextUpdate, number: now, revoked }).pem;
}
