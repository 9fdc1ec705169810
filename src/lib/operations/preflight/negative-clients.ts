import { type ClientTwin, expiredTwin, impostorTwin, otherIdentityTwin, serverOnlyTwin, untrustedTwin } from '../../ca/client-twins.js';
import { errnoOf } from '../../errors.js';
import { loadClientCredential } from '../../observe/client-credential.js';
import type { ClientCredential } from '../../observe/handshake-request.js';
import type { ClientIdentity, HandshakeRecord } from '../../observe/observation.js';
import type { TargetEntry } from '../../preflight/config-schema.js';
import type { MaterialReader, TargetMaterial } from './material.js';

/** A client that the server ought to refuse. */
export interface NegativeClient {
  label: string;
  experiment: string;
  identity: ClientIdentity;
  credential?: ClientCredential;
}

/**
 * The clients that `mtls: required` and `refuses` try. Twins that only the right authority can make (expired, for servers only) are there when
 * the file names its folder; without it a server that checks no dates would go unnoticed, so the result says what was tried.
 * @param look the first handshake: names the authorities that the server asks for
 */
export function negativeClients(
  target: TargetEntry,
  material: TargetMaterial,
  reader: MaterialReader,
  look: HandshakeRecord,
  now: number,
): NegativeClient[] {
  const clients: NegativeClient[] = [];
  const expect = target.expect ?? {};
  if (expect.mtls !== undefined) clients.push({ label: 'no certificate', experiment: 'client-none', identity: 'none' });
  if (expect.mtls === 'required') {
    const authorityName = /(?:^|,\s*)CN=((?:\\.|[^,\\])+)/.exec(look.certificateRequest?.certificateAuthorities[0]?.text ?? '')?.[1];
    clients.push(twin('an untrusted certificate', 'client-untrusted', 'untrusted', untrustedTwin({ now })));
    if (authorityName !== undefined)
      clients.push(
        twin('a certificate from an impostor of the authority', 'client-impostor', 'impostor', impostorTwin({ now, authorityName })),
      );
    if (material.authority !== undefined) {
      clients.push(twin('an expired certificate', 'client-expired-twin', 'expired-twin', expiredTwin(material.authority, { now })));
      clients.push(
        twin('a certificate for servers only', 'client-server-only-twin', 'server-only-twin', serverOnlyTwin(material.authority, { now })),
      );
    }
  }
  for (const named of expect.refuses ?? []) clients.push(refusedIdentity(named, material, reader, now));
  return clients;
}

/** A file with certificate and key, or a name to issue a genuine certificate for. */
function refusedIdentity(named: string, material: TargetMaterial, reader: MaterialReader, now: number): NegativeClient {
  const base = { label: named, experiment: 'client-refused', identity: 'given' as const };
  try {
    const credential = loadClientCredential({ cert: reader.path(named) });
    return credential === undefined ? base : { ...base, credential };
  } catch (error) {
    if (material.authority === undefined || !isMissingFile(error)) throw error;
    return { ...twin(named, base.experiment, base.identity, otherIdentityTwin(material.authority, { now, names: [named] })) };
  }
}

function isMissingFile(error: unknown): boolean {
  return errnoOf(error) === 'file-missing' || (error instanceof Error && errnoOf(error.cause) === 'ENOENT');
}

function twin(label: string, experiment: string, identity: ClientIdentity, { certPem, keyPem }: ClientTwin): NegativeClient {
  return { label, experiment, identity, credential: { label, cert: certPem, key: keyPem } };
}
