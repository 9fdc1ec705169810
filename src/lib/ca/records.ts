import * as fs from 'node:fs';
import { join } from 'node:path';
import { errnoOf, TlsmedicError } from '../errors.js';
import { fileError, PRIVATE_FILE, writeFileAtomic } from '../io/files.js';
import type { CrlReason } from './crl.js';
import type { IssuedCertificate } from './issue.js';
import { ISSUED, REVOKED } from './store.js';
import { subjectAltNameText } from './subject-alt-name.js';

/** What the authority remembers of a certificate it issued: one file each, named by the serial, so that processes never share one. */
export interface IssuedRecord {
  schema: 'tlsmedic/issued@1';
  serial: string;
  fingerprint: string;
  commonName: string | null;
  /** `DNS:api.internal`. */
  names: string[];
  profile: string;
  keyType: string;
  notBefore: string;
  notAfter: string;
  issuedAt: string;
  /** Generation of the authority. */
  generation: number;
  /** `--fault`, when it was broken on purpose. */
  fault?: string;
  /** The certificate itself. */
  pem: string;
}

export interface RevocationRecord {
  schema: 'tlsmedic/revocation@1';
  serial: string;
  at: string;
  reason: CrlReason;
  generation: number;
}

/** The record of a certificate that was just issued. */
export function recordOf(
  issued: IssuedCertificate,
  facts: { keyType: string; now: number; generation: number; fault?: string },
): IssuedRecord {
  return {
    schema: 'tlsmedic/issued@1',
    serial: issued.serial,
    fingerprint: issued.fingerprint,
    commonName: issued.commonName ?? null,
    names: issued.sans.map(subjectAltNameText),
    profile: issued.profile,
    keyType: facts.keyType,
    notBefore: new Date(issued.notBefore).toISOString(),
    notAfter: new Date(issued.notAfter).toISOString(),
    issuedAt: new Date(facts.now).toISOString(),
    generation: facts.generation,
    ...(facts.fault === undefined ? {} : { fault: facts.fault }),
    pem: issued.certPem,
  };
}

/**
 * Writes a record. The file is created exclusively: a serial number is never used twice, not even by two processes.
 * Written before the certificate is handed out, so that whatever is out there is on record.
 * @param durable false leaves the flushing to the system, for thousands of records
 * @throws TlsmedicError `serial-taken`, `unwritable-file`
 */
export function writeRecord(folder: string, record: IssuedRecord, durable = true): void {
  const directory = join(folder, ISSUED);
  const path = join(directory, `${record.serial}.json`);
  try {
    // A kill between the two steps leaves an empty file: no certificate was handed out for it, and readers pass it over.
    const descriptor = fs.openSync(path, 'wx', PRIVATE_FILE);
    try {
      fs.writeFileSync(descriptor, `${JSON.stringify(record, null, 1)}\n`);
      if (durable) fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      throw new TlsmedicError('serial-taken', `the serial number ${record.serial} is on record already`, {
        kind: 'environment',
        next: ['run the command again: it draws another'],
        cause: error,
      });
    }
    fs.rmSync(path, { force: true });
    throw fileError('write', path, error);
  }
}

/** Takes back the record of a certificate that never left this process. */
export function removeRecord(folder: string, serial: string): void {
  fs.rmSync(join(folder, ISSUED, `${serial}.json`), { force: true });
}

/** Reads every record; files that are no record are named in `unreadable` and passed over. */
export function readRecords(folder: string): { records: IssuedRecord[]; unreadable: string[] } {
  return readAll<IssuedRecord>(join(folder, ISSUED), 'tlsmedic/issued@1');
}

/** Reads every revocation. */
export function readRevocations(folder: string): { records: RevocationRecord[]; unreadable: string[] } {
  return readAll<RevocationRecord>(join(folder, REVOKED), 'tlsmedic/revocation@1');
}

/** The record of a serial number in hex (colons and case do not matter), or undefined. */
export function readRecord(folder: string, serial: string): IssuedRecord | undefined {
  const normal = serial.toLowerCase().replaceAll(':', '').replace(/^0x/, '');
  if (!/^[0-9a-f]{2,40}$/.test(normal)) return undefined;
  const record = readOne<IssuedRecord>(join(folder, ISSUED, `${normal}.json`), 'tlsmedic/issued@1');
  return record === 'empty' ? undefined : record;
}

/** Whether a serial number in hex is on record. */
export function hasRecord(folder: string, serial: string): boolean {
  return (fs.statSync(join(folder, ISSUED, `${serial}.json`), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** Writes a revocation; a certificate is revoked once, a second time changes nothing and returns false. */
export function writeRevocation(folder: string, record: RevocationRecord): boolean {
  try {
    writeFileAtomic(join(folder, REVOKED, `${record.serial}.json`), `${JSON.stringify(record, null, 1)}\n`);
    return true;
  } catch (error) {
    if (error instanceof TlsmedicError && error.code === 'file-exists') return false;
    throw error;
  }
}

function readAll<T>(directory: string, schema: string): { records: T[]; unreadable: string[] } {
  const records: T[] = [];
  const unreadable: string[] = [];
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { records, unreadable };
    throw fileError('read', directory, error);
  }
  for (const name of names) {
    if (!name.endsWith('.json') || name.startsWith('.')) continue;
    const record = readOne<T>(join(directory, name), schema);
    if (record === 'empty') continue;
    if (record === undefined) unreadable.push(join(directory, name));
    else records.push(record);
  }
  return { records, unreadable };
}

function readOne<T>(path: string, schema: string): T | 'empty' | undefined {
  try {
    const text = fs.readFileSync(path, 'utf8');
    if (text === '') return 'empty';
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'schema' in value && value.schema === schema) return value as T;
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return undefined;
    throw fileError('read', path, error);
  }
}
