import { isIP } from 'node:net';
import type { Cause } from '../cause.js';
import { causeOf } from '../diagnose/cause-of.js';
import { leafFingerprint } from '../observe/facts/gather-facts.js';
import type { HandshakeRecord } from '../observe/observation.js';

/** One of several answers to the same question. */
export interface BackendAnswer {
  record: HandshakeRecord;
  /** How often it came, when one address was asked again and again. */
  count?: number;
  /** What stands against it: the handshake's end, or the certificate; undefined when nothing does. */
  problem?: string;
}

/**
 * Several answers to the same question held against each other: the machines behind the name do not behave alike. A cause when some are fine and
 * others are not, a warning when they only differ. Undefined when they agree, be they all good or all bad.
 */
export function inconsistentAnswers(
  answers: readonly BackendAnswer[],
  values: Parameters<typeof causeOf>[1]['values'],
): { cause?: Cause; warning?: Cause } {
  const bad = answers.filter(({ problem }) => problem !== undefined);
  const good = answers.filter(({ problem }) => problem === undefined);
  const certificates = new Set(answers.map(({ record }) => leafFingerprint(record)).filter((fingerprint) => fingerprint !== null));
  const evidence = answers.map(({ record, count, problem }) => ({
    fact: count === undefined ? record.sent.address : `${count} times`,
    value: [record.outcome, leafFingerprint(record)?.slice(0, 16), problem].filter((part) => part !== undefined).join(', '),
    source: `handshake ${record.id}`,
  }));
  const occurrence = (summary: string) => causeOf('inconsistent-backends', { summary, evidence, ...(values && { values }) });
  if (good.length === 0 || bad.length === 0) {
    const differ = certificates.size > 1 || new Set(bad.map(({ problem }) => problem)).size > 1;
    if (!differ) return {};
    const what =
      bad.length > 0 ? 'the answers differ, and none is fine' : `${certificates.size} different certificates are served, each in order`;
    return bad.length > 0
      ? { cause: occurrence(`${what}: ${bad.map(answerWords).join('; ')}`) }
      : { warning: occurrence(`${what}: ${good.map(answerWords).join('; ')}`) };
  }
  const repeated = answers.some(({ count }) => count !== undefined);
  const total = answers.reduce((sum, { count = 1 }) => sum + count, 0);
  const fine = good.reduce((sum, { count = 1 }) => sum + count, 0);
  const head = repeated ? `${fine} of ${total} handshakes are fine` : `${fine} of ${total} addresses ${fine === 1 ? 'is' : 'are'} fine`;
  const summary = `the same name is answered in different ways: ${head}; ${bad.map(answerWords).join('; ')}`;
  return otherFamilyOnly(good, bad) ? { warning: occurrence(summary) } : { cause: occurrence(summary) };
}

function answerWords({ record, count, problem }: BackendAnswer): string {
  const who = count === undefined ? `${record.sent.address}` : `${count} times`;
  return `${who}: ${problem ?? `certificate ${leafFingerprint(record)?.slice(0, 16) ?? '(none)'}`}`;
}

/** An address of the other family that nobody listens on is common, and hidden by clients that try the next one (RFC 8305). */
function otherFamilyOnly(good: readonly BackendAnswer[], bad: readonly BackendAnswer[]): boolean {
  const families = new Set(good.map(({ record }) => isIP(record.sent.address)));
  return bad.every(({ record }) => record.outcome === 'unreachable' && !families.has(isIP(record.sent.address)));
}
