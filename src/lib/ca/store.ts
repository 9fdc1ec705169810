import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import * as fs from 'node:fs';
import { platform } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { TlsmedicError } from '../errors.js';
import { readFile, readFileIfThere, readText } from '../io/files.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';
import type { AuthorityCertificate, IssuingAuthority, SigningAuthority } from './authority.js';
import {
  AUTHORITY_FILE,
  type AuthorityDocument,
  corruptAuthority,
  type Generation,
  parseAuthorityDocument,
  type StoredCertificate,
} from './authority-file.js';
import type { FaultIssuers } from './fault-issuers.js';

/** Folders inside the authority's folder. */
export const ISSUED = 'issued';
export const REVOKED = 'revoked';
export const FAULTS_FOLDER = 'faults';
/** The trust bundle and the revocation lists, ready to be handed out. */
export const BUNDLE_FILE = 'ca.crt';
export const CRL_FILE = 'ca.crl';

/** What the file names of a generation begin with: nothing for the first, `2-` for the second. */
export function generationPrefix(number: number): string {
  return number === 1 ? '' : `${number}-`;
}

/** File names of the unfit issuers (see fault-issuers.ts). */
export const FAULT_FILES = { expired: 'expired', constrained: 'constrained', notCa: 'not-a-ca' } as const satisfies Record<
  keyof FaultIssuers,
  string
>;

/** An authority read from its folder, ready to issue: the newest generation's intermediate with its key. */
export interface StoredAuthority extends IssuingAuthority {
  folder: string;
  document: AuthorityDocument;
  generation: Generation;
  /** Every root that is handed out, newest first, as PEM. */
  bundlePem: string;
  warnings: string[];
}

/**
 * Opens an authority's folder for issuing. Checks that every file is the one that was written and that the key belongs to its certificate.
 * @throws TlsmedicError `no-authority`, `authority-corrupt`
 */
export function openAuthority(folder: string): StoredAuthority {
  const document = readDocument(folder);
  const generation = document.generations.at(-1) as Generation;
  const root = readCertificate(folder, generation.root);
  const intermediate = readCertificate(folder, generation.intermediate);
  const keyPath = join(folder, generation.intermediate.key);
  const key = readKey(keyPath, intermediate.spki);
  const chainPem = intermediate.pem + (generation.bridge === undefined ? '' : readCertificate(folder, generation.bridge).pem);
  return {
    folder,
    document,
    generation,
    root,
    intermediate: { ...intermediate, pathLength: generation.intermediate.pathLength, key, chainPem },
    constraints: document.constraints,
    spiffeTrustDomain: document.spiffeTrustDomain,
    bundlePem: bundleOf(folder, document),
    warnings: permissionWarnings(folder, keyPath),
  };
}

/** `authority.json` of a folder. */
export function readDocument(folder: string): AuthorityDocument {
  const path = join(folder, AUTHORITY_FILE);
  const bytes = readFileIfThere(path);
  if (bytes !== undefined) return parseAuthorityDocument(Buffer.from(bytes).toString('utf8'), path);
  const here = fs.existsSync(folder) && fs.readdirSync(folder).some((name) => name.endsWith('.key') || name === ISSUED);
  if (here) throw corruptAuthority(path, 'the file is missing, but keys of an authority are in the folder');
  throw new TlsmedicError('no-authority', `there is no certificate authority in ${folder}`, {
    kind: 'usage',
    next: ['make one: tlsmedic ca init', 'or name its folder: --ca-dir DIR (or TLSMEDIC_CA_DIR)'],
  });
}

/** All roots of an authority as one PEM text, newest first: what peers have to trust. */
export function bundleOf(folder: string, document: AuthorityDocument): string {
  return [...document.generations]
    .reverse()
    .map((generation) => readCertificate(folder, generation.root).pem)
    .join('');
}

/**
 * What an authority has issued under so far, for telling its certificates from others': public certificates alone, no key is opened.
 * Undefined when there is no authority in the folder or it cannot be read; whoever issues from it hears of that.
 */
export function publicCertificates(folder: string): { label: string; certificates: Uint8Array[] } | undefined {
  try {
    const { generations } = readDocument(folder);
    return {
      label: 'own authority',
      certificates: generations.flatMap(({ root, intermediate }) =>
        [root, intermediate].map((stored) => readCertificate(folder, stored).der),
      ),
    };
  } catch (error) {
    if (error instanceof TlsmedicError) return undefined;
    throw error;
  }
}

/** Reads one certificate of the folder and holds it against its recorded fingerprint. */
export function readCertificate(folder: string, stored: StoredCertificate): AuthorityCertificate & { spki: Uint8Array } {
  const path = join(folder, stored.certificate);
  let pem: string;
  try {
    pem = readText(path);
  } catch (error) {
    throw corruptAuthority(path, 'the file cannot be read', error);
  }
  const der = certificatesFromPem(pem)[0];
  const certificate = der === undefined ? undefined : parseCertificate(der);
  if (der === undefined || certificate?.fingerprint !== stored.fingerprint) {
    throw corruptAuthority(
      path,
      'it is not the certificate that was written there: its fingerprint differs from the one in authority.json',
    );
  }
  return {
    der,
    pem,
    subject: certificate.subject.der,
    commonName: stored.commonName,
    keyIdentifier: certificate.subjectKeyIdentifier ?? new Uint8Array(0),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    pathLength: certificate.basicConstraints?.pathLength,
    serial: stored.serial,
    fingerprint: stored.fingerprint,
    spki: certificate.publicKey.spki,
  };
}

/** Reads an unencrypted key and checks that it belongs to the certificate with this SubjectPublicKeyInfo. */
function readKey(path: string, spki: Uint8Array): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(Buffer.from(readFile(path)));
  } catch (error) {
    throw corruptAuthority(
      path,
      error instanceof TlsmedicError ? (error.why ?? error.message) : 'it holds no private key that can be read',
      error,
    );
  }
  if (!belongs(key, spki)) throw corruptAuthority(path, 'the key does not belong to the certificate beside it');
  return key;
}

function belongs(key: KeyObject, spki: Uint8Array): boolean {
  return Buffer.from(spki).equals(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}

/** The path of the root's key: in the folder, or where `--root-key-out` put it. */
export function rootKeyPath(folder: string, generation: Generation): string {
  return isAbsolute(generation.root.key) ? generation.root.key : join(folder, generation.root.key);
}

/**
 * Reads the root's key; `passphrase` is asked for only when the key is encrypted.
 * @throws TlsmedicError `root-key-missing`, `wrong-passphrase`, `authority-corrupt`
 */
export async function openRoot(folder: string, generation: Generation, passphrase: () => Promise<string>): Promise<SigningAuthority> {
  const root = readCertificate(folder, generation.root);
  const path = rootKeyPath(folder, generation);
  const pem = readFileIfThere(path);
  if (pem === undefined) {
    throw new TlsmedicError('root-key-missing', `the root's key is not at ${path}`, {
      kind: 'input',
      why: isAbsolute(generation.root.key) ? 'it was put there by --root-key-out' : 'somebody moved or deleted it',
      next: ['bring it back (mount the medium it is on), then run this again'],
    });
  }
  if (generation.root.keyProtection === 'none') return { ...root, key: readKey(path, root.spki) };
  const secret = await passphrase();
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: Buffer.from(pem), passphrase: secret });
  } catch (error) {
    throw new TlsmedicError('wrong-passphrase', `the passphrase does not open ${path}`, {
      kind: 'input',
      next: [
        ...(generation.root.passphraseFile === undefined ? [] : [`the one generated by ca init is in ${generation.root.passphraseFile}`]),
        'give the right one: --passphrase-file FILE',
      ],
      cause: error,
    });
  }
  if (!belongs(key, root.spki)) throw corruptAuthority(path, 'the key does not belong to the certificate beside it');
  return { ...root, key };
}

/** The unfit issuers of the newest generation. */
export function openFaultIssuers(folder: string, generation: number): FaultIssuers {
  const prefix = generationPrefix(generation);
  const read = (name: string): SigningAuthority => {
    const path = join(folder, FAULTS_FOLDER, `${name}.crt`);
    const der = certificatesFromPem(readText(path))[0];
    if (der === undefined) throw corruptAuthority(path, 'it holds no certificate');
    const certificate = parseCertificate(der);
    const stored = {
      certificate: join(FAULTS_FOLDER, `${name}.crt`),
      commonName: certificate.subject.commonName ?? '',
      fingerprint: certificate.fingerprint,
      serial: certificate.serial,
      notBefore: '',
      notAfter: '',
    };
    const parsed = readCertificate(folder, stored);
    return { ...parsed, key: readKey(join(folder, FAULTS_FOLDER, `${name}.key`), parsed.spki) };
  };
  return {
    expired: read(prefix + FAULT_FILES.expired),
    constrained: read(prefix + FAULT_FILES.constrained),
    notCa: read(prefix + FAULT_FILES.notCa),
  };
}

function permissionWarnings(folder: string, keyPath: string): string[] {
  if (platform() === 'win32') return [];
  const open = (path: string): boolean => (fs.statSync(path).mode & 0o077) !== 0;
  const warnings: string[] = [];
  if (open(keyPath)) warnings.push(`others may read the intermediate's key: chmod 600 ${keyPath}`);
  if (open(folder)) warnings.push(`others may look into the authority's folder: chmod 700 ${folder}`);
  return warnings;
}
