import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errnoOf, TlsmedicError } from '../errors.js';
import {
  createDurably,
  ensureFolder,
  ensurePrivateFolder,
  fileError,
  flushFolder,
  PRIVATE_FILE,
  PRIVATE_FOLDER,
  PUBLIC_FILE,
  writeFileAtomic,
} from '../io/files.js';
import type { Authority, AuthorityCertificate, SigningAuthority } from './authority.js';
import { AUTHORITY_FILE, type AuthorityDocument, type Generation, type StoredCertificate } from './authority-file.js';
import { createCrl } from './crl.js';
import type { FaultIssuers } from './fault-issuers.js';
import { encryptedKeyPem } from './password-based-encryption.js';
import { pemEncode } from './pem-writer.js';
import { BUNDLE_FILE, CRL_FILE, FAULT_FILES, FAULTS_FOLDER, generationPrefix, ISSUED, REVOKED } from './store.js';

/** How the root's key is kept. */
export interface RootKeyPlan {
  /** Undefined leaves the key in clear. */
  passphrase: string | undefined;
  /** Absolute path outside the folder, in place of a file in it. */
  path?: string | undefined;
  /** Where a generated passphrase was written, to be named later. */
  passphraseFile?: string | undefined;
}

/** One file of the folder to be. */
export interface PlannedFile {
  name: string;
  data: string;
  mode: number;
}

/** The files and the entry of one generation. `prefix` keeps the files of generations apart: `2-root.crt`. */
export function planGeneration(
  authority: Authority,
  faults: FaultIssuers,
  number: number,
  now: number,
  rootKey: RootKeyPlan,
  bridge?: AuthorityCertificate,
): { generation: Generation; files: PlannedFile[] } {
  const prefix = generationPrefix(number);
  const files: PlannedFile[] = [
    { name: `${prefix}root.crt`, data: authority.root.pem, mode: PUBLIC_FILE },
    { name: `${prefix}intermediate.crt`, data: authority.intermediate.pem, mode: PUBLIC_FILE },
    { name: `${prefix}intermediate.key`, data: keyPem(authority.intermediate), mode: PRIVATE_FILE },
    { name: `${prefix}root.crl`, data: emptyRootCrl(authority.root, now), mode: PUBLIC_FILE },
    ...(Object.keys(FAULT_FILES) as (keyof FaultIssuers)[]).flatMap((fault) => [
      { name: join(FAULTS_FOLDER, `${prefix}${FAULT_FILES[fault]}.crt`), data: faults[fault].pem, mode: PUBLIC_FILE },
      { name: join(FAULTS_FOLDER, `${prefix}${FAULT_FILES[fault]}.key`), data: keyPem(faults[fault]), mode: PRIVATE_FILE },
    ]),
  ];
  if (rootKey.path === undefined) files.push({ name: `${prefix}root.key`, data: rootKeyText(authority.root, rootKey), mode: PRIVATE_FILE });
  if (bridge !== undefined) files.push({ name: `${prefix}bridge.crt`, data: bridge.pem, mode: PUBLIC_FILE });
  const generation: Generation = {
    number,
    createdAt: new Date(now).toISOString(),
    keyType: authority.keyType,
    root: {
      ...stored(`${prefix}root.crt`, authority.root),
      key: rootKey.path ?? `${prefix}root.key`,
      keyProtection: rootKey.passphrase === undefined ? 'none' : 'passphrase',
      ...(rootKey.passphraseFile === undefined ? {} : { passphraseFile: rootKey.passphraseFile }),
    },
    intermediate: {
      ...stored(`${prefix}intermediate.crt`, authority.intermediate),
      key: `${prefix}intermediate.key`,
      pathLength: authority.intermediate.pathLength ?? 0,
    },
    ...(bridge === undefined ? {} : { bridge: stored(`${prefix}bridge.crt`, bridge) }),
  };
  return { generation, files };
}

/** PEM of the root's key, encrypted when there is a passphrase. */
export function rootKeyText(root: SigningAuthority, plan: RootKeyPlan): string {
  if (plan.passphrase === undefined) return keyPem(root);
  return encryptedKeyPem(root.key.export({ type: 'pkcs8', format: 'der' }), plan.passphrase);
}

function keyPem(authority: SigningAuthority): string {
  return pemEncode('PRIVATE KEY', authority.key.export({ type: 'pkcs8', format: 'der' }));
}

function stored(file: string, certificate: AuthorityCertificate): StoredCertificate {
  return {
    certificate: file,
    commonName: certificate.commonName,
    fingerprint: certificate.fingerprint,
    serial: certificate.serial,
    notBefore: new Date(certificate.notBefore).toISOString(),
    notAfter: new Date(certificate.notAfter).toISOString(),
  };
}

/** The root's list: empty, and good for as long as the root, since its key is put away. Verifiers that check the whole chain want one. */
function emptyRootCrl(root: SigningAuthority, now: number): string {
  return createCrl({ issuer: root, thisUpdate: root.notBefore, nextUpdate: root.notAfter, number: Math.floor(now / 1000), revoked: [] })
    .pem;
}

/**
 * Makes the authority's folder in one step: everything is written to a folder beside it, which then gets its name. A kill leaves the folder or nothing.
 * @throws TlsmedicError `authority-exists`, `folder-not-empty`, `unwritable-file`
 */
export function writeAuthorityFolder(
  folder: string,
  document: AuthorityDocument,
  files: readonly PlannedFile[],
  bundlePem: string,
  crlPem: string,
): void {
  refuseExisting(folder);
  const parent = dirname(folder);
  ensureFolder(parent);
  const stage = join(parent, `.tlsmedic-${basename(folder)}-${randomBytes(6).toString('hex')}`);
  try {
    fs.mkdirSync(stage, { mode: PRIVATE_FOLDER });
    for (const sub of [ISSUED, REVOKED, FAULTS_FOLDER]) fs.mkdirSync(join(stage, sub), { mode: PRIVATE_FOLDER });
    // People do commit PEM files: nothing of this folder belongs into a repository.
    createDurably(join(stage, '.gitignore'), '*\n', PUBLIC_FILE);
    for (const file of files) createDurably(join(stage, file.name), file.data, file.mode);
    createDurably(join(stage, BUNDLE_FILE), bundlePem, PUBLIC_FILE);
    createDurably(join(stage, CRL_FILE), crlPem, PUBLIC_FILE);
    createDurably(join(stage, AUTHORITY_FILE), documentText(document), PRIVATE_FILE);
    flushFolder(stage);
    putInPlace(stage, folder);
    flushFolder(parent);
  } catch (error) {
    fs.rmSync(stage, { recursive: true, force: true });
    if (errnoOf(error) === 'ENOTEMPTY' || errnoOf(error) === 'EEXIST') refuseExisting(folder);
    throw fileError('write', folder, error);
  }
}

function putInPlace(stage: string, folder: string): void {
  try {
    fs.renameSync(stage, folder);
  } catch (error) {
    // A mount point (a container's volume) cannot be renamed over: its entries go in one by one, authority.json, which makes it an authority, last.
    if (errnoOf(error) !== 'EBUSY' && errnoOf(error) !== 'EXDEV') throw error;
    fs.chmodSync(folder, PRIVATE_FOLDER);
    const names = fs.readdirSync(stage).sort((a, b) => Number(a === AUTHORITY_FILE) - Number(b === AUTHORITY_FILE));
    for (const name of names)
      fs.cpSync(join(stage, name), join(folder, name), { recursive: true, errorOnExist: true, force: false, preserveTimestamps: true });
    fs.rmSync(stage, { recursive: true, force: true });
  }
}

/** Refuses a folder that holds an authority, or anything else. */
export function refuseExisting(folder: string): void {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw fileError('write', folder, error);
  }
  if (names.includes(AUTHORITY_FILE)) {
    throw new TlsmedicError('authority-exists', `there is an authority in ${folder} already`, {
      kind: 'usage',
      why: 'a second one in its place would make every certificate of the first worthless',
      next: ['look at it: tlsmedic ca show', 'renew it: tlsmedic ca rotate', 'make another: tlsmedic ca init --ca-dir ANOTHER_FOLDER'],
    });
  }
  if (names.filter((name) => name !== 'lost+found').length > 0) {
    throw new TlsmedicError('folder-not-empty', `${folder} is not empty and was left as it is`, {
      kind: 'usage',
      why: `it holds ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`,
      next: ['name a folder that does not exist yet: --ca-dir DIR'],
    });
  }
}

/** Adds a generation to an existing folder; `authority.json` goes last, so that a kill leaves the authority as it was. */
export function addGeneration(
  folder: string,
  document: AuthorityDocument,
  files: readonly PlannedFile[],
  bundlePem: string,
  crlPem: string,
): void {
  ensurePrivateFolder(join(folder, FAULTS_FOLDER));
  for (const file of files) writeFileAtomic(join(folder, file.name), file.data, { mode: file.mode, force: true });
  writeFileAtomic(join(folder, AUTHORITY_FILE), documentText(document), { mode: PRIVATE_FILE, force: true });
  writeFileAtomic(join(folder, BUNDLE_FILE), bundlePem, { mode: PUBLIC_FILE, force: true });
  writeFileAtomic(join(folder, CRL_FILE), crlPem, { mode: PUBLIC_FILE, force: true });
}

function documentText(document: AuthorityDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
