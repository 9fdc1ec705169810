import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { IssuingAuthority } from '../../ca/authority.js';
import { createAuthority, signAuthority } from '../../ca/authority.js';
import { AUTHORITY_FILE } from '../../ca/authority-file.js';
import { basicConstraints, keyUsage, subjectAltNames } from '../../ca/extensions.js';
import { issueCertificate } from '../../ca/issue.js';
import { openAuthority } from '../../ca/store.js';
import { writeFileSet } from '../../io/file-set.js';
import { temporaryFolder } from '../../io/temporary-folder.js';
import type { SourcedCertificate } from '../../path/verification.js';
import { parseCertificate } from '../../x509/parse-certificate.js';
import { certificatesFromPem } from '../../x509/pem.js';
import type { LoadedCredentials } from './credentials.js';
import type { Faults } from './faults.js';

const DAY = 86_400_000;

/** Certificates of a server that was given none: from the development authority, or from one made for this run alone. */
export interface IssuedMaterial {
  credentials: LoadedCredentials;
  /** Where a client finds what it needs. */
  files: { ca: string; cert: string; key: string };
  /** `authority`: issued by the one in its folder. `throw-away`: made for this run. */
  from: 'authority' | 'throw-away';
  /** Removes the files of a throw-away authority. */
  remove(): void;
}

/** Whether an authority is kept in that folder. */
export function hasAuthority(folder: string): boolean {
  return existsSync(join(folder, AUTHORITY_FILE));
}

/**
 * Issues a server certificate for `names` and a client certificate to try it with, an hour each. Keys are written 0600 into a private folder
 * that is removed at the end.
 */
export function issueMaterial(options: {
  folder: string | undefined;
  names: readonly string[];
  faults: Faults;
  now: number;
}): IssuedMaterial {
  const { folder, names, faults, now } = options;
  const stored = folder === undefined ? undefined : openAuthority(folder);
  const authority: IssuingAuthority = stored ?? createAuthority({ name: 'tlsmedic serve (throw-away)', now: now - DAY });
  const times = validity(faults, now);
  const server = issueCertificate(
    authority,
    { names: faults.wrongName === true ? ['somebody-else.test'] : [...names], profile: 'server', now, ...times },
    { unchecked: true },
  );
  const client = issueCertificate(
    authority,
    { names: ['client.test'], profile: 'client', now, lifetimeSeconds: 3600 },
    { unchecked: true },
  );
  const caPem = stored?.bundlePem ?? authority.root.pem;
  const kept = temporaryFolder('serve');
  const directory = kept.path;
  writeFileSet(directory, [
    { name: 'ca.crt', data: caPem, mode: 0o644 },
    { name: 'client.crt', data: client.chainPem, mode: 0o644 },
    { name: 'client.key', data: client.keyPem ?? '', mode: 0o600 },
  ]);
  const served = faults.selfSigned === true ? selfSigned(names, now) : { chain: server.chainPem, key: server.keyPem ?? '' };
  return {
    credentials: credentialsInMemory(served, caPem),
    files: { ca: join(directory, 'ca.crt'), cert: join(directory, 'client.crt'), key: join(directory, 'client.key') },
    from: stored === undefined ? 'throw-away' : 'authority',
    remove: kept.remove,
  };
}

function validity(faults: Faults, now: number): { notBefore?: number; notAfter?: number; lifetimeSeconds?: number } {
  if (faults.expired === true) return { notBefore: now - 2 * DAY, notAfter: now - 3_600_000 };
  if (faults.notYetValid === true) return { notBefore: now + DAY, notAfter: now + 2 * DAY };
  return { lifetimeSeconds: 3600 * 24 };
}

function selfSigned(names: readonly string[], now: number): { chain: string; key: string } {
  const alone = signAuthority({
    commonName: names[0] ?? 'localhost',
    keyType: 'p256',
    notBefore: now - 300_000,
    notAfter: now + DAY,
    extensions: [
      basicConstraints(false),
      keyUsage(['digitalSignature']),
      subjectAltNames(names.map((value) => ({ kind: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }))),
    ],
  });
  return { chain: alone.pem, key: alone.key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** Credentials that are in memory already. */
export function credentialsInMemory(served: { chain: string; key: string }, clientCaPem: string): LoadedCredentials {
  const sourced = (pem: string, source: string): SourcedCertificate[] =>
    certificatesFromPem(pem).map((der, index) => ({ certificate: parseCertificate(der), source: `${source} #${index}` }));
  const chain = sourced(served.chain, 'issued for this server');
  const anchors = sourced(clientCaPem, 'authority');
  return {
    chainPem: served.chain,
    keyPem: served.key,
    chain,
    keyType: chain[0]?.certificate.publicKey.type ?? 'unknown',
    clientAnchors: anchors,
    clientAnchorsPem: [clientCaPem],
    crls: [],
    roots: anchors,
  };
}
