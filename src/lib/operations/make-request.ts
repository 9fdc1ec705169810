import { createCertificateRequest } from '../ca/certificate-request.js';
import type { RequestDocument } from '../ca/documents.js';
import { commonNameFor } from '../ca/issue.js';
import { generateKeyPair, KEY_TYPE_NAMES, type KeyType } from '../ca/key-pair.js';
import { fileBaseName } from '../ca/output-files.js';
import { distinctNames, inferSubjectAltName, kubernetesServiceNames, spiffeId, subjectAltNameText } from '../ca/subject-alt-name.js';
import { TlsmedicError } from '../errors.js';
import { writeFileSet } from '../io/file-set.js';
import { PRIVATE_FILE, PUBLIC_FILE } from '../io/files.js';
import { safeBase } from './issue-choices.js';

export interface MakeRequestOptions {
  /** As typed; the kind of each is inferred. */
  names: readonly string[];
  kubernetes?: readonly string[];
  spiffe?: string;
  organization?: string;
  keyType?: KeyType;
  /** Folder for NAME.key and NAME.csr. */
  out: string;
  /** First part of the file names. */
  as?: string;
  force?: boolean;
}

/**
 * Makes a key, and a request for a certificate of it that somebody else's authority can sign. The key never leaves the folder.
 * @throws TlsmedicError `no-name`, `bad-name`, `file-exists`
 */
export async function makeRequest(options: MakeRequestOptions): Promise<RequestDocument> {
  const names = distinctNames([
    ...(options.spiffe === undefined ? [] : [spiffeId(options.spiffe)]),
    ...options.names.map(inferSubjectAltName),
    ...(options.kubernetes ?? []).flatMap(kubernetesServiceNames),
  ]);
  const [first] = names;
  if (first === undefined) {
    throw new TlsmedicError('no-name', 'a request needs a name', {
      kind: 'usage',
      why: 'clients look at nothing but the subject alternative names',
      next: ['tlsmedic csr api.internal'],
    });
  }
  const keyType = options.keyType ?? 'p256';
  const keyPair = generateKeyPair(keyType);
  const commonName = commonNameFor(names);
  const { pem } = await createCertificateRequest({ names, commonName, organization: options.organization, keyType, keyPair });
  const base = options.as === undefined ? fileBaseName(first) : safeBase(options.as);
  const files = { key: `${base}.key`, request: `${base}.csr` };
  writeFileSet(
    options.out,
    [
      { name: files.key, data: keyPair.pem, mode: PRIVATE_FILE },
      { name: files.request, data: pem, mode: PUBLIC_FILE },
    ],
    { force: options.force === true },
  );
  return {
    schema: 'tlsmedic/csr@1',
    names: names.map(subjectAltNameText),
    commonName: commonName ?? null,
    keyType: KEY_TYPE_NAMES[keyType],
    folder: options.out,
    files,
    pem,
  };
}
