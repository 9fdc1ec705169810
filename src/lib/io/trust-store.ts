import { existsSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { TlsmedicError } from '../errors.js';
import { readContainer } from '../x509/container/read-container.js';
import { certificatesFromPem } from '../x509/pem.js';
import { readFile } from './files.js';

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
  /** `--trust`. Left out: the system's store, or Mozilla's where the system has none (then the name says so). */
  trust?: 'system' | 'mozilla' | 'none' | undefined;
  /** SSL_CERT_FILE moves the system's store for OpenSSL programs, and so for us. */
  env: Readonly<Record<string, string | undefined>>;
}

/** Where Linux distributions, BSD and macOS keep the system's bundle. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
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
  if (trust !== 'mozilla') {
    const path = systemBundlePath(env);
    if (path !== undefined)
      return {
        name: `system store ${path}`,
        kind: 'system',
        files: [{ label: path, certificates: certificatesFromPem(Buffer.from(readFile(path)).toString('latin1')) }],
      };
    if (trust === 'system')
      throw new TlsmedicError('no-system-store', 'no system store was found on this machine', {
        kind: 'environment',
        why: `none of ${SYSTEM_BUNDLES.join(', ')} is there`,
        next: ['--ca FILE', '--trust mozilla', 'SSL_CERT_FILE=FILE'],
      });
  }
  return {
    name: 'Mozilla roots of node',
    kind: 'mozilla',
    files: [{ label: 'Mozilla roots of node', certificates: rootCertificates.flatMap((pem) => certificatesFromPem(pem)) }],
  };
}

/** The bundle that programs of this system trust; undefined when there is none. */
export function systemBundlePath(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const moved = env.SSL_CERT_FILE;
  if (moved !== undefined && moved !== '') return moved;
  return SYSTEM_BUNDLES.find((path) => existsSync(path));
}

/**
 * Certificates of a file in any container.
 * @throws TlsmedicError `no-certificate` (input): an empty store would verify nothing, or worse, be replaced by another
 */
export async function readCertificateFile(path: string, passphrases: readonly string[] = []): Promise<Uint8Array[]> {
  const reading = await readContainer(readFile(path), { passphrases });
  const certificates = reading.items.flatMap((item) => (item.kind === 'certificate' ? [item.der] : []));
  if (certificates.length > 0) return certificates;
  const what =
    reading.instead === undefined ? (reading.locked === undefined ? undefined : 'locked by a passphrase') : `${reading.instead.what}`;
  throw new TlsmedicError('no-certificate', `${path} holds no certificate`, {
    kind: 'input',
    ...(what === undefined ? {} : { why: `it is ${what}` }),
    next: [`tlsmedic inspect ${path}`],
  });
}
