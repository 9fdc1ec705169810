/** `inspect --pem`: everything public again as PEM, each end entity followed by its issuers. */

import type { FoundCertificate, Inventory } from '../inspection/inventory.js';
import { chainFrom } from '../inspection/relations.js';
import { writePem } from '../x509/pem.js';

export interface OrderedPem {
  /** The blocks, written one by one: all of them may be more than a string holds. */
  blocks: Iterable<string>;
  /** What was left out or moved, one clause each. */
  notices: string[];
}

/** Certificates in the order in which programs want them, duplicates dropped; then requests, CRLs and public keys. Never a private key. */
export function orderedPem(inventory: Inventory): OrderedPem {
  const notices: string[] = [];
  const whole = inventory.certificates.filter(({ missingBytes }) => missingBytes === undefined);
  const distinct = whole.filter(({ duplicateOf }) => duplicateOf === undefined);
  const ordered = new Set<FoundCertificate>();
  for (const leaf of distinct.filter(({ role }) => role === 'leaf')) for (const member of chainFrom(leaf).members) ordered.add(member);
  // CAs that are above no end entity here: the lowest first, so that each is followed by its issuer.
  const rest = distinct.filter((found) => !ordered.has(found));
  for (const found of rest.filter(({ issued }) => issued.every((child) => !rest.includes(child))))
    for (const member of chainFrom(found).members) ordered.add(member);
  for (const found of rest) ordered.add(found);
  if (whole.length > distinct.length) notices.push(`${whole.length - distinct.length} duplicates left out`);
  if (inventory.certificates.length > whole.length)
    notices.push(`${inventory.certificates.length - whole.length} damaged certificates left out`);
  if (inventory.keys.length > 0)
    notices.push(`${inventory.keys.length} private ${inventory.keys.length === 1 ? 'key' : 'keys'} left out: keys are never printed`);
  return { blocks: blocksOf(ordered, inventory), notices };
}

function* blocksOf(ordered: ReadonlySet<FoundCertificate>, inventory: Inventory): Generator<string> {
  for (const { certificate } of ordered) yield writePem('CERTIFICATE', certificate.der);
  for (const { request } of inventory.requests) yield writePem('CERTIFICATE REQUEST', request.der);
  for (const { crl } of inventory.crls) yield writePem('X509 CRL', crl.der);
  for (const { publicKey } of inventory.publicKeys) yield writePem('PUBLIC KEY', publicKey.spki);
}
