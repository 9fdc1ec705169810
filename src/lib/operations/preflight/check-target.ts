import { createHash } from 'node:crypto';
import { messageOf, TlsmedicError } from '../../errors.js';
import { localNow } from '../../io/local-clock.js';
import { parseTarget } from '../../observe/target.js';
import type { Deviation, TargetEntry } from '../../preflight/config-schema.js';
import { applyDeviations, sharingAllowed } from '../../preflight/deviation.js';
import type { EndpointFacts } from '../../preflight/endpoint-facts.js';
import type { Check, TargetResult } from '../../preflight/expectation.js';
import { judgeEndpoint } from '../../preflight/expectations/registry.js';
import { passed, statusOf, unchecked } from '../../preflight/judgement.js';
import { isoTime } from '../../time-text.js';
import type { Certificate } from '../../x509/certificate.js';
import { causeOfOutcome } from '../probe-causes.js';
import { type EndpointContext, lostOnTheWay, observeEndpoint } from './endpoint.js';
import { checkFile } from './file.js';

/** One thing to check: an endpoint, or one file of an entry. */
export interface Job {
  name: string;
  entry: TargetEntry;
  kind: 'endpoint' | 'file';
  /** The endpoint or the path. */
  input: string;
  /** Of what is asked of it. */
  digest: string;
  line?: number;
  /** Set when there is nothing to look at: the glob that stands for no file. */
  problem?: string;
}

export interface CheckContext extends EndpointContext {
  /** Digest of the whole list of targets. */
  list: string;
  deviations: readonly Deviation[];
  retries: number;
  sleep(ms: number): Promise<void>;
}

/** Network trouble that may pass; a verdict on a certificate is never tried again until it pleases. */
const PASSING = new Set(['refused', 'timeout', 'reset', 'dns']);
const RETRY_BASE_MS = 250;

/**
 * Checks one job. Whatever goes wrong with it stands in its own result: the others go on.
 * @returns undefined when the run was stopped under way: what was broken off is no verdict
 */
export async function checkJob(job: Job, context: CheckContext): Promise<TargetResult | undefined> {
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
  if (context.signal?.aborted === true) return undefined;
  const mayShare = sharingAllowed(job.name, context.deviations, localNow());
  const checks = applyDeviations(job.name, found.checks, context.deviations, localNow());
  const [leaf] = found.certificates;
  const ends = found.certificates.map(({ notAfter }) => notAfter).filter(Number.isFinite);
  const notAfter = ends.length === 0 ? null : isoTime(Math.min(...ends));
  return {
    schema: 'tlsmedic/preflight-result@1',
    name: job.name,
    input: job.input,
    kind: job.kind,
    ...(job.entry.service === undefined ? {} : { service: job.entry.service }),
    digest: job.digest,
    list: context.list,
    at,
    status: statusOf(checks),
    checks,
    fingerprints: found.certificates.map(({ fingerprint }) => fingerprint),
    ...(leaf === undefined ? {} : { keyFingerprint: createHash('sha256').update(leaf.publicKey.spki).digest('hex') }),
    ...(notAfter === null ? {} : { notAfter }),
    ...validityOf(leaf),
    ...(found.clockOffsetSeconds === undefined ? {} : { clockOffsetSeconds: found.clockOffsetSeconds }),
    attempts,
    retries,
    durationMs: Math.round(performance.now() - started),
    ...(mayShare === undefined ? {} : { mayShare }),
    ...(job.problem === undefined ? {} : { absent: true as const }),
    ...(job.line === undefined ? {} : { line: job.line }),
  };
}

function validityOf(leaf: Certificate | undefined): Pick<TargetResult, 'validity'> {
  const [notBefore, notAfter] = leaf === undefined ? [null, null] : [isoTime(leaf.notBefore), isoTime(leaf.notAfter)];
  return notBefore === null || notAfter === null ? {} : { validity: { notBefore, notAfter } };
}

interface Found {
  checks: Check[];
  certificates: readonly Certificate[];
  clockOffsetSeconds?: number;
  /** Trouble that may pass, for another attempt. */
  passing?: string;
}

async function attempt(job: Job, context: CheckContext): Promise<Found> {
  if (job.problem !== undefined) return { checks: [unchecked('reachable', job.problem)], certificates: [] };
  try {
    if (job.kind === 'file') return await checkFile(job.input, job.entry, context.reader);
    return judged(await observeEndpoint(job.entry, context));
  } catch (error) {
    // Not even a bug of ours, met on one target, keeps the others from being checked; it is never green.
    if (!(error instanceof TlsmedicError) || error.kind === 'bug')
      return {
        checks: [
          unchecked('reachable', `this is a bug in tlsmedic: ${messageOf(error)}; please report it with the target's kind of server`),
        ],
        certificates: [],
      };
    return {
      checks: [unchecked('reachable', error.why === undefined ? error.message : `${error.message}: ${error.why}`)],
      certificates: [],
    };
  }
}

function judged(facts: EndpointFacts): Found {
  const { main, certificates } = facts;
  const lost = lostOnTheWay(facts);
  const { clock } = facts;
  const also = {
    certificates,
    ...(clock?.status === 'completed' ? { clockOffsetSeconds: clock.value.offsetSeconds } : {}),
    ...(lost === undefined ? {} : { passing: lost }),
  };
  const { host, port } = parseTarget(facts.target.endpoint ?? '');
  const cause = causeOfOutcome(main, { host, port, ...(main.sent.servername === undefined ? {} : { servername: main.sent.servername }) });
  // A refusal of our client is the business of `mtls`, where that is asked for; whoever shows none and names whom to refuse expects it too.
  const { expect, target } = facts;
  const aboutClient =
    cause?.class === 'client-auth' && (expect.mtls !== undefined || (expect.refuses !== undefined && target.client === undefined));
  if (cause === undefined || aboutClient) {
    const checks = judgeEndpoint(facts);
    // A target of which nothing is asked was at least reached: a result never stands on no check at all.
    return { checks: checks.length > 0 ? checks : [passed('reachable', 'answers in TLS; nothing else is expected of it')], ...also };
  }
  const check: Check = { expectation: 'reachable', status: 'failed', summary: cause.summary, class: cause.class, cause };
  const rest = certificates.length === 0 ? [] : judgeEndpoint(facts);
  return { checks: [check, ...rest], ...also, ...(PASSING.has(cause.code) ? { passing: `${cause.code}: ${cause.summary}` } : {}) };
}
