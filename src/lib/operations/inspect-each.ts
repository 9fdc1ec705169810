/** `inspect --each`: every file judged by itself and forgotten, so that the memory does not grow with their number. */
import { EXIT } from '../cause.js';
import { TlsmedicError } from '../errors.js';
import type { Inspection } from '../inspection/inspection.js';
import { listInputs } from '../io/input-paths.js';
import { type InspectOptions, inspectInputs, type Passphrases, readEndpoint, readOne } from './inspect.js';

export interface InspectEachOptions extends InspectOptions {
  /** Told each inspection as it is made. */
  onInspection: (inspection: Inspection, exitStatus: number) => void;
  /** The exit status of one inspection. */
  exitStatusOf: (inspection: Inspection) => number;
}

export interface InspectEachResult {
  inspected: number;
  /** Inspections with an exit status of their own. */
  failed: number;
  /** Files of folders and patterns with nothing of PKI in them. */
  passedOver: number;
  interrupted: boolean;
  /** 0; that of the failures, when they are of one class; else 1 (several). 2 when there was nothing. */
  exitStatus: number;
}

/**
 * Inspects one input after another. What lies in two files (a key and its certificate, a chain and its root) is not held against each other.
 * @throws TlsmedicError only for no inputs at all
 */
export async function inspectEach(inputs: readonly string[], options: InspectEachOptions): Promise<InspectEachResult> {
  if (inputs.length === 0)
    throw new TlsmedicError('usage', 'nothing to inspect', { kind: 'usage', next: ['tlsmedic inspect --each FILE|DIR|-|HOST:PORT ...'] });
  const passphrases: Passphrases = { known: [...(options.passphrases ?? [])], asked: false };
  const statuses = new Set<number>();
  const result: InspectEachResult = { inspected: 0, failed: 0, passedOver: 0, interrupted: false, exitStatus: EXIT.healthy };
  const tell = (input: Parameters<typeof inspectInputs>[0][number]): void => {
    const inspection = inspectInputs([input], options.at ?? Date.now(), passphrases.known.length > 0);
    const status = options.exitStatusOf(inspection);
    result.inspected++;
    if (status !== EXIT.healthy) {
      result.failed++;
      statuses.add(status);
    }
    options.onInspection(inspection, status);
  };
  for (const given of inputs) {
    const listed = listInputs(given);
    if (listed.kind === 'endpoint') tell(await readEndpoint(given, options));
    else if (listed.kind === 'error') tell({ label: given, kind: 'file', found: false, error: listed.error });
    else {
      for (const file of listed.files) {
        if (options.signal?.aborted === true) break;
        const input = await readOne(file, passphrases, options);
        if (input.found && input.reading?.instead !== undefined) result.passedOver++;
        // Named as it is typed: the way inside a folder alone would not say which of several folders.
        else tell({ ...input, label: file.path === '-' ? file.label : file.path });
        // Signals get their turn.
        if ((result.inspected + result.passedOver) % 256 === 0) await new Promise(setImmediate);
      }
    }
    if (options.signal?.aborted === true) break;
  }
  const [only] = statuses;
  result.interrupted = options.signal?.aborted === true;
  result.exitStatus = statuses.size > 1 ? EXIT.several : (only ?? (result.inspected === 0 ? EXIT.usage : EXIT.healthy));
  return result;
}
