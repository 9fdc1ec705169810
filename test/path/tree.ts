import { type Authority, createAuthority } from '../../src/lib/ca/authority.js';
import { randomSerial, signCertificate } from '../../src/lib/ca/certificate-writer.js';
import { distinguishedName } from '../../src/lib/ca/distinguished-name.js';
import * as ext from '../../src/lib/ca/extensions.js';
import { generateKeyPair, type KeyPair, type KeyType, keyIdentifier } from '../../src/lib/ca/key-pair.js';
import { inferSubjectAltName } from '../../src/lib/ca/subject-alt-name.js';
import type { PathQuestion, SourcedCertificate } from '../../src/lib/path/verification.js';
import { parseCertificate } from '../../src/lib/x509/parse-certificate.js';

/** Certificates made on the spot, any way they may be needed: a small PKI for path tests. */

export const NOW = Date.UTC(2026, 10, 22, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Entity {
  name: Uint8Array;
  key: KeyPair;
  der: Uint8Array;
}

export interface EntityRequest {
  cn?: string;
  /** Name DER; from `cn` when absent. */
  name?: Uint8Array;
  /** Self-signed when absent. */
  issuer?: Pick<Entity, 'name' | 'key'>;
  key?: KeyPair;
  keyType?: KeyType | 'rsa-1024';
  ca?: boolean;
  pathLength?: number;
  sans?: readonly string[];
  notBefore?: number;
  notAfter?: number;
  /** Replaces the extension of the same OID or is added. */
  extensions?: readonly ext.ExtensionToWrite[];
  without?: readonly string[];
  serial?: Uint8Array;
  signatureAlgorithm?: Parameters<typeof signCertificate>[0]['signatureAlgorithm'];
  breakSignature?: boolean;
  version?: 1 | 2 | 3;
}

export function nameOf(cn: string): Uint8Array {
  return distinguishedName([{ type: 'CN', value: cn }]);
}

/** A certificate that keeps every rule, but for what the request says. */
export function make(request: EntityRequest): Entity {
  const key = request.key ?? generateKeyPair(request.keyType ?? 'p256');
  const name = request.name ?? nameOf(request.cn ?? 'Entity');
  const issuer = request.issuer ?? { name, key };
  const selfSigned = request.issuer === undefined;
  const defaults = request.ca
    ? [ext.basicConstraints(true, request.pathLength), ext.keyUsage(['keyCertSign', 'cRLSign'])]
    : [ext.keyUsage(['digitalSignature']), ext.extendedKeyUsage(['serverAuth'])];
  const all = [
    ...defaults,
    ext.subjectKeyIdentifier(keyIdentifier(key.spki)),
    ...(selfSigned ? [] : [ext.authorityKeyIdentifier(keyIdentifier(issuer.key.spki))]),
    ...(request.sans === undefined ? [] : [ext.subjectAltNames(request.sans.map(inferSubjectAltName))]),
  ];
  const replaced = new Set(request.extensions?.map(({ oid }) => oid));
  const kept = all.filter(({ oid }) => !replaced.has(oid) && request.without?.includes(oid) !== true);
  const der = signCertificate(
    {
      serial: request.serial ?? randomSerial(),
      issuer: issuer.name,
      subject: name,
      notBefore: request.notBefore ?? NOW - DAY,
      notAfter: request.notAfter ?? NOW + 30 * DAY,
      spki: key.spki,
      extensions: [...kept, ...(request.extensions ?? [])],
      ...(request.version === undefined ? {} : { version: request.version }),
      ...(request.signatureAlgorithm === undefined ? {} : { signatureAlgorithm: request.signatureAlgorithm }),
    },
    issuer.key.key,
    { breakSignature: request.breakSignature ?? false },
  );
  return { name, key, der };
}

export function sourced({ der }: Pick<Entity, 'der'>, source: string): SourcedCertificate {
  return { certificate: parseCertificate(der), source };
}

/** A question about entities, with the time and names filled in. */
export function ask(
  leaf: Entity,
  intermediates: readonly Entity[],
  anchors: readonly Entity[],
  more: Partial<PathQuestion> = {},
): PathQuestion {
  return {
    leaf: sourced(leaf, 'leaf'),
    intermediates: intermediates.map((entity, i) => sourced(entity, `intermediate ${i + 1}`)),
    anchors: anchors.map((entity, i) => sourced(entity, `root ${i + 1}`)),
    at: NOW,
    ...more,
  };
}

/** A root, an intermediate and an end entity for api.internal. */
export function chain(
  leaf: EntityRequest = {},
  intermediate: EntityRequest = {},
  root: EntityRequest = {},
): { root: Entity; intermediate: Entity; leaf: Entity } {
  const top = make({ cn: 'Root', ca: true, ...root });
  const middle = make({ cn: 'Issuing CA', ca: true, issuer: top, ...intermediate });
  return { root: top, intermediate: middle, leaf: make({ cn: 'api.internal', sans: ['api.internal'], issuer: middle, ...leaf }) };
}

/** An authority of the product itself, for tests that want PEM. */
export function authority(): Authority {
  return createAuthority({ name: 'Test', now: NOW });
}

export { DAY, HOUR };
