import { EXIT } from '../cause.js';

/**
 * For servers: resolves at the first Ctrl-C or at the TERM of a service manager, which is their ordinary end (exit status 0, unlike the
 * interruption of a command that was to give an answer). The second signal ends the program at once.
 */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(EXIT.interrupted);
        asked = true;
        resolve();
      });
    }
  });
}
