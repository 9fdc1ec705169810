import { dirname, isAbsolute, join } from 'node:path';
import { openAuthority, type StoredAuthority } from '../../ca/store.js';
import { TlsmedicError } from '../../errors.js';
import { readFile } from '../../io/files.js';
import { loadTrustStore } from '../../io/trust-store.js';
import { loadClientCredential } from '../../observe/client-credential.js';
import type { ClientCredential } from '../../observe/handshake-request.js';
import type { SourcedCertificate } from '../../path/verification.js';
import type { TargetEntry } from '../../preflight/config-schema.js';
import { readContainer } from '../../x509/container/read-container.js';
import { type CertificateRevocationList, parseCrl } from '../../x509/crl.js';
import { parseCertificate } from '../../x509/parse-certificate.js';

/** What a target's files hold, read once for all targets that name them. */
export interface TargetMaterial {
  store: string;
  anchors: SourcedCertificate[];
  intermediates: SourcedCertificate[];
  crls: CertificateRevocationList[];
  client?: ClientCredential;
  authority?: StoredAuthority;
}

/**
 * Reads the files that targets name, relative to the preflight file. Each file is read once for the run; a file that cannot be used is an
 * error of every target that names it, and of no other.
 */
export class MaterialReader {
  readonly #base: string;
  readonly #files = new Map<string, Promise<{ certificates: SourcedCertificate[]; crls: CertificateRevocationList[] }>>();
  readonly #stores = new Map<string, Promise<{ store: string; anchors: SourcedCertificate[] }>>();

  constructor(configPath: string | undefined) {
    this.#base = configPath === undefined || configPath === '-' ? '.' : dirname(configPath);
  }

  /** A path of the preflight file, as seen from where we run. */
  path(file: string): string {
    return isAbsolute(file) ? file : join(this.#base, file);
  }

  /** @throws TlsmedicError for files that cannot be read or hold nothing of what they should */
  async materialOf(target: TargetEntry): Promise<TargetMaterial> {
    const trust = await this.#trustOf(target);
    const intermediates = (await Promise.all((target.intermediates ?? []).map((file) => this.certificates(file)))).flat();
    const crls = (await Promise.all((target.crl ?? []).map((file) => this.#crls(file)))).flat();
    const material: TargetMaterial = { ...trust, intermediates, crls };
    if (target.client !== undefined) {
      const { client } = target;
      const passphrase = client.passphraseFile === undefined ? undefined : firstLine(readFile(this.path(client.passphraseFile)));
      const credential = loadClientCredential({
        ...(client.cert === undefined ? {} : { cert: this.path(client.cert) }),
        ...(client.key === undefined ? {} : { key: this.path(client.key) }),
        ...(client.p12 === undefined ? {} : { p12: this.path(client.p12) }),
        ...(passphrase === undefined ? {} : { passphrase }),
      });
      if (credential !== undefined) material.client = credential;
    }
    if (target.authority !== undefined) material.authority = openAuthority(this.path(target.authority));
    return material;
  }

  /** Certificates of a file, which must hold one at least. */
  async certificates(file: string): Promise<SourcedCertificate[]> {
    const { certificates } = await this.#read(file);
    if (certificates.length === 0) throw holdsNo('certificate', file);
    return certificates;
  }

  async #crls(file: string): Promise<CertificateRevocationList[]> {
    const { crls } = await this.#read(file);
    if (crls.length === 0) throw holdsNo('revocation list', file);
    return crls;
  }

  #read(file: string): Promise<{ certificates: SourcedCertificate[]; crls: CertificateRevocationList[] }> {
    return remembered(this.#files, file, async () => {
      const { items } = await readContainer(readFile(this.path(file)), { passphrases: [] });
      const ders = items.flatMap((item) => (item.kind === 'certificate' ? [item.der] : []));
      return {
        certificates: ders.map((der, index) => ({
          certificate: parseCertificate(der),
          source: ders.length === 1 ? file : `${file} #${index + 1}`,
        })),
        crls: items.flatMap((item) => (item.kind === 'crl' ? [parseCrl(item.der)] : [])),
      };
    });
  }

  #trustOf(target: TargetEntry): Promise<{ store: string; anchors: SourcedCertificate[] }> {
    const files = target.ca;
    if (files !== undefined) {
      return remembered(this.#stores, `files ${files.join('\0')}`, async () => ({
        store: files.join(', '),
        anchors: (await Promise.all(files.map((file) => this.certificates(file)))).flat(),
      }));
    }
    const kind = target.trust ?? 'system';
    return remembered(this.#stores, kind, async () => {
      const { name, files: parts } = await loadTrustStore({ trust: kind, env: process.env });
      return {
        store: name,
        anchors: parts.flatMap(({ label, certificates }) =>
          certificates.map((der) => ({ certificate: parseCertificate(der), source: label })),
        ),
      };
    });
  }
}

function remembered<T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}

function holdsNo(what: string, file: string): TlsmedicError {
  return new TlsmedicError('nothing-inside', `${file} holds no ${what}`, { kind: 'input', next: [`tlsmedic inspect ${file}`] });
}

function firstLine(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}
