import type { KeyObject } from 'node:crypto';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { messageOf, TlsmedicError } from '../../errors.js';
import { readFile } from '../../io/files.js';
import type { SourcedCertificate } from '../../path/verification.js';
import type { CertificateRevocationList } from '../../x509/crl.js';
import { parseCrl } from '../../x509/crl.js';
import { parseCertificate } from '../../x509/parse-certificate.js';
import { certificatesFromPem, crlsFromPem } from '../../x509/pem.js';

/** What a server holds in memory: its chain and key, whom it trusts, what was revoked. */
export interface LoadedCredentials {
  chainPem: string;
  /** Unencrypted PKCS#8 PEM; never leaves this process. */
  keyPem: string;
  chain: SourcedCertificate[];
  keyType: string;
  /** Anchors for clients. */
  clientAnchors: SourcedCertificate[];
  clientAnchorsPem: string[];
  crls: CertificateRevocationList[];
  /** Roots above our own chain that are known here, for explaining a client's refusal. */
  roots: SourcedCertificate[];
}

export interface CredentialFiles {
  cert: string;
  key: string;
  passphrase?: string;
  clientCa: readonly string[];
  crl: readonly string[];
}

/**
 * Reads the files of a server and holds them against each other.
 * @throws TlsmedicError `unreadable-file`, `bad-pem`, `bad-passphrase`, `key-mismatch`
 */
export function loadCredentials(files: CredentialFiles): LoadedCredentials {
  const chainPem = text(files.cert);
  const ders = certificatesFromPem(chainPem);
  const leafDer = ders[0];
  if (leafDer === undefined) throw unusable('bad-pem', files.cert, 'there is no certificate in it');
  const key = privateKey(files.key, files.passphrase);
  const chain = ders.map((der, index) => ({ certificate: parseCertificate(der), source: `${files.cert} #${index}` }));
  const leaf = chain[0] as SourcedCertificate;
  const own = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (!own.equals(leaf.certificate.publicKey.spki))
    throw unusable('key-mismatch', files.key, `it does not belong to the first certificate of ${files.cert}`);
  const anchorTexts = files.clientCa.map((file) => ({ file, pem: text(file) }));
  const clientAnchors = anchorTexts.flatMap(({ file, pem }) => {
    const found = certificatesFromPem(pem);
    if (found.length === 0) throw unusable('bad-pem', file, 'there is no certificate in it');
    return found.map((der, index) => ({ certificate: parseCertificate(der), source: `${file} #${index}` }));
  });
  return {
    chainPem,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    chain,
    keyType: leaf.certificate.publicKey.type,
    clientAnchors,
    clientAnchorsPem: anchorTexts.map(({ pem }) => pem),
    crls: files.crl.flatMap((file) => crlsIn(file)),
    roots: clientAnchors.filter(({ certificate }) => chain.some((one) => one.certificate.issuer.key === certificate.subject.key)),
  };
}

/** A fingerprint of the contents of files, for noticing a change whatever way it was made; undefined while one cannot be read. */
export function contentsOf(paths: readonly string[]): string | undefined {
  const hash = createHash('sha256');
  try {
    for (const path of paths) hash.update(readFile(path)).update('\0');
  } catch (error) {
    // A file that is being replaced may be gone for a moment: the next look decides.
    if (error instanceof TlsmedicError) return undefined;
    throw error;
  }
  return hash.digest('hex');
}

function privateKey(file: string, passphrase: string | undefined): KeyObject {
  const pem = text(file);
  const encrypted = pem.includes('ENCRYPTED');
  if (!pem.includes('PRIVATE KEY-----')) throw unusable('bad-pem', file, 'there is no private key in it');
  if (encrypted && passphrase === undefined)
    throw unusable('bad-passphrase', file, 'the key is encrypted and no passphrase was given', ['--passphrase-file FILE']);
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    throw unusable(
      encrypted ? 'bad-passphrase' : 'bad-pem',
      file,
      encrypted ? 'the passphrase does not open it' : `OpenSSL says: ${messageOf(error)}`,
    );
  }
}

function crlsIn(file: string): CertificateRevocationList[] {
  const bytes = readFile(file);
  const pem = crlsFromPem(Buffer.from(bytes).toString('latin1'));
  return (pem.length > 0 ? pem : [bytes]).map(parseCrl);
}

function text(file: string): string {
  return Buffer.from(readFile(file)).toString('utf8');
}

function unusable(code: string, file: string, why: string, next: readonly string[] = []): TlsmedicError {
  return new TlsmedicError(code, `${file} cannot be used: ${why}`, { kind: 'input', next: [...next, `tlsmedic inspect ${file}`] });
}
