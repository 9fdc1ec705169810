import { webcrypto } from 'node:crypto';
import type { KeyPair, KeyType } from './key-pair.js';
import { pemEncode } from './pem-writer.js';
import type { SubjectAltName } from './subject-alt-name.js';

/** What to ask another authority for. */
export interface RequestToMake {
  names: readonly SubjectAltName[];
  commonName: string | undefined;
  organization?: string | undefined;
  keyType: KeyType;
  keyPair: KeyPair;
}

const KINDS = { dns: 'dns', ip: 'ip', email: 'email', uri: 'url' } as const;

/** How Web Crypto calls each key and the signature over the request. */
function algorithmOf(type: KeyType): { name: string; namedCurve?: string; hash?: string } {
  if (type === 'p256') return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  if (type === 'p384') return { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  return type === 'ed25519' ? { name: 'Ed25519' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
}

/** A PKCS#10 request (RFC 2986) with the names as subjectAltName (RFC 2985 §5.4.2), signed by the key that it is for. */
export async function createCertificateRequest({
  names,
  commonName,
  organization,
  keyType,
  keyPair,
}: RequestToMake): Promise<{ der: Uint8Array; pem: string }> {
  const { loadX509Provider } = await import('../x509/provider.js');
  const x509 = await loadX509Provider();
  const algorithm = algorithmOf(keyType);
  const privateKey = await webcrypto.subtle.importKey('pkcs8', keyPair.pkcs8, algorithm, true, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('spki', keyPair.spki, algorithm, true, ['verify']);
  const subject: Record<string, string[]>[] = [];
  if (organization !== undefined) subject.push({ O: [organization] });
  if (commonName !== undefined) subject.push({ CN: [commonName] });
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys: { privateKey, publicKey } as Parameters<typeof x509.Pkcs10CertificateRequestGenerator.create>[0]['keys'],
    signingAlgorithm: algorithm as never,
    extensions: [new x509.SubjectAlternativeNameExtension(names.map(({ kind, value }) => ({ type: KINDS[kind], value })))],
  });
  const der = new Uint8Array(request.rawData);
  return { der, pem: pemEncode('CERTIFICATE REQUEST', der) };
}
