/** JSON and YAML as they carry certificates: Kubernetes Secrets, ConfigMaps and Lists, kubeconfig files, and any other tree of strings. */
import { loadYaml } from '../../yaml-parser.js';
import { CONTAINER_LIMITS } from './contained.js';

export type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

/** A string in a tree that may hold something, and where. */
export interface TreeValue {
  /** `['Secret default/web', 'tls.crt']`. */
  path: string[];
  value: string;
  /** The place promises base64 (`data` of a Secret, `*-data` of a kubeconfig). */
  base64: boolean;
}

/** A JSON Web Key found in a tree. */
export interface TreeKey {
  path: string[];
  jwk: Record<string, Tree>;
}

/** What the walk found, and what stands there only as a file name. */
export interface TreeContents {
  format: string;
  values: TreeValue[];
  keys: TreeKey[];
  fileReferences: { path: string[]; file: string }[];
}

const MAX_NODES = 500_000;
const MAX_DEPTH = 64;

function isRecord(tree: Tree | undefined): tree is { [key: string]: Tree } {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree);
}

function textOr(tree: Tree | undefined, otherwise: string): string {
  return typeof tree === 'string' ? tree.slice(0, 253) : otherwise;
}

/** JSON text as a tree; undefined when it is none. */
export function parseJson(text: string): Tree | undefined {
  if (!/^\s*[[{"]/.test(text) || text.length > CONTAINER_LIMITS.structuredBytes) return undefined;
  try {
    return JSON.parse(text) as Tree;
  } catch {
    return undefined; // not JSON: other readers are asked
  }
}

/** Whether text looks like YAML that is worth parsing: a Kubernetes object or a kubeconfig. */
export function looksLikeKubernetesYaml(text: string): boolean {
  return /^(?:apiVersion|kind)[ \t]*:/m.test(text) && text.length <= CONTAINER_LIMITS.structuredBytes;
}

/** Documents of a YAML stream; broken ones are left out and described. The parser is loaded on first use. */
export async function parseYaml(text: string): Promise<{ documents: Tree[]; problem?: string }> {
  const { parseAllDocuments } = await loadYaml();
  const documents: Tree[] = [];
  let problem: string | undefined;
  for (const document of parseAllDocuments(text, { maxAliasCount: 50, prettyErrors: true, uniqueKeys: false } as Parameters<
    typeof parseAllDocuments
  >[1])) {
    if (!('toJS' in document)) continue;
    const [error] = document.errors;
    if (error !== undefined) {
      problem ??= error.message.split('\n')[0]?.trim();
      continue;
    }
    try {
      documents.push(document.toJS({ maxAliasCount: 50 }) as Tree);
    } catch (thrown) {
      problem ??= thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
  return problem === undefined ? { documents } : { documents, problem };
}

/** Walks trees and collects what may hold certificates or keys. */
export function walkTrees(trees: readonly Tree[]): TreeContents {
  const contents: TreeContents = { format: '', values: [], keys: [], fileReferences: [] };
  const budget = { nodes: MAX_NODES };
  for (const tree of trees) walkObject(tree, contents, budget, 0);
  if (contents.format === '') contents.format = 'structured text';
  return contents;
}

function walkObject(tree: Tree, contents: TreeContents, budget: { nodes: number }, depth: number): void {
  if (depth > 8) return;
  if (isRecord(tree) && Array.isArray(tree.items) && typeof tree.kind === 'string' && /List$/.test(tree.kind)) {
    contents.format ||= `Kubernetes ${tree.kind.slice(0, 60)}`;
    for (const item of tree.items) walkObject(item, contents, budget, depth + 1);
    return;
  }
  if (isRecord(tree) && (tree.kind === 'Secret' || tree.kind === 'ConfigMap')) {
    walkKubernetesData(tree, tree.kind, contents);
    return;
  }
  if (isRecord(tree) && (tree.kind === 'Config' || 'clusters' in tree) && (Array.isArray(tree.clusters) || Array.isArray(tree.users))) {
    walkKubeconfig(tree, contents);
    return;
  }
  const kubernetes = isRecord(tree) && typeof tree.kind === 'string' && typeof tree.apiVersion === 'string';
  if (kubernetes) contents.format ||= `Kubernetes ${textOr(tree.kind, '').slice(0, 60)}`;
  walkAny(tree, kubernetes ? [objectName(tree, textOr(tree.kind, 'object'))] : [], contents, budget, 0);
}

function objectName(tree: { [key: string]: Tree }, kind: string): string {
  const metadata = isRecord(tree.metadata) ? tree.metadata : {};
  const name = textOr(metadata.name, '(no name)');
  return typeof metadata.namespace === 'string' ? `${kind} ${metadata.namespace.slice(0, 63)}/${name}` : `${kind} ${name}`;
}

function walkKubernetesData(tree: { [key: string]: Tree }, kind: 'Secret' | 'ConfigMap', contents: TreeContents): void {
  contents.format ||= `Kubernetes ${kind}`;
  const name = objectName(tree, kind);
  const fields: [string, boolean][] =
    kind === 'Secret'
      ? [
          ['data', true],
          ['stringData', false],
        ]
      : [
          ['data', false],
          ['binaryData', true],
        ];
  for (const [field, base64] of fields) {
    const data = tree[field];
    if (!isRecord(data)) continue;
    for (const [key, value] of Object.entries(data)) {
      if (typeof value === 'string') contents.values.push({ path: [name, key.slice(0, 253)], value, base64 });
    }
  }
}

/** Entries of a kubeconfig, each with its name; `certificate-authority: FILE` points elsewhere. */
function walkKubeconfig(tree: { [key: string]: Tree }, contents: TreeContents): void {
  contents.format ||= 'kubeconfig';
  for (const [list, field, label] of [
    ['clusters', 'cluster', 'cluster'],
    ['users', 'user', 'user'],
  ] as const) {
    const entries = tree[list];
    if (!Array.isArray(entries)) continue;
    for (const entry of entries) {
      const body = isRecord(entry) ? entry[field] : undefined;
      if (!isRecord(entry) || !isRecord(body)) continue;
      const name = `${label} ${textOr(entry.name, '(no name)')}`;
      for (const [key, value] of Object.entries(body)) {
        if (typeof value !== 'string') continue;
        if (key.endsWith('-data')) contents.values.push({ path: [name, key], value, base64: true });
        else if (/^(?:certificate-authority|client-certificate|client-key)$/.test(key))
          contents.fileReferences.push({ path: [name, key], file: value });
      }
    }
  }
}

/** Any other tree: strings that look like PEM, base64 of PEM or DER, and JSON Web Keys. */
function walkAny(tree: Tree, path: string[], contents: TreeContents, budget: { nodes: number }, depth: number): void {
  if (--budget.nodes < 0 || depth > MAX_DEPTH) return;
  if (typeof tree === 'string') {
    if (tree.includes('-----BEGIN ')) contents.values.push({ path, value: tree, base64: false });
    else if (/^(?:LS0tLS1CRUdJTi|MI[IGEHA-D])[A-Za-z0-9+/_\s-]{40}/.test(tree)) contents.values.push({ path, value: tree, base64: true });
    return;
  }
  if (Array.isArray(tree)) {
    tree.forEach((item, index) => {
      walkAny(item, [...path, `[${index}]`], contents, budget, depth + 1);
    });
  } else if (isRecord(tree)) {
    if (typeof tree.kty === 'string') contents.keys.push({ path, jwk: tree });
    for (const [key, value] of Object.entries(tree)) walkAny(value, [...path, key.slice(0, 253)], contents, budget, depth + 1);
  }
}
