/** Every extension decoded to plain data; what is not known stays hex. */
import type { AuthorityKeyIdentifier, Certificate, DistributionPoint, Extension, GeneralSubtree } from '../x509/certificate.js';
import type { CertificateRequest } from '../x509/certificate-request.js';
import { DerReader, TAG } from '../x509/der.js';
import { toHex } from '../x509/der-values.js';
import type { GeneralName } from '../x509/general-name.js';
import { EXT, oidName } from '../x509/oids.js';
import { otherExtensionValue, tlsFeatures } from './other-extensions.js';

export type ExtensionValue = null | boolean | number | string | ExtensionValue[] | { [key: string]: ExtensionValue };

export interface ExtensionFacts {
  oid: string;
  /** The usual name, or the OID. */
  name: string;
  critical: boolean;
  /** Decoded; null when it is not known or could not be read. */
  value: ExtensionValue;
  /** extnValue as lower-case hex. */
  hex: string;
}

export interface NameFacts {
  kind: GeneralName['kind'];
  value: string;
  /** What kind of name an otherName is. */
  oid?: string;
}

/** General names as kind and value. */
export function nameFacts(names: readonly GeneralName[]): NameFacts[] {
  return names.map((name) => ({ kind: name.kind, value: name.value, ...(name.kind === 'otherName' ? { oid: name.oid } : {}) }));
}

const names = (list: readonly GeneralName[]): ExtensionValue =>
  nameFacts(list).map(({ kind, value, oid }) => ({ kind, value, ...(oid === undefined ? {} : { oid, type: oidName(oid) }) }));
const subtrees = (list: readonly GeneralSubtree[]): ExtensionValue => list.map(({ base }) => ({ kind: base.kind, value: base.value }));

function points(list: readonly DistributionPoint[]): ExtensionValue {
  return list.map(({ fullName, reasons, crlIssuer }) => ({
    ...(fullName === undefined ? {} : { names: names(fullName) }),
    ...(reasons === undefined ? {} : { reasons }),
    ...(crlIssuer === undefined ? {} : { crlIssuer: names(crlIssuer) }),
  }));
}

function authorityKey({ keyIdentifier, issuer, serial }: AuthorityKeyIdentifier): ExtensionValue {
  return {
    ...(keyIdentifier === undefined ? {} : { keyIdentifier: toHex(keyIdentifier) }),
    ...(issuer === undefined ? {} : { issuer: names(issuer) }),
    ...(serial === undefined ? {} : { serial }),
  };
}

/** SignedCertificateTimestampList (RFC 6962 §3.3): log and time of each. */
function timestamps(extension: Extension): ExtensionValue {
  const outer = new DerReader(extension.value, 0, extension.value.length, []).optional(TAG.octetString, 'SCT list');
  if (outer === undefined) return null;
  const list = extension.value.subarray(outer.start, outer.end);
  const view = new DataView(list.buffer, list.byteOffset, list.length);
  const found: ExtensionValue[] = [];
  for (let at = 2; at + 2 <= list.length && found.length < 64; ) {
    const length = view.getUint16(at);
    const start = at + 2;
    if (length < 47 || start + length > list.length) break;
    found.push({
      version: (list[start] as number) + 1,
      log: toHex(list, start + 1, start + 33),
      at: new Date(Number(view.getBigUint64(start + 33))).toISOString(),
    });
    at = start + length;
  }
  return found;
}

function certificateValue(certificate: Certificate, extension: Extension): ExtensionValue {
  switch (extension.oid) {
    case EXT.subjectAltName:
      return names(certificate.subjectAltName ?? []);
    case EXT.basicConstraints: {
      const { ca = false, pathLength } = certificate.basicConstraints ?? {};
      return pathLength === undefined ? { ca } : { ca, pathLength };
    }
    case EXT.keyUsage:
      return [...(certificate.keyUsage ?? [])];
    case EXT.extKeyUsage:
      return (certificate.extKeyUsage ?? []).map((oid) => ({ oid, name: oidName(oid) }));
    case EXT.subjectKeyIdentifier:
      return toHex(certificate.subjectKeyIdentifier ?? new Uint8Array(0));
    case EXT.authorityKeyIdentifier:
      return authorityKey(certificate.authorityKeyIdentifier ?? {});
    case EXT.nameConstraints: {
      const { permitted = [], excluded = [] } = certificate.nameConstraints ?? {};
      return { permitted: subtrees(permitted), excluded: subtrees(excluded) };
    }
    case EXT.certificatePolicies:
      return (certificate.policies ?? []).map(({ oid, cps, notices }) => ({ oid, name: oidName(oid), cps, notices }));
    case EXT.policyMappings:
      return (certificate.policyMappings ?? []).map(({ issuerDomain, subjectDomain }) => ({ issuerDomain, subjectDomain }));
    case EXT.policyConstraints: {
      const { requireExplicitPolicy, inhibitPolicyMapping } = certificate.policyConstraints ?? {};
      return {
        ...(requireExplicitPolicy === undefined ? {} : { requireExplicitPolicy }),
        ...(inhibitPolicyMapping === undefined ? {} : { inhibitPolicyMapping }),
      };
    }
    case EXT.inhibitAnyPolicy:
      return certificate.inhibitAnyPolicy ?? null;
    case EXT.crlDistributionPoints:
      return points(certificate.crlDistributionPoints ?? []);
    case EXT.freshestCrl:
      return points(certificate.freshestCrl ?? []);
    case EXT.authorityInfoAccess: {
      const { ocsp = [], caIssuers = [] } = certificate.authorityInfoAccess ?? {};
      return { ocsp: [...ocsp], caIssuers: [...caIssuers] };
    }
    case EXT.tlsFeature:
      return { mustStaple: certificate.mustStaple, features: tlsFeatures(extension) };
    case EXT.sctList:
      return timestamps(extension);
    default:
      return otherExtensionValue(certificate, extension);
  }
}

function requestValue(request: CertificateRequest, { oid }: Extension): ExtensionValue {
  switch (oid) {
    case EXT.subjectAltName:
      return names(request.subjectAltName ?? []);
    case EXT.basicConstraints:
      return request.basicConstraints === undefined ? null : { ...request.basicConstraints };
    case EXT.keyUsage:
      return [...(request.keyUsage ?? [])];
    case EXT.extKeyUsage:
      return (request.extKeyUsage ?? []).map((usage) => ({ oid: usage, name: oidName(usage) }));
    default:
      return null;
  }
}

const frame = (extension: Extension, value: ExtensionValue): ExtensionFacts => ({
  oid: extension.oid,
  name: oidName(extension.oid),
  critical: extension.critical,
  value,
  hex: toHex(extension.value),
});

/** The extensions of a certificate in their order. */
export function extensionFacts(certificate: Certificate): ExtensionFacts[] {
  return certificate.extensions.map((extension) => frame(extension, certificateValue(certificate, extension)));
}

/** The extensions that a request asks for. */
export function requestExtensionFacts(request: CertificateRequest): ExtensionFacts[] {
  return request.extensions.map((extension) => frame(extension, requestValue(request, extension)));
}
