import { rootCertificates } from 'node:tls';
import { TlsmedicError } from '../errors.js';
import { readFile, readFileIfThere } from '../io/files.js';
import type { SourcedCertificate } from '../path/verification.js';
import { readContainer } from '../x509/container/read-container.js';
import { type CertificateRevocationList, parseCrl } from '../x509/crl.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';
import type { ChainJudge } from './verify-as-sent.js';

/** Files and names that a chain is judged by, as flags give them. */
export interface JudgeFiles {
  ca: readonly string[];
  trust: string | undefined;
  intermediates: readonly string[];
  crl: readonly string[];
  spiffeId: string | undefined;
  trustDomain: string | undefined;
  /** Milliseconds since 1970 UTC. */
  at: number | undefined;
}

/** Where Linux distributions, BSD and macOS keep the system's bundle. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * Reads everything that a chain is judged by.
 * @throws TlsmedicError for a file that cannot be read or holds no certificate
 */
export async function loadChainJudge(files: JudgeFiles): Promise<ChainJudge> {
  const judge: ChainJudge = {
    ...(await trustOf(files)),
    intermediates: (await Promise.all(files.intermediates.map(certificatesOf))).flat(),
    crls: (await Promise.all(files.crl.map(crlsOf))).flat(),
  };
  if (files.spiffeId !== undefined) judge.spiffeId = files.spiffeId;
  if (files.trustDomain !== undefined) judge.trustDomain = files.trustDomain;
  if (files.at !== undefined) judge.at = files.at;
  return judge;
}

async function trustOf({ ca, trust }: JudgeFiles): Promise<Pick<ChainJudge, 'anchors' | 'trust'>> {
  if (ca.length > 0) return { anchors: (await Promise.all(ca.map(certificatesOf))).flat(), trust: ca.join(', ') };
  if (trust === 'none') return { anchors: [], trust: 'none' };
  const system = trust === 'mozilla' ? undefined : systemBundle();
  if (trust === 'system' && !system)
    throw new TlsmedicError('no-system-store', 'no system store was found here', {
      kind: 'environment',
      next: ['--ca FILE', '--trust mozilla'],
    });
  if (system) return { anchors: sourced(certificatesFromPem(system.text), system.path), trust: `system store ${system.path}` };
  return {
    anchors: sourced(
      rootCertificates.flatMap((pem) => certificatesFromPem(pem)),
      'Mozilla roots in node',
    ),
    trust: 'Mozilla roots in node',
  };
}

function systemBundle(): { path: string; text: string } | undefined {
  for (const path of SYSTEM_BUNDLES) {
    const bytes = readFileIfThere(path);
    if (bytes) return { path, text: Buffer.from(bytes).toString('latin1') };
  }
  return undefined;
}

function sourced(certificates: readonly Uint8Array[], source: string): SourcedCertificate[] {
  return certificates.map((der, index) => ({
    certificate: parseCertificate(der),
    source: certificates.length === 1 ? source : `${source} #${index + 1}`,
  }));
}

async function certificatesOf(path: string): Promise<SourcedCertificate[]> {
  const reading = await readContainer(readFile(path), { passphrases: [] });
  const certificates = reading.items.flatMap((item) => (item.kind === 'certificate' ? [item.der] : []));
  if (certificates.length === 0) {
    throw new TlsmedicError('no-certificate', `${path} holds no certificate`, {
      kind: 'input',
      ...(reading.instead ? { why: `it is ${reading.instead.what}` } : {}),
      next: [`tlsmedic inspect ${path}`],
    });
  }
  return sourced(certificates, path);
}

async function crlsOf(path: string): Promise<CertificateRevocationList[]> {
  const reading = await readContainer(readFile(path), { passphrases: [] });
  const crls = reading.items.flatMap((item) => (item.kind === 'crl' ? [parseCrl(item.der)] : []));
  if (crls.length === 0) throw new TlsmedicError('no-crl', `${path} holds no CRL`, { kind: 'input', next: [`tlsmedic inspect ${path}`] });
  return crls;
}
