import { createHash } from 'node:crypto';
import type { HandshakeRecord } from '../observe/observation.js';

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
}

/** Handshakes that asked exactly the same. */
const SAME_QUESTION = new Set(['look', 'symptom', 'address', 'repeat']);

function answerOf(record: HandshakeRecord): Pick<BackendAnswer, 'outcome' | 'fingerprint' | 'how'> {
  const [leaf] = record.chain;
  const fingerprint = leaf && createHash('sha256').update(leaf).digest('hex');
  if (record.outcome === 'unreachable') return { outcome: 'unreachable', how: `TCP: ${record.error?.code ?? 'unreachable'}` };
  if (record.outcome === 'not-tls') return { outcome: 'not-tls', how: 'answers without TLS' };
  if (fingerprint !== undefined) return { outcome: 'tls', fingerprint, how: `certificate ${fingerprint.slice(0, 8)}` };
  if (record.alertReceived !== undefined)
    return { outcome: 'refused', how: `alert ${record.alertReceived.number} ${record.alertReceived.name}` };
  return { outcome: 'failed', how: record.error?.message ?? record.outcome };
}

/** Compares every address, and every repetition at one address, with each other. */
export function readBackends(handshakes: readonly HandshakeRecord[]): BackendEvidence {
  const answers: BackendAnswer[] = [];
  for (const record of handshakes) {
    if (!SAME_QUESTION.has(record.experiment)) continue;
    const answer = answerOf(record);
    const known = answers.find(
      (one) => one.address === record.sent.address && one.outcome === answer.outcome && one.fingerprint === answer.fingerprint,
    );
    if (known === undefined) answers.push({ address: record.sent.address, handshakes: [record.id], ...answer });
    else known.handshakes.push(record.id);
  }
  const fingerprints = new Set(answers.flatMap(({ fingerprint }) => fingerprint ?? []));
  const outcomes = new Set(answers.map(({ outcome }) => outcome));
  return {
    answers,
    addresses: [...new Set(answers.map(({ address }) => address))],
    certificatesDiffer: fingerprints.size > 1,
    outcomesDiffer: outcomes.size > 1,
  };
}
