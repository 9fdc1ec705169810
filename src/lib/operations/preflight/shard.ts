import { createHash } from 'node:crypto';
import { TlsmedicError } from '../../errors.js';

/** One of `count` equal parts of a list of targets; `index` counts from 1. */
export interface Shard {
  index: number;
  count: number;
}

/**
 * Reads `i/n` (from 1), or the index that Kubernetes gives the pods of an Indexed Job (`JOB_COMPLETION_INDEX`, from 0).
 * @param flag the value of `--shard`: `2/5`, or `/5` to take the index from the environment
 * @throws TlsmedicError `bad-shard` (usage)
 */
export function parseShard(flag: string, completionIndex: string | undefined): Shard {
  const match = /^(\d{1,6})?\/(\d{1,6})$/.exec(flag.trim());
  const count = Number(match?.[2] ?? 0);
  const fromJob = match?.[1] === undefined && /^\d{1,6}$/.test(completionIndex ?? '') ? Number(completionIndex) + 1 : undefined;
  const index = match?.[1] === undefined ? fromJob : Number(match[1]);
  if (match === null || count < 1)
    throw badShard(`--shard ${flag} is no share of the targets`, 'it is written i/n, counting from 1: --shard 2/5');
  if (index === undefined)
    throw badShard(
      `--shard ${flag} leaves the index to JOB_COMPLETION_INDEX, which is not set`,
      'Kubernetes sets it in the pods of a Job with completionMode: Indexed',
    );
  if (index < 1 || index > count) throw badShard(`--shard ${flag}: there is no part ${index} of ${count}`, 'parts count from 1');
  return { index, count };
}

function badShard(message: string, why: string): TlsmedicError {
  return new TlsmedicError('bad-shard', message, { kind: 'usage', why, next: ['tlsmedic preflight --shard 1/4'] });
}

/**
 * Whether a target belongs to a shard: by a hash of its name, so that every machine decides alike without talking to the others, and a target
 * stays where it is when others come and go.
 */
export function inShard(name: string, shard: Shard): boolean {
  // 32 bits are plenty: the share of a shard differs from 1/n by less than n/2^32.
  return createHash('sha256').update(name).digest().readUInt32BE(0) % shard.count === shard.index - 1;
}
