/** The verb `inspect`: reads files, folders, patterns, standard input and endpoints, and finds out what is in them and what belongs together. */
import { EXIT, exitStatusOf } from '../cause.js';
import { TlsmedicError } from '../errors.js';
import type { Inspection } from '../inspection/inspection.js';
import { type InspectedInput, takeInventory } from '../inspection/inventory.js';
import { judge } from '../inspection/judgement.js';
import { lintInventory } from '../inspection/lint-inventory.js';
import { findPairs } from '../inspection/pairs.js';
import { relate } from '../inspection/relations.js';
import { readFile, readInput } from '../io/files.js';
import { gitStatusOf } from '../io/git-work-tree.js';
import { expandInputs, type InputFile } from '../io/input-paths.js';
import type { ContainerReading } from '../x509/container/contained.js';
import { readContainer } from '../x509/container/read-container.js';

export interface InspectOptions {
  /** Tried on everything encrypted. */
  passphrases?: readonly string[];
  /** Asked once for the first input that is shut; an empty answer leaves it shut, and nothing is asked again. */
  askPassphrase?: (label: string) => Promise<string>;
  /** Judged as of this time, milliseconds since 1970 UTC; the local clock otherwise. */
  at?: number;
  /** Certificates of an endpoint, DER in wire order; without it HOST:PORT is refused. */
  fetchChain?: (target: string) => Promise<Uint8Array[]>;
  /** Told how many of how many files were read, now and then. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Bytes that are already at hand, for the library. */
export interface InspectBytes {
  label: string;
  bytes: Uint8Array;
}

/** Milliseconds between two reports of progress. */
const PROGRESS_EVERY_MS = 1000;

/** Passphrases in force; grows when one is asked for. */
export interface Passphrases {
  known: string[];
  asked: boolean;
}

async function readBytes(bytes: Uint8Array, label: string, passphrases: Passphrases, options: InspectOptions): Promise<ContainerReading> {
  const reading = await readContainer(bytes, { passphrases: passphrases.known });
  if (reading.locked === undefined || options.askPassphrase === undefined || passphrases.asked) return reading;
  passphrases.asked = true;
  const answer = await options.askPassphrase(label);
  if (answer === '') return reading;
  passphrases.known.push(answer);
  return readContainer(bytes, { passphrases: passphrases.known });
}

/** Reads one file or standard input; what cannot be read comes back as an input with an error. */
export async function readOne(file: InputFile, passphrases: Passphrases, options: InspectOptions): Promise<InspectedInput> {
  const { label, path, found } = file;
  const kind = path === '-' ? 'standard-input' : 'file';
  try {
    if (file.unreadable !== undefined) throw file.unreadable;
    // One file is open at a time: with page-cached files this is faster than many reads in flight, and memory stays flat.
    const bytes = path === '-' ? await readInput('-') : readFile(path);
    const reading = await readBytes(bytes, label, passphrases, options);
    const input: InspectedInput = { label, kind, found, reading, ...(path === label ? {} : { path }) };
    if (kind === 'file' && reading.items.some((item) => item.kind === 'private-key')) {
      if (file.mode !== undefined) input.mode = file.mode;
      const git = gitStatusOf(path);
      if (git !== undefined) input.git = git;
    }
    return input;
  } catch (error) {
    if (!(error instanceof TlsmedicError)) throw error;
    return {
      label,
      kind,
      found,
      ...(path === label ? {} : { path }),
      error: { code: error.code, message: error.message, next: error.next },
    };
  }
}

/** The chain that an endpoint serves, as an input. */
export async function readEndpoint(target: string, options: InspectOptions): Promise<InspectedInput> {
  const base = { label: target, kind: 'endpoint', found: false } as const;
  if (options.fetchChain === undefined)
    return { ...base, error: { code: 'no-network', message: `${target} is an endpoint, and none may be asked here`, next: [] } };
  try {
    const chain = await options.fetchChain(target);
    const items = chain.map((der, i) => ({ kind: 'certificate' as const, der, place: { path: [`#${i + 1}`] } }));
    return { ...base, reading: { formats: ['TLS handshake'], items, remarks: [] } };
  } catch (error) {
    if (!(error instanceof TlsmedicError)) throw error;
    return { ...base, error: { code: error.code, message: error.message, next: error.next } };
  }
}

/**
 * Inspects inputs together.
 * @param inputs files, folders, glob patterns, `-`, `HOST:PORT`, or bytes
 * @throws TlsmedicError only for no inputs at all; what cannot be read stands in the result
 */
export async function inspect(inputs: readonly (string | InspectBytes)[], options: InspectOptions = {}): Promise<Inspection> {
  if (inputs.length === 0)
    throw new TlsmedicError('usage', 'nothing to inspect', { kind: 'usage', next: ['tlsmedic inspect FILE|DIR|-|HOST:PORT ...'] });
  const read: InspectedInput[] = [];
  let passedOver = 0;
  const passphrases: Passphrases = { known: [...(options.passphrases ?? [])], asked: false };
  for (const given of inputs) {
    if (typeof given !== 'string') {
      read.push({
        label: given.label,
        kind: 'file',
        found: false,
        reading: await readBytes(given.bytes, given.label, passphrases, options),
      });
      continue;
    }
    const expanded = expandInputs(given);
    if (expanded.kind === 'endpoint') {
      read.push(await readEndpoint(given, options));
      continue;
    }
    if (expanded.kind === 'error') {
      read.push({ label: given, kind: 'file', found: false, error: expanded.error });
      continue;
    }
    const total = expanded.files.length;
    let told = performance.now();
    for (let i = 0; i < total && options.signal?.aborted !== true; i++) {
      const input = await readOne(expanded.files[i] as InputFile, passphrases, options);
      if (total > 1 && performance.now() - told > PROGRESS_EVERY_MS) {
        told = performance.now();
        options.onProgress?.(i + 1, total);
      }
      if (input.found && input.reading?.instead !== undefined) passedOver++;
      else read.push(input);
    }
  }
  const inspection = inspectInputs(read, options.at ?? Date.now(), passphrases.known.length > 0, passedOver);
  return options.signal?.aborted === true ? { ...inspection, interrupted: true } : inspection;
}

/** From inputs that were read to the inspection: pure but for its arguments. */
export function inspectInputs(inputs: readonly InspectedInput[], at: number, passphraseGiven: boolean, passedOver = 0): Inspection {
  const inventory = takeInventory(inputs);
  const relations = relate(inventory);
  const pairs = findPairs(inventory);
  const judgement = judge(inventory, relations, pairs, at, passphraseGiven);
  const { notes, counts } = lintInventory(inventory);
  return { at, inventory, relations, pairs, judgement, lints: notes, lintCounts: counts, passedOver };
}

/**
 * The exit status of an inspection: that of the first cause; else 2 when an input that was named is unreadable, nothing of PKI, or shut
 * for want of a passphrase (what could not be looked at is never "fine"); else 0.
 */
export function inspectionExitStatus({ judgement, inventory }: Inspection): number {
  const status = exitStatusOf(judgement.causes);
  if (status !== EXIT.healthy) return status;
  const nothing = ({ reading }: InspectedInput): boolean => reading === undefined || reading.instead !== undefined;
  const unusable = inventory.inputs.some(
    (input) => input.error !== undefined || (!input.found && (nothing(input) || input.reading?.locked !== undefined)),
  );
  return unusable || inventory.inputs.every(nothing) ? EXIT.usage : EXIT.healthy;
}
