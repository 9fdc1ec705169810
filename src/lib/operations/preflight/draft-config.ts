import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { readReception } from '../../evidence/reception.js';
import type { PreflightConfig, TargetEntry } from '../../preflight/config-schema.js';
import type { EndpointFacts } from '../../preflight/endpoint-facts.js';
import { judgeRemaining } from '../../preflight/expectations/remaining.js';
import { spiffeIdOf } from '../../x509/server-identity.js';
import { loadYaml } from '../../yaml-parser.js';
import { observeEndpoint } from './endpoint.js';
import { MaterialReader } from './material.js';

export interface DraftOptions {
  endpoints: readonly string[];
  ca?: readonly string[];
  trust?: 'system' | 'mozilla' | 'none';
  client?: { cert: string; key?: string };
  timeoutSeconds?: number;
  /** Lifetime that must be left, `25%` or `7d`. */
  remaining?: string;
  /** File of the JSON Schema, for editors. */
  schemaPath?: string;
  /** Where the file will lie: paths in it are relative to its folder. */
  configPath: string;
}

/** What `preflight init --json` prints. */
export interface PreflightDraft {
  schema: 'tlsmedic/preflight-draft@1';
  /** Where it was written; null for standard output. */
  path: string | null;
  /** What stands in the file, see preflight-config@1. */
  config: object;
  /** What was found wrong today, and what could not be seen. */
  notes: string[];
}

export interface Draft {
  config: PreflightConfig;
  /** YAML with comments. */
  text: string;
  /** What was found wrong today, and what could not be seen: to be read before the file is relied on. */
  notes: string[];
}

const DEFAULT_REMAINING = '25%';

/** Looks at endpoints as they are and writes down expectations that they meet. What is wrong today is named and not written down as expected. */
export async function draftConfig(options: DraftOptions): Promise<Draft> {
  const reader = new MaterialReader(undefined);
  const notes: string[] = [];
  const settings: Omit<TargetEntry, 'endpoint' | 'files'> = {
    ...(options.ca === undefined ? {} : { ca: [...options.ca] }),
    ...(options.trust === undefined ? {} : { trust: options.trust }),
    ...(options.client === undefined ? {} : { client: options.client }),
    ...(options.timeoutSeconds === undefined ? {} : { timeout: `${options.timeoutSeconds}s` }),
  };
  const targets: TargetEntry[] = [];
  const remaining = options.remaining ?? DEFAULT_REMAINING;
  const served = new Map<string, string[]>();
  for (const endpoint of new Set(options.endpoints)) {
    const modern = await observeEndpoint(
      { ...settings, endpoint, expect: { mtls: 'required', minVersion: '1.3', completeChain: true } },
      { reader },
    );
    const older = await observeEndpoint({ ...settings, endpoint, expect: { minVersion: '1.2' } }, { reader });
    targets.push({ endpoint, expect: expectationsOf(endpoint, modern, older, notes) });
    const [leaf] = modern.certificates;
    if (leaf === undefined) continue;
    served.set(leaf.fingerprint, [...(served.get(leaf.fingerprint) ?? []), endpoint]);
    const left = judgeRemaining(modern.certificates, remaining, modern.now);
    if (left.status !== 'passed') notes.push(`${endpoint}: ${left.summary}`);
  }
  for (const sharing of served.values())
    if (sharing.length > 1) notes.push(`${sharing.join(', ')} serve one certificate: name one service: for replicas, or give each its own`);
  const here = (file: string) =>
    isAbsolute(file) || options.configPath === '-' ? file : relative(dirname(resolve(options.configPath)), resolve(file));
  const defaults: NonNullable<PreflightConfig['defaults']> = {
    ...settings,
    ...(options.ca === undefined ? {} : { ca: options.ca.map(here) }),
    ...(options.client === undefined
      ? {}
      : { client: { cert: here(options.client.cert), ...(options.client.key === undefined ? {} : { key: here(options.client.key) }) } }),
    expect: { remaining },
  };
  const config: PreflightConfig = { version: 1, defaults, targets, policy: { sharedCertificates: 'forbid', unchecked: 'fail' } };
  const { stringify } = await loadYaml();
  const header = [
    ...(options.schemaPath === undefined ? [] : [`yaml-language-server: $schema=${here(options.schemaPath)}`]),
    'What is expected of these endpoints: checked by `tlsmedic preflight`.',
    'What may stand here: `tlsmedic schema preflight-config`.',
    ...notes,
  ]
    .map((line) => `# ${line.replaceAll(/[\r\n]/g, ' ')}\n`)
    .join('');
  return { config, text: header + stringify(config), notes };
}

function expectationsOf(
  endpoint: string,
  modern: EndpointFacts,
  older: EndpointFacts,
  notes: string[],
): NonNullable<TargetEntry['expect']> {
  const expect: NonNullable<TargetEntry['expect']> = {};
  const [leaf] = modern.certificates;
  if (leaf === undefined) {
    notes.push(`${endpoint}: no certificate was seen (${modern.main.error?.code ?? modern.main.outcome})`);
    return expect;
  }
  for (const problem of modern.verdict?.problems ?? []) notes.push(`${endpoint}: today ${problem.code}: ${problem.message}`);
  const asked =
    modern.main.certificateRequest !== undefined || modern.negatives.some(({ record }) => record.certificateRequest !== undefined);
  const verdicts = modern.negatives.map(({ label, record }) => ({ label, verdict: readReception(record).verdict }));
  const open = verdicts.filter(({ verdict }) => verdict !== 'refused');
  if (!asked) expect.mtls = 'none';
  else if (open.length === 0) {
    expect.mtls = 'required';
    // Without the authority of the clients nobody can make the others: what was not seen is not written down as expected.
    expect.mtlsClients = ['none', 'untrusted', 'impostor'];
  } else {
    const letIn = open.filter(({ verdict }) => verdict === 'accepted').map(({ label }) => label);
    if (letIn.includes('no certificate')) expect.mtls = 'optional';
    notes.push(
      letIn.length === 0
        ? `${endpoint}: whether client certificates are enforced could not be told`
        : `${endpoint}: lets in clients with ${letIn.join(', ')}`,
    );
  }
  const refused = (facts: EndpointFacts) =>
    facts.older.length > 0 && facts.older.every(({ taken, answered }) => taken === undefined && answered);
  if (refused(modern)) expect.minVersion = '1.3';
  else if (refused(older)) expect.minVersion = '1.2';
  else notes.push(`${endpoint}: still takes TLS 1.1 or older`);
  const id = spiffeIdOf(leaf);
  if (!('problem' in id)) expect.spiffeId = id.id;
  if (modern.verdict?.best.end === 'anchor') expect.completeChain = true;
  return expect;
}
