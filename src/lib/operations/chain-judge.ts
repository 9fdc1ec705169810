import { TlsmedicError } from '../errors.js';
import { readFile } from '../io/files.js';
import { loadTrustStore, readCertificateFile } from '../io/trust-store.js';
import type { SourcedCertificate } from '../path/verification.js';
import { readContainer } from '../x509/container/read-container.js';
import { type CertificateRevocationList, parseCrl } from '../x509/crl.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import type { ChainJudge } from './verify-as-sent.js';

/** Files and names that a chain is judged by, as flags give them. */
export interface JudgeFiles {
  ca?: readonly string[] | undefined;
  trust?: 'system' | 'mozilla' | 'none' | undefined;
  intermediates?: readonly string[] | undefined;
  crl?: readonly string[] | undefined;
  spiffeId?: string | undefined;
  trustDomain?: string | undefined;
  /** Milliseconds since 1970 UTC. */
  at?: number | undefined;
  env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads everything that a chain is judged by.
 * @throws TlsmedicError for a file that cannot be read or holds no certificate
 */
export async function loadChainJudge(files: JudgeFiles): Promise<ChainJudge> {
  const { ca = [], trust, env, intermediates = [], crl = [], spiffeId, trustDomain, at } = files;
  const store = await loadTrustStore({ ca, trust, env });
  const judge: ChainJudge = {
    anchors: store.files.flatMap(({ label, certificates }) => sourced(certificates, label)),
    trust: store.name,
    intermediates: (await Promise.all(intermediates.map(async (path) => sourced(await readCertificateFile(path), path)))).flat(),
    crls: (await Promise.all(crl.map(crlsOf))).flat(),
  };
  if (spiffeId !== undefined) judge.spiffeId = spiffeId;
  if (trustDomain !== undefined) judge.trustDomain = trustDomain;
  if (at !== undefined) judge.at = at;
  return judge;
}

function sourced(certificates: readonly Uint8Array[], source: string): SourcedCertificate[] {
  return certificates.map((der, index) => ({
    certificate: parseCertificate(der),
    source: certificates.length === 1 ? source : `${source} #${index + 1}`,
  }));
}

async function crlsOf(path: string): Promise<CertificateRevocationList[]> {
  const reading = await readContainer(readFile(path), { passphrases: [] });
  const crls = reading.items.flatMap((item) => (item.kind === 'crl' ? [parseCrl(item.der)] : []));
  if (crls.length === 0) throw new TlsmedicError('no-crl', `${path} holds no CRL`, { kind: 'input', next: [`tlsmedic inspect ${path}`] });
  return crls;
}
