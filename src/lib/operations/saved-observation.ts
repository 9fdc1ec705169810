import { PUBLIC_FILE, readText, writeFileAtomic } from '../io/files.js';
import type { Observation } from '../observe/observation.js';
import { readObservation, writeObservation } from '../observe/observation-file.js';

/** Reads what `--save-observation` wrote. @throws TlsmedicError `unreadable-file`, and those of `readObservation` */
export function loadObservation(path: string): Observation {
  return readObservation(readText(path), path);
}

/** Keeps an observation: the bug report, the fixture and the replay in one file, without any key. @throws TlsmedicError `file-exists`, `unwritable-file` */
export function saveObservation(path: string, observation: Observation, force: boolean): void {
  writeFileAtomic(path, writeObservation(observation), { mode: PUBLIC_FILE, force });
}
