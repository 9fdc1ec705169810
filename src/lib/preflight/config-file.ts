import { closest } from '../did-you-mean.js';
import { TlsmedicError } from '../errors.js';
import { loadYaml } from '../yaml-parser.js';
import type { PreflightConfig, TargetEntry } from './config-schema.js';

/** One thing that is wrong with the file, at its place. */
export interface ConfigProblem {
  line: number;
  column: number;
  /** `targets[2].expect.mtls`. */
  path: string;
  message: string;
}

export interface LoadedConfig {
  config: PreflightConfig;
  /** 1-based line of each target in the file. */
  lines: number[];
}

const ADDRESS_KINDS = ['endpoint', 'connect', 'proxy', 'starttls'] as const;
/** Keys of a target whose texts only those can read who connect. */
export type AddressKind = (typeof ADDRESS_KINDS)[number];

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_PROBLEMS = 20;
const MAX_ALIASES = 1000;

/**
 * Reads a preflight file (YAML or JSON), with every mistake at its line: unknown keys, wrong values, duplicate keys, duplicate targets, no targets.
 * @param label how messages call the file
 * @param addressProblem what is wrong with an address, if anything
 * @throws TlsmedicError `bad-config` (kind input) naming all mistakes, not only the first
 */
export async function readConfig(
  text: string,
  label: string,
  addressProblem: (kind: AddressKind, text: string) => string | undefined = () => undefined,
): Promise<LoadedConfig> {
  if (text.length > MAX_BYTES) throw bad(label, [], `it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  if (text.includes('\u0000')) throw bad(label, [], 'it is no UTF-8 text: save it as UTF-8');
  const { LineCounter, parseDocument } = await loadYaml();
  const { configSchema, keysAt } = await import('./config-schema.js');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, stringKeys: true, merge: true });
  const place = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  // A tag that nobody knows (`!vault`) is only a warning to the parser; its value would be taken for what it is not.
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    const problems = complaints.map((error) => ({
      ...place(error.pos[0]),
      path: '',
      message: error.code === 'MULTIPLE_DOCS' ? 'a second document begins here; one file holds one list' : wordingOf(error.message),
    }));
    // What follows the first mistake at one place is its consequence.
    throw bad(
      label,
      problems.filter((one, index) => index === 0 || one.line !== problems[index - 1]?.line || one.column !== problems[index - 1]?.column),
    );
  }
  const at = (path: readonly PropertyKey[]): { line: number; column: number } => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return place(Number(node.range[0]));
    }
    return { line: 1, column: 1 };
  };
  const value = withoutNotes(unfolded(() => document.toJS({ maxAliasCount: MAX_ALIASES }), label));
  if (value === null || value === undefined) throw bad(label, [], 'it is empty: a check of nothing would always pass');
  const parsed = configSchema.safeParse(value);
  if (!parsed.success)
    throw bad(
      label,
      parsed.error.issues.flatMap((issue) => problemsOf(issue, value, { at, keysAt })),
    );
  const places = parsed.data.targets.map((_, index) => at(['targets', index]));
  const lines = places.map(({ line }) => line);
  const duplicates = duplicateTargets(parsed.data.targets, places);
  const addresses = parsed.data.targets.flatMap((target, index) =>
    ADDRESS_KINDS.flatMap((kind): ConfigProblem[] => {
      const message = target[kind] === undefined ? undefined : addressProblem(kind, target[kind]);
      return message === undefined ? [] : [{ ...at(['targets', index, kind]), path: `targets[${index}].${kind}`, message }];
    }),
  );
  if (duplicates.length + addresses.length > 0) throw bad(label, [...duplicates, ...addresses]);
  return { config: parsed.data, lines };
}

/** @throws TlsmedicError for a document whose aliases unfold without bound */
function unfolded(read: () => unknown, label: string): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw bad(label, [], `its aliases unfold to more than ${MAX_ALIASES} copies`);
  }
}

/** Without the top-level keys that begin with `x-`, where anchors for the rest of the file may stand. */
function withoutNotes(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}

/** The first line of the parser's words, without the place, which stands before it. */
function wordingOf(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

interface Issue {
  code?: string | undefined;
  path: PropertyKey[];
  message: string;
  keys?: readonly string[];
  errors?: readonly (readonly Issue[])[];
}

interface Wording {
  at: (path: readonly PropertyKey[]) => { line: number; column: number };
  keysAt: (path: readonly PropertyKey[]) => string[];
}

function problemsOf(issue: Issue, whole: unknown, { at, keysAt }: Wording): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => {
      const known = keysAt(issue.path);
      const meant = closest(key, known);
      const message =
        meant === undefined
          ? `unknown key "${key}"; here may stand: ${known.join(', ')}`
          : `unknown key "${key}": did you mean "${meant}"?`;
      return { ...at([...issue.path, key]), path: pathText([...issue.path, key]), message };
    });
  }
  const got = valueAt(whole, issue.path);
  const shown = got === undefined ? '' : ` (it is ${JSON.stringify(got)?.slice(0, 60) ?? typeof got})`;
  return [{ ...at(issue.path), path: pathText(issue.path), message: `${issue.message.replace(/^Invalid (input|option): /, '')}${shown}` }];
}

function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  let value = whole;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`)).join('');
}

/** How reports call a target. */
export function nameOf(target: TargetEntry): string {
  return target.name ?? target.endpoint ?? (target.files ?? []).join(', ');
}

/** Two targets of one name could not be told apart in results, deviations and `--resume`. */
function duplicateTargets(targets: readonly TargetEntry[], places: readonly { line: number; column: number }[]): ConfigProblem[] {
  const first = new Map<string, number>();
  const problems: ConfigProblem[] = [];
  targets.forEach((target, index) => {
    const name = nameOf(target);
    const { line, column } = places[index] ?? { line: 1, column: 1 };
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, line);
    else
      problems.push({
        line,
        column,
        path: `targets[${index}]`,
        message: `"${name}" stands on line ${earlier} already; give one of them another name`,
      });
  });
  return problems;
}

/**
 * A file that cannot be used.
 * @param problems all of them, each at its place; the message holds the first when it is the only one
 */
export function bad(label: string, problems: readonly ConfigProblem[], why?: string): TlsmedicError {
  const shown = problems.slice(0, MAX_PROBLEMS);
  const list = shown.map((p) => `${label}:${p.line}:${p.column} ${p.path === '' ? '' : `${p.path}: `}${p.message}`);
  if (problems.length > shown.length) list.push(`and ${problems.length - shown.length} more`);
  const message =
    list.length === 0 ? `${label} cannot be used` : list.length === 1 ? (list[0] ?? '') : `${label} has ${problems.length} mistakes`;
  return new TlsmedicError('bad-config', message, {
    kind: 'input',
    ...(why === undefined ? {} : { why }),
    ...(list.length > 1 ? { mistakes: list } : {}),
    next: ['tlsmedic preflight init writes a file to start from', 'tlsmedic schema preflight-config prints what may stand in it'],
  });
}
