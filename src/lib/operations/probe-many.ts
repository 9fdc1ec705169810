import { EXIT } from '../cause.js';
import { messageOf } from '../errors.js';
import { inTurns } from '../observe/facts/gather-facts.js';
import { type ProbeOptions, type ProbeResult, probe } from './probe.js';

/** One target's result, or why it could not even be tried. */
export type ProbeAnswer = { target: string; result: ProbeResult } | { target: string; error: string };

/**
 * Probes many targets, `concurrency` at a time; a dead one costs only its own time-out. `onAnswer` gets each as it is
 * ready, with how many are done. `deadlineSeconds` bounds them all together: a target whose turn does not come in time is answered with an error.
 * One process does it all: two of them, each with half the list, cost 1.2 to 1.3 times the CPU for 2000 targets (a second start, code compiled twice).
 * Gives the exit status for all: that of the one class that failed, 1 when several did.
 */
export async function probeMany(
  targets: readonly string[],
  options: Omit<ProbeOptions, 'target'>,
  concurrency: number,
  onAnswer: (answer: ProbeAnswer, done: number) => void,
): Promise<number> {
  const ends = performance.now() + (options.deadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const statuses = new Set<number>();
  let done = 0;
  const note = (answer: ProbeAnswer) => {
    // What an interruption cut short says nothing about its target.
    if (options.signal?.aborted) return;
    statuses.add('result' in answer ? answer.result.exitStatus : EXIT.several);
    onAnswer(answer, ++done);
  };
  await inTurns(
    targets.map((target) => () => one(target, withTimeLeft(options, ends), note)),
    concurrency,
  );
  statuses.delete(EXIT.healthy);
  const [only = EXIT.healthy, ...others] = statuses;
  return others.length === 0 ? only : EXIT.several;
}

/** The deadline of all, as what is left of it for one. */
function withTimeLeft(options: Omit<ProbeOptions, 'target'>, ends: number): Omit<ProbeOptions, 'target'> {
  return ends === Number.POSITIVE_INFINITY ? options : { ...options, deadlineSeconds: Math.max(0, (ends - performance.now()) / 1000) };
}

async function one(target: string, options: Omit<ProbeOptions, 'target'>, note: (answer: ProbeAnswer) => void): Promise<void> {
  if (options.signal?.aborted) return;
  if (options.deadlineSeconds === 0) {
    note({ target, error: 'not looked at: the deadline came before its turn' });
    return;
  }
  try {
    note({ target, result: await probe({ ...options, target }) });
  } catch (error) {
    note({ target, error: messageOf(error) });
  }
}
