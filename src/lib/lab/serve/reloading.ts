import { messageOf } from '../../errors.js';
import { contentsOf } from './credentials.js';

/** Files that are watched together, and what to do when their contents change. */
export interface WatchedFiles {
  paths: readonly string[];
  /** Takes the new contents over; throws when they cannot be used (yet). */
  apply(): void | Promise<void>;
  loaded(): void;
  /** The new contents cannot be used: the old ones stay in force. Told once for each state of the files. */
  kept(problem: string): void;
}

/**
 * Looks at the contents of files every `intervalMs`. Contents and not change notices: the mounted Secrets of Kubernetes change by a swap of
 * symbolic links two levels up, and a certificate and its key seldom change in one step. A change is taken over once two looks in a row saw the same,
 * so that half-written files are not loaded.
 * @returns ends the watch
 */
export function watchContents(watched: WatchedFiles, intervalMs: number): () => void {
  let inForce = contentsOf(watched.paths);
  let seen = inForce;
  let refused: string | undefined;
  let busy = false;
  const look = async (): Promise<void> => {
    const now = contentsOf(watched.paths);
    const settled = now === seen;
    seen = now;
    if (!settled || now === undefined || now === inForce || now === refused) return;
    try {
      await watched.apply();
      inForce = now;
      refused = undefined;
      watched.loaded();
    } catch (error) {
      refused = now;
      watched.kept(messageOf(error));
    }
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void look().finally(() => {
      busy = false;
    });
  }, intervalMs);
  return () => clearInterval(timer);
}
