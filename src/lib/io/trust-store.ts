import { existsSync } from 'node:fs';
import { TlsmedicError } from '../errors.js';
import { readContainer } from '../x509/container/read-container.js';
import { certificatesFromPem } from '../x509/pem.js';
import { readFile, readInput } from './files.js';

/** Trust anchors in force, and where they come from. A store is always named in reports: there is no silent fallback from one to another. */
export interface TrustStore {
  /** For people: `ca.crt`, `system store /etc/ssl/certs/ca-certificates.crt`, `Mozilla roots of node`, `no store`. */
  name: string;
  kind: 'file' | 'system' | 'mozilla' | 'none';
  /** DER by file, in the order given. */
  files: { label: string; certificates: Uint8Array[] }[];
}

export interface TrustChoice {
  /** `--ca`: replaces every store. */
  ca?: readonly string[];
  /** `--trust`. Left out: the system's store; where there is none that is an error, never a reason to take another. */
  trust?: 'system' | 'mozilla' | 'none' | undefined;
  /** SSL_CERT_FILE moves the system's store for OpenSSL programs, and so for us. */
  env: Readonly<Record<string, string | undefined>>;
}

/** Where Linux distributions, BSD and macOS keep the system's bundle. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
];

/**
 * Loads what is to be trusted.
 * @throws TlsmedicError for a file that cannot be read or holds no certificate, and for `system` on a machine without a store
 */
export async function loadTrustStore({ ca, trust, env }: TrustChoice): Promise<TrustStore> {
  if (ca !== undefined && ca.length > 0) {
    const files = await Promise.all(ca.map(async (path) => ({ label: path, certificates: await readCertificateFile(path) })));
    return { name: ca.join(', '), kind: 'file', files };
  }
  if (trust === 'none') return { name: 'no store', kind: 'none', files: [] };
  return trust === 'mozilla' ? mozillaStore() : systemStore(env);
}

/** Mozilla's roots in the version that this node carries. */
async function mozillaStore(): Promise<TrustStore> {
  const { rootCertificates } = await import('node:tls');
  const name = 'Mozilla roots of node';
  return { name, kind: 'mozilla', files: [{ label: name, certificates: rootCertificates.flatMap((pem) => certificatesFromPem(pem)) }] };
}

async function systemStore(env: TrustChoice['env']): Promise<TrustStore> {
  const path = systemBundlePath(env);
  if (path !== undefined) {
    const certificates = certificatesFromPem(Buffer.from(readFile(path)).toString('latin1'));
    if (certificates.length === 0) throw noSystemStore(`the system store ${path} holds no certificate`);
    return { name: `system store ${path}`, kind: 'system', files: [{ label: path, certificates }] };
  }
  // macOS and Windows may keep no bundle file; newer versions of node can ask them.
  const tls = (await import('node:tls')) as { getCACertificates?: (kind: string) => string[] };
  const certificates = (tls.getCACertificates?.('system') ?? []).flatMap((pem) => certificatesFromPem(pem));
  if (certificates.length === 0) throw noSystemStore('no system store was found on this machine');
  return { name: 'system store', kind: 'system', files: [{ label: 'system store', certificates }] };
}

function noSystemStore(message: string): TlsmedicError {
  return new TlsmedicError('no-system-store', message, {
    kind: 'environment',
    why: 'nothing is trusted in its place: the verdict would be about another store',
    next: ['--ca FILE', '--trust mozilla', 'SSL_CERT_FILE=FILE'],
  });
}

/** Other stores of this machine than the one in force, for "it is in another store here". Those that cannot be read are left out. */
export async function otherStores(than: TrustStore['kind'], env: TrustChoice['env']): Promise<TrustStore[]> {
  const stores: TrustStore[] = [];
  for (const trust of ['system', 'mozilla'] as const) {
    if (trust === than) continue;
    try {
      stores.push(await loadTrustStore({ trust, env }));
    } catch (error) {
      if (!(error instanceof TlsmedicError)) throw error;
    }
  }
  return stores;
}

/** The bundle that programs of this system trust; undefined when there is none. */
export function systemBundlePath(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const moved = env.SSL_CERT_FILE;
  if (moved !== undefined && moved !== '') return moved;
  return SYSTEM_BUNDLES.find((path) => existsSync(path));
}

/**
 * Certificates of a file in any container; `-` is standard input.
 * @throws TlsmedicError `no-certificate` (input): an empty store would verify nothing, or worse, be replaced by another
 */
export async function readCertificateFile(path: string, passphrases: readonly string[] = []): Promise<Uint8Array[]> {
  const reading = await readContainer(await readInput(path), { passphrases });
  const certificates = reading.items.flatMap((item) => (item.kind === 'certificate' && item.missingBytes === undefined ? [item.der] : []));
  if (certificates.length > 0) return certificates;
  const what =
    reading.instead === undefined ? (reading.locked === undefined ? undefined : 'locked by a passphrase') : `${reading.instead.what}`;
  throw new TlsmedicError('no-certificate', `${path} holds no certificate`, {
    kind: 'input',
    ...(what === undefined ? {} : { why: `it is ${what}` }),
    next: [`tlsmedic inspect ${path}`],
  });
}
