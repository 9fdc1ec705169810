import { createPrivateKey } from 'node:crypto';
import * as fs from 'node:fs';
import { join, resolve } from 'node:path';
import { CONFIG_SNIPPETS, type ConfigTarget } from '../ca/config-snippets.js';
import type { IssueDocument } from '../ca/documents.js';
import { FAULTS, type FaultName, issueFaulty } from '../ca/faults.js';
import { commonNameFor, type IssueRequest, issueCertificate, noName } from '../ca/issue.js';
import { KEY_TYPE_NAMES, type KeyType } from '../ca/key-pair.js';
import { fileBaseName, type OutputFormat, planOutput } from '../ca/output-files.js';
import type { LeafProfile } from '../ca/profiles.js';
import { recordOf, removeRecord, writeRecord } from '../ca/records.js';
import { revocationListsPem } from '../ca/revocation-list.js';
import { type RequestToSign, readSigningRequest } from '../ca/signing-request.js';
import { openAuthority, openFaultIssuers, type StoredAuthority } from '../ca/store.js';
import { distinctNames, type SubjectAltName, subjectAltNameText, trustDomainOf } from '../ca/subject-alt-name.js';
import { TlsmedicError } from '../errors.js';
import { writeFileSet } from '../io/file-set.js';
import { existsError, readFile } from '../io/files.js';
import { generatePassphrase } from '../io/passphrase.js';
import { checkSignature } from '../path/signature.js';
import type { CertificateRequest } from '../x509/certificate-request.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';
import { passphraseProblem, safeBase } from './issue-choices.js';
import { resolveNames, type TypedNames } from './issue-names.js';

/** Everything about a certificate but its names; a batch has it once for all rows. */
export interface IssueSettings {
  profile: LeafProfile;
  keyType: KeyType;
  lifetimeSeconds?: number | undefined;
  notBefore?: number | undefined;
  notAfter?: number | undefined;
  organization?: string | undefined;
  aia?: readonly string[] | undefined;
  ocsp?: readonly string[] | undefined;
  cdp?: readonly string[] | undefined;
  mustStaple?: boolean | undefined;
}

export interface IssueOptions extends TypedNames, IssueSettings {
  folder: string;
  out: string;
  /** First part of the file names; the first name otherwise. */
  as?: string | undefined;
  format: OutputFormat;
  force: boolean;
  csr?: string | undefined;
  fault?: FaultName | undefined;
  printConfig?: ConfigTarget | undefined;
  /** For PKCS#12; one is made up and written beside the store otherwise. */
  passphrase?: string | undefined;
  now: number;
}

/**
 * Issues one certificate and writes its files, all of them or none.
 * @throws TlsmedicError of issueCertificate, openAuthority, readSigningRequest, writeFileSet
 */
export function issue(options: IssueOptions): IssueDocument {
  const request = options.csr === undefined ? undefined : readSigningRequest(readFile(options.csr), options.csr, unproven);
  checkCombination(options, request);
  const typed = resolveNames(options, request);
  const sans = distinctNames(typed.map((entry) => entry.san));
  if (sans.length === 0) throw noName();
  const authority = openAuthority(options.folder);
  checkTrustDomain(sans, authority);
  const base = options.as === undefined ? fileBaseName(sans[0] ?? { kind: 'dns', value: 'certificate' }) : safeBase(options.as);
  const directory = resolve(options.out);
  const certificateRequest: IssueRequest & { now: number } = {
    ...requestOf(options, sans, authority),
    ...(request === undefined ? {} : { spki: request.spki }),
    now: options.now,
  };

  const made =
    options.fault === undefined
      ? undefined
      : issueFaulty(options.fault, authority, openFaultIssuers(options.folder, authority.generation.number), certificateRequest);
  const issued = made?.issued ?? issueCertificate(authority, certificateRequest);
  const keyPem = made?.keyPem ?? issued.keyPem;
  const passphrase =
    options.format !== 'p12'
      ? undefined
      : options.passphrase === undefined
        ? { text: generatePassphrase(), generated: true }
        : { text: options.passphrase, generated: false };
  const plan = planOutput(options.format, {
    base,
    chainPem: made?.chainPem ?? issued.chainPem,
    keyPem,
    pkcs8: options.format === 'p12' && keyPem !== undefined ? createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' }) : undefined,
    bundlePem: authority.bundlePem,
    crlPem: made?.crlPem === undefined ? undefined : made.crlPem + revocationListsPem(options.folder, authority.document, options.now).pem,
    names: sans,
    passphrase,
    namespace: options.k8s?.[0]?.split('.')[1],
  });
  if (!options.force) refuseForeignBundle(directory, authority);
  refuseExisting(directory, plan.files, options.force);
  const keyType = request?.keyType ?? KEY_TYPE_NAMES[options.fault === 'weak-key' ? 'rsa-1024' : options.keyType];
  // On record first: whatever leaves this function was recorded.
  writeRecord(
    options.folder,
    recordOf(issued, {
      keyType,
      now: options.now,
      generation: authority.generation.number,
      ...(options.fault === undefined ? {} : { fault: options.fault }),
    }),
  );
  try {
    writeFileSet(directory, plan.files, { force: options.force });
  } catch (error) {
    // Nobody got it: its key is gone.
    removeRecord(options.folder, issued.serial);
    throw error;
  }

  const files = Object.fromEntries(
    Object.entries(plan.names).map(([what, name]) => [what, join(directory, name)]),
  ) as IssueDocument['files'];
  return {
    schema: 'tlsmedic/issue@1',
    at: new Date(options.now).toISOString(),
    names: typed.map(({ typed: text, san }) => ({ typed: text, name: subjectAltNameText(san) })),
    commonName: issued.commonName ?? null,
    profile: issued.profile,
    keyType,
    serial: issued.serial,
    fingerprint: issued.fingerprint,
    notBefore: new Date(issued.notBefore).toISOString(),
    notAfter: new Date(issued.notAfter).toISOString(),
    issuer: authority.intermediate.commonName,
    authority: options.folder,
    fault:
      options.fault === undefined
        ? null
        : { name: options.fault, summary: FAULTS[options.fault].summary, symptom: FAULTS[options.fault].symptom },
    request:
      request === undefined
        ? null
        : {
            file: options.csr as string,
            ...takenOver(
              request,
              typed.some(({ typed: text }) => text === 'request'),
            ),
          },
    files,
    config: options.printConfig === undefined ? null : configOf(options.printConfig, files, directory, base, sans, issued.commonName),
    warnings: authority.warnings,
  };
}

/** What of a request went into the certificate: its names only where none were typed. */
function takenOver({ taken, names, left }: RequestToSign, withNames: boolean): { taken: string[]; left: string[] } {
  return withNames
    ? { taken: [...taken, ...names], left }
    : { taken, left: [...names.map((name) => `${name}: other names were typed`), ...left] };
}

function unproven({ signed, signature, signatureAlgorithm, publicKey }: CertificateRequest): string | undefined {
  const result = checkSignature(signed, signature, signatureAlgorithm, publicKey);
  return result.ok ? undefined : result.kind === 'bad' ? 'it does not verify with the key in the request' : result.why;
}

/** An authority of a trust domain certifies no SPIFFE ID of another. */
export function checkTrustDomain(sans: readonly SubjectAltName[], authority: StoredAuthority): void {
  const wanted = authority.spiffeTrustDomain;
  if (wanted === undefined) return;
  for (const { value } of sans) {
    const domain = trustDomainOf(value);
    if (domain === undefined || domain === wanted) continue;
    throw new TlsmedicError('other-trust-domain', `${value} belongs to the trust domain ${domain}, this authority to ${wanted}`, {
      kind: 'usage',
      next: [`write spiffe://${wanted}/…`, 'make an authority for the other one: tlsmedic ca init --trust-domain NAME --ca-dir DIR'],
    });
  }
}

/** The request for one certificate. An address as common name is left out where it would break the authority's own constraints. */
export function requestOf(settings: IssueSettings, sans: readonly SubjectAltName[], authority: StoredAuthority): IssueRequest {
  const { lifetimeSeconds, notBefore, notAfter, organization, aia, ocsp, cdp, mustStaple } = settings;
  return {
    sans,
    profile: settings.profile,
    keyType: settings.keyType,
    commonName: commonNameFor(sans, authority.constraints) ?? null,
    ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
    ...(organization === undefined ? {} : { organization }),
    ...(aia === undefined ? {} : { aia }),
    ...(ocsp === undefined ? {} : { ocsp }),
    ...(cdp === undefined ? {} : { cdp }),
    ...(mustStaple === undefined ? {} : { mustStaple }),
  };
}

function checkCombination(options: IssueOptions, request: RequestToSign | undefined): void {
  if (request !== undefined && options.fault !== undefined) {
    throw new TlsmedicError('usage', '--fault and --csr do not go together: faults make their own key', {
      kind: 'usage',
      next: ['leave one of them out'],
    });
  }
  if (request !== undefined && options.format !== 'pem') {
    throw new TlsmedicError('usage', `--format ${options.format} holds the private key, which a request does not have`, {
      kind: 'usage',
      next: ['leave --format out: NAME.crt and ca.crt are written'],
    });
  }
  const problem = options.passphrase === undefined ? undefined : passphraseProblem(options.passphrase);
  if (problem !== undefined)
    throw new TlsmedicError('bad-passphrase', problem, { kind: 'input', next: ['choose another, or leave it out: one is made up'] });
}

/** Refuses before anything is made: a key that nobody gets should not be on record. */
function refuseExisting(directory: string, files: readonly { name: string; shared?: boolean }[], force: boolean): void {
  if (force) return;
  const taken = files.find((file) => file.shared !== true && fs.existsSync(join(directory, file.name)));
  if (taken !== undefined) throw existsError(join(directory, taken.name));
}

/** `ca.crt` is kept current without asking, but only where it is ours. */
export function refuseForeignBundle(directory: string, authority: StoredAuthority): void {
  const path = join(directory, 'ca.crt');
  if (!fs.existsSync(path)) return;
  const known = new Set(authority.document.generations.map((generation) => generation.root.fingerprint));
  const there = certificatesFromPem(Buffer.from(readFile(path)).toString('latin1'));
  if (there.some((der) => known.has(parseCertificate(der).fingerprint))) return;
  throw new TlsmedicError('file-exists', `${path} is the trust bundle of another authority and was left as it is`, {
    kind: 'input',
    next: ['write to another folder: --out DIR', 'or give --force to replace it'],
  });
}

function configOf(
  target: ConfigTarget,
  files: IssueDocument['files'],
  directory: string,
  base: string,
  sans: readonly SubjectAltName[],
  commonName: string | undefined,
): NonNullable<IssueDocument['config']> {
  const text = CONFIG_SNIPPETS[target].text({
    certificate: files.certificate ?? join(directory, `${base}.crt`),
    key: files.key ?? join(directory, `${base}.key`),
    bundle: files.bundle,
    keyStore: files.keyStore,
    trustStore: files.trustStore,
    passphrase: files.passphrase,
    host: sans.find(({ kind }) => kind === 'dns' || kind === 'ip')?.value,
    commonName,
  });
  return { target, text };
}
