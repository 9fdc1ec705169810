import { X509Certificate } from 'node:crypto';
import type { ClientFault } from './refusal.js';

/** What a lab server checks of a client's chain. */
export interface ClientPolicy {
  /** Trust anchors, PEM. */
  anchors: readonly string[];
  /** The server's clock, milliseconds since 1970. */
  clock: () => number;
  /** Serial numbers (upper or lower case hex) that the server's revocation list holds. */
  revoked?: readonly string[];
  /** The server checks its clients by a revocation list that ran out. */
  listExpired?: boolean;
  /** Accept any certificate, like `RequireAnyClientCert`. */
  anyCertificate?: boolean;
  /** Fingerprints (SHA-256, lower-case hex without colons) the server accepts; any when absent. */
  pinned?: readonly string[];
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/**
 * What is wrong with a client's chain as sent (leaf first), checked the way a server does: path to an anchor first, then time, purpose and
 * revocation. Undefined when nothing is.
 */
export function judgeClient(chain: readonly Uint8Array[], policy: ClientPolicy): ClientFault | undefined {
  const sent = chain.map((der) => new X509Certificate(der));
  const leaf = sent[0];
  if (leaf === undefined) return 'none';
  if (policy.anyCertificate === true) return undefined;
  const anchors = policy.anchors.map((pem) => new X509Certificate(pem));
  const path = pathTo(anchors, leaf, sent.slice(1));
  if (path === undefined) return 'unknown-ca';
  const now = policy.clock();
  for (const certificate of path) {
    if (now > Date.parse(certificate.validTo)) return 'expired';
    if (now < Date.parse(certificate.validFrom)) return 'not-yet-valid';
  }
  const purposes = leaf.keyUsage as string[] | undefined; // node's name for extendedKeyUsage
  if (purposes !== undefined && !purposes.includes(CLIENT_AUTH)) return 'wrong-purpose';
  if (policy.listExpired === true) return 'list-expired';
  const serial = leaf.serialNumber.toLowerCase();
  if (policy.revoked?.some((one) => one.toLowerCase().replace(/^0+/, '') === serial.replace(/^0+/, '')) === true) return 'revoked';
  if (policy.pinned !== undefined && !policy.pinned.includes(leaf.fingerprint256.replaceAll(':', '').toLowerCase())) return 'unwanted';
  return undefined;
}

/** Leaf, intermediates, anchor: the first path whose signatures hold; at most eight steps. */
function pathTo(anchors: X509Certificate[], leaf: X509Certificate, others: X509Certificate[]): X509Certificate[] | undefined {
  const path = [leaf];
  for (let step = 0; step < 8; step++) {
    const last = path[path.length - 1] as X509Certificate;
    const anchor = anchors.find((one) => one.raw.equals(last.raw) || issued(one, last));
    if (anchor !== undefined) return anchor.raw.equals(last.raw) ? path : [...path, anchor];
    const next = others.find((one) => !path.includes(one) && issued(one, last));
    if (next === undefined) return undefined;
    path.push(next);
  }
  return undefined;
}

function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}
