import { setMaxListeners } from 'node:events';

/** A signal that aborts when the caller's does, or when the time is up. */
export interface Bounds {
  signal: AbortSignal;
  /** Whether the time, not the caller, ended it. */
  expired(): boolean;
  clear(): void;
}

/** Bounds everything by `deadlineSeconds` (none: only the caller's signal counts). `clear` has to be called at the end. */
export function deadlineSignal({ deadlineSeconds, signal }: { deadlineSeconds?: number; signal?: AbortSignal }): Bounds {
  const controller = new AbortController();
  // Every connection under way listens to it; that is no leak for node to warn of.
  setMaxListeners(0, controller.signal);
  let expired = false;
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer =
    deadlineSeconds === undefined
      ? undefined
      : setTimeout(() => {
          expired = !controller.signal.aborted;
          abort();
        }, deadlineSeconds * 1000);
  return {
    signal: controller.signal,
    expired: () => expired,
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}
