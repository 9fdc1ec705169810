import { TlsmedicError } from '../errors.js';
import type { KeyType } from './key-pair.js';
import type { NameConstraintSet } from './name-constraints.js';

/** Name of the file that makes a folder an authority; it is written last. */
export const AUTHORITY_FILE = 'authority.json';

/** One certificate of the folder. Times are ISO 8601. */
export interface StoredCertificate {
  /** File name in the folder. */
  certificate: string;
  commonName: string;
  /** SHA-256 of the DER, lower-case hex: a changed file is noticed. */
  fingerprint: string;
  serial: string;
  notBefore: string;
  notAfter: string;
}

/** A root with the intermediate under it: one generation. `ca rotate` adds another. */
export interface Generation {
  number: number;
  createdAt: string;
  keyType: KeyType;
  root: StoredCertificate & {
    /** Name in the folder, or an absolute path elsewhere. */
    key: string;
    keyProtection: 'passphrase' | 'none';
    /** Where a generated passphrase was put. */
    passphraseFile?: string;
  };
  intermediate: StoredCertificate & { key: string; pathLength: number };
  /** This generation's root, signed by the root before it: those who know only the old root reach the new one over it. */
  bridge?: StoredCertificate;
}

/** `authority.json`: what the folder holds. No secret is in it. */
export interface AuthorityDocument {
  schema: 'tlsmedic/authority@1';
  name: string;
  createdAt: string;
  constraints: NameConstraintSet;
  spiffeTrustDomain?: string;
  /** Newest last; the newest issues. */
  generations: Generation[];
}

/**
 * Reads `authority.json`.
 * @throws TlsmedicError `authority-corrupt` naming what is wrong
 */
export function parseAuthorityDocument(text: string, path: string): AuthorityDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw corruptAuthority(path, text.trim() === '' ? 'the file is empty' : 'it is no JSON', error);
  }
  if (!isRecord(value)) throw corruptAuthority(path, 'it holds no object');
  if (value.schema !== 'tlsmedic/authority@1') {
    throw corruptAuthority(
      path,
      `its schema is ${JSON.stringify(value.schema)} instead of "tlsmedic/authority@1"; a newer tlsmedic may have written it`,
    );
  }
  const constraints = value.constraints;
  if (
    typeof value.name !== 'string' ||
    !isRecord(constraints) ||
    !Array.isArray(constraints.permitted) ||
    !Array.isArray(constraints.excluded)
  ) {
    throw corruptAuthority(path, 'its name or its constraints are missing');
  }
  if (!Array.isArray(value.generations) || value.generations.length === 0 || !value.generations.every(isGeneration)) {
    throw corruptAuthority(path, 'its list of roots and intermediates is incomplete');
  }
  return value as unknown as AuthorityDocument;
}

function isGeneration(value: unknown): boolean {
  if (!isRecord(value) || typeof value.number !== 'number') return false;
  return [value.root, value.intermediate].every((part) => isStored(part) && typeof (part as { key?: unknown }).key === 'string');
}

function isStored(value: unknown): boolean {
  return (
    isRecord(value) &&
    ['certificate', 'commonName', 'fingerprint', 'serial', 'notBefore', 'notAfter'].every((field) => typeof value[field] === 'string')
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error for a folder that was damaged: nothing in it is touched. */
export function corruptAuthority(path: string, why: string, cause?: unknown): TlsmedicError {
  return new TlsmedicError('authority-corrupt', `the authority's folder is damaged: ${path}`, {
    kind: 'input',
    why,
    next: ['restore the file from a backup; nothing was changed', 'or start anew beside it: tlsmedic ca init --ca-dir ANOTHER_FOLDER'],
    cause,
  });
}
