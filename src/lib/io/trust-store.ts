import { existsSync } from 'node:fs';
import { TlsmedicError } from '../errors.js';
import { readContainer } from '../x509/container/read-container.js';
import { certificatesFromPem } from '../x509/pem.js';
import { readInput, readText } from './files.js';

/**
 * Trust stores: files that the caller names, the system's, Mozilla's as node carries it, or none. A store that cannot be read or holds
 * nothing is an error: there is no falling back to another one, ever.
 */

export type TrustKind = 'system' | 'mozilla' | 'none';

/** Certificates of one file or store, DER. */
export interface StoreFile {
  label: string;
  certificates: Uint8Array[];
}

export interface TrustStore {
  /** For reports: "ca.crt", "system store (/etc/ssl/certs/ca-certificates.crt)". */
  store: string;
  kind: 'file' | TrustKind;
  files: StoreFile[];
}

/** Where systems keep their bundle: Debian and Ubuntu, RHEL and Fedora, SUSE, Alpine and macOS, FreeBSD. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
];

/**
 * Every certificate of a file of any kind (PEM, DER, PKCS#7, PKCS#12, JKS, Secret...); `-` is standard input.
 * @throws TlsmedicError unreadable, or without a certificate
 */
export async function readCertificateFile(path: string, passphrases: readonly string[] = []): Promise<StoreFile> {
  const bytes = await readInput(path);
  const label = path === '-' ? 'standard input' : path;
  const reading = await readContainer(bytes, { passphrases });
  const certificates = reading.items.flatMap((item) => (item.kind === 'certificate' && item.missingBytes === undefined ? [item.der] : []));
  if (certificates.length > 0) return { label, certificates };
  const what = reading.instead?.what ?? (bytes.length === 0 ? 'empty' : 'without a certificate');
  throw new TlsmedicError('no-certificate', `${label} holds no certificate that can be read`, {
    kind: 'input',
    why: `it is ${what}`,
    next: [...(reading.instead?.next === undefined ? [] : [reading.instead.next]), `tlsmedic inspect ${path}`],
  });
}

/**
 * The trust store that the flags ask for: `--ca` files replace every store; otherwise `--trust`, `system` when neither is given.
 * @throws TlsmedicError when it is unreadable or empty
 */
export async function loadTrustStore({ ca = [], trust }: { ca?: readonly string[]; trust?: string | undefined }): Promise<TrustStore> {
  if (ca.length > 0) {
    if (trust !== undefined) {
      throw new TlsmedicError('usage', '--ca and --trust cannot both be given', {
        kind: 'usage',
        why: '--ca replaces every store',
        next: ['leave one of them out'],
      });
    }
    const files: StoreFile[] = [];
    for (const path of ca) files.push(await readCertificateFile(path));
    return { store: files.map(({ label }) => label).join(', '), kind: 'file', files };
  }
  if (trust === 'none') return { store: 'none', kind: 'none', files: [] };
  return trust === 'mozilla' ? mozillaStore() : systemStore();
}

/** Mozilla's roots in the version that this node carries. */
export async function mozillaStore(): Promise<TrustStore> {
  const { rootCertificates } = await import('node:tls');
  const store = `Mozilla roots of node ${process.version}`;
  return { store, kind: 'mozilla', files: [{ label: store, certificates: rootCertificates.flatMap((pem) => certificatesFromPem(pem)) }] };
}

/** The operating system's store. @throws TlsmedicError when there is none or it is empty */
export async function systemStore(): Promise<TrustStore> {
  const bundle = SYSTEM_BUNDLES.find((path) => existsSync(path));
  if (bundle !== undefined) {
    const certificates = certificatesFromPem(readText(bundle));
    if (certificates.length === 0) throw emptyStore(`the system store ${bundle} holds no certificate`);
    return { store: `system store (${bundle})`, kind: 'system', files: [{ label: bundle, certificates }] };
  }
  // macOS and Windows keep no bundle file; newer versions of node can ask them.
  const tls: { getCACertificates?: (kind: string) => string[] } = await import('node:tls');
  const certificates = (tls.getCACertificates?.('system') ?? []).flatMap((pem) => certificatesFromPem(pem));
  if (certificates.length === 0) throw emptyStore('no trust store of this system was found');
  return { store: 'system store', kind: 'system', files: [{ label: 'system store', certificates }] };
}

function emptyStore(message: string): TlsmedicError {
  return new TlsmedicError('no-trust-store', message, {
    kind: 'environment',
    why: 'nothing is trusted in its place: a silent fallback would give a verdict about another store',
    next: [
      'name the trust anchors: --ca FILE',
      'or take the roots that node carries: --trust mozilla',
      'Debian: apt install ca-certificates',
    ],
  });
}

/** Other stores of this machine that can be read, for "it is in another store here". Those that cannot are left out. */
export async function otherStores(than: TrustStore['kind']): Promise<TrustStore[]> {
  const stores: TrustStore[] = [];
  for (const [kind, load] of [
    ['system', systemStore],
    ['mozilla', mozillaStore],
  ] as const) {
    if (kind === than) continue;
    try {
      stores.push(await load());
    } catch (error) {
      if (!(error instanceof TlsmedicError)) throw error;
    }
  }
  return stores;
}
