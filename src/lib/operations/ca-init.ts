import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createAuthority } from '../ca/authority.js';
import type { AuthorityDocument } from '../ca/authority-file.js';
import { createCrl } from '../ca/crl.js';
import type { CaDocument } from '../ca/documents.js';
import { createFaultIssuers } from '../ca/fault-issuers.js';
import type { KeyType } from '../ca/key-pair.js';
import { type NameConstraintSet, parseNameSubtree } from '../ca/name-constraints.js';
import { DEFAULT_CRL_SECONDS } from '../ca/revocation-list.js';
import { planGeneration, type RootKeyPlan, refuseExisting, rootKeyText, writeAuthorityFolder } from '../ca/store-writer.js';
import { spiffeId, trustDomainOf } from '../ca/subject-alt-name.js';
import { TlsmedicError } from '../errors.js';
import { ensureFolder, ensurePrivateFolder, PRIVATE_FILE, writeFileAtomic } from '../io/files.js';
import { generatePassphrase } from '../io/passphrase.js';
import { showAuthority } from './ca-show.js';

/** How the root's key is to be kept. */
export type RootKeyChoice =
  | { protection: 'passphrase'; passphrase: string }
  /** A passphrase is made up and put into this folder. */
  | { protection: 'generated'; passphraseFolder: string }
  | { protection: 'none' };

export interface CaInitRequest {
  folder: string;
  name: string;
  keyType: KeyType;
  rootSeconds?: number | undefined;
  intermediateSeconds?: number | undefined;
  pathLength?: number | undefined;
  /** As typed; see parseNameSubtree. */
  permit?: readonly string[];
  exclude?: readonly string[];
  trustDomain?: string | undefined;
  rootKey: RootKeyChoice;
  rootKeyOut?: string | undefined;
  now: number;
}

/**
 * Makes a root and an intermediate and writes the authority's folder, all of it or nothing.
 * @throws TlsmedicError `authority-exists`, `folder-not-empty`, `bad-name-constraint`, `bad-lifetime`, `unwritable-file`...
 */
export function initAuthority(request: CaInitRequest): CaDocument {
  const { folder, name, now } = request;
  refuseExisting(folder);
  if (name.trim() === '' || name.length > 40) {
    throw new TlsmedicError('bad-authority-name', `--name: an authority's name has 1 to 40 characters, this one ${name.trim().length}`, {
      kind: 'usage',
      why: 'a common name holds 64 characters, and "Intermediate" and a mark are put behind it',
      next: ['tlsmedic ca init --name "Acme dev"'],
    });
  }
  const constraints: NameConstraintSet = {
    permitted: (request.permit ?? []).map(parseNameSubtree),
    excluded: (request.exclude ?? []).map(parseNameSubtree),
  };
  const trustDomain = request.trustDomain === undefined ? undefined : readTrustDomain(request.trustDomain);
  // Two authorities made with the same defaults must not share a subject: verifiers would try the wrong root of that name.
  const mark = randomBytes(3).toString('hex');
  const authority = createAuthority({
    name,
    rootName: `${name} Root ${mark}`,
    intermediateName: `${name} Intermediate ${mark}`,
    keyType: request.keyType,
    now,
    lifetimes: {
      ...(request.rootSeconds === undefined ? {} : { rootSeconds: request.rootSeconds }),
      ...(request.intermediateSeconds === undefined ? {} : { intermediateSeconds: request.intermediateSeconds }),
    },
    ...(request.pathLength === undefined ? {} : { pathLength: request.pathLength }),
    nameConstraints: constraints,
    ...(trustDomain === undefined ? {} : { spiffeTrustDomain: trustDomain }),
  });
  const written: string[] = [];
  try {
    const plan = keepRootKey(request, authority.root, written);
    const { generation, files } = planGeneration(authority, createFaultIssuers(authority.root, authority.intermediate, now), 1, now, plan);
    const document: AuthorityDocument = {
      schema: 'tlsmedic/authority@1',
      name,
      createdAt: new Date(now).toISOString(),
      constraints,
      ...(trustDomain === undefined ? {} : { spiffeTrustDomain: trustDomain }),
      generations: [generation],
    };
    const rootCrl = files.find((file) => file.name === 'root.crl')?.data ?? '';
    const crl = createCrl({
      issuer: authority.intermediate,
      thisUpdate: now - 60_000,
      nextUpdate: now + DEFAULT_CRL_SECONDS * 1000,
      number: now,
      revoked: [],
    }).pem;
    writeAuthorityFolder(folder, document, files, authority.root.pem, crl + rootCrl);
  } catch (error) {
    // The folder is not there: what was written elsewhere for it would be an orphan.
    for (const path of written) fs.rmSync(path, { force: true });
    throw error;
  }
  return { ...showAuthority(folder, now), action: 'init' };
}

/** Refuses a folder that is taken, before anybody is asked anything. */
export function refuseTakenFolder(folder: string): void {
  refuseExisting(folder);
}

/** Writes what lies outside the folder (key, generated passphrase) and says how the key is kept. Paths written are added to `written`. */
export function keepRootKey(
  request: { rootKey: RootKeyChoice; rootKeyOut?: string | undefined; folder: string },
  root: Parameters<typeof rootKeyText>[0],
  written: string[],
): RootKeyPlan {
  const { rootKey } = request;
  const passphrase =
    rootKey.protection === 'passphrase' ? rootKey.passphrase : rootKey.protection === 'generated' ? generatePassphrase() : undefined;
  const plan: RootKeyPlan = { passphrase };
  if (rootKey.protection === 'generated') {
    plan.passphraseFile = join(rootKey.passphraseFolder, `root-${root.fingerprint.slice(0, 8)}.passphrase`);
    ensurePrivateFolder(rootKey.passphraseFolder);
    writeFileAtomic(plan.passphraseFile, `${passphrase}\n`, { mode: PRIVATE_FILE });
    written.push(plan.passphraseFile);
  }
  if (request.rootKeyOut !== undefined) {
    plan.path = resolve(request.rootKeyOut);
    ensureFolder(dirname(plan.path));
    writeFileAtomic(plan.path, rootKeyText(root, plan), { mode: PRIVATE_FILE });
    written.push(plan.path);
  }
  return plan;
}

function readTrustDomain(typed: string): string {
  const id = spiffeId(typed.startsWith('spiffe://') ? typed : `spiffe://${typed}`).value;
  return trustDomainOf(id) as string;
}
