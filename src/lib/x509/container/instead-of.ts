/** What an input is when it is nothing of PKI: named, so that nobody stares at "no start line". */
import type { InsteadOf } from './contained.js';

/** Binary formats by their first bytes. */
const MAGIC: readonly { bytes: readonly number[]; what: string; next?: string }[] = [
  { bytes: [0x1f, 0x8b], what: 'gzip data', next: 'gunzip -c FILE | tlsmedic inspect -' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: 'a ZIP archive (also .jar, .docx)', next: 'unzip it, then inspect what is in it' },
  { bytes: [0x42, 0x5a, 0x68], what: 'bzip2 data', next: 'bunzip2 -c FILE | tlsmedic inspect -' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'xz data', next: 'xz -dc FILE | tlsmedic inspect -' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'zstd data', next: 'zstd -dc FILE | tlsmedic inspect -' },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], what: 'a program (ELF)' },
  { bytes: [0x4d, 0x5a], what: 'a program (Windows)' },
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: 'a picture (PNG)' },
  { bytes: [0xff, 0xd8, 0xff], what: 'a picture (JPEG)' },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF' },
  {
    bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65],
    what: 'an SQLite database (NSS keeps certificates so)',
    next: 'certutil -L -d sql:DIR, then certutil -L -d sql:DIR -n NAME -a',
  },
  {
    bytes: [0x53, 0x61, 0x6c, 0x74, 0x65, 0x64, 0x5f, 0x5f],
    what: 'a file encrypted with "openssl enc"',
    next: 'openssl enc -d -pbkdf2 -in FILE -out PLAIN with the cipher it was made with',
  },
  { bytes: [0xfe, 0xed, 0xfa, 0xce], what: 'a program (Mach-O)' },
  { bytes: [0xca, 0xfe, 0xba, 0xbe], what: 'a Java class or a program (Mach-O)' },
  {
    bytes: [0x15, 0x03],
    what: 'a TLS alert as it goes over the wire',
    next: 'tlsmedic explain reads alerts in words; a recorded handshake is for Wireshark',
  },
  { bytes: [0x16, 0x03], what: 'a TLS handshake as it goes over the wire', next: 'tlsmedic probe HOST:PORT makes one and shows it' },
];

/** Names a binary input, or undefined when it has no face. */
export function recogniseBinary(bytes: Uint8Array): InsteadOf | undefined {
  const tar = bytes.length > 262 && Buffer.from(bytes.subarray(257, 262)).toString('latin1') === 'ustar';
  if (tar) return { what: 'a tar archive', next: 'tar -xOf FILE MEMBER | tlsmedic inspect -' };
  const magic = MAGIC.find((entry) => entry.bytes.every((octet, i) => bytes[i] === octet));
  if (magic === undefined) return undefined;
  return magic.next === undefined ? { what: magic.what } : { what: magic.what, next: magic.next };
}

interface TextFace {
  pattern: RegExp;
  what: string;
  why?: string;
  next?: string;
}

/** Texts by how they begin, most telling first. Tried on the first 4,000 characters. */
const FACES: readonly TextFace[] = [
  {
    pattern: /^\s*(?:<!doctype html|<html|<head|<body)/i,
    what: 'an HTML page',
    why: 'a download was answered by a web page: a login page, a proxy or "not found"',
    next: 'fetch it again with: curl -fsSL URL -o FILE (fails instead of saving an error page)',
  },
  { pattern: /^\s*<\?xml[\s\S]{0,400}<Error>/i, what: 'an error answer of a storage service (XML)', why: 'the download was refused' },
  {
    pattern: /^\s*<(?:\?xml|[a-z]+:?EntityDescriptor)/i,
    what: 'XML',
    why: 'SAML metadata carries certificates in X509Certificate elements',
  },
  { pattern: /^version https:\/\/git-lfs\.github\.com/, what: 'a Git LFS pointer, not the file itself', next: 'git lfs pull' },
  {
    pattern: /^(?:<<<<<<< |[\s\S]{0,2000}\n<<<<<<< )/,
    what: 'a file with an unresolved merge conflict',
    next: 'resolve it; both sides may hold a certificate',
  },
  { pattern: /^age-encryption\.org\//, what: 'a file encrypted with age', next: 'age -d -i KEY FILE | tlsmedic inspect -' },
  { pattern: /^\$ANSIBLE_VAULT;/, what: 'a file encrypted with Ansible Vault', next: 'ansible-vault view FILE | tlsmedic inspect -' },
  { pattern: /^AGE-SECRET-KEY-/m, what: 'a secret key of age' },
  {
    pattern: /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S+|sk-\S+) AAAA/m,
    what: 'an SSH public key',
    why: 'SSH keys are no certificates and TLS does not use them',
  },
  { pattern: /^---- BEGIN SSH2/m, what: 'an SSH key (RFC 4716)', why: 'SSH keys are no certificates and TLS does not use them' },
  { pattern: /^PuTTY-User-Key-File-/, what: 'an SSH key of PuTTY', next: 'puttygen FILE -O private-openssh-new gives the OpenSSH form' },
  { pattern: /^\s*(?:HTTP\/[\d.]+ \d{3})/, what: 'an HTTP answer with its header', next: 'save the body alone: curl -fsSL URL -o FILE' },
  {
    pattern: /^\s*Certificate:\s*\n\s*Data:/,
    what: 'the text dump of a certificate, without the certificate itself',
    why: '"openssl x509 -text" prints both, and -noout leaves the PEM away',
    next: 'openssl x509 -in ORIGINAL (without -noout)',
  },
  {
    pattern: /^\s*\$\{?[A-Z_]+\}?\s*$|^\s*(?:<[A-Za-z][\w .-]*>|\{\{[\s\S]{1,200}\}\}|REPLACE[_ -]?ME|changeme|TODO)\s*$/i,
    what: 'a placeholder that was never filled in',
  },
  { pattern: /^sops:|\bENC\[AES256_GCM,/m, what: 'a file encrypted with SOPS', next: 'sops -d FILE | tlsmedic inspect -' },
  {
    pattern: /^kind:\s*SealedSecret/m,
    what: 'a SealedSecret',
    why: 'only the controller in the cluster can open it',
    next: 'kubectl get secret NAME -o yaml | tlsmedic inspect -',
  },
  {
    pattern: /^kind:\s*ExternalSecret/m,
    what: 'an ExternalSecret',
    why: 'it only says where the secret is kept',
    next: 'kubectl get secret NAME -o yaml | tlsmedic inspect -',
  },
  {
    pattern: /^(?:error|fatal|Error from server|unable to load|cat: |curl: \()[^\n]*/i,
    what: 'an error message of another program',
    why: 'its output was saved instead of what it should have made',
  },
  {
    pattern: /^\s*(?:\/|\.{1,2}\/|[A-Za-z]:\\)[^\s\n]{1,300}\.(?:pem|crt|cer|key|p12|pfx|jks|der)\s*$/,
    what: 'the name of a file, not its contents',
    next: 'tlsmedic inspect THAT-FILE',
  },
  {
    pattern: /^-----BEGIN PGP/m,
    what: 'a PGP message or key',
    why: 'PGP has certificates of its own kind; TLS does not use them',
    next: 'gpg --show-keys FILE',
  },
];

/** The message of a JSON error document: `{"error": "…"}`, a Kubernetes Status, a Vault answer. */
function jsonError(tree: unknown): string | undefined {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return undefined;
  const record = tree as Record<string, unknown>;
  if (record.kind === 'Status' && typeof record.message === 'string') return record.message;
  for (const key of ['error', 'errors', 'message', 'detail', 'error_description']) {
    const value = record[key];
    if (typeof value === 'string') return value;
    if (Array.isArray(value) && value.length > 0) return typeof value[0] === 'string' ? value[0] : JSON.stringify(value[0]);
    if (typeof value === 'object' && value !== null && typeof (value as { message?: unknown }).message === 'string')
      return (value as { message: string }).message;
  }
  return undefined;
}

/** Names a text; `tree` is its JSON, when it is JSON. */
export function recogniseText(text: string, tree?: unknown): InsteadOf {
  if (text.trim() === '') {
    return text === ''
      ? { what: 'empty', why: 'nothing was written to it, or a mount or download has not come yet' }
      : { what: 'blank: only spaces and line breaks', why: 'a variable was empty where it was written' };
  }
  if (tree !== undefined) {
    const error = jsonError(tree);
    if (error !== undefined) return { what: 'a JSON error answer', why: `it says: ${error.slice(0, 200)}` };
    return { what: 'JSON without a certificate or key in it' };
  }
  const head = text.slice(0, 4000);
  const face = FACES.find(({ pattern }) => pattern.test(head));
  if (face !== undefined)
    return {
      what: face.what,
      ...(face.why === undefined ? {} : { why: face.why }),
      ...(face.next === undefined ? {} : { next: face.next }),
    };
  return { what: 'text without a certificate or key in it' };
}
