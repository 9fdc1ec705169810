import { EXT } from '../x509/oids.js';
import type { IdentityRules } from '../x509/server-identity.js';
import type { Profile } from './verification.js';

/** What each profile asks, as data. The search and the algorithm are the same for all; only these differ. */
export interface ProfileRules {
  /** Names compare byte for byte rather than by RFC 5280 §7.1. */
  namesByteForByte: boolean;
  identity: IdentityRules;
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
  /** An issuer without basicConstraints is a CA when its keyUsage has keyCertSign, or when it is a self-signed version 1 certificate. */
  legacyCa: boolean;
  /** An issuer whose key identifier is not the one that authorityKeyIdentifier names is not tried. */
  keyIdentifierBinds: boolean;
  /** The common name is held against DNS name constraints when there is no dNSName. */
  constrainCommonName: boolean;
  /** Name constraints bind self-issued intermediates too. */
  constrainSelfIssued: boolean;
  /** Forms of names that constraints can be judged for; a critical constraint of another form refuses the certificate. */
  constraintForms: 'all' | readonly string[];
  policies: boolean;
  /** Any certificate of the store ends a path. */
  partialChain: boolean;
  allowSha1: boolean;
  minRsaBits: number;
  allowDsa: boolean;
  /** Curves spelled out by their parameters (CVE-2020-0601). */
  explicitCurves: 'refused' | 'accepted';
}

export const PROFILES: Readonly<Record<Profile, ProfileRules>> = {
  rfc5280: {
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
    constrainCommonName: false,
    policies: true,
    partialChain: true,
    allowSha1: false,
    minRsaBits: 2048,
    allowDsa: true,
    explicitCurves: 'refused',
    constrainSelfIssued: false,
    constraintForms: 'all',
  },
  webpki: {
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
    constrainCommonName: false,
    policies: true,
    partialChain: true,
    allowSha1: false,
    minRsaBits: 2048,
    allowDsa: false,
    explicitCurves: 'refused',
    constrainSelfIssued: false,
    constraintForms: 'all',
  },
  // OpenSSL 3 at security level 2 (OpenSSL 3.5, node 22 and later), X509_verify_cert without -x509_strict and -policy_check.
  openssl: {
    namesByteForByte: false,
    identity: 'lenient',
    conformance: 'fatal-only',
    baseline: false,
    anyUsage: 'nowhere',
    serverGatedCrypto: true,
    unprocessed: [EXT.authorityInfoAccess, EXT.subjectInfoAccess, EXT.freshestCrl],
    greedySearch: true,
    leafKeyUsage: true,
    legacyCa: true,
    keyIdentifierBinds: true,
    constrainCommonName: true,
    policies: false,
    partialChain: false,
    allowSha1: false,
    minRsaBits: 2048,
    allowDsa: true,
    explicitCurves: 'accepted',
    constrainSelfIssued: false,
    constraintForms: 'all',
  },
  // crypto/x509: Certificate.Verify.
  go: {
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
    constrainCommonName: false,
    policies: false,
    partialChain: true,
    allowSha1: false,
    minRsaBits: 1024,
    allowDsa: false,
    explicitCurves: 'refused',
    constrainSelfIssued: true,
    constraintForms: ['dns', 'ip', 'email', 'uri'],
  },
};

export const RUNTIME_NAMES: Readonly<Record<Profile, string>> = {
  rfc5280: 'RFC 5280',
  webpki: 'the Web PKI (CA/Browser Forum)',
  openssl: 'OpenSSL / Node',
  go: 'Go',
};
