import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { errnoOf, messageOf, TlsmedicError } from '../errors.js';
import { readFile } from '../io/files.js';
import { loadTrustStore, readCertificateFile } from '../io/trust-store.js';
import type { Failure } from '../observe/attempt.js';
import type { ClientCredential } from '../observe/handshake-request.js';
import type { CertificateFile, GivenMaterial } from '../observe/observation.js';
import { passphraseRefused } from '../x509/key-lock.js';
import { certificatesFromPem, crlsFromPem, readPem } from '../x509/pem.js';

/** Files as the caller names them. */
export interface MaterialFiles {
  ca?: readonly string[];
  trust?: 'system' | 'mozilla' | 'none';
  intermediates?: readonly string[];
  crl?: readonly string[];
  cert?: string;
  key?: string;
  p12?: string;
  passphrase?: string;
  expectCert?: string;
}

/** What was read: public parts for the observation, and the credential, which never goes there. */
export interface Material {
  given: Pick<GivenMaterial, 'trust' | 'intermediates' | 'crls' | 'client' | 'expectCertificate'>;
  /** Undefined when none was given or it cannot be used. */
  credential?: ClientCredential;
}

/**
 * Reads the caller's files. Trust anchors, intermediates and lists that cannot be read are the caller's slip and end the run; a client
 * certificate or key that cannot be used is a finding, since the caller's program cannot use it either.
 * @throws TlsmedicError `unreadable-file`, `no-certificate`
 */
export async function readMaterial(files: MaterialFiles): Promise<Material> {
  const client =
    files.p12 !== undefined
      ? await readPkcs12(files.p12, files.passphrase)
      : files.cert !== undefined || files.key !== undefined
        ? readPair(files)
        : undefined;
  return {
    given: {
      trust: await readTrust(files),
      intermediates: await Promise.all((files.intermediates ?? []).map(readCertificates)),
      crls: (files.crl ?? []).map(readCrls),
      ...(client && { client: client.given }),
      ...(files.expectCert !== undefined && { expectCertificate: await readCertificates(files.expectCert) }),
    },
    ...(client?.credential && { credential: client.credential }),
  };
}

async function readTrust({ ca, trust }: MaterialFiles): Promise<GivenMaterial['trust']> {
  const { name, kind, files } = await loadTrustStore({ ...(ca && { ca }), trust, env: process.env });
  return { store: name, kind, files };
}

function looksLikeDer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80;
}

async function readCertificates(file: string): Promise<CertificateFile> {
  return { label: file, certificates: await readCertificateFile(file) };
}

function readCrls(file: string): GivenMaterial['crls'][number] {
  const bytes = readFile(file);
  const crls = looksLikeDer(bytes) ? [bytes] : crlsFromPem(Buffer.from(bytes).toString('latin1'));
  if (crls.length === 0) return { label: file, crls, problem: { code: 'bad-pem', message: 'it holds no revocation list' } };
  return { label: file, crls };
}

type ClientRead = { given: NonNullable<GivenMaterial['client']>; credential?: ClientCredential };

function readPair({ cert, key, passphrase }: MaterialFiles): ClientRead {
  if (cert === undefined)
    throw new TlsmedicError('usage', 'a key without its certificate', {
      kind: 'usage',
      next: ['give the certificate too: --cert FILE --key FILE'],
    });
  const keyFile = key ?? cert;
  const certText = textOf(cert);
  const keyText = textOf(keyFile);
  const certificate: CertificateFile = { label: cert, certificates: [] };
  if ('problem' in certText) certificate.problem = certText.problem;
  else {
    certificate.certificates = certText.der ?? certificatesFromPem(certText.text);
    const damage =
      certificate.certificates.length === 0 ? describe(certText.text, 'certificate') : damageOf(certificate.certificates[0], certText.text);
    if (damage !== undefined) {
      certificate.problem = { code: 'bad-pem', message: damage };
      certificate.certificates = [];
    }
  }
  const keyPart: ClientRead['given']['key'] = { label: keyFile };
  if ('problem' in keyText) keyPart.problem = keyText.problem;
  else if (keyText.der === undefined && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(keyText.text))
    keyPart.problem = { code: 'bad-pem', message: describe(keyText.text, 'private key') };
  else {
    const opened = openKey(keyText.der?.[0] ?? keyText.text, passphrase);
    if ('problem' in opened) keyPart.problem = opened.problem;
    else keyPart.spki = opened.spki;
  }
  const given = { certificate, key: keyPart };
  if (certificate.problem !== undefined || keyPart.problem !== undefined || 'problem' in certText || 'problem' in keyText) return { given };
  const loadable = keyText.der === undefined ? keyText.text : pemOf('PRIVATE KEY', keyText.der[0] as Uint8Array);
  const credential: ClientCredential = {
    label: cert,
    cert: certificate.certificates,
    key: loadable,
    ...(passphrase !== undefined && { passphrase }),
  };
  // A key of another type is not refused by node but silently left out: what does not fit is not used at all.
  const [leaf] = certificate.certificates;
  const fits =
    leaf !== undefined &&
    keyPart.spki !== undefined &&
    canLoad(() =>
      createSecureContext({ cert: pemOf('CERTIFICATE', leaf), key: credential.key, ...(passphrase !== undefined && { passphrase }) }),
    ) &&
    Buffer.from(leaf).includes(Buffer.from(keyPart.spki));
  return { given, ...(fits && { credential }) };
}

/** Why a block that looks like a certificate cannot be loaded as one; undefined when it can. Ours is a tolerant reader, programs have none. */
function damageOf(der: Uint8Array | undefined, text: string): string | undefined {
  if (der === undefined) return undefined;
  try {
    new X509Certificate(der);
    return undefined;
  } catch (error) {
    const block = readPem(text).find(({ label }) => label.endsWith('CERTIFICATE'));
    return `no certificate can be read from it: ${block?.problem ?? messageOf(error)}`;
  }
}

function canLoad(load: () => unknown): boolean {
  try {
    load();
    return true;
  } catch {
    return false;
  }
}

function textOf(file: string): { text: string; der?: Uint8Array[] } | { problem: Failure } {
  try {
    const bytes = readFile(file);
    if (looksLikeDer(bytes)) return { text: '', der: [bytes] };
    return { text: Buffer.from(bytes).toString('latin1') };
  } catch (error) {
    const cause = error instanceof TlsmedicError ? error.cause : error;
    const errno = errnoOf(cause) ?? 'error';
    return {
      problem: {
        code: 'file-missing',
        message: errno === 'ENOENT' ? 'there is no such file' : errno === 'EACCES' ? 'permission denied' : messageOf(error),
      },
    };
  }
}

/** What a text is in place of what it should be. */
function describe(text: string, wanted: string): string {
  const labels = [...new Set(readPem(text).map(({ label }) => label))];
  const problem = readPem(text).find((block) => block.problem !== undefined)?.problem;
  if (problem !== undefined) return `no ${wanted} can be read from it: ${problem}`;
  if (labels.length > 0) return `it holds no ${wanted} but ${labels.slice(0, 3).join(', ')}`;
  if (text.trim() === '') return 'it is empty';
  if (/<html|<!doctype/i.test(text)) return `it holds no ${wanted}: it is an HTML page`;
  return `it holds no ${wanted}: no PEM block begins in it`;
}

function openKey(key: string | Uint8Array, passphrase: string | undefined): { spki: Uint8Array } | { problem: Failure } {
  const secret = passphrase === undefined ? {} : { passphrase };
  try {
    const opened = createPrivateKey(
      typeof key === 'string' ? { key, ...secret } : { key: Buffer.from(key), format: 'der', type: 'pkcs8', ...secret },
    );
    return { spki: createPublicKey(opened).export({ type: 'spki', format: 'der' }) };
  } catch (error) {
    const locked = passphraseRefused(error, key);
    return {
      problem: locked
        ? { code: 'bad-passphrase', message: passphrase === undefined ? 'no passphrase was given' : 'the passphrase given does not fit' }
        : { code: 'bad-pem', message: `no private key can be read from it (${messageOf(error)})` },
    };
  }
}

async function readPkcs12(file: string, passphrase: string | undefined): Promise<ClientRead> {
  const given: ClientRead['given'] = { certificate: { label: file, certificates: [] }, key: { label: file } };
  let pfx: Uint8Array;
  try {
    pfx = readFile(file);
  } catch (error) {
    given.certificate.problem = { code: 'file-missing', message: messageOf(error) };
    return { given };
  }
  const { readContainer } = await import('../x509/container/read-container.js');
  const reading = await readContainer(pfx, { passphrases: passphrase === undefined ? [] : [passphrase] });
  const certificates = reading.items.flatMap((item) => (item.kind === 'certificate' ? [item.der] : []));
  const spki = reading.items.flatMap((item) => (item.kind === 'private-key' && item.key.spki !== undefined ? [item.key.spki] : []))[0];
  // The end entity is the one with the key, wherever it stands.
  const own = certificates.findIndex((der) => spki !== undefined && Buffer.from(der).includes(Buffer.from(spki)));
  if (own > 0) certificates.unshift(...certificates.splice(own, 1));
  given.certificate.certificates = certificates;
  if (spki !== undefined) given.key.spki = spki;
  const secret = passphrase === undefined ? {} : { passphrase };
  try {
    createSecureContext({ pfx: Buffer.from(pfx), ...secret });
    return { given, credential: { label: file, pfx, ...secret } };
  } catch (error) {
    const message = messageOf(error);
    given.certificate.problem =
      reading.locked !== undefined || /mac verify|password/i.test(message)
        ? { code: 'bad-passphrase', message: passphrase === undefined ? 'no passphrase was given' : 'the passphrase given does not fit' }
        : {
            code: 'bad-pem',
            message: /unsupported/i.test(message) ? 'it is encrypted with RC2 or 3DES of old, which OpenSSL 3 no longer opens' : message,
          };
    return { given };
  }
}

export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
