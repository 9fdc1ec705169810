import { createHash } from 'node:crypto';
import { serverHelloOf } from '../../tls/hello-of.js';
import { type HandshakeRun, runHandshake } from '../handshake.js';
import type { HandshakeRequest } from '../handshake-request.js';
import type { HandshakeRecord } from '../observation.js';
import { lookInPlaintext } from '../plaintext.js';
import type { BackendFact, ClientAuthFact, ProbeFacts, RepeatFact, ResumptionFact, SniAnswer } from './probe-facts.js';
import { renegotiationFact } from './renegotiation.js';

/** Which of the further looks to take. */
export interface FactPlan {
  sni: boolean;
  resumption: boolean;
  ocspStaple: boolean;
  renegotiation: boolean;
  clientAuth: boolean;
  /** Addresses to look at, each for itself; empty for none. */
  addresses: readonly string[];
  /** How many more times to make the first handshake. */
  repeat: number;
}

/** What the looks say, with the records that the caller judges. */
export interface GatheredFacts {
  facts: Omit<ProbeFacts, 'ocspStaple'>;
  ocspRun?: HandshakeRun;
  /** The first record of each different answer, in the order of `facts.repeat.answers`. */
  repeatRecords: HandshakeRecord[];
  /** In the order of `facts.addresses`. */
  addressRecords: HandshakeRecord[];
}

/** Different answers that are told apart; a server that never answers twice alike needs no more. */
const MOST_ANSWERS = 32;

/** Lower-case hex of SHA-256 of the end entity certificate as sent, null when none was. */
export function leafFingerprint(record: HandshakeRecord): string | null {
  const leaf = record.chain[0];
  return leaf ? createHash('sha256').update(leaf).digest('hex') : null;
}

/** Takes the further looks, a few at a time, and says what they show. `first` is the handshake that `base` made. `runs` gets every further one. */
export async function gatherFacts(
  base: HandshakeRequest,
  first: HandshakeRun,
  plan: FactPlan,
  runs: HandshakeRun[],
): Promise<GatheredFacts> {
  const { record } = first;
  const reached =
    record.outcome !== 'unreachable' && record.outcome !== 'preface-failed' && record.outcome !== 'not-tls' && record.outcome !== 'silent';
  const facts: GatheredFacts['facts'] = { clientAuth: clientAuthOf(record) };
  const gathered: GatheredFacts = { facts, repeatRecords: [], addressRecords: [] };
  const look = async (why: string, experiment: string, change: Partial<HandshakeRequest>): Promise<HandshakeRun> => {
    const run = await runHandshake({ ...base, ...change, why, experiment });
    runs.push(run);
    return run;
  };
  const jobs: (() => Promise<void>)[] = [];
  if (reached && plan.clientAuth && record.certificateRequest && record.sent.client !== 'none') {
    jobs.push(async () => {
      const { client: _client, ...without } = base;
      const run = await runHandshake({ ...without, why: 'without a client certificate', experiment: 'client-none' });
      runs.push(run);
      facts.clientAuth = clientAuthOf(run.record);
    });
  }
  if (reached && plan.sni) {
    jobs.push(async () => {
      const { servername: _servername, ...nameless } = base;
      const without = await runHandshake({ ...nameless, why: 'without SNI', experiment: 'no-sni' });
      runs.push(without);
      const other = await look('with another server name', 'other-sni', { servername: 'other.tlsmedic.invalid' });
      facts.sni = { without: sniAnswer(null, without.record, record), other: sniAnswer('other.tlsmedic.invalid', other.record, record) };
    });
  }
  if (record.outcome === 'accepted' && plan.resumption) {
    jobs.push(async () => {
      facts.resumption = await resumptionFact(first, look);
    });
  }
  if (record.secureConnect && plan.ocspStaple) {
    jobs.push(async () => {
      gathered.ocspRun = await look('asking for an OCSP response', 'ocsp', { requestOcsp: true });
    });
  }
  if (record.outcome === 'accepted' && plan.renegotiation) {
    jobs.push(async () => {
      facts.renegotiation = await renegotiationFact(base, record);
    });
  }
  for (const address of plan.addresses) {
    jobs.push(async () => {
      const run = await look(`address ${address}`, 'address', { address });
      gathered.addressRecords.push(run.record);
    });
  }
  if (reached && base.http && plan.clientAuth && !base.starttls && !base.proxy && !base.socketPath) {
    jobs.push(async () => {
      const answer = await lookInPlaintext({
        probe: 'http',
        address: base.address,
        port: base.port,
        host: base.http?.host ?? base.address,
        timeoutMs: 1500,
      });
      if (answer.result.status !== 'completed') return;
      const status = /^HTTP\/1\.[01] (\d)/.exec(Buffer.from(answer.result.value.first).toString('latin1'))?.[1];
      facts.clientAuth.plaintextAccepted = status === '2' || status === '3';
    });
  }
  await inTurns(jobs, 3);
  const { addressRecords } = gathered;
  addressRecords.sort((a, b) => plan.addresses.indexOf(a.sent.address) - plan.addresses.indexOf(b.sent.address));
  if (addressRecords.length > 0) facts.addresses = addressRecords.map(backendFact);
  if (plan.repeat > 0) {
    const { fact, records } = await repeated(base, first, plan.repeat, runs);
    facts.repeat = fact;
    gathered.repeatRecords = records;
  }
  return gathered;
}

/** Runs jobs with at most `width` under way. */
export async function inTurns(jobs: readonly (() => Promise<void>)[], width: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (;;) {
      const job = jobs[next++];
      if (!job) return;
      await job();
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, worker));
}

function clientAuthOf(record: HandshakeRecord): ClientAuthFact {
  const request = record.certificateRequest;
  const fact: ClientAuthFact = {
    mode: 'unknown',
    certificateAuthorities: request?.certificateAuthorities.map(({ text }) => text) ?? [],
    signatureSchemes: request?.signatureSchemes ?? [],
    why: 'the handshake did not come so far',
  };
  if (!request) {
    if (record.secureConnect && !record.negotiated?.resumed)
      return { ...fact, mode: 'not-requested', why: 'the server sent no CertificateRequest' };
    return fact;
  }
  if (record.sent.client !== 'none') return { ...fact, mode: 'requested', why: 'the server sent a CertificateRequest' };
  if (record.outcome === 'rejected' || record.outcome === 'rejected-late') {
    return {
      ...fact,
      mode: 'required',
      why: `without a certificate the server sends alert ${record.alertReceived?.number ?? '?'} ${record.alertReceived?.name ?? ''}`.trim(),
    };
  }
  if (record.outcome === 'closed' || record.outcome === 'closed-late')
    return { ...fact, mode: 'required', why: 'without a certificate the server closes the connection' };
  if (record.http && (record.http.status === 400 || record.http.status === 496 || record.http.status === 495)) {
    return {
      ...fact,
      mode: 'required',
      why: `without a certificate the answer is HTTP ${record.http.status} ${record.http.statusText}`.trim(),
    };
  }
  if (record.acceptance === 'http' || record.acceptance === 'application-data')
    return { ...fact, mode: 'optional', why: 'without a certificate the server answers all the same' };
  if (record.acceptance === 'ticket')
    return { ...fact, mode: 'optional', why: 'without a certificate the server goes on (session ticket)' };
  if (record.outcome === 'accepted')
    return { ...fact, mode: 'requested', why: 'asked for, and no refusal came; a server may still refuse in its own protocol' };
  return fact;
}

function sniAnswer(sent: string | null, record: HandshakeRecord, first: HandshakeRecord): SniAnswer {
  const fingerprint = leafFingerprint(record);
  const answer: SniAnswer = {
    sent,
    outcome: record.outcome,
    fingerprint,
    sameCertificate: fingerprint !== null && fingerprint === leafFingerprint(first),
  };
  if (record.alertReceived) answer.alert = `${record.alertReceived.number} ${record.alertReceived.name}`;
  return answer;
}

async function resumptionFact(
  first: HandshakeRun,
  look: (why: string, experiment: string, change: Partial<HandshakeRequest>) => Promise<HandshakeRun>,
): Promise<ResumptionFact> {
  const messages = first.record.transcript?.messages ?? [];
  const tickets = messages.filter((m) => m.type === 'new_session_ticket');
  const ticket = tickets[0];
  const tls13 = first.record.negotiated?.version === 'TLSv1.3';
  const kind = ticket ? (tls13 ? 'psk' : 'ticket') : !tls13 && serverHelloOf(messages)?.sessionIdEchoed ? 'session-id' : 'none';
  const fact: ResumptionFact = { kind, maxEarlyData: Math.max(0, ...tickets.map((t) => t.maxEarlyData ?? 0)) };
  if (ticket) fact.ticketLifetimeSeconds = ticket.lifetimeSeconds;
  if (kind === 'none' || !first.session) return fact;
  const second = await look('with the first session', 'resumed', { session: first.session });
  fact.resumed = second.record.negotiated?.resumed === true;
  return fact;
}

/** What stands in the table of addresses. */
export function backendFact(record: HandshakeRecord): BackendFact {
  const fact: BackendFact = {
    address: record.sent.address,
    outcome: record.outcome,
    fingerprint: leafFingerprint(record),
    version: record.negotiated?.version ?? null,
    cipher: record.negotiated?.cipher ?? null,
    totalMs: record.timings.totalMs,
  };
  if (record.alertReceived) fact.alert = `${record.alertReceived.number} ${record.alertReceived.name}`;
  if (record.error) fact.error = record.error.code;
  return fact;
}

/** One bad backend of four shows itself only in numbers. `runs` gets the first of each different answer. */
async function repeated(
  base: HandshakeRequest,
  first: HandshakeRun,
  wanted: number,
  runs: HandshakeRun[],
): Promise<{ fact: RepeatFact; records: HandshakeRecord[] }> {
  const tally = new Map<string, { count: number; record: HandshakeRecord }>();
  let made = 0;
  const note = (run: HandshakeRun) => {
    const { record } = run;
    // What was broken off from here says nothing about the server.
    if (record.error?.code === 'aborted') return;
    made += 1;
    const answer = tally.size < MOST_ANSWERS ? answerText(record) : [answerText(record), 'another answer'].find((text) => tally.has(text));
    const known = tally.get(answer ?? 'another answer');
    if (known) known.count += 1;
    else {
      tally.set(answer ?? 'another answer', { count: 1, record });
      if (run !== first) runs.push(run);
    }
  };
  note(first);
  const jobs = Array.from({ length: wanted - 1 }, (_, i) => async () => {
    if (base.signal?.aborted) return;
    note(await runHandshake({ ...base, why: `again (${i + 2} of ${wanted})`, experiment: 'repeat', omitTranscript: true }));
  });
  await inTurns(jobs, 4);
  const answers = [...tally].sort(([, a], [, b]) => b.count - a.count);
  return {
    fact: {
      count: made,
      ...(made < wanted && { wanted }),
      answers: answers.map(([answer, { count }]) => ({ answer, count })),
    },
    records: answers.map(([, { record }]) => record),
  };
}

/** What tells one answer from another: outcome, alert, certificate or error. */
function answerText(record: HandshakeRecord): string {
  const leaf = leafFingerprint(record);
  const alert = record.alertReceived ? `, alert ${record.alertReceived.number} ${record.alertReceived.name}` : '';
  const http = record.http ? `, HTTP ${record.http.status}` : '';
  return `${record.outcome}${alert}${http}${leaf ? `, certificate ${leaf.slice(0, 16)}` : record.error ? `, ${record.error.code}` : ''}`;
}
