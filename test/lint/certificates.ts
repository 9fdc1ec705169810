import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type CertificateFields, signCertificate } from '../../src/lib/ca/certificate-writer.js';
import { distinguishedName } from '../../src/lib/ca/distinguished-name.js';
import {
  authorityKeyIdentifier,
  basicConstraints,
  type ExtensionToWrite,
  extendedKeyUsage,
  keyUsage,
  subjectAltNames,
  subjectKeyIdentifier,
} from '../../src/lib/ca/extensions.js';
import type { SubjectAltName } from '../../src/lib/ca/subject-alt-name.js';
import type { Certificate } from '../../src/lib/x509/certificate.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';

export const NOW = Date.UTC(2026, 10, 22, 12);
export const DAY = 86_400_000;

const keys = (): { privateKey: KeyObject; publicKey: KeyObject } => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuerKeys = keys();
const leafKeys = keys();
export const spkiOf = (key: KeyObject): Uint8Array => key.export({ format: 'der', type: 'spki' });
const identifier = (spki: Uint8Array): Uint8Array => createHash('sha1').update(spki).digest();

/** What a certificate is to differ in from the healthy one. */
export interface Recipe {
  sans?: readonly SubjectAltName[];
  /** Replaces those of the same kind. */
  extensions?: readonly ExtensionToWrite[];
  /** OIDs to leave out. */
  without?: readonly string[];
  fields?: Partial<CertificateFields>;
  commonName?: string;
}

function build(
  base: readonly ExtensionToWrite[],
  fields: CertificateFields,
  { extensions = [], without = [], fields: other = {} }: Recipe,
): Certificate {
  const kept = base.filter(({ oid }) => !without.includes(oid) && !extensions.some((extension) => extension.oid === oid));
  return parseCertificate(signCertificate({ ...fields, extensions: [...kept, ...extensions], ...other }, issuerKeys.privateKey));
}

const issuerName = distinguishedName([{ type: 'CN', value: 'Lint CA' }]);
let serial = 0;
const nextSerial = (): Uint8Array => Uint8Array.of(0x40, ++serial >> 8, serial & 255, 1, 2, 3, 4, 5);

/** A healthy server certificate, but for the recipe. */
export function leaf(recipe: Recipe = {}): Certificate {
  const spki = recipe.fields?.spki ?? spkiOf(leafKeys.publicKey);
  const sans: readonly SubjectAltName[] = recipe.sans ?? [{ kind: 'dns', value: 'web.internal' }];
  const base = [
    basicConstraints(false),
    keyUsage(['digitalSignature']),
    extendedKeyUsage(['serverAuth']),
    subjectAltNames(sans),
    subjectKeyIdentifier(identifier(spki)),
    authorityKeyIdentifier(identifier(spkiOf(issuerKeys.publicKey))),
  ];
  const subject = distinguishedName([{ type: 'CN', value: recipe.commonName ?? 'web.internal' }]);
  return build(
    base,
    { serial: nextSerial(), issuer: issuerName, subject, notBefore: NOW - DAY, notAfter: NOW + DAY, spki, extensions: [] },
    recipe,
  );
}

/** A healthy self-signed root, but for the recipe. */
export function root(recipe: Recipe = {}): Certificate {
  const spki = spkiOf(issuerKeys.publicKey);
  const base = [basicConstraints(true), keyUsage(['keyCertSign', 'cRLSign']), subjectKeyIdentifier(identifier(spki))];
  return build(
    base,
    {
      serial: nextSerial(),
      issuer: issuerName,
      subject: issuerName,
      notBefore: NOW - DAY,
      notAfter: NOW + 3650 * DAY,
      spki,
      extensions: [],
    },
    recipe,
  );
}
