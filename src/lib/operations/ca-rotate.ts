import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { createAuthority, signAuthority } from '../ca/authority.js';
import type { AuthorityDocument, Generation } from '../ca/authority-file.js';
import { createCrl } from '../ca/crl.js';
import type { CaDocument } from '../ca/documents.js';
import { createFaultIssuers } from '../ca/fault-issuers.js';
import { type KeyType, keyPairFrom } from '../ca/key-pair.js';
import { DEFAULT_CRL_SECONDS, revocationListsPem } from '../ca/revocation-list.js';
import { bundleOf, openRoot, readDocument } from '../ca/store.js';
import { addGeneration, planGeneration } from '../ca/store-writer.js';
import { TlsmedicError } from '../errors.js';
import { withFolderLock } from '../io/folder-lock.js';
import { keepRootKey, type RootKeyChoice } from './ca-init.js';
import { showAuthority } from './ca-show.js';

export interface CaRotateRequest {
  folder: string;
  /** Default: that of the generation before. */
  keyType?: KeyType | undefined;
  rootSeconds?: number | undefined;
  intermediateSeconds?: number | undefined;
  /** Passphrase of the present root, asked for only when its key is encrypted. */
  oldPassphrase: () => Promise<string>;
  /** How the new root's key is kept; `same` uses the passphrase of the old one. */
  rootKey: RootKeyChoice | { protection: 'same' };
  rootKeyOut?: string | undefined;
  now: number;
}

/**
 * Replaces the root and the intermediate without a moment at which somebody is locked out: the new root is also signed by the old one (the bridge, sent
 * along with every new certificate), and the bundle holds both.
 */
export async function rotateAuthority(request: CaRotateRequest): Promise<CaDocument> {
  const { folder, now } = request;
  const document = readDocument(folder);
  const old = document.generations.at(-1) as Generation;
  let secret: string | undefined;
  const oldRoot = await openRoot(folder, old, async () => {
    secret = await request.oldPassphrase();
    return secret;
  });
  const rootKey: RootKeyChoice =
    request.rootKey.protection !== 'same'
      ? request.rootKey
      : secret === undefined
        ? { protection: 'none' }
        : { protection: 'passphrase', passphrase: secret };
  const number = old.number + 1;
  const mark = randomBytes(3).toString('hex');
  const keyType = request.keyType ?? old.keyType;
  const authority = createAuthority({
    name: document.name,
    rootName: `${document.name} Root ${mark}`,
    intermediateName: `${document.name} Intermediate ${mark}`,
    keyType,
    now,
    lifetimes: {
      ...(request.rootSeconds === undefined ? {} : { rootSeconds: request.rootSeconds }),
      ...(request.intermediateSeconds === undefined ? {} : { intermediateSeconds: request.intermediateSeconds }),
    },
    pathLength: old.intermediate.pathLength,
    nameConstraints: document.constraints,
    ...(document.spiffeTrustDomain === undefined ? {} : { spiffeTrustDomain: document.spiffeTrustDomain }),
  });
  // A root that has run out bridges nothing.
  const bridge =
    oldRoot.notAfter <= now
      ? undefined
      : signAuthority(
          {
            commonName: authority.root.commonName,
            subject: authority.root.subject,
            keyType,
            keyPair: keyPairFrom(authority.root.key, authority.root.spki),
            notBefore: authority.root.notBefore,
            notAfter: Math.min(oldRoot.notAfter, authority.root.notAfter),
            constraints: document.constraints,
            spiffeTrustDomain: document.spiffeTrustDomain,
          },
          oldRoot,
        );
  const written: string[] = [];
  try {
    const plan = keepRootKey({ rootKey, rootKeyOut: request.rootKeyOut, folder }, authority.root, written);
    if (request.rootKey.protection === 'same' && old.root.passphraseFile !== undefined) plan.passphraseFile = old.root.passphraseFile;
    const planned = planGeneration(authority, createFaultIssuers(authority.root, authority.intermediate, now), number, now, plan, bridge);
    withFolderLock(folder, () => {
      const present = readDocument(folder);
      if (present.generations.length !== document.generations.length) {
        throw new TlsmedicError('authority-changed', 'somebody else rotated this authority in the meantime; nothing was changed', {
          kind: 'environment',
          next: ['tlsmedic ca show'],
        });
      }
      const next: AuthorityDocument = { ...document, generations: [...document.generations, planned.generation] };
      const rootCrl = planned.files.find((file) => file.name.endsWith('root.crl'))?.data ?? '';
      const crl = createCrl({
        issuer: authority.intermediate,
        thisUpdate: now - 60_000,
        nextUpdate: now + DEFAULT_CRL_SECONDS * 1000,
        number: now,
        revoked: [],
      }).pem;
      addGeneration(
        folder,
        next,
        planned.files,
        authority.root.pem + bundleOf(folder, document),
        crl + rootCrl + revocationListsPem(folder, document, now).pem,
      );
    });
  } catch (error) {
    for (const path of written) fs.rmSync(path, { force: true });
    throw error;
  }
  return { ...showAuthority(folder, now), action: 'rotate' };
}

/** Where the passphrase of the newest root was put when it was made up, if that file is still there. */
export function generatedPassphraseFile(folder: string): string | undefined {
  const path = readDocument(folder).generations.at(-1)?.root.passphraseFile;
  return path !== undefined && fs.existsSync(path) ? path : undefined;
}
