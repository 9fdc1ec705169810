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
}

/** Handshakes that asked exactly the same, or the same with a request behind it. */
const SAME_QUESTION = new Set(['look', 'symptom', 'address', 'repeat', 'request', 'address-request']);

type Answer = Pick<BackendAnswer, 'outcome' | 'fingerprint' | 'how'> & {
  /** False where the server asked for a client certificate and then kept silent: it may refuse later, or above TLS. */
  settled: boolean;
};

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

/** Compares every address, and every repetition at one address, with each other. */
export function readBackends(handshakes: readonly HandshakeRecord[]): BackendEvidence {
  const all: (BackendAnswer & Answer & { experiment: string })[] = [];
  for (const record of handshakes) {
    if (!SAME_QUESTION.has(record.experiment)) continue;
    const answer = answerOf(record);
    const known = all.find(
      (one) =>
        one.address === record.sent.address &&
        one.outcome === answer.outcome &&
        one.fingerprint === answer.fingerprint &&
        one.settled === answer.settled &&
        (one.settled || one.experiment === record.experiment),
    );
    if (known === undefined) all.push({ address: record.sent.address, handshakes: [record.id], experiment: record.experiment, ...answer });
    else known.handshakes.push(record.id);
  }
  const answers: BackendAnswer[] = [];
  for (const { settled, experiment: _experiment, ...answer } of all) {
    const better = all.find((one) => one.settled && !settled && one.address === answer.address && one.fingerprint === answer.fingerprint);
    if (better === undefined) answers.push(answer);
    else better.handshakes.push(...answer.handshakes);
  }
  const fingerprints = new Set(answers.flatMap(({ fingerprint }) => fingerprint ?? []));
  const certain = all.filter(({ settled }) => settled);
  const silent = new Set(all.filter(({ settled, experiment }) => !settled && experiment !== 'symptom').map(({ address }) => address));
  return {
    answers,
    addresses: [...new Set(answers.map(({ address }) => address))],
    certificatesDiffer: fingerprints.size > 1,
    outcomesDiffer: new Set(certain.map(({ outcome }) => outcome)).size > 1,
    undecided: [...silent].filter((address) => !certain.some((one) => one.address === address)),
  };
}
