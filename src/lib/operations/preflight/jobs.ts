import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { TlsmedicError } from '../../errors.js';
import { parseProxy } from '../../observe/proxy/proxy-server.js';
import { STARTTLS_NAMES } from '../../observe/starttls/starttls.js';
import { parseTarget } from '../../observe/target.js';
import { type AddressKind, nameOf } from '../../preflight/config-file.js';
import type { PreflightConfig, TargetEntry } from '../../preflight/config-schema.js';
import type { Job } from './check-target.js';
import { pathsOf } from './file.js';
import type { MaterialReader } from './material.js';

/** Short and stable: the same for the same content, whatever the machine. */
export function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

/** Addresses that are none are mistakes of the file, found before anything is checked. */
export function addressProblem(kind: AddressKind, text: string): string | undefined {
  try {
    if (kind === 'proxy') parseProxy(text, {});
    else if (kind === 'starttls') {
      if (!STARTTLS_NAMES.includes(text)) return `no protocol with STARTTLS is called ${text}; there are ${STARTTLS_NAMES.join(', ')}`;
    } else parseTarget(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof TlsmedicError)) throw error;
    return error.message;
  }
}

/** One job for each endpoint and each file; defaults are laid under each entry. */
export function jobsOf(config: PreflightConfig, lines: readonly number[], reader: MaterialReader, timeoutSeconds?: number): Job[] {
  const jobs = config.targets.flatMap((own, index): Omit<Job, 'digest'>[] => {
    const laid = withDefaults(own, config.defaults);
    const entry = timeoutSeconds === undefined ? laid : { ...laid, timeout: `${timeoutSeconds}s` };
    const line = lines[index] === undefined ? {} : { line: lines[index] };
    if (entry.endpoint !== undefined) return [{ name: nameOf(own), entry, kind: 'endpoint', input: entry.endpoint, ...line }];
    const { paths, problems } = pathsOf(entry, reader);
    const single = paths.length === 1 && problems.length === 0 && own.name !== undefined;
    return [
      ...paths.map(
        (path): Omit<Job, 'digest'> => ({
          name: single ? (own.name ?? path) : own.name === undefined ? path : `${own.name} ${path}`,
          entry,
          kind: 'file',
          input: path,
          ...line,
        }),
      ),
      ...problems.map(
        ({ path, message }): Omit<Job, 'digest'> => ({ name: path, entry, kind: 'file', input: path, problem: message, ...line }),
      ),
    ];
  });
  // One file may stand in several entries with different expectations: each verdict needs a name of its own, or one would hide the other.
  const taken = new Set(jobs.map(({ name }) => name));
  const seen = new Set<string>();
  return jobs.map((job) => {
    const { name: wanted, entry, kind, input } = job;
    let name = wanted;
    for (let count = 2; seen.has(name) || (name !== wanted && taken.has(name)); count += 1) name = `${wanted} (${count})`;
    seen.add(name);
    return { ...job, name, digest: digestOf([kind, input, entry]) };
  });
}

function withDefaults(own: TargetEntry, defaults: PreflightConfig['defaults']): TargetEntry {
  const { retries: _, expect, ...settings } = defaults ?? {};
  const entry = { ...settings, ...own, expect: { ...expect, ...own.expect } };
  // Whoever names a list wants it looked at.
  if (entry.crl !== undefined) entry.expect.revocation ??= 'fail-open';
  return entry;
}

/** Jobs of one host take turns; files need not. */
export function hostOf(job: Job): string {
  if (job.kind === 'file') return job.name;
  const { host } = parseHost(job.entry.connect ?? job.input);
  return host;
}

function parseHost(input: string): { host: string } {
  try {
    return parseTarget(input);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { host: isIP(input) ? input : input.slice(0, 253) };
  }
}
