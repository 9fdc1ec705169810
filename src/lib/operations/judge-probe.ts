import type { Cause } from '../cause.js';
import type { ProbeDocument } from '../evidence/probe-document.js';
import type { GatheredFacts } from '../observe/facts/gather-facts.js';
import type { ProbeFacts } from '../observe/facts/probe-facts.js';
import type { HandshakeRun } from '../observe/handshake.js';
import type { HandshakeRequest } from '../observe/handshake-request.js';
import type { HandshakeRecord } from '../observe/observation.js';
import type { ScanFact } from '../observe/scan/scan-fact.js';
import type { Target } from '../observe/target.js';
import type { SourcedCertificate } from '../path/verification.js';
import { parseCertificate } from '../x509/parse-certificate.js';
import { certificatesFromPem } from '../x509/pem.js';
import { type BackendAnswer, inconsistentAnswers } from './probe-backends.js';
import { causeOfOutcome, type ProbeCauseContext, valuesOf, wasInterrupted } from './probe-causes.js';
import { stapleFact, stapleFindings } from './probe-staple.js';
import { type ChainJudge, verifyAsSent } from './verify-as-sent.js';
import { addFixes } from './verify-chain.js';

/** What the verdict depends on, of the probe's options. */
export interface ProbeYardstick {
  target: string;
  ca?: readonly (string | Uint8Array)[];
  judge?: ChainJudge;
  files?: { ca?: string; cert?: string; key?: string };
  proxyProtocol?: unknown;
  client?: unknown;
  facts?: boolean;
  deadlineSeconds?: number;
  signal?: AbortSignal;
}

/** Everything that was seen, before it is judged. */
export interface Looks {
  at: string;
  target: Target;
  names: { servername: string | undefined; hostname: string };
  addresses: string[];
  base: HandshakeRequest;
  runs: HandshakeRun[];
  gathered: GatheredFacts;
  scan?: ScanFact;
}

/** The document: causes in order of weight, facts, every handshake. `expired`: the deadline cut the looks short. */
export function judgeProbe(
  options: ProbeYardstick,
  { at, target, names, addresses, base, runs, gathered, scan: scanned }: Looks,
  expired: boolean,
): ProbeDocument {
  const { record } = runs[0] as HandshakeRun;
  const facts: ProbeFacts = gathered.facts;
  if (scanned) facts.scan = scanned;
  const context: ProbeCauseContext = {
    host: target.host,
    port: target.port,
    servername: names.servername,
    proxyProtocol: options.proxyProtocol !== undefined,
    ...options.files,
  };
  const values = valuesOf(context);
  const verification = verificationOf(record, options, names.hostname);
  if (!('notRun' in verification)) addFixes(verification, values);
  const causes: Cause[] = [];
  const warnings = 'notRun' in verification ? [] : [...verification.warnings];
  const note = ({ cause, warning }: { cause?: Cause; warning?: Cause }) => {
    if (cause && !causes.some(({ code }) => code === cause.code)) causes.push(cause);
    if (warning) warnings.push(warning);
  };
  // First: whatever the look itself met depends on which machine answered it.
  for (const answers of severalAnswers(gathered, (one) => problemOf(one, options, names.hostname, context)))
    note(inconsistentAnswers(answers, values));
  const failed = causeOfOutcome(record, context);
  if (failed) note({ cause: failed });
  if (gathered.ocspRun) {
    const known = options.judge ? [...(options.judge.intermediates ?? []), ...options.judge.anchors] : anchorsOf(options);
    const staple = stapleFact(
      gathered.ocspRun.record,
      options.judge?.at ?? Date.parse(at),
      known.map(({ certificate }) => certificate),
    );
    facts.ocspStaple = staple;
    note(stapleFindings(staple, gathered.ocspRun.record, values));
  }
  for (const cause of 'notRun' in verification ? [] : verification.causes) note({ cause });
  const document: ProbeDocument = {
    schema: 'tlsmedic/probe@1',
    ok: causes.length === 0 && record.outcome === 'accepted',
    at,
    target: {
      input: options.target,
      host: target.host,
      port: target.port,
      servername: names.servername ?? null,
      hostname: names.hostname,
      addresses,
    },
    causes,
    warnings,
    facts,
    handshakes: runs.map((run) => run.record),
    verification,
    notChecked: notChecked(runs, facts, options, expired),
  };
  if (base.starttls) document.target.starttls = base.starttls;
  if (record.sent.proxy) document.target.proxy = record.sent.proxy;
  return document;
}

/** The answers of the addresses, and those of the repetitions, each with what stands against it; the facts get the words too. */
function severalAnswers(
  { facts, addressRecords, repeatRecords }: GatheredFacts,
  problem: (record: HandshakeRecord) => string | undefined,
): BackendAnswer[][] {
  const judged = (record: HandshakeRecord): BackendAnswer => {
    const words = problem(record);
    return words === undefined ? { record } : { record, problem: words };
  };
  const byAddress = addressRecords.map(judged);
  byAddress.forEach((answer, index) => {
    const fact = facts.addresses?.[index];
    if (fact && answer.problem !== undefined) fact.problem = answer.problem;
  });
  const repeated = repeatRecords.map(
    (record, index): BackendAnswer => ({ ...judged(record), count: facts.repeat?.answers[index]?.count ?? 1 }),
  );
  repeated.forEach(({ problem: words }, index) => {
    const fact = facts.repeat?.answers[index];
    if (fact && words !== undefined) fact.problem = words;
  });
  return [byAddress.filter(({ record }) => !wasInterrupted(record)), repeated].filter((answers) => answers.length > 1);
}

/** What stands against one answer, in one sentence: how the handshake ended, else the certificate. */
function problemOf(record: HandshakeRecord, options: ProbeYardstick, hostname: string, context: ProbeCauseContext): string | undefined {
  const failed = causeOfOutcome(record, context);
  if (failed) return failed.summary;
  const verification = verificationOf(record, options, hostname);
  return 'notRun' in verification ? undefined : verification.causes[0]?.summary;
}

function verificationOf(record: HandshakeRecord, options: ProbeYardstick, hostname: string): ProbeDocument['verification'] {
  if (record.chain.length === 0) return { notRun: 'no certificate was seen' };
  if (options.judge) return verifyAsSent(record.chain, hostname, options.judge);
  if (!options.ca) return { notRun: 'no trust anchors were given' };
  const anchors = anchorsOf(options);
  return verifyAsSent(record.chain, hostname, { anchors, trust: `${anchors.length} given roots` });
}

/** `ca` of the library's callers, parsed. */
function anchorsOf({ ca = [] }: ProbeYardstick): SourcedCertificate[] {
  return ca
    .flatMap((entry) => (typeof entry === 'string' ? certificatesFromPem(entry) : [entry]))
    .map((der, index) => ({ certificate: parseCertificate(der), source: `given root ${index + 1}` }));
}

/** Said rather than passed over in silence. */
function notChecked(runs: readonly HandshakeRun[], facts: ProbeFacts, options: ProbeYardstick, expired: boolean): string[] {
  const { record } = runs[0] as HandshakeRun;
  const gaps: string[] = [];
  const why = expired ? `the deadline of ${options.deadlineSeconds} s came` : options.signal?.aborted ? 'interrupted' : undefined;
  if (why !== undefined) {
    if (facts.repeat?.wanted !== undefined)
      gaps.push(`${facts.repeat.wanted - facts.repeat.count} of ${facts.repeat.wanted} repetitions: ${why}`);
    const cut = runs.slice(1).filter((run) => run.record.error?.code === 'aborted' || run.record.error?.code === 'deadline');
    if (cut.length > 0) gaps.push(`${cut.map((run) => run.record.why).join(', ')}: ${why}`);
    else if (facts.repeat?.wanted === undefined) gaps.push(`whatever would have come next: ${why}`);
  }
  if (record.transcript) gaps.push(...record.transcript.gaps.map((gap) => `transcript: ${gap}`));
  if (
    record.outcome === 'accepted' &&
    record.certificateRequest &&
    (record.acceptance === 'quiet' || (record.acceptance === 'ticket' && record.sent.httpRequest))
  ) {
    const waited = `silent for ${Math.round(record.quietWindowMs ?? 0)} ms`;
    const hint = record.sent.httpRequest
      ? `the HTTP request got no answer, ${waited}`
      : `it was ${waited}; an HTTP server answers to --http-get PATH`;
    gaps.push(`whether the server accepts the client: ${hint}`);
  }
  if (record.negotiated?.version === 'TLSv1.3' && options.client && !record.certificateRequest)
    gaps.push('client authentication after the handshake (post_handshake_auth): node:tls cannot do it as a client');
  if (options.facts === false) gaps.push('SNI, resumption, OCSP stapling: one handshake was asked for');
  return gaps;
}
