import { TlsmedicError } from '../errors.js';
import { type CertificateRequest, parseCertificateRequest } from '../x509/certificate-request.js';
import { oidName } from '../x509/oids.js';
import { readPem } from '../x509/pem.js';
import { inferSubjectAltName, type SubjectAltName, subjectAltNameText } from './subject-alt-name.js';

/** What is taken over from a certification request, and what is not. */
export interface RequestToSign {
  /** SubjectPublicKeyInfo DER; its owner proved to hold the private key. */
  spki: Uint8Array;
  keyType: string;
  sans: SubjectAltName[];
  /** What is taken over whatever names are typed. */
  taken: string[];
  /** The names in words: taken over when no others are typed. */
  names: string[];
  left: string[];
}

/**
 * Reads a certification request (PEM or DER) and checks its signature, the proof that the requester holds the key.
 * Names and the key are taken over; what the certificate may be used for is decided by the profile, never by the request.
 * @param unproven what is wrong with the request's signature, undefined when it verifies
 * @throws TlsmedicError `bad-request`, `weak-request-key`
 */
export function readSigningRequest(
  bytes: Uint8Array,
  file: string,
  unproven: (request: CertificateRequest) => string | undefined,
): RequestToSign {
  const der = derOf(bytes, file);
  const request = parseCertificateRequest(der);
  if (request.publicKey.spki.length === 0 || request.signature.length === 0) {
    throw badRequest(file, request.problems[0]?.message ?? 'it is cut off');
  }
  const why = unproven(request);
  if (why !== undefined) throw badRequest(file, `its signature does not prove that the requester holds the private key: ${why}`);
  const { publicKey } = request;
  if (publicKey.type === 'rsa' && publicKey.bits < 2048) {
    throw new TlsmedicError(
      'weak-request-key',
      `${file} asks for a certificate for an RSA key of ${publicKey.bits} bits; clients refuse fewer than 2048`,
      {
        kind: 'input',
        next: ['make the request with a new key: tlsmedic csr NAME --out DIR'],
      },
    );
  }
  if (!['rsa', 'ec', 'ed25519'].includes(publicKey.type)) throw badRequest(file, `keys of type ${publicKey.type} are of no use in TLS`);

  const keyType =
    publicKey.curve === undefined ? (publicKey.type === 'rsa' ? `RSA-${publicKey.bits}` : 'Ed25519') : `ECDSA ${publicKey.curve}`;
  const taken = [`public key (${keyType}, its signature proves possession)`];
  const left: string[] = [];
  const sans: SubjectAltName[] = [];
  const names: string[] = [];
  for (const name of request.subjectAltName ?? []) {
    if (name.kind === 'dns' || name.kind === 'ip' || name.kind === 'email' || name.kind === 'uri') {
      const typed = `${name.kind}:${name.value}`;
      const problem = nameProblem(typed);
      if (problem !== undefined) {
        left.push(`name ${typed}: ${problem}`);
        continue;
      }
      const san = inferSubjectAltName(typed);
      sans.push(san);
      names.push(subjectAltNameText(san));
    } else {
      left.push(`name of kind ${name.kind}`);
    }
  }
  const { commonName } = request.subject;
  if ((request.subjectAltName ?? []).length === 0 && commonName !== undefined && nameProblem(commonName) === undefined) {
    const san = inferSubjectAltName(commonName);
    sans.push(san);
    names.push(`common name ${commonName}, as ${subjectAltNameText(san)}: the request has no subject alternative name`);
  }
  const others = request.subject.rdns.flat().filter((attribute) => attribute.type !== 'CN');
  left.push(...others.map((attribute) => `subject ${attribute.type}=${attribute.value}`));
  for (const extension of request.extensions) {
    if (extension.oid !== '2.5.29.17') left.push(`extension ${oidName(extension.oid)}: the profile decides`);
  }
  if (request.hasChallengePassword) left.push('challenge password');
  return { spki: publicKey.spki, keyType, sans, taken, names, left };
}

/** Why a name of the request cannot stand in a certificate. */
function nameProblem(typed: string): string | undefined {
  try {
    inferSubjectAltName(typed);
    return undefined;
  } catch (error) {
    if (error instanceof TlsmedicError) return error.message.replace(/^".*?" cannot be a name in a certificate: /s, '');
    throw error;
  }
}

function derOf(bytes: Uint8Array, file: string): Uint8Array {
  if (bytes[0] === 0x30) return bytes;
  const blocks = readPem(Buffer.from(bytes).toString('latin1'));
  const block = blocks.find(({ label }) => label === 'CERTIFICATE REQUEST' || label === 'NEW CERTIFICATE REQUEST');
  if (block !== undefined) return block.der;
  const [other] = blocks;
  throw badRequest(file, other === undefined ? 'it holds neither PEM nor DER' : `it holds a ${other.label}, not a CERTIFICATE REQUEST`);
}

function badRequest(file: string, why: string): TlsmedicError {
  return new TlsmedicError('bad-request', `${file} is no certification request that can be signed`, {
    kind: 'input',
    why,
    next: [`look at it: tlsmedic inspect ${file}`, 'make a new key and request: tlsmedic csr NAME --out DIR'],
  });
}
