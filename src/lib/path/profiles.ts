import type { EncodingDefect } from '../x509/certificate.js';
import { EXT } from '../x509/oids.js';
import type { IdentityRules } from '../x509/server-identity.js';
import { type ConstraintDialect, RFC5280_CONSTRAINTS } from './name-subtrees.js';
import type { Profile } from './verification.js';

/** What each profile asks, as data. The search and the algorithm are the same for all; only these differ. */
export interface ProfileRules {
  /** Names compare byte for byte rather than by RFC 5280 §7.1. */
  namesByteForByte: boolean;
  identity: IdentityRules;
  /** Defects of the encoding that do not refuse a certificate. */
  readsPast: ReadonlySet<EncodingDefect>;
  /** What of the second in which a certificate ends: it is valid all through, valid at its beginning, or expired already. */
  lastSecond: 'valid' | 'its beginning' | 'expired';
  /** Encoding defects and duties of RFC 5280 §4 (criticality, key identifiers, names, serial numbers) refuse a certificate. */
  conformance: 'strict' | 'fatal-only';
  /** CA/Browser Forum Baseline Requirements on certificate contents. */
  baseline: boolean;
  /** Where anyExtendedKeyUsage counts as every usage. */
  anyUsage: 'everywhere' | 'in CAs' | 'nowhere';
  /** Old "server gated crypto" usages count as serverAuth. */
  serverGatedCrypto: boolean;
  /** Extensions that the runtime does not process, though path validation here does: critical ones refuse a certificate. */
  unprocessed: readonly string[];
  /** The first likely issuer is taken and there is no going back: trusted ones before those that came along, valid ones before others. */
  greedySearch: boolean;
  /** keyUsage of the end entity has to fit TLS. */
  leafKeyUsage: boolean;
  /** A trust anchor without basicConstraints is a CA when its keyUsage has keyCertSign, or when it is a self-signed version 1 certificate. */
  legacyCa: boolean;
  /** An issuer that is not the one that authorityKeyIdentifier names, by key or by issuer and serial number, is not tried. */
  keyIdentifierBinds: boolean;
  /** Name constraints bind self-issued intermediates too, and path lengths count them. */
  constrainSelfIssued: boolean;
  /** An extKeyUsage or keyUsage that lists nothing is none. */
  emptyUsageIsNone: boolean;
  /** Negative serial numbers refuse a certificate, whatever else its CA's duties are. */
  negativeSerials: 'refused' | 'accepted';
  /** Keys: all that can be read, those that node's OpenSSL takes, or these types (for issuers) and curves. */
  keys: 'all' | 'usable' | readonly string[];
  /** How name constraints are read. A critical constraint on a form that is not judged refuses the certificate. */
  constraints: ConstraintDialect;
  policies: boolean;
  /** Any certificate of the store ends a path. */
  partialChain: boolean;
  allowSha1: boolean;
  minRsaBits: number;
  allowDsa: boolean;
  /** Curves spelled out by their parameters (CVE-2020-0601). */
  explicitCurves: 'refused' | 'accepted';
}

const OPENSSL_READS_PAST: ReadonlySet<EncodingDefect> = new Set([
  'ber',
  'default',
  'no-constraints',
  'after-extension',
  'after-certificate',
  'empty-list',
  'character',
  'version',
  'listed-twice',
  'range',
  'address-length',
  'parameters',
  'key',
]);

const GO_READS_PAST: ReadonlySet<EncodingDefect> = new Set([
  'default',
  'after-extension',
  'after-fields',
  'empty-list',
  'time-without-seconds',
  'parameters',
]);

export const PROFILES: Readonly<Record<Profile, ProfileRules>> = {
  rfc5280: {
    readsPast: new Set(),
    lastSecond: 'valid',
    emptyUsageIsNone: false,
    negativeSerials: 'accepted',
    keys: 'all',
    namesByteForByte: false,
    identity: 'strict',
    conformance: 'strict',
    baseline: false,
    anyUsage: 'everywhere',
    serverGatedCrypto: false,
    unprocessed: [],
    greedySearch: false,
    leafKeyUsage: false,
    legacyCa: false,
    keyIdentifierBinds: false,
    policies: true,
    partialChain: true,
    allowSha1: false,
    minRsaBits: 2048,
    allowDsa: true,
    explicitCurves: 'refused',
    constrainSelfIssued: false,
    constraints: RFC5280_CONSTRAINTS,
  },
  webpki: {
    readsPast: new Set(),
    lastSecond: 'valid',
    emptyUsageIsNone: false,
    negativeSerials: 'accepted',
    keys: 'all',
    namesByteForByte: false,
    identity: 'strict',
    conformance: 'strict',
    baseline: true,
    anyUsage: 'in CAs',
    serverGatedCrypto: false,
    unprocessed: [],
    greedySearch: false,
    leafKeyUsage: true,
    legacyCa: false,
    keyIdentifierBinds: false,
    policies: true,
    partialChain: true,
    allowSha1: false,
    minRsaBits: 2048,
    allowDsa: false,
    explicitCurves: 'refused',
    constrainSelfIssued: false,
    constraints: RFC5280_CONSTRAINTS,
  },
  // OpenSSL 3 at security level 2 (OpenSSL 3.5, node 22 and later), X509_verify_cert without -x509_strict and -policy_check.
  openssl: {
    readsPast: OPENSSL_READS_PAST,
    lastSecond: 'expired',
    emptyUsageIsNone: false,
    negativeSerials: 'accepted',
    keys: 'usable',
    namesByteForByte: false,
    identity: 'lenient',
    conformance: 'fatal-only',
    baseline: false,
    anyUsage: 'nowhere',
    serverGatedCrypto: true,
    unprocessed: [EXT.authorityKeyIdentifier, EXT.subjectKeyIdentifier, EXT.authorityInfoAccess, EXT.subjectInfoAccess, EXT.freshestCrl],
    greedySearch: true,
    leafKeyUsage: true,
    legacyCa: true,
    keyIdentifierBinds: true,
    policies: false,
    partialChain: false,
    allowSha1: false,
    minRsaBits: 2048,
    allowDsa: true,
    explicitCurves: 'accepted',
    constrainSelfIssued: false,
    constraints: { ...RFC5280_CONSTRAINTS, commonName: true, subjectMail: 'always', wildcardCovers: false, malformed: 'compared' },
  },
  // crypto/x509: Certificate.Verify, which judges policies since Go 1.24.
  go: {
    readsPast: GO_READS_PAST,
    lastSecond: 'its beginning',
    emptyUsageIsNone: true,
    negativeSerials: 'refused',
    keys: ['rsa', 'ed25519', 'P-224', 'P-256', 'P-384', 'P-521'],
    namesByteForByte: true,
    identity: 'go',
    conformance: 'fatal-only',
    baseline: false,
    anyUsage: 'everywhere',
    serverGatedCrypto: false,
    unprocessed: [EXT.authorityInfoAccess, EXT.authorityKeyIdentifier, EXT.subjectKeyIdentifier, EXT.subjectInfoAccess, EXT.freshestCrl],
    greedySearch: false,
    leafKeyUsage: false,
    legacyCa: false,
    keyIdentifierBinds: false,
    policies: true,
    partialChain: true,
    allowSha1: false,
    minRsaBits: 1024,
    allowDsa: false,
    explicitCurves: 'refused',
    constrainSelfIssued: true,
    constraints: { ...RFC5280_CONSTRAINTS, subjectMail: 'never', hostsAreSubtrees: true, forms: ['dns', 'ip', 'email', 'uri'] },
  },
};

export const RUNTIME_NAMES: Readonly<Record<Profile, string>> = {
  rfc5280: 'RFC 5280',
  webpki: 'the Web PKI (CA/Browser Forum)',
  openssl: 'OpenSSL / Node',
  go: 'Go',
};
