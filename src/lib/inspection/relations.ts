/** What belongs together: keys with certificates, certificates with their issuers, duplicates and strangers. */
import { checkSignature } from '../path/signature.js';
import { equalBytes } from '../x509/der-values.js';
import { EKU } from '../x509/oids.js';
import { type FoundCertificate, type FoundKey, type FoundRequest, type Inventory, isReadable } from './inventory.js';
import { keyIdentity } from './key-identity.js';

/** More certificates than this are linked by name and key identifier alone, without checking signatures. */
const MAX_SIGNATURE_CHECKS = 500;

/** Everything with one key. */
export interface KeyGroup {
  keys: FoundKey[];
  certificates: FoundCertificate[];
  requests: FoundRequest[];
}

/** From an end entity upwards, as far as it goes. */
export interface Chain {
  members: FoundCertificate[];
  /** Ends at a self-issued certificate. */
  complete: boolean;
}

/** The order of certificates in one container. */
export interface OrderCheck {
  /** `fullchain.pem`. */
  where: string;
  /** Index of the input. */
  input: number;
  has: FoundCertificate[];
  shouldBe: FoundCertificate[];
  /** In it, but neither its leaf nor above it. */
  strangers: FoundCertificate[];
  duplicates: FoundCertificate[];
  leafFirst: boolean;
  inOrder: boolean;
}

export interface Relations {
  groups: KeyGroup[];
  chains: Chain[];
  orders: OrderCheck[];
  /** Each list is one certificate, found several times. */
  duplicates: FoundCertificate[][];
  /** Linked to nothing here: not issued by, nor issuer of, anything, and no key. Empty for a single certificate. */
  strangers: FoundCertificate[];
  /** Whether signatures were checked for the links. */
  signaturesChecked: boolean;
}

function claimsCa({ certificate }: FoundCertificate): boolean {
  if (certificate.basicConstraints !== undefined) return certificate.basicConstraints.ca;
  return (
    certificate.keyUsage?.includes('keyCertSign') === true || (certificate.version > 0 && certificate.version < 3 && certificate.selfIssued)
  );
}

const HOST_NAME = /^(?:localhost|(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;

function looksLikeLeaf({ certificate }: FoundCertificate): boolean {
  const usage = certificate.extKeyUsage;
  const serves = usage?.includes(EKU.serverAuth) === true || usage?.includes(EKU.clientAuth) === true;
  // "openssl req -x509" makes CA certificates of what is meant for one host: its common name gives it away.
  const named =
    certificate.subjectAltName?.some(({ kind }) => kind === 'dns' || kind === 'ip' || kind === 'uri') ??
    (certificate.keyUsage === undefined && HOST_NAME.test(certificate.subject.commonName ?? ''));
  return named && (serves || usage === undefined) && certificate.keyUsage?.includes('keyCertSign') !== true;
}

/** Whether one could have issued the other by name and identifiers; undefined when only the key speaks against it. */
function couldIssue(issuer: FoundCertificate, subject: FoundCertificate): 'yes' | 'other-key' | 'no' {
  if (issuer.certificate.subject.key !== subject.certificate.issuer.key) return 'no';
  const wanted = subject.certificate.authorityKeyIdentifier?.keyIdentifier;
  const has = issuer.certificate.subjectKeyIdentifier;
  return wanted !== undefined && has !== undefined && !equalBytes(wanted, has) ? 'other-key' : 'yes';
}

/** Both key identifiers are there and equal: the certificate says that this key signed it. */
function identifiersAgree(issuer: FoundCertificate, subject: FoundCertificate): boolean {
  const wanted = subject.certificate.authorityKeyIdentifier?.keyIdentifier;
  const has = issuer.certificate.subjectKeyIdentifier;
  return wanted !== undefined && has !== undefined && equalBytes(wanted, has);
}

function signed(issuer: FoundCertificate, subject: FoundCertificate): boolean {
  const { tbs, signature, signatureAlgorithm } = subject.certificate;
  const result = checkSignature(tbs, signature, signatureAlgorithm, issuer.certificate.publicKey);
  // An algorithm that cannot be checked here is no proof against it.
  return result.ok || result.kind === 'unsupported';
}

/** Finds issuers: same name, fitting identifiers, and the signature unless there are too many certificates. */
function linkIssuers(members: readonly FoundCertificate[], checkSignatures: boolean): void {
  const byName = new Map<string, FoundCertificate[]>();
  for (const found of members) {
    const list = byName.get(found.certificate.subject.key);
    if (list === undefined) byName.set(found.certificate.subject.key, [found]);
    else list.push(found);
  }
  for (const found of members) {
    const namesakes = (byName.get(found.certificate.issuer.key) ?? []).filter((candidate) => candidate !== found);
    const own = found.certificate.selfIssued && (!checkSignatures || signed(found, found));
    if (own || namesakes.length === 0) continue;
    const fitting = namesakes.filter((candidate) => couldIssue(candidate, found) === 'yes');
    // Of several CAs with one name and key (a renewed one), the longest-lived stands for all.
    const ranked = fitting.sort((a, b) => b.certificate.notAfter - a.certificate.notAfter);
    const issuer = checkSignatures ? ranked.find((candidate) => signed(candidate, found)) : ranked[0];
    if (issuer !== undefined) {
      found.issuer = issuer;
      issuer.issued.push(found);
    } else if (!found.certificate.selfIssued) {
      const named = ranked.find((candidate) => identifiersAgree(candidate, found));
      if (named !== undefined) {
        found.falseIssuer = named;
        continue;
      }
      const impostor = namesakes[0];
      if (impostor !== undefined) found.impostor = impostor;
    }
  }
}

function assignRoles(members: readonly FoundCertificate[]): void {
  for (const found of members) {
    const ca = found.issued.length > 0 || (claimsCa(found) && !looksLikeLeaf(found));
    found.role = !ca ? 'leaf' : found.certificate.selfIssued ? 'root' : 'intermediate';
  }
}

/** From a certificate to its issuers, at most as many as there are. */
export function chainFrom(start: FoundCertificate): Chain {
  const members = [start];
  for (let next = start.issuer; next !== undefined && !members.includes(next) && members.length < 32; next = next.issuer)
    members.push(next);
  return { members, complete: (members.at(-1) as FoundCertificate).certificate.selfIssued };
}

function groupKeys({ certificates, keys, requests }: Inventory): KeyGroup[] {
  const groups = new Map<string, KeyGroup>();
  const groupOf = (identity: string): KeyGroup => {
    let group = groups.get(identity);
    if (group === undefined) {
      group = { keys: [], certificates: [], requests: [] };
      groups.set(identity, group);
    }
    return group;
  };
  for (const key of keys) if (key.publicKey !== undefined) groupOf(keyIdentity(key.publicKey)).keys.push(key);
  for (const request of requests) groupOf(keyIdentity(request.request.publicKey)).requests.push(request);
  for (const found of certificates) {
    if (found.duplicateOf === undefined && isReadable(found)) groupOf(keyIdentity(found.certificate.publicKey)).certificates.push(found);
  }
  groups.delete('');
  return [...groups.values()];
}

/** The part of a place that names its container: a file, a Secret, an alias. */
function containerOf(found: { where: { input: number; path: readonly string[] } }): string {
  const [first = ''] = found.where.path;
  return `${found.where.input} ${/^#\d+$/.test(first) ? '' : first} ${found.where.path.slice(1).find((part) => !/^#\d+$/.test(part)) ?? ''}`;
}

/** Containers of several certificates with exactly one end entity: which order they have and should have. */
function checkOrders(inventory: Inventory): OrderCheck[] {
  const containers = new Map<string, FoundCertificate[]>();
  for (const found of inventory.certificates) {
    const key = containerOf(found);
    const list = containers.get(key);
    if (list === undefined) containers.set(key, [found]);
    else list.push(found);
  }
  const orders: OrderCheck[] = [];
  for (const has of containers.values()) {
    const [first] = has;
    if (first === undefined || has.length < 2) continue;
    const firsts = has.map((found) => found.duplicateOf ?? found);
    const distinct = [...new Set(firsts)];
    const leaves = distinct.filter(({ role }) => role === 'leaf');
    const [leaf] = leaves;
    // A file of several end entities, or of CAs alone, has no order to keep. Key stores sort for themselves.
    if (leaf === undefined || leaves.length > 1 || distinct.length < 2) continue;
    const formats = inventory.inputs[first.where.input]?.reading?.formats ?? [];
    if (formats.some((format) => /^(?:PKCS#12|PKCS#7)$/.test(format))) continue;
    const chain = chainFrom(leaf).members.filter((member) => distinct.includes(member));
    const strangers = distinct.filter((found) => !chain.includes(found));
    const kept = distinct.filter((found) => chain.includes(found));
    const input = inventory.inputs[first.where.input];
    orders.push({
      where: first.where.text.replace(/ ?#\d+$/, '') || (input?.label ?? ''),
      input: first.where.input,
      has: [...has],
      shouldBe: chain,
      strangers,
      duplicates: has.filter(
        (found, i) =>
          firsts.indexOf(firsts[i] as FoundCertificate) !== i || (found.duplicateOf !== undefined && has.includes(found.duplicateOf)),
      ),
      leafFirst: distinct[0] === leaf,
      inOrder: kept.every((found, i) => found === chain[i]),
    });
  }
  return orders;
}

/** Finds out what belongs together. Sets `role`, `issuer` and `issued` of the certificates on the way. */
export function relate(inventory: Inventory): Relations {
  const members = inventory.certificates.filter((found) => found.duplicateOf === undefined && isReadable(found));
  const signaturesChecked = members.length <= MAX_SIGNATURE_CHECKS;
  linkIssuers(members, signaturesChecked);
  assignRoles(members);
  for (const found of inventory.certificates) {
    if (found.duplicateOf === undefined) continue;
    found.role = found.duplicateOf.role;
    if (found.duplicateOf.issuer !== undefined) found.issuer = found.duplicateOf.issuer;
  }
  const groups = groupKeys(inventory);
  const duplicates = new Map<FoundCertificate, FoundCertificate[]>();
  for (const found of inventory.certificates) {
    if (found.duplicateOf === undefined) continue;
    const list = duplicates.get(found.duplicateOf);
    if (list === undefined) duplicates.set(found.duplicateOf, [found.duplicateOf, found]);
    else list.push(found);
  }
  const keyed = new Set(
    groups.filter(({ keys, requests }) => keys.length + requests.length > 0).flatMap(({ certificates }) => certificates),
  );
  const chains = members.filter(({ role }) => role === 'leaf').map((leaf) => chainFrom(leaf));
  const linked = members.some(({ issuer }) => issuer !== undefined);
  const strangers = linked ? members.filter((found) => found.issuer === undefined && found.issued.length === 0 && !keyed.has(found)) : [];
  return { groups, chains, orders: checkOrders(inventory), duplicates: [...duplicates.values()], strangers, signaturesChecked };
}
