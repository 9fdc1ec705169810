import { createHash } from 'node:crypto';
import { TlsmedicError } from '../../errors.js';
import { localNow } from '../../io/local-clock.js';
import { parseTarget } from '../../observe/target.js';
import type { Deviation, TargetEntry } from '../../preflight/config-schema.js';
import { applyDeviations } from '../../preflight/deviation.js';
import type { EndpointFacts } from '../../preflight/endpoint-facts.js';
import type { Check, TargetResult } from '../../preflight/expectation.js';
import { judgeEndpoint } from '../../preflight/expectations/registry.js';
import { passed, statusOf, unchecked } from '../../preflight/judgement.js';
import { isoTime } from '../../time-text.js';
import type { Certificate } from '../../x509/certificate.js';
import { causeOfOutcome } from '../probe-causes.js';
import { type EndpointContext, observeEndpoint } from './endpoint.js';
import { checkFile } from './file.js';

/** One thing to check: an endpoint, or one file of an entry. */
export interface Job {
  name: string;
  entry: TargetEntry;
  kind: 'endpoint' | 'file';
  /** The endpoint or the path. */
  input: string;
  line?: number;
  /** Set when there is nothing to look at: the glob that stands for no file. */
  problem?: string;
}

export interface CheckContext extends EndpointContext {
  deviations: readonly Deviation[];
  retries: number;
  sleep(ms: number): Promise<void>;
}

/** Network trouble that may pass; a verdict on a certificate is never tried again until it pleases. */
const PASSING = new Set(['refused', 'timeout', 'reset', 'dns']);
const RETRY_BASE_MS = 250;

/** Checks one job. Whatever goes wrong with it stands in its own result: the others go on. */
export async function checkJob(job: Job, context: CheckContext): Promise<TargetResult> {
  const started = performance.now();
  const at = new Date(localNow()).toISOString();
  const retries: string[] = [];
  let attempts = 1;
  let found = await attempt(job, context);
  while (attempts <= context.retries && found.passing !== undefined && context.signal?.aborted !== true) {
    retries.push(found.passing);
    await context.sleep(RETRY_BASE_MS * 2 ** (attempts - 1));
    attempts += 1;
    found = await attempt(job, context);
  }
  const checks = applyDeviations(job.name, found.checks, context.deviations, localNow());
  const [leaf] = found.certificates;
  const ends = found.certificates.map(({ notAfter }) => notAfter).filter(Number.isFinite);
  const notAfter = ends.length === 0 ? null : isoTime(Math.min(...ends));
  return {
    schema: 'tlsmedic/preflight-result@1',
    name: job.name,
    input: job.input,
    kind: job.kind,
    at,
    status: statusOf(checks),
    checks,
    fingerprints: found.certificates.map(({ fingerprint }) => fingerprint),
    ...(leaf === undefined ? {} : { keyFingerprint: createHash('sha256').update(leaf.publicKey.spki).digest('hex') }),
    ...(notAfter === null ? {} : { notAfter }),
    attempts,
    retries,
    durationMs: Math.round(performance.now() - started),
    ...(job.line === undefined ? {} : { line: job.line }),
  };
}

interface Found {
  checks: Check[];
  certificates: readonly Certificate[];
  /** Trouble that may pass, for another attempt. */
  passing?: string;
}

async function attempt(job: Job, context: CheckContext): Promise<Found> {
  if (job.problem !== undefined) return { checks: [unchecked('reachable', job.problem)], certificates: [] };
  try {
    if (job.kind === 'file') return await checkFile(job.input, job.entry, context.reader);
    return judged(await observeEndpoint(job.entry, context));
  } catch (error) {
    // Files and addresses that cannot be used are the target's trouble; anything else is ours and ends the run.
    if (!(error instanceof TlsmedicError) || error.kind === 'bug') throw error;
    return {
      checks: [unchecked('reachable', error.why === undefined ? error.message : `${error.message}: ${error.why}`)],
      certificates: [],
    };
  }
}

function judged(facts: EndpointFacts): Found {
  const { main, certificates } = facts;
  const { host, port } = parseTarget(facts.target.endpoint ?? '');
  const cause = causeOfOutcome(main, { host, port, ...(main.sent.servername === undefined ? {} : { servername: main.sent.servername }) });
  // A refusal of our client is the business of `mtls`, where that is asked for.
  const aboutClient = cause?.class === 'client-auth' && facts.expect.mtls !== undefined;
  if (cause === undefined || aboutClient) {
    const checks = judgeEndpoint(facts);
    // A target of which nothing is asked was at least reached: a result never stands on no check at all.
    return { checks: checks.length > 0 ? checks : [passed('reachable', 'answers in TLS; nothing else is expected of it')], certificates };
  }
  const check: Check = { expectation: 'reachable', status: 'failed', summary: cause.summary, class: cause.class, cause };
  const rest = certificates.length === 0 ? [] : judgeEndpoint(facts);
  return { checks: [check, ...rest], certificates, ...(PASSING.has(cause.code) ? { passing: `${cause.code}: ${cause.summary}` } : {}) };
}
