import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Generation, StoredCertificate } from '../ca/authority-file.js';
import type { CaDocument, CertificateSummary, GenerationSummary } from '../ca/documents.js';
import { KEY_TYPE_NAMES } from '../ca/key-pair.js';
import { type IssuedRecord, readRecords, readRevocations } from '../ca/records.js';
import { BUNDLE_FILE, CRL_FILE, openAuthority, rootKeyPath } from '../ca/store.js';

const DAY_MS = 86_400_000;

/**
 * What an authority's folder holds. Opening it checks every file against what was recorded.
 * @throws TlsmedicError `no-authority`, `authority-corrupt`
 */
export function showAuthority(folder: string, now: number): CaDocument {
  const { document, warnings } = openAuthority(folder);
  const { records, unreadable } = readRecords(folder);
  const revoked = new Set(readRevocations(folder).records.map((record) => record.serial));
  const generations = [...document.generations].reverse().map((generation) => summaryOf(folder, generation));
  const ends = (record: IssuedRecord): number => Date.parse(record.notAfter);
  const valid = records.filter((record) => ends(record) > now && !revoked.has(record.serial) && record.fault === undefined);
  return {
    schema: 'tlsmedic/ca@1',
    action: 'show',
    at: new Date(now).toISOString(),
    folder,
    name: document.name,
    files: { bundle: join(folder, BUNDLE_FILE), crl: join(folder, CRL_FILE) },
    generations,
    constraints: {
      permitted: document.constraints.permitted.map((subtree) => `${subtree.kind}:${subtree.value}`),
      excluded: document.constraints.excluded.map((subtree) => `${subtree.kind}:${subtree.value}`),
    },
    spiffeTrustDomain: document.spiffeTrustDomain ?? null,
    issued: {
      total: records.length,
      valid: valid.length,
      expired: records.filter((record) => ends(record) <= now && record.fault === undefined).length,
      revoked: records.filter((record) => revoked.has(record.serial)).length,
      faulty: records.filter((record) => record.fault !== undefined).length,
      next: valid
        .sort((a, b) => ends(a) - ends(b))
        .slice(0, 10)
        .map(({ serial, names, profile, notAfter }) => ({ serial, names, profile, notAfter })),
    },
    warnings: [...warnings, ...expiryWarnings(generations[0], now), ...unreadable.map((path) => `this record cannot be read: ${path}`)],
  };
}

function summaryOf(folder: string, generation: Generation): GenerationSummary {
  const { root, intermediate } = generation;
  return {
    number: generation.number,
    keyType: KEY_TYPE_NAMES[generation.keyType],
    root: {
      ...certificateSummary(root),
      key: {
        path: rootKeyPath(folder, generation),
        protection: root.keyProtection,
        ...(root.passphraseFile === undefined ? {} : { passphraseFile: root.passphraseFile }),
        present: existsSync(rootKeyPath(folder, generation)),
      },
    },
    intermediate: {
      ...certificateSummary(intermediate),
      key: { path: join(folder, intermediate.key) },
      pathLength: intermediate.pathLength,
    },
    bridged: generation.bridge !== undefined,
  };
}

function certificateSummary({ commonName, fingerprint, serial, notBefore, notAfter }: StoredCertificate): CertificateSummary {
  return { commonName, fingerprint, serial, notBefore, notAfter };
}

/** An authority is renewed in good time: 30 days of warning. */
function expiryWarnings(newest: GenerationSummary | undefined, now: number): string[] {
  if (newest === undefined) return [];
  return [newest.intermediate, newest.root].flatMap(({ commonName, notAfter }) => {
    const days = Math.floor((Date.parse(notAfter) - now) / DAY_MS);
    if (days > 30) return [];
    return [
      days < 0
        ? `${commonName} ran out ${-days} days ago: tlsmedic ca rotate`
        : `${commonName} runs out in ${days} days: tlsmedic ca rotate`,
    ];
  });
}
