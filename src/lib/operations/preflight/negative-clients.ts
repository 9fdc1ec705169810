import { existsSync } from 'node:fs';
import { type ClientTwin, expiredTwin, impostorTwin, otherIdentityTwin, serverOnlyTwin, untrustedTwin } from '../../ca/client-twins.js';
import { errnoOf } from '../../errors.js';
import { loadClientCredential } from '../../observe/client-credential.js';
import type { ClientCredential } from '../../observe/handshake-request.js';
import type { ClientIdentity, HandshakeRecord } from '../../observe/observation.js';
import type { TargetEntry } from '../../preflight/config-schema.js';
import { MTLS_CLIENTS, type MtlsClient } from '../../preflight/mtls-clients.js';
import type { Certificate } from '../../x509/certificate.js';
import { EKU } from '../../x509/oids.js';
import type { MaterialReader, TargetMaterial } from './material.js';

/** A client that the server ought to refuse. */
export interface NegativeClient {
  label: string;
  experiment: string;
  identity: ClientIdentity;
  credential?: ClientCredential;
  client?: MtlsClient;
  /** Named by the file under `refuses`. */
  named: boolean;
  /** Made by the authority that the file names: its refusal proves something only where that authority's good clients are let in. */
  genuine?: true;
}

export interface NegativeClients {
  clients: NegativeClient[];
  /** Certificates under `refuses` that look like an expired or server-only client and prove nothing: the server does not know who issued them. */
  foreign: string[];
  /** A good client of the authority, to see that the server knows it; absent where the given client shows that already. */
  control?: NegativeClient;
}

/**
 * The clients that `mtls: required` and `refuses` try. Twins that only the right authority can make (expired, for servers only) are there when
 * the file names its folder, or has such certificates under `refuses`.
 * @param look the first handshake: names the authorities that the server asks for
 * @param served what the server showed; its issuer lends its name to the impostor where the server names no authority
 */
export async function negativeClients(
  target: TargetEntry,
  material: TargetMaterial,
  reader: MaterialReader,
  look: HandshakeRecord,
  served: readonly Certificate[],
  now: number,
): Promise<NegativeClients> {
  const clients: NegativeClient[] = [];
  const foreign: string[] = [];
  const expect = target.expect ?? {};
  const wanted: readonly MtlsClient[] = expect.mtls === 'required' ? (expect.mtlsClients ?? MTLS_CLIENTS) : [];
  if (expect.mtls === 'optional' || wanted.includes('none'))
    clients.push({ label: 'no certificate', experiment: 'client-none', identity: 'none', client: 'none', named: false });
  if (wanted.includes('untrusted'))
    clients.push(twin('an untrusted certificate', 'client-untrusted', 'untrusted', 'untrusted', untrustedTwin({ now })));
  const own =
    target.client?.cert === undefined ? [] : (await reader.certificates(target.client.cert)).map(({ certificate }) => certificate);
  const authorities = look.certificateRequest?.certificateAuthorities ?? [];
  if (wanted.includes('impostor')) {
    const [authority] = authorities;
    const issuer = own[0]?.issuer ?? served[0]?.issuer;
    const subject = authority ?? (issuer === undefined ? undefined : { text: issuer.text, der: issuer.der });
    if (subject !== undefined)
      clients.push(
        twin(
          'a certificate from an impostor of the authority',
          'client-impostor',
          'impostor',
          'impostor',
          impostorTwin({ now, authorityName: subject.text, authoritySubject: subject.der }),
        ),
      );
  }
  if (material.authority !== undefined) {
    if (wanted.includes('expired'))
      clients.push(
        genuine(twin('an expired certificate', 'client-expired-twin', 'expired-twin', 'expired', expiredTwin(material.authority, { now }))),
      );
    if (wanted.includes('wrong-purpose'))
      clients.push(
        genuine(
          twin(
            'a certificate for servers only',
            'client-server-only-twin',
            'server-only-twin',
            'wrong-purpose',
            serverOnlyTwin(material.authority, { now }),
          ),
        ),
      );
  }
  const known = new Set([...authorities.map(({ text }) => text), ...own.flatMap(({ issuer, subject }) => [issuer.text, subject.text])]);
  for (const named of expect.refuses ?? []) {
    const client = refusedIdentity(named, material, reader, now);
    const chain = client.identity === 'given' && existsSync(reader.path(named)) ? await reader.certificates(named) : [];
    const stands = standsFor(chain[0]?.certificate, now);
    const issuers = chain.flatMap(({ certificate }) => [certificate.issuer.text]);
    if (stands !== undefined && known.size > 0 && !issuers.some((issuer) => known.has(issuer))) {
      foreign.push(`${named} is by ${issuers[0] ?? 'nobody'}, whom the server does not name`);
      clients.push(client);
    } else clients.push(stands === undefined ? client : { ...client, client: stands });
  }
  const control = clients.some((one) => one.genuine === true) ? controlOf(material, own[0], now) : undefined;
  return { clients, foreign, ...(control === undefined ? {} : { control }) };
}

function genuine(client: NegativeClient): NegativeClient {
  return { ...client, genuine: true };
}

/** Nothing when the given client was issued by the very authority: what becomes of it tells whether the server knows that one. */
function controlOf({ authority }: TargetMaterial, own: Certificate | undefined, now: number): NegativeClient | undefined {
  if (authority === undefined) return undefined;
  const issuer = own?.authorityKeyIdentifier?.keyIdentifier;
  if (issuer !== undefined && Buffer.from(issuer).equals(authority.intermediate.keyIdentifier)) return undefined;
  const { certPem, keyPem } = otherIdentityTwin(authority, { now });
  const label = 'a good certificate of the authority';
  return { label, experiment: 'client-control', identity: 'given', named: false, credential: { label, cert: certPem, key: keyPem } };
}

/** Which client of `mtls: required` a certificate of the caller is: exactly one thing may be wrong with it. */
function standsFor(certificate: Certificate | undefined, now: number): MtlsClient | undefined {
  if (certificate === undefined) return undefined;
  const { extKeyUsage, notAfter } = certificate;
  const forClients = extKeyUsage === undefined || extKeyUsage.includes(EKU.clientAuth) || extKeyUsage.includes(EKU.any);
  if (notAfter < now) return forClients ? 'expired' : undefined;
  return forClients ? undefined : 'wrong-purpose';
}

/** A file with certificate and key (or with the key beside it, as NAME.key), or a name to issue a genuine certificate for. */
function refusedIdentity(named: string, material: TargetMaterial, reader: MaterialReader, now: number): NegativeClient {
  const base = { label: named, experiment: 'client-refused', identity: 'given' as const, named: true };
  try {
    const cert = reader.path(named);
    const beside = cert.replace(/\.[A-Za-z]+$/, '.key');
    const key = beside !== cert && existsSync(beside) ? { key: beside } : {};
    const credential = loadClientCredential({ cert, ...key });
    return credential === undefined ? base : { ...base, credential };
  } catch (error) {
    // A misspelt file must not turn into a name to issue for: the server refuses that one too, and the file was never tried.
    if (material.authority === undefined || !isMissingFile(error) || looksLikeFile(named)) throw error;
    const { certPem, keyPem } = otherIdentityTwin(material.authority, { now, names: [named] });
    return { ...base, credential: { label: named, cert: certPem, key: keyPem } };
  }
}

function looksLikeFile(named: string): boolean {
  return !named.includes('://') && /[\\/]|\.(pem|crt|cer|der|p12|pfx)$/i.test(named);
}

function isMissingFile(error: unknown): boolean {
  return errnoOf(error) === 'file-missing' || (error instanceof Error && errnoOf(error.cause) === 'ENOENT');
}

function twin(
  label: string,
  experiment: string,
  identity: ClientIdentity,
  client: MtlsClient,
  { certPem, keyPem }: ClientTwin,
): NegativeClient {
  return { label, experiment, identity, client, named: false, credential: { label, cert: certPem, key: keyPem } };
}
