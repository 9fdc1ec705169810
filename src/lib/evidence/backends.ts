import { createHash } from 'node:crypto';
import type { HandshakeRecord } from '../observe/observation.js';
import { readReception } from './reception.js';

/** How one address, or one of several machines behind it, answered the same question. */
export interface BackendAnswer {
  address: string;
  handshakes: number[];
  /** What came of it, comparable: outcome, fingerprint of the end entity. */
  outcome: 'tls' | 'refused' | 'unreachable' | 'not-tls' | 'failed';
  fingerprint?: string;
  /** In words. */
  how: string;
}

export interface BackendEvidence {
  answers: BackendAnswer[];
  /** Addresses that were looked at. */
  addresses: string[];
  /** More than one end entity certificate was served to the same question. */
  certificatesDiffer: boolean;
  /** Some answered with TLS, others did not. */
  outcomesDiffer: boolean;
  /** Addresses that asked for a client certificate and then kept silent: only a request would show whether they refuse. */
  undecided: string[];
  /** Some address refused the client in answer to a request. */
  refusedAboveTls: boolean;
}

/** Handshakes that asked exactly the same. */
const SAME_QUESTION = new Set(['look', 'symptom', 'address', 'repeat']);
/** The same with an HTTP request behind it: a question of its own, compared with its like alone. */
const SAME_REQUEST = new Set(['request', 'address-request']);

interface Answer extends Pick<BackendAnswer, 'outcome' | 'fingerprint' | 'how'> {
  /** False where the server asked for a client certificate and then kept silent: it may refuse later, or above TLS. */
  settled: boolean;
}

function answerOf(record: HandshakeRecord): Answer {
  const [leaf] = record.chain;
  const fingerprint = leaf && createHash('sha256').update(leaf).digest('hex');
  const settled = true;
  if (record.outcome === 'unreachable') return { outcome: 'unreachable', how: `TCP: ${record.error?.code ?? 'unreachable'}`, settled };
  if (record.outcome === 'not-tls') return { outcome: 'not-tls', how: 'answers without TLS', settled };
  if (fingerprint !== undefined) {
    const shown = { fingerprint, how: `certificate ${fingerprint.slice(0, 8)}` };
    // The program's own handshake may end at our side before the server has judged the client.
    if (record.experiment === 'symptom') return { outcome: 'tls', ...shown, settled: false };
    const reception = readReception(record);
    if (reception.verdict === 'refused') return { outcome: 'refused', fingerprint, how: `refuses the client: ${reception.how}`, settled };
    return { outcome: 'tls', ...shown, settled: reception.verdict === 'accepted' || reception.status !== undefined };
  }
  if (record.alertReceived !== undefined)
    return { outcome: 'refused', how: `alert ${record.alertReceived.number} ${record.alertReceived.name}`, settled };
  return { outcome: 'failed', how: record.error?.message ?? record.outcome, settled };
}

/** The different answers of each address to one question; those that settle nothing only where no better one is known. */
function answersTo(question: ReadonlySet<string>, handshakes: readonly HandshakeRecord[]): (BackendAnswer & Answer)[] {
  const all: (BackendAnswer & Answer)[] = [];
  for (const record of handshakes) {
    if (!question.has(record.experiment)) continue;
    const answer = answerOf(record);
    const known = all.find(
      (one) =>
        one.address === record.sent.address &&
        one.fingerprint === answer.fingerprint &&
        (one.outcome === answer.outcome || !one.settled || !answer.settled),
    );
    if (known === undefined) all.push({ address: record.sent.address, handshakes: [record.id], ...answer });
    else {
      if (answer.settled && !known.settled) Object.assign(known, answer);
      known.handshakes.push(record.id);
    }
  }
  return all;
}

function differ(answers: readonly Answer[]): boolean {
  return new Set(answers.filter(({ settled }) => settled).map(({ outcome }) => outcome)).size > 1;
}

/** Compares every address, and every repetition at one address, with each other. */
export function readBackends(handshakes: readonly HandshakeRecord[]): BackendEvidence {
  const bare = answersTo(SAME_QUESTION, handshakes);
  const requested = answersTo(SAME_REQUEST, handshakes);
  const outcomesDiffer = differ(bare) || differ(requested);
  const told = !differ(bare) && differ(requested) ? requested : bare;
  const fingerprints = new Set(bare.flatMap(({ fingerprint }) => fingerprint ?? []));
  return {
    answers: told.map(({ settled: _, ...answer }) => answer),
    addresses: [...new Set(bare.map(({ address }) => address))],
    certificatesDiffer: fingerprints.size > 1,
    outcomesDiffer,
    undecided: bare
      .filter(({ settled, address }) => !settled && !requested.some((one) => one.address === address))
      .map(({ address }) => address),
    refusedAboveTls: requested.some(({ outcome }) => outcome === 'refused'),
  };
}
