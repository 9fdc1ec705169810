/** What was found in the inputs of an inspection, parsed, numbered and with its place. */
import { hash } from 'node:crypto';
import type { CertificateRole } from '../lint/lint.js';
import type { Certificate, PublicKeyInfo } from '../x509/certificate.js';
import { type CertificateRequest, parseCertificateRequest } from '../x509/certificate-request.js';
import type { ContainedItem, ContainerReading, PrivateKeyFacts } from '../x509/container/contained.js';
import { type CertificateRevocationList, parseCrl } from '../x509/crl.js';
import { type OcspResponse, parseOcspResponse } from '../x509/ocsp-response.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { parsePublicKey } from '../x509/public-key.js';

/** One input as it was read; a reading or an error, never both. */
export interface InspectedInput {
  /** How it is called in reports. */
  label: string;
  /** What to type for it in a command, when that differs from the label. */
  path?: string;
  kind: 'file' | 'standard-input' | 'endpoint';
  reading?: ContainerReading;
  /** Why it could not be read at all. */
  error?: { code: string; message: string; next: readonly string[] };
  /** It was found in a folder or by a pattern: what is nothing of PKI is then passed over. */
  found: boolean;
  /** Permission bits of a file. */
  mode?: number;
  git?: { root: string; tracked?: boolean };
}

/** Where something was found. */
export interface Where {
  /** Index of the input. */
  input: number;
  /** `bundle.pem #2`, `secret.yaml: Secret default/web tls.crt`: not escaped. */
  text: string;
  path: readonly string[];
  line?: number;
  alias?: string;
}

interface Found {
  /** `certificate 1`, `key 2`: stable within one inspection. */
  id: string;
  where: Where;
}

export interface FoundCertificate extends Found {
  certificate: Certificate;
  /** The same certificate found earlier. */
  duplicateOf?: FoundCertificate;
  role: CertificateRole;
  /** Kept there as a trust anchor. */
  trusted: boolean;
  issuer?: FoundCertificate;
  issued: FoundCertificate[];
  /** A certificate here has its issuer's name, but another key: then that one. */
  impostor?: FoundCertificate;
  /** By name and key identifier this one here issued it, but its signature does not verify. */
  falseIssuer?: FoundCertificate;
  /** Bytes that are missing at the end; its fingerprint then means nothing. */
  missingBytes?: number;
}

export interface FoundKey extends Found {
  facts: PrivateKeyFacts;
  publicKey?: PublicKeyInfo;
}

export interface FoundRequest extends Found {
  request: CertificateRequest;
}
export interface FoundPublicKey extends Found {
  publicKey: PublicKeyInfo;
}
export interface FoundCrl extends Found {
  crl: CertificateRevocationList;
}
export interface FoundOcspResponse extends Found {
  response: OcspResponse;
}
export interface FoundDamage extends Found {
  what: string;
  problem: string;
  next?: string;
}
export interface FoundOther extends Found {
  what: string;
}

export interface Inventory {
  inputs: readonly InspectedInput[];
  certificates: FoundCertificate[];
  keys: FoundKey[];
  requests: FoundRequest[];
  publicKeys: FoundPublicKey[];
  crls: FoundCrl[];
  ocspResponses: FoundOcspResponse[];
  damaged: FoundDamage[];
  others: FoundOther[];
}

/** `file.pem #2`: the label, the way inside, and a number where several things lie at one place. A lone input need not be named each time. */
function placeText(label: string, item: ContainedItem, alone: boolean): string {
  const [first, ...rest] = item.place.path;
  if (first === undefined) return label;
  const inside = [first, ...rest].join(' ');
  if (/^#\d+$/.test(inside)) return `${label} ${inside}`;
  return alone ? inside : `${label}: ${inside}`;
}

/** Parses everything that the inputs hold. Links between certificates are made by `relate`. */
export function takeInventory(inputs: readonly InspectedInput[]): Inventory {
  const inventory: Inventory = {
    inputs,
    certificates: [],
    keys: [],
    requests: [],
    publicKeys: [],
    crls: [],
    ocspResponses: [],
    damaged: [],
    others: [],
  };
  const byBytes = new Map<string, FoundCertificate>();
  inputs.forEach((input, index) => {
    const items = input.reading?.items ?? [];
    const alone = inputs.length === 1;
    const seen = new Map<string, number>();
    const shared = new Map<string, number>();
    for (const item of items) {
      const text = placeText(input.label, item, alone);
      if (item.kind === 'certificate') shared.set(text, (shared.get(text) ?? 0) + 1);
    }
    for (const item of items) {
      let text = placeText(input.label, item, alone);
      if (item.kind === 'certificate' && (shared.get(text) ?? 0) > 1) {
        const number = (seen.get(text) ?? 0) + 1;
        seen.set(text, number);
        text = `${text} #${number}`;
      }
      const { path, line } = item.place;
      const where: Where = {
        input: index,
        text,
        path,
        ...(line === undefined ? {} : { line }),
        ...(item.alias === undefined ? {} : { alias: item.alias }),
      };
      addItem(inventory, item, where, byBytes);
    }
  });
  return inventory;
}

function addItem(inventory: Inventory, item: ContainedItem, where: Where, byBytes: Map<string, FoundCertificate>): void {
  switch (item.kind) {
    case 'certificate': {
      // The same bytes mean the same: a chain's intermediates are parsed once, however many files carry them.
      const digest = hash('sha256', item.der, 'hex');
      const first = byBytes.get(digest);
      const certificate = first?.certificate ?? parseCertificate(item.der);
      const found: FoundCertificate = {
        id: `certificate ${inventory.certificates.length + 1}`,
        where,
        certificate,
        role: 'leaf',
        trusted: item.trusted === true,
        issued: [],
        ...(item.missingBytes === undefined ? {} : { missingBytes: item.missingBytes }),
      };
      if (first === undefined) byBytes.set(digest, found);
      else found.duplicateOf = first;
      inventory.certificates.push(found);
      return;
    }
    case 'private-key': {
      const publicKey = item.key.spki === undefined ? undefined : parsePublicKey(item.key.spki);
      inventory.keys.push({
        id: `key ${inventory.keys.length + 1}`,
        where,
        facts: item.key,
        ...(publicKey === undefined ? {} : { publicKey }),
      });
      return;
    }
    case 'certificate-request':
      inventory.requests.push({ id: `request ${inventory.requests.length + 1}`, where, request: parseCertificateRequest(item.der) });
      return;
    case 'public-key':
      inventory.publicKeys.push({ id: `public key ${inventory.publicKeys.length + 1}`, where, publicKey: parsePublicKey(item.spki) });
      return;
    case 'crl':
      inventory.crls.push({ id: `CRL ${inventory.crls.length + 1}`, where, crl: parseCrl(item.der) });
      return;
    case 'ocsp-response':
      inventory.ocspResponses.push({
        id: `OCSP response ${inventory.ocspResponses.length + 1}`,
        where,
        response: parseOcspResponse(item.der),
      });
      return;
    case 'damaged':
      inventory.damaged.push({
        id: `damaged ${inventory.damaged.length + 1}`,
        where,
        what: item.what,
        problem: item.problem,
        ...(item.next === undefined ? {} : { next: item.next }),
      });
      return;
    case 'other':
      inventory.others.push({ id: `other ${inventory.others.length + 1}`, where, what: item.what });
      return;
  }
}

/** Whether a certificate could be read well enough to judge it. */
export function isReadable({ certificate }: FoundCertificate): boolean {
  return certificate.publicKey.spki.length > 0 && certificate.tbs.length > 0;
}

/** What to type for an input. */
export function typedAs({ label, path }: InspectedInput): string {
  return path ?? label;
}
