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

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_PROBLEMS = 20;

/**
 * Reads a preflight file (YAML or JSON), with every mistake at its line: unknown keys, wrong values, duplicate keys, duplicate targets, no targets.
 * @param label how messages call the file
 * @throws TlsmedicError `bad-config` (kind input) naming all mistakes, not only the first
 */
export async function readConfig(text: string, label: string): Promise<LoadedConfig> {
  if (text.length > MAX_BYTES) throw bad(label, [], `it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  const { LineCounter, parseDocument } = await loadYaml();
  const { configSchema, keysAt } = await import('./config-schema.js');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, stringKeys: true });
  const place = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    throw bad(
      label,
      document.errors.slice(0, MAX_PROBLEMS).map((error) => ({
        ...place(error.pos[0]),
        path: '',
        message: (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''),
      })),
    );
  }
  const at = (path: readonly PropertyKey[]): { line: number; column: number } => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return place(Number(node.range[0]));
    }
    return { line: 1, column: 1 };
  };
  const value: unknown = document.toJS({ maxAliasCount: 1000 });
  if (value === null || value === undefined) throw bad(label, [], 'it is empty: a check of nothing would always pass');
  const parsed = configSchema.safeParse(value);
  if (!parsed.success)
    throw bad(
      label,
      parsed.error.issues.flatMap((issue) => problemsOf(issue, value, { at, keysAt })),
    );
  const lines = parsed.data.targets.map((_, index) => at(['targets', index]).line);
  const duplicates = duplicateTargets(parsed.data.targets, lines);
  if (duplicates.length > 0) throw bad(label, duplicates);
  return { config: parsed.data, lines };
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
function duplicateTargets(targets: readonly TargetEntry[], lines: readonly number[]): ConfigProblem[] {
  const first = new Map<string, number>();
  const problems: ConfigProblem[] = [];
  targets.forEach((target, index) => {
    const name = nameOf(target);
    const line = lines[index] ?? 1;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, line);
    else
      problems.push({
        line,
        column: 1,
        path: `targets[${index}]`,
        message: `"${name}" stands on line ${earlier} already; give one of them another name`,
      });
  });
  return problems;
}

function bad(label: string, problems: readonly ConfigProblem[], why?: string): TlsmedicError {
  const shown = problems.slice(0, MAX_PROBLEMS);
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : [];
  const list = [...shown.map((p) => `${label}:${p.line}:${p.column} ${p.path === '' ? '' : `${p.path}: `}${p.message}`), ...more];
  const message =
    list.length === 0
      ? `${label} cannot be used`
      : list.length === 1
        ? (list[0] ?? '')
        : `${label} has ${problems.length} mistakes\n  ${list.join('\n  ')}`;
  return new TlsmedicError('bad-config', message, {
    kind: 'input',
    ...(why === undefined ? {} : { why }),
    next: ['tlsmedic preflight init writes a file to start from', 'tlsmedic schema preflight-config prints what may stand in it'],
  });
}
