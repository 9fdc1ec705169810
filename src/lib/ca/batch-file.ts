import { TlsmedicError } from '../errors.js';
import { parseDuration } from '../time-text.js';
import { loadYaml } from '../yaml-parser.js';
import { KEY_TYPES, type KeyType } from './key-pair.js';
import { LEAF_PROFILES, type LeafProfile } from './profiles.js';

/** One certificate to issue, as a row says it. What is not said comes from the command line. */
export interface BatchRow {
  /** Line of the file, from 1. */
  line: number;
  names: string[];
  k8s: string[];
  spiffe?: string;
  profile?: LeafProfile;
  lifetimeSeconds?: number;
  keyType?: KeyType;
  organization?: string;
  as?: string;
}

/** A row that cannot be used, with the reason; the others are. */
export interface BadRow {
  line: number;
  name: string;
  message: string;
  next: string[];
}

export interface BatchFile {
  rows: BatchRow[];
  bad: BadRow[];
}

const COLUMNS = ['name', 'names', 'k8s', 'spiffe', 'profile', 'lifetime', 'key-type', 'organization', 'as'] as const;
/** More rows than anybody means; a wrong file is noticed before the disk is full. */
const LIMIT = 1_000_000;

/**
 * Reads the rows of a batch. CSV has a heading line with any of name, k8s, spiffe, profile, lifetime, key-type, organization, as; several names stand
 * in one cell with blanks between them. A text without that heading is a list, one certificate a line. YAML and JSON hold a list (or `certificates: [...]`)
 * of such rows or of plain names.
 * @throws TlsmedicError `bad-batch` when nothing of the file can be used
 */
export async function readBatch(text: string, file: string): Promise<BatchFile> {
  const batch = looksStructured(text, file) ? await readTree(text, file) : readLines(text);
  if (batch.rows.length + batch.bad.length > LIMIT) throw badBatch(file, `it has more than ${LIMIT} rows`);
  if (batch.rows.length + batch.bad.length === 0) throw badBatch(file, 'it holds no row');
  return batch;
}

function looksStructured(text: string, file: string): boolean {
  return /\.(ya?ml|json)$/i.test(file) || /^\s*[[{]/.test(text) || /^(certificates:|- )/m.test(text.slice(0, 4096));
}

function readLines(text: string): BatchFile {
  const batch: BatchFile = { rows: [], bad: [] };
  let columns: string[] | undefined;
  let first = true;
  for (const { line, cells, broken } of csvRecords(text)) {
    const heading = cells.map((cell) => cell.trim().toLowerCase().replaceAll('_', '-'));
    if (first && heading.some((cell) => (COLUMNS as readonly string[]).includes(cell))) {
      columns = heading;
      const unknown = heading.filter((cell) => !(COLUMNS as readonly string[]).includes(cell));
      if (unknown.length > 0) throw badBatch(`line ${line}`, `the column "${unknown[0]}" is not known; known are ${COLUMNS.join(', ')}`);
    } else if (broken) {
      batch.bad.push({ line, name: cells[0] ?? '', message: 'a quotation mark is not closed', next: [] });
    } else if (columns !== undefined && cells.length > columns.length) {
      batch.bad.push({
        line,
        name: cells[0] ?? '',
        message: `it has ${cells.length} cells, the heading ${columns.length}`,
        next: ['put several names into one cell, with blanks between them'],
      });
    } else {
      const keys = columns;
      const fields =
        keys === undefined
          ? { names: cells.join(' ') }
          : Object.fromEntries(cells.map((cell, i) => [keys[i] ?? '', cell.trim()]).filter(([, cell]) => cell !== ''));
      addRow(batch, line, fields);
    }
    first = false;
  }
  return batch;
}

/** Records of RFC 4180 with the line each starts on; empty lines and lines that start with # are left out. */
function* csvRecords(text: string): Generator<{ line: number; cells: string[]; broken: boolean }> {
  let line = 1;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const start = line;
    const cells: string[] = [];
    let cell = '';
    let quoted = false;
    let wasQuoted = false;
    for (; at < text.length; at++) {
      const character = text[at] as string;
      if (quoted) {
        if (character === '\n') line++;
        if (character !== '"') cell += character;
        else if (text[at + 1] === '"') cell += text[++at];
        else quoted = false;
      } else if (character === '"' && cell.trim() === '') {
        cell = '';
        quoted = true;
        wasQuoted = true;
      } else if (character === ',') {
        cells.push(cell);
        cell = '';
      } else if (character === '\n') {
        break;
      } else if (character !== '\r') cell += character;
    }
    at++;
    line++;
    cells.push(cell);
    const empty = cells.length === 1 && cell.trim() === '' && !wasQuoted;
    if (!empty && !(cells[0] as string).trimStart().startsWith('#')) yield { line: start, cells, broken: quoted };
  }
}

async function readTree(text: string, file: string): Promise<BatchFile> {
  const { isMap, isSeq, LineCounter, parseDocument } = await loadYaml();
  const lines = new LineCounter();
  // JSON is YAML; one reader gives the line numbers of both.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const [error] = document.errors;
  if (error !== undefined) throw badBatch(file, `line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`);
  const root = document.contents;
  const list = isMap(root) ? root.get('certificates', true) : root;
  if (!isSeq(list)) throw badBatch(file, 'it holds no list of certificates');
  const batch: BatchFile = { rows: [], bad: [] };
  for (const item of list.items as { range?: [number, number, number] | null; toJSON(): unknown }[]) {
    const line = lines.linePos(item.range?.[0] ?? 0).line;
    const value = item.toJSON();
    if (typeof value === 'string') addRow(batch, line, { names: value });
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) addRow(batch, line, value as Record<string, unknown>);
    else
      batch.bad.push({
        line,
        name: '',
        message: 'it is neither a name nor a row with names',
        next: ['write - api.internal, or - names: [api.internal, 10.0.0.7]'],
      });
  }
  return batch;
}

function addRow(batch: BatchFile, line: number, fields: Record<string, unknown>): void {
  const label = String([fields.names ?? fields.name ?? fields.k8s ?? fields.spiffe ?? ''].flat()[0] ?? '').split(/\s/)[0] ?? '';
  const read = readRow(line, fields);
  if ('problem' in read) batch.bad.push({ line, name: label, message: read.problem, next: read.next });
  else batch.rows.push(read);
}

function readRow(line: number, fields: Record<string, unknown>): BatchRow | { problem: string; next: string[] } {
  const bad = (problem: string, ...next: string[]): { problem: string; next: string[] } => ({ problem, next });
  const unknown = Object.keys(fields).find((key) => !(COLUMNS as readonly string[]).includes(key));
  if (unknown !== undefined) return bad(`the field "${unknown}" is not known`, `known are ${COLUMNS.join(', ')}`);
  const row: BatchRow = { line, names: [...words(fields.names), ...words(fields.name)], k8s: words(fields.k8s) };
  for (const key of ['spiffe', 'as', 'organization'] as const) if (fields[key] !== undefined) row[key] = String(fields[key]);
  if (fields.profile !== undefined) {
    const profile = LEAF_PROFILES.find((known) => known === fields.profile);
    if (profile === undefined) return bad(`the profile "${String(fields.profile)}" is not known`, 'server, client or peer');
    row.profile = profile;
  }
  if (fields['key-type'] !== undefined) {
    const keyType = KEY_TYPES.find((known) => known === fields['key-type']);
    if (keyType === undefined) return bad(`the key type "${String(fields['key-type'])}" is not known`, KEY_TYPES.join(', '));
    row.keyType = keyType;
  }
  if (fields.lifetime !== undefined) {
    const seconds = parseDuration(String(fields.lifetime));
    if (seconds === undefined || seconds <= 0) return bad(`"${String(fields.lifetime)}" is no duration`, 'examples: 24h, 90d');
    row.lifetimeSeconds = seconds;
  }
  return row;
}

function words(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value.map(String) : String(value).split(/[\s;]+/)).filter((word) => word !== '');
}

function badBatch(file: string, why: string): TlsmedicError {
  return new TlsmedicError('bad-batch', `${file} is no list of certificates to issue`, {
    kind: 'input',
    why,
    next: ['CSV: a heading line "names,profile,lifetime", then rows like "api.internal 10.0.0.7,server,24h"'],
  });
}
