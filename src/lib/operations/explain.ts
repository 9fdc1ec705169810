/** The verb `explain`: reads a text or a log and says what TLS failures it speaks of. */
import { exitStatusOf } from '../cause.js';
import { followLog, readLog } from '../io/log-source.js';
import { Explainer } from '../messages/explain.js';
import { type ExplainedCause, type Explanation, explainedCause, explanationOf } from '../messages/explanation.js';

export interface ExplainOptions {
  /** This machine's clock; decides what "expired" means against now. Default: the real one. */
  now?: Date;
  signal?: AbortSignal;
}

/** Explains a text that is at hand. Never throws on anything a text may hold. */
export function explain(text: string | Uint8Array, options: ExplainOptions = {}): Explanation {
  const now = options.now ?? new Date();
  const explainer = new Explainer(now);
  explainer.push(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  explainer.end();
  return explanationOf(explainer.causes(), { source: 'text', lines: explainer.lines, bytes: explainer.bytes, now });
}

/**
 * Explains a log of any length in constant memory; gzip is undone.
 * @param path a file, or `-` for standard input
 * @throws TlsmedicError for a file that cannot be read
 */
export async function explainLog(path: string, options: ExplainOptions = {}): Promise<Explanation> {
  const now = options.now ?? new Date();
  const explainer = new Explainer(now);
  for await (const chunk of readLog(path, options.signal)) explainer.push(chunk);
  explainer.end();
  return explanationOf(explainer.causes(), { source: path, lines: explainer.lines, bytes: explainer.bytes, now });
}

/**
 * Explains a log while it is written, until `signal` aborts: `onCause` is told each cause when it is first said, and `again` when it has
 * been said twice, four times, eight times... as often.
 * @returns everything that was said, at the end
 */
export async function followExplaining(
  path: string,
  signal: AbortSignal,
  onCause: (cause: ExplainedCause, again: boolean) => void,
  options: { now?: () => Date } = {},
): Promise<Explanation> {
  const now = options.now ?? (() => new Date());
  const explainer = new Explainer(now());
  const shown = new Map<object, number>();
  const showNew = () => {
    for (const told of explainer.causes()) {
      const before = shown.get(told) ?? 0;
      if (told.count < Math.max(1, before * 2)) continue;
      shown.set(told, told.count);
      onCause(explainedCause(told, now()), before > 0);
    }
  };
  for await (const chunk of path === '-' ? readLog('-', signal) : followLog(path, signal)) {
    if (chunk.length === 0) explainer.pause();
    else explainer.push(chunk);
    // Standard input has no moments of rest to wait for.
    if (path === '-') explainer.pause();
    showNew();
  }
  explainer.end();
  showNew();
  return explanationOf(explainer.causes(), { source: path, lines: explainer.lines, bytes: explainer.bytes, now: now() });
}

/** 0 for a text without a TLS failure, else the status of the weightiest cause's class. */
export function explanationExitStatus(explanation: Explanation): number {
  return exitStatusOf(explanation.causes);
}
