import { TlsmedicError } from '../errors.js';
import type { Observation } from './observation.js';

/** Observations as JSON text: `--save-observation` writes it, `--from` reads it. Byte arrays are `{"base64": "…"}`. */

const SCHEMA = 'tlsmedic/observation@1';
/** No observation comes near this; a larger file is something else. */
export const MAX_OBSERVATION_CHARACTERS = 256 * 1024 * 1024;

/** The JSON text of an observation, indented, with a line feed at its end. */
export function writeObservation(observation: Observation): string {
  return `${JSON.stringify(observation, bytesToBase64, 1)}\n`;
}

function bytesToBase64(this: unknown, key: string, value: unknown): unknown {
  // A Buffer has a toJSON of its own, which came first: the holder still has the bytes.
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array)
    return { base64: Buffer.from(original.buffer, original.byteOffset, original.length).toString('base64') };
  return typeof value === 'bigint' ? value.toString() : value;
}

/**
 * Reads an observation back.
 * @param label the file's name, for the error
 * @throws TlsmedicError `bad-observation` when the text is none, or is of another version
 */
export function readObservation(text: string, label: string): Observation {
  if (text.length > MAX_OBSERVATION_CHARACTERS) throw bad(label, 'it is too large');
  let value: unknown;
  try {
    value = JSON.parse(text, base64ToBytes);
  } catch (error) {
    throw bad(label, `it is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const problem = shapeProblem(value);
  if (problem !== undefined) throw bad(label, problem);
  return value as Observation;
}

function base64ToBytes(_key: string, value: unknown): unknown {
  if (!isRecord(value) || typeof value.base64 !== 'string' || Object.keys(value).length !== 1) return value;
  return new Uint8Array(Buffer.from(value.base64, 'base64'));
}

function bad(label: string, why: string): TlsmedicError {
  return new TlsmedicError('bad-observation', `${label} is no observation of this version`, {
    kind: 'input',
    why,
    next: ['make one: tlsmedic diagnose HOST:PORT --save-observation FILE'],
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const flag: Check = (value) => typeof value === 'boolean';
const bytes: Check = (value) => value instanceof Uint8Array;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const has =
  (fields: Record<string, Check>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([key, check]) => check(value[key]));
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const attempt: Check = (value) =>
  isRecord(value) && (value.status === 'completed' || value.status === 'failed' || value.status === 'not-run');
const certificateFile = has({ label: text, certificates: listOf(bytes) });

/** What rules take for granted. The rest may be missing, and rules say so then. */
const FIELDS: Record<string, Check> = {
  by: has({ tlsmedic: text, node: text, openssl: text }),
  at: text,
  target: has({ input: text, host: text, port: number, hostname: text, resolution: attempt }),
  given: has({
    trust: has({ store: text, kind: text, files: listOf(certificateFile) }),
    otherTrust: listOf(has({ store: text, files: listOf(certificateFile) })),
    intermediates: listOf(certificateFile),
    crls: listOf(has({ label: text, crls: listOf(bytes) })),
    client: maybe(has({ certificate: certificateFile, key: has({ label: text }) })),
    expectMtls: flag,
    limits: isRecord,
  }),
  environment: isRecord,
  ownAuthority: maybe(certificateFile),
  insideKubernetes: maybe(flag),
  handshakes: listOf(
    has({
      id: number,
      why: text,
      experiment: text,
      sent: has({ address: text, port: number, limits: isRecord, client: text, verify: flag }),
      at: text,
      timings: has({ totalMs: number }),
      outcome: text,
      secureConnect: flag,
      chain: listOf(bytes),
      scts: listOf(bytes),
      transcript: maybe(has({ messages: listOf(has({ ms: number, from: text, type: text })), gaps: listOf(text) })),
    }),
  ),
  clocks: listOf(has({ source: text, kind: text, of: text, reading: attempt })),
  plaintext: listOf(has({ address: text, port: number, probe: text, result: attempt })),
  fetched: listOf(has({ kind: text, from: text, for: text, result: attempt })),
};

function shapeProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is no JSON object';
  if (value.schema !== SCHEMA) return `its schema is ${JSON.stringify(value.schema ?? null)}, wanted is "${SCHEMA}"`;
  for (const [key, check] of Object.entries(FIELDS)) if (!check(value[key])) return `its "${key}" is missing or of another shape`;
  return undefined;
}
